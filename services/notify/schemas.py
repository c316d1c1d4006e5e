"""Wire shapes: others' events read tolerantly, Twilio's callback, our HTTP answers, the configuration."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import EXCLUDE, Schema, fields, post_load, validate

from services.notify.domain.messages import CHANNEL, Message, Policy
from services.notify.domain.outages import Outage, Ride
from services.notify.domain.plans import Deadline
from services.notify.domain.sms import masked
from services.notify.domain.telling import COMPLETED, Progress, Verdict
from services.notify.usecases import Contact
from shared.config import Misconfigured, Settings
from shared.envelope import Event
from shared.sealing import Sealer, is_sealed


class _Tolerant(Schema):
    """Fields that are new to us are none of our business."""

    class Meta:
        unknown = EXCLUDE


class ContactKnown(_Tolerant):
    """``intake/contact.known``"""

    contact_ref = fields.UUID(required=True)
    phone = fields.String(required=True)
    language = fields.String(required=True)
    sms_allowed = fields.Boolean(required=True)
    at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Contact:
        return Contact(id=data.pop("contact_ref"), **data)


class ContactErased(_Tolerant):
    """``intake/contact.erased``"""

    contact_ref = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)


def read_contact(event: Event, sealer: Sealer) -> Contact:
    """The contact of the event. Its number travels sealed; older events have it as it is."""
    contact: Contact = ContactKnown().load(event.data)
    return replace(contact, phone=sealer.open(contact.phone)) if is_sealed(contact.phone) else contact


class _Riding(_Tolerant):
    outage_id = fields.UUID(load_default=None, allow_none=True)
    outage_number = fields.String(load_default="")
    outage_kind = fields.String(load_default="accident")
    symptom = fields.String(load_default="")
    ends_by = fields.AwareDateTime(load_default=None, allow_none=True)


class RequestRegistered(_Riding):
    """``intake/request.registered``"""

    request_id = fields.UUID(required=True)
    number = fields.String(required=True)
    channel = fields.String(required=True)
    contact_ref = fields.UUID(required=True)
    registered_at = fields.AwareDateTime(required=True)


class RequestJoined(_Riding):
    """``intake/request.joined``"""

    request_id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)


class RequestSplit(_Tolerant):
    """``intake/request.split``"""

    request_id = fields.UUID(required=True)
    outage_id = fields.UUID(required=True)
    reason = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class OutageChanged(_Tolerant):
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


class RequestClassified(_Tolerant):
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


class AssignmentProgressed(_Tolerant):
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


class DeadlineShape(_Tolerant):
    clock = fields.String(required=True)
    due_at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Deadline:
        return Deadline(**data)


class RequestStateChanged(_Tolerant):
    """``journal/request.state_changed``"""

    request_id = fields.UUID(required=True)
    to_state = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    result = fields.String(load_default=None, allow_none=True)
    channel = fields.String(load_default=None, allow_none=True)
    deadlines = fields.List(fields.Nested(DeadlineShape), load_default=list)


class StatusCallback(_Tolerant):
    """Twilio's form about one message. ``message_id`` is ours: we put it into the callback's URL."""

    MessageSid = fields.String(required=True, validate=validate.Regexp("^(SM|MM)[0-9a-fA-F]{32}$"))
    MessageStatus = fields.String(required=True)
    ErrorCode = fields.String(load_default=None, allow_none=True)
    message_id = fields.UUID(load_default=None)


class MessageQuery(Schema):
    request_id = fields.UUID(required=True)


class MessageShape(Schema):
    """One message as dispatchers see it; the number is masked."""

    message_id = fields.UUID(required=True)
    request_id = fields.UUID(required=True)
    template = fields.String(required=True)
    channel = fields.String(required=True)
    language = fields.String(required=True, allow_none=True)
    to = fields.String(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True)
    parts = fields.Integer(required=True)
    state = fields.String(required=True)
    attempt = fields.Integer(required=True)
    error_code = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    sent_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)


class MessageList(Schema):
    messages = fields.List(fields.Nested(MessageShape), required=True)


def shown(message: Message) -> dict[str, Any]:
    """What :class:`MessageShape` dumps."""
    return {
        "message_id": message.id,
        "request_id": message.request_id,
        "template": message.template,
        "channel": CHANNEL,
        "language": message.language,
        "to": masked(message.phone) if message.phone else None,
        "text": message.body,
        "parts": message.parts,
        "state": message.state.value,
        "attempt": message.attempt,
        "error_code": message.error_code,
        "created_at": message.created_at,
        "sent_at": message.sent_at,
        "ended_at": message.ended_at,
    }


@dataclass(frozen=True)
class Choices:
    """What this dispatch service has decided for itself, read from its configuration."""

    policy: Policy
    zone: ZoneInfo
    help_phone: str
    per_second: float
    parallel: int
    timeout_s: float
    validity_s: int

    @classmethod
    def of(cls, settings: Settings) -> "Choices":
        """Raises Misconfigured, naming the setting, for values that mean nothing."""
        return cls(
            policy=_policy(settings),
            zone=_zone(settings),
            help_phone=str(settings.get("help_phone")),
            per_second=_positive(settings, "messages_per_second"),
            parallel=int(_positive(settings, "parallel_sends")),
            timeout_s=_positive(settings, "provider_timeout_s"),
            validity_s=int(_positive(settings, "validity_s")),
        )


def _policy(settings: Settings) -> Policy:
    lease_s, timeout_s = _positive(settings, "lease_s"), _positive(settings, "provider_timeout_s")
    if lease_s <= 2 * timeout_s:
        raise Misconfigured("notify: lease_s must be more than twice provider_timeout_s")
    return Policy(
        jitter=random.random,
        lease=timedelta(seconds=lease_s),
        max_attempts=int(_positive(settings, "max_attempts")),
        give_up_after=timedelta(seconds=_positive(settings, "give_up_after_s")),
        first_pause=timedelta(seconds=_positive(settings, "first_pause_s")),
        longest_pause=timedelta(seconds=_positive(settings, "longest_pause_s")),
    )


def _zone(settings: Settings) -> ZoneInfo:
    name = settings.get("timezone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, TypeError, ValueError) as unknown:
        raise Misconfigured(f"notify: timezone {name!r} is not known here") from unknown


def _positive(settings: Settings, key: str) -> float:
    value = settings.get(key)
    if not isinstance(value, int | float) or value <= 0:
        raise Misconfigured(f"notify: {key} must be a number above 0, not {value!r}")
    return float(value)
