"""The HTTP operator's part of the configuration, and its receipts."""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from services.notify.domain.dialect import Ask, Dialect, Form
from shared.config import Misconfigured, Settings

_SECRET = "AVARIYKA_SMS_"  # noqa: S105 - where secrets are found, not one of them


class _AskShape(Schema):
    url = fields.Url(required=True, schemes={"http", "https"}, require_tld=False)
    method = fields.String(load_default="POST", validate=validate.OneOf(["GET", "POST"]))
    form = fields.Enum(Form, by_value=True, load_default=Form.JSON)
    headers = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    fields_ = fields.Dict(keys=fields.String(), values=fields.String(), data_key="fields", load_default=dict)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Ask:
        return Ask(fields=data.pop("fields_"), **data)


def _words() -> Any:
    return fields.List(fields.Raw(), load_default=None)


class _DialectShape(Schema):
    send = fields.Nested(_AskShape, required=True)
    lookup = fields.Nested(_AskShape, load_default=None, allow_none=True)
    sender = fields.String(load_default="")
    id_at = fields.String()
    code_at = fields.String()
    items_at = fields.String()
    status_at = fields.String()
    fine, refused, delivered, failed = _words(), _words(), _words(), _words()
    receipt_id = fields.String()
    receipt_status = fields.String()
    receipt_error = fields.String()
    signature_header = fields.String()


def dialect_of(settings: Settings) -> Dialect:
    """How ``http_sms`` says that the operator is spoken to. Raises Misconfigured, naming what is wrong."""
    try:
        told = _DialectShape().load(settings.get("http_sms") or {})
    except ValidationError as invalid:
        raise Misconfigured(f"notify: http_sms: {invalid.messages}") from invalid
    words = {name: _set(told.pop(name)) for name in ("fine", "refused", "delivered", "failed")}
    known: dict[str, Any] = {name: value for name, value in words.items() if value is not None}
    dialect = Dialect(**told, **known, secrets=_secrets(settings.environment))
    for ask in filter(None, (dialect.send, dialect.lookup)):
        _check(ask, dialect)
    return dialect


def _set(words: list[Any] | None) -> frozenset[str] | None:
    return None if words is None else frozenset(map(str, words))


def _secrets(environment: Mapping[str, str]) -> dict[str, str]:
    found = {name: value for name, value in environment.items() if name.startswith(_SECRET)}
    return {f"secret_{name.removeprefix(_SECRET).lower()}": value for name, value in found.items()}


def _check(ask: Ask, dialect: Dialect) -> None:
    known = dict.fromkeys(("to", "digits", "text", "id", "number", "sender", "callback"), "x")
    try:
        ask.filled({**dialect.secrets, **known})
    except (KeyError, ValueError, IndexError, AttributeError) as unknown:
        raise Misconfigured(f"notify: http_sms: nothing is known as {unknown}") from unknown


class ReceiptQuery(Schema):
    """What our callback's address brought back."""

    class Meta:
        unknown = EXCLUDE

    message_id = fields.UUID(load_default=None)
    key = fields.String(load_default="")
