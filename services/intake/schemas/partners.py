"""Cards of partners on the wire: ``docs/partner-cards.md`` explains them, ``contracts/http`` has their shape.

The reader is tolerant: fields and words that are new to it are kept in the original and in the request's
text, and a card is never refused for them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from services.intake.domain.cards import KeptCard
from services.intake.domain.deliveries import Delivery, Progress
from services.intake.domain.partners import Casualties, Danger, Partner, Urgency
from services.intake.domain.requests import Applicant, Details, Request
from services.intake.domain.standing import Standing
from services.intake.schemas.phones import read_sender
from services.intake.usecases.cards import Card, Followed
from services.intake.usecases.disclosure import Shown
from services.intake.usecases.ports import Phone
from shared import encoding
from shared.idempotency import fingerprint

VERSION = 1
_LANGUAGES = ("ru", "kk")
_NOT_CONTENT = frozenset({"sent_at"})
_DANGERS = frozenset(danger.value for danger in Danger)
_URGENCIES = frozenset(urgency.value for urgency in Urgency)
_LARGEST = 2**31 - 1


class _Tolerant(Schema):
    class Meta:
        unknown = EXCLUDE


def _text(longest: int) -> fields.String:
    return fields.String(load_default="", allow_none=True, validate=validate.Length(max=longest))


def _count() -> fields.Integer:
    return fields.Integer(load_default=0, validate=validate.Range(min=0, max=100_000))


def _nested(schema: type[Schema]) -> fields.Nested:
    return fields.Nested(schema, load_default=dict, allow_none=True)


class CardPlace(_Tolerant):
    text = _text(300)
    building_id = _text(100)
    lat = fields.Float(load_default=None, allow_none=True, validate=validate.Range(-90, 90))
    lon = fields.Float(load_default=None, allow_none=True, validate=validate.Range(-180, 180))
    entrance = _text(10)
    floor = _text(10)
    flat = _text(10)
    intercom = _text(50)

    @validates_schema
    def check_point(self, data: Mapping[str, Any], **_: Any) -> None:
        if (data.get("lat") is None) != (data.get("lon") is None):
            raise ValidationError("Both lat and lon are needed.", "lat")


class CardApplicant(_Tolerant):
    kind = fields.Enum(Applicant, by_value=True, load_default=Applicant.PERSON)
    name = _text(200)
    phone = _text(50)
    email = _text(200)


class CardDesk(_Tolerant):
    """The partner's dispatcher."""

    phone = _text(50)


class CardCasualties(_Tolerant):
    injured = _count()
    dead = _count()
    trapped = _count()


class PartnerCard(_Tolerant):
    """A card as a partner sends it."""

    card_version = fields.Integer(required=True, validate=validate.Equal(VERSION))
    external_id = fields.String(required=True, validate=validate.Length(min=1, max=100))
    revision = fields.Integer(load_default=1, validate=validate.Range(min=1, max=_LARGEST))
    sent_at = fields.AwareDateTime(load_default=None, allow_none=True)
    called_at = fields.AwareDateTime(load_default=None, allow_none=True)
    language = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(_LANGUAGES))
    urgency = fields.String(load_default=Urgency.UNKNOWN.value, validate=validate.Length(max=50))
    hazards = fields.List(fields.String(validate=validate.Length(max=200)), load_default=list)
    casualties = _nested(CardCasualties)
    text = _text(5000)
    place = _nested(CardPlace)
    applicant = _nested(CardApplicant)
    dispatcher = _nested(CardDesk)


class CardStatus(Schema):
    """What became of a card."""

    external_id = fields.String(required=True)
    revision = fields.Integer(required=True)
    request_id = fields.UUID(required=True)
    number = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    missing = fields.List(fields.String(), required=True)
    received_at = fields.String(required=True, metadata={"format": "date-time"})


class Acknowledgement(_Tolerant):
    reference = _text(100)


class SendCard(Schema):
    partner = fields.String(required=True, validate=validate.Length(min=1, max=100))
    note = fields.String(load_default="", validate=validate.Length(max=1000))


class DeliveryShape(Schema):
    delivery_id = fields.UUID(required=True)
    partner = fields.String(required=True)
    kind = fields.String(required=True)
    request_id = fields.UUID(required=True)
    progress = fields.String(required=True, validate=validate.OneOf([p.value for p in Progress]))
    attempts = fields.Integer(required=True)
    trouble = fields.String(required=True, metadata={"description": "code of the last failure, if any"})
    author = fields.String(required=True)
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    delivered_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    acknowledged_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    reference = fields.String(required=True)


class ReceivedShape(Schema):
    partner = fields.String(required=True)
    external_id = fields.String(required=True)
    revision = fields.Integer(required=True)
    received_at = fields.String(required=True, metadata={"format": "date-time"})


class RequestCards(Schema):
    received = fields.List(fields.Nested(ReceivedShape), required=True)
    sent = fields.List(fields.Nested(DeliveryShape), required=True)


class DeliveryQuery(Schema):
    progress = fields.Enum(Progress, by_value=True, load_default=Progress.FAILED)
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class DeliveryList(Schema):
    deliveries = fields.List(fields.Nested(DeliveryShape), required=True)


