"""Looking requests up, on the wire. Nobody's number or name is in a list."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.intake.domain.lookup import Found, Place, Wanted, is_same_flat
from services.intake.domain.outages import Outage
from services.intake.domain.requests import Request
from services.intake.schemas.http import RequestShape, request_card
from services.intake.schemas.phones import read_sender
from services.intake.usecases.lookup import Around
from services.intake.usecases.ports import Phone
from shared.encoding import plain

STATES = (
    "draft",
    "registered",
    "classified",
    "transferred",
    "acknowledged",
    "in_work",
    "localised",
    "done",
    "closed",
    "deferred",
    "returned",
    "cancelled",
    "rejected",
    "consulted",
    "joined",
)
Words = Callable[[str], str]
"""A text of the catalogue in the caller's language."""


class SearchQuery(Schema):
    """Everything may be combined; without anything the newest requests."""

    status = fields.String(load_default=None, validate=validate.OneOf(STATES))
    phone = fields.String(load_default=None, validate=validate.Length(min=1, max=64))
    address = fields.String(load_default=None, validate=validate.Length(min=1, max=300))
    number = fields.String(
        load_default=None,
        validate=validate.Length(min=1, max=40),
        metadata={"description": "the request's, or the one in the paper journal"},
    )
    since = fields.AwareDateTime(data_key="from", load_default=None)
    until = fields.AwareDateTime(data_key="to", load_default=None)
    after = fields.String(
        load_default=None,
        metadata={"description": "`next` of the page before"},
        validate=validate.Length(max=200),
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class FoundShape(RequestShape):
    state = fields.String(required=True, metadata={"description": "the official state, as journal says"})
    state_text = fields.String(required=True)
    overdue = fields.Boolean(required=True)


class FoundList(Schema):
    requests = fields.List(fields.Nested(FoundShape), required=True)
    next = fields.String(
        required=True, allow_none=True, metadata={"description": "`after` of the page that follows"}
    )


class EarlierShape(Schema):
    """An earlier request, in short."""

    request_id = fields.UUID(required=True)
    number = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    state_text = fields.String(required=True)
    text = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    flat = fields.String(required=True, allow_none=True)
    same_flat = fields.Boolean(required=True)
    received_at = fields.AwareDateTime(required=True)


class OutageHereShape(Schema):
    """An outage at the place; ``tell`` is what to tell the caller."""

    outage_id = fields.UUID(required=True)
    number = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    symptoms = fields.List(fields.String(), required=True)
    cause = fields.String(required=True)
    tell = fields.String(required=True)
    started_at = fields.AwareDateTime(required=True)
    ends_by = fields.AwareDateTime(required=True, allow_none=True)


class WarningShape(Schema):
    code = fields.String(required=True)
    text = fields.String(required=True)


class AroundShape(Schema):
    """What is known around a request while it is typed."""

    outages = fields.List(fields.Nested(OutageHereShape), required=True)
    here = fields.List(fields.Nested(EarlierShape), required=True)
    theirs = fields.List(fields.Nested(EarlierShape), required=True)
    warnings = fields.List(fields.Nested(WarningShape), required=True)


def wanted_of(query: Mapping[str, Any]) -> tuple[Wanted, Phone | None, str | None]:
    """What is asked for, and the number and the address that must be understood first."""
    wanted = Wanted(
        state=query["status"],
        number=query["number"],
        since=query["since"],
        until=query["until"],
        after=Place.read(query["after"]) if query["after"] else None,
        limit=query["limit"],
    )
    return wanted, _phone(query["phone"]), query["address"]


def is_drafts_alone(query: Mapping[str, Any]) -> bool:
    """Whether the list of drafts is asked for, in the order in which they want an operator."""
    others = ("phone", "address", "number", "since", "until", "after")
    return query["status"] == "draft" and all(query[name] is None for name in others)


def found_list(found: Sequence[Found], limit: int, words: Words) -> Mapping[str, Any]:
    """A page as :class:`FoundList` shows it."""
    last = found[-1].request if len(found) == limit else None
    following = Place(last.received_at, last.id).cursor() if last is not None else None
    return {"requests": [found_card(one, words) for one in found], "next": following}


def found_card(found: Found, words: Words) -> Mapping[str, Any]:
    told: Mapping[str, Any] = plain(
        {
            **request_card(found.request),
            "text": found.request.public_problem,
            "state": found.state,
            "state_text": words(f"state.{found.state}"),
            "overdue": found.standing is not None and found.standing.overdue,
        }
    )
    return told


def around_card(around: Around, language: str, words: Words) -> Mapping[str, Any]:
    """What :class:`AroundShape` dumps."""
    return {
        "outages": [_outage(one, language) for one in around.outages],
        "here": [_earlier(around.request, one, words) for one in around.here],
        "theirs": [_earlier(around.request, one, words) for one in around.theirs],
        "warnings": [{"code": one, "text": words(f"warning.{one}")} for one in around.warnings],
    }


def _earlier(about: Request, found: Found, words: Words) -> Mapping[str, Any]:
    request = found.request
    address = request.full_address
    return {
        "request_id": request.id,
        "number": str(request.number) if request.number is not None else None,
        "state": found.state,
        "state_text": words(f"state.{found.state}"),
        "text": request.public_problem,
        "address": address.text if address is not None else None,
        "flat": address.flat if address is not None else None,
        "same_flat": is_same_flat(about, request),
        "received_at": request.received_at,
    }


def _outage(outage: Outage, language: str) -> Mapping[str, Any]:
    names = ("kind", "state", "symptoms", "cause", "started_at", "ends_by")
    told = {name: getattr(outage, name) for name in names}
    return {
        **told,
        "outage_id": outage.id,
        "number": str(outage.number),
        "tell": outage.tell.get(language, ""),
    }


def _phone(text: str | None) -> Phone | None:
    if text is None:
        return None
    phone = read_sender(text)
    if not phone.is_callable:
        raise ValidationError("Not a valid phone number.", "phone")
    return phone
