"""Others' events, read tolerantly."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, validate

from services.notify.domain.announcements import Home
from services.notify.domain.bulletins import Bulletin
from services.notify.domain.outages import Outage, Ride
from services.notify.domain.plans import Deadline
from services.notify.domain.script import CYRILLIC, LATIN
from services.notify.domain.telling import COMPLETED, Progress, Verdict
from services.notify.usecases.ports import Contact, Urgency
from shared.envelope import Event
from shared.sealing import Sealer, is_sealed


class Tolerant(Schema):
    """Fields that are new to us are none of our business."""

    class Meta:
        unknown = EXCLUDE


class ContactKnown(Tolerant):
    """``intake/contact.known``"""

    contact_ref = fields.UUID(required=True)
    phone = fields.String(required=True)
    language = fields.String(required=True)
    sms_allowed = fields.Boolean(required=True)
    script = fields.String(load_default=CYRILLIC, validate=validate.OneOf([CYRILLIC, LATIN]))
    at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Contact:
        return Contact(id=data.pop("contact_ref"), **data)


class ContactErased(Tolerant):
    """``intake/contact.erased``"""

    contact_ref = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)


def read_contact(event: Event, sealer: Sealer) -> Contact:
    """The contact of the event. Its number travels sealed; older events have it as it is."""
    contact: Contact = ContactKnown().load(event.data)
    return replace(contact, phone=sealer.open(contact.phone)) if is_sealed(contact.phone) else contact


class _Riding(Tolerant):
    outage_id = fields.UUID(load_default=None, allow_none=True)
    outage_number = fields.String(load_default="")
    outage_kind = fields.String(load_default="accident")
    symptom = fields.String(load_default="")
    ends_by = fields.AwareDateTime(load_default=None, allow_none=True)


class AddressShape(Tolerant):
    building_id = fields.String(load_default=None, allow_none=True)
    entrance = fields.String(load_default=None, allow_none=True)
    lat = fields.Float(load_default=None, allow_none=True)
    lon = fields.Float(load_default=None, allow_none=True)


class RequestRegistered(_Riding):
    """``intake/request.registered``"""

    address = fields.Nested(AddressShape, load_default=None, allow_none=True)

    request_id = fields.UUID(required=True)
    number = fields.String(required=True)
    channel = fields.String(required=True)
    contact_ref = fields.UUID(required=True)
    registered_at = fields.AwareDateTime(required=True)


class RequestJoined(_Riding):
    """``intake/request.joined``"""

    request_id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)


class RequestSplit(Tolerant):
    """``intake/request.split``"""

    request_id = fields.UUID(required=True)
    outage_id = fields.UUID(required=True)
    reason = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class HouseShape(Tolerant):
    address = fields.String(required=True)
    entrances = fields.List(fields.String(), load_default=list)
    state = fields.String(load_default="off")


class BulletinShape(Tolerant):
    """``intake/outage.changed``, as far as the public may read it."""

    outage_id = fields.UUID(required=True)
    number = fields.String(required=True)
    version = fields.Integer(required=True)
    kind = fields.String(load_default="accident")
    state = fields.String(required=True)
    level = fields.String(load_default="house")
    symptoms = fields.List(fields.String(), required=True)
    houses = fields.List(fields.Nested(HouseShape), load_default=list)
    hazards = fields.List(fields.String(), load_default=list)
    tell = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    started_at = fields.AwareDateTime(load_default=None, allow_none=True)
    ends_by = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(load_default=None, allow_none=True)
    changed_at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Bulletin:
        dangerous = bool(data.pop("hazards"))
        houses = [house["address"] for house in data.pop("houses") if house["state"] != "restored"]
        started_at = data.pop("started_at") or data["changed_at"]
        return Bulletin(dangerous=dangerous, houses=houses, started_at=started_at, **data)


class OutageChanged(Tolerant):
    """``intake/outage.changed``"""

    outage_id = fields.UUID(required=True)
    number = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    symptoms = fields.List(fields.String(), required=True)
    ends_by = fields.AwareDateTime(required=True, allow_none=True)
    tell = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    changed_at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Outage:
        names = ("number", "version", "state", "ends_by", "tell")
        known = {name: data[name] for name in names}
        return Outage(data["outage_id"], symptom=data["symptoms"][0], at=data["changed_at"], **known)


def home_of(told: Mapping[str, Any]) -> Home | None:
    """Where the resident lives, if the request is about a known building."""
    address = told["address"]
    if address is None or not address["building_id"]:
        return None
    return Home(told["contact_ref"], **address)


def ride_of(told: Mapping[str, Any], sequence: int, at: datetime) -> Ride | None:
    """The ride that a registration or a joining tells of; None for a request on its own."""
    if told["outage_id"] is None:
        return None
    return Ride(
        request_id=told["request_id"],
        outage_id=told["outage_id"],
        outage_number=told["outage_number"],
        symptom=told["symptom"],
        sequence=sequence,
        at=at,
        planned=told["outage_kind"] == "planned",
        ends_by=told["ends_by"],
    )


class RequestClassified(Tolerant):
    """``triage/request.classified``"""

    request_id = fields.UUID(required=True)
    category = fields.String(required=True)
    system = fields.String(required=True)
    fault = fields.String(required=True)
    hazards = fields.List(fields.String(), required=True)
    needs_person = fields.Boolean(required=True)
    decided_at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Verdict:
        return Verdict(**{**data, "request_id": str(data["request_id"])})


class UrgencyOverridden(Tolerant):
    """``routing/request.urgency_overridden``"""

    request_id = fields.UUID(required=True)
    category = fields.String(required=True)
    at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Urgency:
        return Urgency(**data, by_person=True)


class AssignmentProgressed(Tolerant):
    """``crews/assignment.progressed``"""

    request_id = fields.UUID(required=True)
    assignment_id = fields.UUID(required=True)
    stage = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    result = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(list(COMPLETED)))
    eta_minutes = fields.Integer(load_default=None, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Progress:
        ids = {name: str(data[name]) for name in ("request_id", "assignment_id")}
        return Progress(**{**data, **ids})


class AssignmentWithdrawn(Tolerant):
    """``routing/assignment.withdrawn``"""

    request_id = fields.UUID(required=True)
    assignment_id = fields.UUID(required=True)
    reason = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class DeadlineShape(Tolerant):
    clock = fields.String(required=True)
    due_at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Deadline:
        return Deadline(**data)


class RequestStateChanged(Tolerant):
    """``journal/request.state_changed``"""

    request_id = fields.UUID(required=True)
    to_state = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    result = fields.String(load_default=None, allow_none=True)
    channel = fields.String(load_default=None, allow_none=True)
    deadlines = fields.List(fields.Nested(DeadlineShape), load_default=list)
