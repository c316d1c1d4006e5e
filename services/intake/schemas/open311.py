"""Open311 GeoReport v2 on the wire: form fields in, JSON or XML out, in the specification's own words.

Where the specification's text and the swagger file that goes around with it disagree, the text is followed
(ADR "Open311").
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from services.intake.domain.open311 import (
    Attribute,
    Datatype,
    PublicPlace,
    Seen,
    Service,
    masked,
    public_place,
)
from services.intake.domain.requests import Request
from services.intake.errors import BadFormat, JurisdictionNotFound
from services.intake.schemas.phones import read_sender
from services.intake.usecases.open311 import Query, Submission
from shared import encoding
from shared.idempotency import fingerprint

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
FORMATS = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
MOST_LISTED = 1000
_LONGEST_DESCRIPTION = 4000
_STATUSES = ("open", "closed")
_ATTRIBUTE = re.compile(r"attribute\[([^\]]{1,50})\](?:\[\])?")
_MOST_ATTRIBUTES = 50
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_CONTENT = frozenset({"api_key", "device_id"})


def _text(longest: int) -> fields.String:
    return fields.String(load_default="", validate=validate.Length(max=longest))


class ReportFields(Schema):
    """The parameters of POST requests but for the attributes."""

    class Meta:
        unknown = EXCLUDE

    service_code = fields.String(required=True, validate=validate.Length(min=1, max=100))
    lat = fields.Float(load_default=None, validate=validate.Range(-90, 90))
    long = fields.Float(load_default=None, validate=validate.Range(-180, 180))
    address_string = _text(300)
    address_id = _text(100)
    description = _text(_LONGEST_DESCRIPTION)
    phone = _text(50)
    email = _text(200)
    first_name = _text(100)
    last_name = _text(100)
    media_url = _text(1000)
    account_id = _text(100)


class _Commas(fields.String):
    """Values separated by commas."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        return tuple(part.strip() for part in text.split(",") if part.strip())


class QueryFields(Schema):
    """The parameters of GET requests."""

    class Meta:
        unknown = EXCLUDE

    service_request_id = _Commas(load_default=())
    service_code = _Commas(load_default=())
    start_date = fields.AwareDateTime(load_default=None, default_timezone=UTC)
    end_date = fields.AwareDateTime(load_default=None, default_timezone=UTC)
    status = _Commas(load_default=(), validate=validate.ContainsOnly(_STATUSES))


def check_format(format_: str) -> str:
    """Raises BadFormat for what is neither json nor xml."""
    if format_ not in FORMATS:
        raise BadFormat
    return format_


def check_jurisdiction(given: str | None, ours: str) -> None:
    """It may be left out where only one is served. Raises JurisdictionNotFound."""
    if given and given != ours:
        raise JurisdictionNotFound


def read_report(sent: MultiDict[str, str], repeat_key: str | None) -> Submission:
    """What was reported; raises ValidationError. The service is looked up by the use-case."""
    clean = MultiDict((name, value.replace("\0", "")) for name, value in sent.items(multi=True))
    told = ReportFields().load({name: value for name, value in clean.to_dict().items() if value.strip()})
    if (told["lat"] is None) != (told["long"] is None):
        raise ValidationError({"lat": ["Both lat and long are needed."]})
    sender = read_sender(told["phone"]) if told["phone"] else None
    content = sorted((name, value) for name, value in clean.items(multi=True) if name not in _NOT_CONTENT)
    return Submission(
        service_code=told["service_code"],
        point=(told["lat"], told["long"]) if told["lat"] is not None else None,
        address_text=told["address_string"].strip(),
        building_id=told["address_id"].strip(),
        description=told["description"].strip(),
        phone=sender if sender is not None and sender.is_callable else None,
        other_contacts=tuple(_other_contacts(told, sender is None or sender.is_callable)),
        name=f"{told['first_name']} {told['last_name']}".strip(),
        attributes=_attributes(clean),
        media_url=told["media_url"].strip(),
        account_id=told["account_id"].strip(),
        repeat_key=repeat_key,
        fingerprint=fingerprint("open311", content),
    )


def _other_contacts(told: Mapping[str, str], phone_is_good: bool) -> Iterable[str]:
    """What is no telephone number, and yet may help a person to reach the applicant."""
    if told["email"]:
        yield told["email"]
    if not phone_is_good:
        yield told["phone"]


def _attributes(sent: MultiDict[str, str]) -> Mapping[str, tuple[str, ...]]:
    """``attribute[code]=value`` and ``attribute[code][]=value``, as often as they come."""
    given: dict[str, tuple[str, ...]] = {}
    for name, value in sent.items(multi=True):
        match = _ATTRIBUTE.fullmatch(name)
        if match and value.strip() and len(given) < _MOST_ATTRIBUTES:
            given[match[1]] = (*given.get(match[1], ()), value.strip()[:500])
    return given


