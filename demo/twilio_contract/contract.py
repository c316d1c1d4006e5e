"""Requests and answers held against Twilio's OpenAPI document (``openapi.json``, see ``SOURCE.txt``)."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from jsonschema import Draft202012Validator, FormatChecker

MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
MESSAGE = "/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json"
CALLS = "/2010-04-01/Accounts/{AccountSid}/Calls.json"
CALL = "/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json"
MAX_BODY = 1600
MAX_TWIML = 4000

_DOCUMENT = Path(__file__).parent / "openapi.json"
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SENDER = re.compile(r"[A-Za-z0-9 ]{1,11}|\d{3,8}")
_formats = FormatChecker()


class Violation(Exception):
    """A request that Twilio would refuse: its error code and a sentence."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Contract:
    """The operations on messages, ready to check traffic. Immutable, so any thread may use it."""

    path = MESSAGES

    def __init__(self) -> None:
        document = json.loads(_DOCUMENT.read_text(encoding="utf-8"))
        self._schemas = document["components"]["schemas"]
        self._paths = document["paths"]
        create = self._paths[self.path]["post"]
        listing = self._paths[self.path]["get"]
        self._form = self._form_of(create)
        self._one_of = create["x-twilio"]["conditional"]
        self._query = self._json_schema(_query_schema(listing["parameters"]))
        self._message = self._validator(_answer(create, "201"))
        self._listing = self._validator(_answer(listing, "200"))

    def form(self, fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """The fields of a creation, typed; raises :class:`Violation`."""
        typed = _typed(fields, self._form)
        _check(self._form, typed)
        for names in self._one_of:
            if not any(typed.get(_pascal(name)) for name in names):
                raise _missing(names)
        self._check_content(typed)
        return typed

    def _check_content(self, typed: Mapping[str, Any]) -> None:
        """What the document does not say but Twilio refuses."""
        _check_text_and_sender(typed)

    def query(self, fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """The filters of a listing, typed; raises :class:`Violation`."""
        typed = _typed(fields, self._query)
        _check(self._query, typed)
        return typed

    def check_message(self, resource: Mapping[str, Any]) -> None:
        """Fail (jsonschema's ValidationError) when our own answer is not what Twilio promises."""
        self._message.validate(dict(resource))

    def check_listing(self, page: Mapping[str, Any]) -> None:
        self._listing.validate(dict(page))

    def _form_of(self, operation: Mapping[str, Any]) -> Any:
        form = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
        return self._json_schema({**form, "additionalProperties": False})

    def _validator(self, schema: Mapping[str, Any]) -> Draft202012Validator:
        return Draft202012Validator(self._json_schema(schema), format_checker=_formats)

    def _json_schema(self, node: Any) -> Any:
        """OpenAPI 3.0's dialect as JSON Schema: references filled in, ``nullable`` as a type."""
        if isinstance(node, list):
            return [self._json_schema(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return self._json_schema(self._schemas[node["$ref"].rsplit("/", 1)[1]])
        plain = {key: self._json_schema(value) for key, value in node.items() if key != "x-twilio"}
        if plain.pop("nullable", False):
            plain["type"] = [plain["type"], "null"]
        return plain


class CallContract(Contract):
    """The operations on calls."""

    path = CALLS

    def __init__(self) -> None:
        super().__init__()
        self._update = self._form_of(self._paths[CALL]["post"])

    def update(self, fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """The fields of an update, typed; raises :class:`Violation`."""
        typed = _typed(fields, self._update)
        _check(self._update, typed)
        return typed

    def _check_content(self, typed: Mapping[str, Any]) -> None:
        if _E164.fullmatch(typed["To"]) is None:
            raise Violation(21211, "Invalid 'To' phone number: E.164 is expected.")
        if _E164.fullmatch(typed["From"]) is None:
            raise Violation(21212, "Invalid 'From' phone number: E.164 is expected.")
        if len(typed.get("Twiml", "")) > MAX_TWIML:
            raise Violation(21226, "The TwiML exceeds the 4000 character limit.")


def _answer(operation: Mapping[str, Any], status: str) -> Any:
    return operation["responses"][status]["content"]["application/json"]["schema"]


def _query_schema(parameters: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    named = {item["name"]: item["schema"] for item in parameters if item["in"] == "query"}
    return {"type": "object", "properties": named, "additionalProperties": False}


def _check(schema: Mapping[str, Any], typed: Mapping[str, Any]) -> None:
    errors = sorted(
        Draft202012Validator(schema, format_checker=_formats).iter_errors(dict(typed)),
        key=lambda error: [str(step) for step in error.path],
    )
    if errors:
        raise _violation(errors[0])


def _violation(error: Any) -> Violation:
    field = str(error.path[0]) if error.path else ""
    if error.validator == "required":
        return Violation(21604, f"A number is required: {error.message}")
    if error.validator == "additionalProperties":
        return Violation(20001, f"Unknown parameters: {error.message}")
    code = {"To": 21211, "From": 21212, "StatusCallback": 21609}.get(field, 20001)
    return Violation(code, f"Invalid '{field}': {error.message}")


def _missing(names: Sequence[str]) -> Violation:
    if "from" in names:
        return Violation(21603, "A 'From' or 'MessagingServiceSid' is required to send a message.")
    if "twiml" in names:
        return Violation(21205, "A 'Url', 'Twiml' or 'ApplicationSid' is required to make a call.")
    return Violation(21602, "Message body, media or content is required.")


def _check_text_and_sender(typed: Mapping[str, Any]) -> None:
    if len(typed.get("Body", "")) > MAX_BODY:
        raise Violation(21617, "The concatenated message body exceeds the 1600 character limit.")
    if _E164.fullmatch(typed["To"]) is None:
        raise Violation(21211, "Invalid 'To' phone number: E.164 is expected.")
    if typed.get("From") == typed["To"]:
        raise Violation(21266, "'To' and 'From' number cannot be the same.")


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _typed(fields: Mapping[str, Sequence[str]], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Form values are text: give each the type its schema names, leave it as text where it does not fit."""
    properties = schema["properties"]
    return {name: _cast(values, properties.get(name, {})) for name, values in fields.items()}


def _cast(values: Sequence[str], schema: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "array":
        return list(values)
    try:
        return _CASTS[kind](values[-1]) if kind in _CASTS else values[-1]
    except ValueError:
        return values[-1]


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


_CASTS: Mapping[Any, Callable[[str], Any]] = {"integer": int, "number": float, "boolean": _boolean}


def moment(text: str) -> datetime:
    """A GMT date or time as Twilio's filters take it (aware; a bare date is its midnight)."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=found.tzinfo or UTC)


@_formats.checks("phone-number")
def _is_phone_number(value: Any) -> bool:
    return value is None or any(pattern.fullmatch(str(value)) for pattern in (_E164, _SENDER))


@_formats.checks("twiml", raises=ElementTree.ParseError)
def _is_twiml(value: Any) -> bool:
    return value is None or ElementTree.fromstring(str(value)).tag == "Response"  # noqa: S314 - what our own services say


@_formats.checks("uri")
def _is_uri(value: Any) -> bool:
    if value is None:
        return True
    parts = urlsplit(str(value))
    return bool(parts.scheme and parts.netloc) or str(value).startswith("/2010-04-01/")


@_formats.checks("date-time", raises=ValueError)
def _is_date_time(value: Any) -> bool:
    return value is None or moment(str(value)) is not None


@_formats.checks("date-time-rfc-2822", raises=(ValueError, TypeError))
def _is_rfc_2822(value: Any) -> bool:
    return value is None or parsedate_to_datetime(str(value)) is not None


@_formats.checks("currency")
def _is_currency(value: Any) -> bool:
    return value is None or re.fullmatch("[A-Z]{3}|[a-z]{3}", str(value)) is not None