class PartnerShape(Schema):
    partner = fields.String(required=True)
    name = fields.String(required=True)
    listens = fields.Boolean(required=True, metadata={"description": "whether cards can be sent to it"})


class PartnerList(Schema):
    partners = fields.List(fields.Nested(PartnerShape), required=True)


def read_card(told: Mapping[str, Any], content: str, whole: Mapping[str, Any]) -> Card:
    """The card of a decoded body; ``content`` is the body's text, ``whole`` its JSON with everything."""
    place, person = (told[name] or {} for name in ("place", "applicant"))
    phone = _phone(person.get("phone"))
    others = [person.get("email"), person.get("phone") if phone is None else ""]
    known = [Danger(name) for name in dict.fromkeys(told["hazards"]) if name in _DANGERS]
    return Card(
        external_id=told["external_id"],
        revision=told["revision"],
        text="\n".join(part for part in (told["text"] or "", *_unknown(told["hazards"])) if part),
        content=content,
        fingerprint=fingerprint({name: whole[name] for name in whole if name not in _NOT_CONTENT}),
        language=told["language"],
        urgency=Urgency(told["urgency"]) if told["urgency"] in _URGENCIES else Urgency.UNKNOWN,
        dangers=tuple(known),
        casualties=Casualties(**(told["casualties"] or {})),
        address_text=(place.get("text") or "").strip(),
        building_id=place.get("building_id") or "",
        point=(place["lat"], place["lon"]) if place.get("lat") is not None else None,
        details=Details(*(place.get(name) or None for name in ("entrance", "floor", "flat"))),
        intercom=place.get("intercom") or "",
        applicant=person.get("kind", Applicant.PERSON),
        name=(person.get("name") or "").strip(),
        phone=phone,
        other_contacts=tuple(other for other in others if other),
        desk=_phone((told["dispatcher"] or {}).get("phone")),
    )


def _unknown(hazards: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(hazards) if name not in _DANGERS]


def _phone(text: str | None) -> Phone | None:
    phone = read_sender(text) if text else None
    return phone if phone is not None and phone.is_callable else None


def status_card(followed: Followed) -> dict[str, Any]:
    request = followed.request
    return {
        "external_id": followed.card.external_id,
        "revision": followed.card.revision,
        "request_id": request.id,
        "number": str(request.number) if request.number is not None else None,
        "state": followed.state,
        "missing": [part.value for part in request.missing] if request.is_draft else [],
        "received_at": request.received_at.isoformat(),
    }


def card_text(request: Request, person: Shown | None, note: str, revision: int, now: datetime) -> str:
    """A card of ours: the same shape in which we read cards, with our number beside it."""
    address = request.full_address
    place = (
        {"text": request.address_text}
        if address is None
        else {
            "text": address.text,
            "building_id": address.building_id,
            "lat": address.lat,
            "lon": address.lon,
            "entrance": address.entrance,
            "floor": address.floor,
            "flat": address.flat,
        }
    )
    return encoding.dumps(
        {
            "card_version": VERSION,
            "kind": "card",
            "external_id": request.id,
            "revision": revision,
            "number": str(request.number) if request.number is not None else None,
            "sent_at": now,
            "called_at": request.received_at,
            "language": request.language,
            "text": "\n".join(part for part in (note, request.problem) if part),
            "place": {name: value for name, value in place.items() if value is not None},
            "applicant": {
                "kind": request.applicant,
                "name": person.name if person is not None else "",
                "phone": person.phone if person is not None else "",
            },
        }
    )


def state_text(external_id: str, request: Request, standing: Standing) -> str:
    """News of a partner's card. Of two news of one request the one with the larger ``sequence`` is true."""
    return encoding.dumps(
        {
            "card_version": VERSION,
            "kind": "state",
            "external_id": external_id,
            "request_id": request.id,
            "number": str(request.number) if request.number is not None else None,
            "state": standing.state,
            "at": standing.at,
            "sequence": standing.sequence,
            "result": standing.result,
            "overdue": standing.overdue,
        }
    )


def delivery_card(delivery: Delivery) -> dict[str, Any]:
    return {
        "delivery_id": delivery.id,
        "partner": delivery.partner_id,
        "kind": delivery.kind.value,
        "request_id": delivery.request_id,
        "progress": delivery.progress.value,
        "attempts": delivery.attempts,
        "trouble": delivery.trouble,
        "author": delivery.author,
        "created_at": delivery.created_at.isoformat(),
        "delivered_at": _moment(delivery.delivered_at),
        "acknowledged_at": _moment(delivery.acknowledged_at),
        "reference": delivery.reference,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def received_card(card: KeptCard) -> dict[str, Any]:
    return {
        "partner": card.partner_id,
        "external_id": card.external_id,
        "revision": card.revision,
        "received_at": card.received_at.isoformat(),
    }


def partner_card(partner: Partner) -> dict[str, Any]:
    return {"partner": partner.id, "name": partner.name, "listens": partner.listens}
