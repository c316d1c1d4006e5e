"""The operators' API."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.intake.domain.addresses import Address, Candidate
from services.intake.domain.calls import Call
from services.intake.domain.desk import Paper
from services.intake.domain.messages import Message
from services.intake.domain.photos import Photo
from services.intake.domain.privacy import mask_phones
from services.intake.domain.requests import Applicant, Channel, Details, Missing, Request, State
from services.intake.schemas import desk
from services.intake.schemas.calls import CallShape, call_card
from services.intake.schemas.outages import RideCard
from services.intake.schemas.phones import read_sender
from services.intake.usecases.disclosure import Shown
from services.intake.usecases.forms import Form
from services.intake.usecases.ports import Phone
from shared.encoding import plain

LANGUAGES = ("ru", "kk")
_CHANNELS = (Channel.PHONE.value, Channel.WRITTEN.value)
_PRECISIONS = ("building", "street", "area")


def _part() -> fields.String:
    return fields.String(allow_none=True, load_default=None, validate=validate.Length(max=10))


class AddressInput(Schema):
    """An address as typed; entrance, floor and flat may also stand in its text."""

    text = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=300))
    entrance = _part()
    floor = _part()
    flat = _part()


class _FormFields(Schema):
    phone = fields.String(
        allow_none=True,
        validate=validate.Length(max=64),
        metadata={
            "example": "+7 701 000 00 01",
            "description": "a draft keeps any text",
        },
    )
    text = fields.String(allow_none=True, validate=validate.Length(max=5000))
    address = fields.Nested(AddressInput, allow_none=True)
    choice = fields.Integer(
        validate=validate.Range(min=1), metadata={"description": "one of the candidates, counted from 1"}
    )
    language = fields.String(allow_none=True, validate=validate.OneOf(LANGUAGES))
    register = fields.Boolean(
        load_default=True,
        metadata={"description": "false keeps what is typed so far as a draft, complete or not"},
    )
    name = fields.String(allow_none=True, validate=validate.Length(max=200))
    organisation = fields.String(allow_none=True, validate=validate.Length(max=200))
    second_phone = fields.String(allow_none=True, validate=validate.Length(max=64))
    intercom = fields.Nested(desk.IntercomInput, allow_none=True)
    window = fields.Nested(desk.WindowInput, allow_none=True)
    call_id = fields.String(allow_none=True, validate=validate.Length(max=64))
    answer = fields.String(
        allow_none=True,
        validate=validate.Length(max=2000),
        metadata={"description": "what the caller was told who needs no crew: a consultation"},
    )

    @validates_schema
    def has_a_real_number(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["register"] and data.get("phone") and not read_sender(data["phone"]).is_callable:
            raise ValidationError("Not a valid phone number.", "phone")

    @post_load
    def to_form(self, data: dict[str, Any], **_: Any) -> Form:
        address = data.pop("address", None) or {}
        details = Details(*(address.get(name) or None for name in ("entrance", "floor", "flat")))
        typed = desk.changes(data)
        paper = data.pop("paper", None)
        return Form(
            **data,
            phone=Phone(typed["phone"], is_callable=True) if typed.get("phone") else None,
            address_text=(address.get("text") or "").strip() or None,
            details=details,
            desk=typed,
            paper=Paper(**paper) if paper else None,
        )


class NewRequest(_FormFields):
    """What an operator wrote down; what is missing makes it a draft, not an error."""

    applicant = fields.Enum(Applicant, by_value=True, load_default=Applicant.PERSON)
    channel = fields.Enum(
        Channel,
        by_value=True,
        load_default=Channel.PHONE,
        validate=validate.OneOf([Channel.PHONE, Channel.WRITTEN]),
    )
    paper = fields.Nested(
        desk.PaperInput, allow_none=True, metadata={"description": "entered late, from the paper journal"}
    )


class DraftChanges(_FormFields):
    """What completes a draft; fields that are left out stay as they are."""

    applicant = fields.Enum(Applicant, by_value=True)


class AddressShape(Schema):
    text = fields.String(required=True)
    building_id = fields.String(allow_none=True, required=True)
    street = fields.String(allow_none=True, required=True)
    house = fields.String(allow_none=True, required=True)
    entrance = fields.String(allow_none=True, required=True)
    floor = fields.String(allow_none=True, required=True)
    flat = fields.String(allow_none=True, required=True)
    district = fields.String(allow_none=True, required=True)
    lat = fields.Float(required=True)
    lon = fields.Float(required=True)
    precision = fields.String(required=True, validate=validate.OneOf(_PRECISIONS))


class CandidateShape(AddressShape):
    score = fields.Float(required=True, metadata={"description": "0-1; only the order matters"})
    reasons = fields.List(fields.String(), required=True)


class RequestShape(Schema):
    request_id = fields.UUID(required=True)
    number = fields.String(allow_none=True, required=True)
    status = fields.String(required=True, validate=validate.OneOf([state.value for state in State]))
    missing = fields.List(
        fields.String(validate=validate.OneOf([part.value for part in Missing])), required=True
    )
    needs_operator = fields.Boolean(required=True)
    channel = fields.String(required=True)
    language = fields.String(required=True)
    applicant = fields.String(required=True)
    text = fields.String(required=True)
    address = fields.Nested(AddressShape, allow_none=True, required=True)
    address_text = fields.String(required=True, metadata={"description": "what was said of the place"})
    candidates = fields.List(fields.Nested(CandidateShape), required=True)
    contact_ref = fields.UUID(allow_none=True, required=True)
    received_at = fields.String(required=True, metadata={"format": "date-time"})
    registered_at = fields.String(allow_none=True, required=True, metadata={"format": "date-time"})
    author = fields.String(allow_none=True, required=True)
    desk = fields.Nested(desk.DeskShape, required=True)
    version = fields.Integer(required=True, metadata={"description": "also the ETag; a change names it"})


class RequestWithPreview(RequestShape):
    classification = fields.Dict(
        allow_none=True,
        required=True,
        metadata={"description": "what triage says at once; null if it did not answer in time"},
    )


class RequestOnTheLine(RequestWithPreview):
    """With what is known of its place: the outage it belongs to, and every one at its house."""

    outage = fields.Nested(RideCard, allow_none=True, required=True)
    outages_here = fields.List(fields.Nested(RideCard), required=True)


class PersonShape(Schema):
    """The applicant as the reader may see them."""

    phone = fields.String(required=True)
    name = fields.String(required=True)
    second_phone = fields.String(required=True)
    masked = fields.Boolean(required=True)


class RequestWithPerson(RequestShape):
    person = fields.Nested(PersonShape, required=True)


class RequestWithCalls(RequestWithPerson):
    calls = fields.List(
        fields.Nested(CallShape), required=True, metadata={"description": "telephone calls, newest first"}
    )


class AddressQuery(Schema):
    q = fields.String(required=True, validate=validate.Length(min=1, max=300))
    limit = fields.Integer(load_default=3, validate=validate.Range(min=1, max=10))


class AddressList(Schema):
    candidates = fields.List(fields.Nested(CandidateShape), required=True)


class PhotoShape(Schema):
    photo_id = fields.UUID(required=True)
    url = fields.String(
        required=True, metadata={"example": "/v1/photos/7a9a1c52-4f0e-4b8e-9a53-6f6f3a1c0001"}
    )
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    size = fields.Integer(required=True, metadata={"description": "bytes"})
    added_at = fields.AwareDateTime(required=True)
    lat = fields.Float(allow_none=True, required=True, metadata={"description": "where it was taken"})
    lon = fields.Float(allow_none=True, required=True)


class PhotoList(Schema):
    photos = fields.List(fields.Nested(PhotoShape), required=True)


class MessageShape(Schema):
    channel = fields.String(required=True, validate=validate.OneOf(["sms", "web"]))
    text = fields.String(required=True)
    reply = fields.String(required=True)
    received_at = fields.AwareDateTime(required=True)


class MessageList(Schema):
    messages = fields.List(fields.Nested(MessageShape), required=True)


def message_card(message: Message) -> Mapping[str, Any]:
    """A message as :class:`MessageShape` shows it."""
    return {
        "channel": "web" if message.is_addition else "sms",
        "text": mask_phones(message.body),
        "reply": mask_phones(message.reply),
        "received_at": message.received_at,
    }


def photo_card(photo: Photo) -> Mapping[str, Any]:
    """A photo as :class:`PhotoShape` shows it."""
    lat, lon = photo.point or (None, None)
    url = f"/v1/photos/{photo.id}"
    shown = {name: getattr(photo, name) for name in ("width", "height", "size", "added_at")}
    return {"photo_id": photo.id, "url": url, "lat": lat, "lon": lon, **shown}


def request_card(request: Request) -> Mapping[str, Any]:
    """A request as :class:`RequestShape` shows it, JSON-ready so that it can be kept for a repeat."""
    address = request.full_address
    card = {
        "request_id": request.id,
        "number": str(request.number) if request.number is not None else None,
        "status": request.state,
        "missing": _lacking(request),
        "needs_operator": request.needs_operator,
        "channel": request.channel,
        "language": request.language,
        "applicant": request.applicant,
        "text": request.problem,
        "address": address_card(address) if address is not None else None,
        "address_text": request.address_text,
        "candidates": [candidate_card(candidate) for candidate in request.candidates],
        "contact_ref": request.contact_ref,
        "received_at": request.received_at,
        "registered_at": request.registered_at,
        "author": request.author,
        "desk": desk.desk_card(request.desk),
        "version": request.version,
    }
    told: Mapping[str, Any] = plain(card)
    return told


def _lacking(request: Request) -> list[Missing]:
    """What is missing as the operator sees it: a number that was typed is there, if it is one."""
    typed = Missing.CONTACT if request.desk.phone else None
    return [part for part in request.missing if part is not typed]


def request_with_person(request: Request, person: Shown) -> Mapping[str, Any]:
    """The card with the applicant; where their number is masked, so are those in what they wrote."""
    card = request_card(request)
    if person.masked:
        card = {**card, "text": request.public_problem}
    return {**card, "person": person}


def with_calls(card: Mapping[str, Any], calls: Sequence[Call]) -> Mapping[str, Any]:
    """The card with the calls about it: when each rang, was answered, ended."""
    return {**card, "calls": [call_card(call) for call in calls]}


def address_card(address: Address) -> Mapping[str, Any]:
    return {name: getattr(address, name) for name in AddressShape().fields}


def candidate_card(candidate: Candidate) -> Mapping[str, Any]:
    return {**address_card(candidate.address), "score": candidate.score, "reasons": candidate.reasons}