def read_query(args: Mapping[str, str]) -> Query:
    """What is asked for; raises ValidationError."""
    told = QueryFields().load({name: value for name, value in args.items() if value.strip()})
    ids = told["service_request_id"]
    return Query(
        numbers=tuple(int(id_) for id_ in ids if _is_number(id_)) if ids else None,
        service_codes=told["service_code"],
        start=told["start_date"],
        end=told["end_date"],
        statuses=frozenset(told["status"]),
        limit=MOST_LISTED,
    )


def _is_number(text: str) -> bool:
    """Our request ids; anything longer than a BIGINT is nobody's."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def service_card(service: Service, language: str) -> dict[str, Any]:
    wording = service.wordings[language]
    return {
        "service_code": service.code,
        "service_name": wording.name,
        "description": wording.description,
        "metadata": bool(service.attributes),
        # An incomplete report gets a token and not an id, but every complete one its id at once.
        "type": "realtime",
        "keywords": wording.keywords,
        "group": service.group[language],
    }


def definition_card(service: Service, language: str) -> dict[str, Any]:
    cards = [_attribute_card(a, at + 1, language) for at, a in enumerate(service.attributes)]
    return {"service_code": service.code, "attributes": cards}


def _attribute_card(attribute: Attribute, order: int, language: str) -> dict[str, Any]:
    wording = attribute.wordings[language]
    card: dict[str, Any] = {
        "variable": True,
        "code": attribute.code,
        "datatype": attribute.datatype.value,
        "required": False,
        "datatype_description": wording.description,
        "order": order,
        "description": wording.name,
    }
    if attribute.datatype in (Datatype.SINGLE, Datatype.MULTI):
        values = attribute.values.items()
        card["values"] = [{"key": key, "name": names[language]} for key, names in values]
    return card


def receipt_card(request: Request, account_id: str, notice: str) -> dict[str, Any]:
    """The answer to a report: its id, or the token that will lead to it."""
    known = {"token": str(request.id)} if request.is_draft else {"service_request_id": str(request.number)}
    return {**known, "service_notice": notice, "account_id": account_id or None}


def token_card(request: Request) -> dict[str, Any]:
    """The id behind a token; none yet while a person is completing the request."""
    known = {} if request.is_draft else {"service_request_id": str(request.number)}
    return {**known, "token": str(request.id)}


def request_card(
    seen: Seen, service: Service | None, language: str, state_text: str, shows_text: bool
) -> dict[str, Any]:
    """A request as the public sees it: no person, no flat, a home only by its street."""
    request, report = seen.request, seen.report
    address = request.full_address
    place = public_place(address, seen.is_home(service)) if address is not None else None
    return {
        "service_request_id": str(request.number),
        "status": "closed" if seen.is_closed else "open",
        "status_notes": state_text,
        "service_name": service.wordings[language].name if service is not None else None,
        "service_code": report.service_code,
        "description": masked(report.description) if shows_text and report.description else None,
        "agency_responsible": None,
        "service_notice": None,
        "requested_datetime": _w3(request.received_at),
        "updated_datetime": _w3(seen.updated_at),
        "expected_datetime": _w3(seen.expected_at) if seen.expected_at is not None else None,
        **_place_card(place, language),
        "zipcode": None,
        "media_url": report.media_url if shows_text and report.media_url else None,
    }


def _place_card(place: PublicPlace | None, language: str) -> dict[str, Any]:
    if place is None:
        return {"address": None, "address_id": None, "lat": None, "long": None}
    return {
        "address": place.address_in(language),
        "address_id": place.building_id,
        "lat": place.lat,
        "long": place.lon,
    }


def discovery_card(url: str, contact: str, key_service: str, changeset: str) -> dict[str, Any]:
    endpoint = {
        "specification": SPECIFICATION,
        "url": url,
        "changeset": changeset,
        "type": "production",
        "formats": [kind.partition(";")[0] for kind in FORMATS.values()],
    }
    return {
        "changeset": changeset,
        "contact": contact,
        "key_service": key_service,
        "endpoints": [endpoint],
    }


def error_cards(status: int, descriptions: Sequence[str]) -> list[dict[str, Any]]:
    return [{"code": status, "description": description} for description in descriptions]


def encode(content: Any, format_: str, root: str, item: str = "") -> str:
    """JSON, or the XML of the specification: ``root`` around the fields, or around an ``item`` for each."""
    if format_ == "json":
        return encoding.dumps(content)
    element = ElementTree.Element(root)
    _fill(element, content, item)
    return ElementTree.tostring(element, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="utf-8"?>\n', "\n")
    )


_ITEMS = {"attributes": "attribute", "values": "value", "endpoints": "endpoint", "formats": "format"}


def _fill(element: ElementTree.Element, content: Any, item: str = "") -> None:
    if isinstance(content, Mapping):
        for name, value in content.items():
            _fill(ElementTree.SubElement(element, name), value, _ITEMS.get(name, ""))
    elif isinstance(content, list):
        for value in content:
            _fill(ElementTree.SubElement(element, item), value)
    elif content is not None:
        element.text = _NO_XML.sub("", str(content).lower() if isinstance(content, bool) else str(content))


def _w3(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
