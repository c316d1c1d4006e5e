"""Alerts over HTTP, Twilio's words on calls, and the events that start alerts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from services.notify.domain.alert_attempts import Attempt, State
from services.notify.domain.alerts import Alert, Subject
from services.notify.domain.sms import masked
from services.notify.schemas.alert_lists import Names
from services.notify.schemas.events import AddressShape, Tolerant
from services.notify.usecases.alert_ports import Place

_TEXT = validate.Length(min=1, max=500)
# Twilio's word on a call in ours; what is not named (queued, initiated, ringing) changes nothing.
_CALL_STATES: Mapping[str, State] = {
    "in-progress": State.ANSWERED,
    "completed": State.UNACKNOWLEDGED,
    "busy": State.BUSY,
    "no-answer": State.NO_ANSWER,
    "failed": State.FAILED,
    "canceled": State.DROPPED,
}
NOT_ACKNOWLEDGED = "not_acknowledged"


class NewAlert(Schema):
    """An alert started by hand."""

    alert_id = fields.UUID(required=True, metadata={"description": "the caller's: again is the same as once"})
    event = fields.String(required=True, validate=validate.Length(max=40))
    request_id = fields.UUID(load_default=None, allow_none=True)
    outage_id = fields.UUID(load_default=None, allow_none=True)
    address = fields.String(load_default=None, allow_none=True, validate=_TEXT)
    note = fields.String(load_default=None, allow_none=True, validate=_TEXT)


class StopBody(Schema):
    reason = fields.String(required=True, validate=_TEXT)


class WrittenDown(Schema):
    """A dispatcher told somebody of the list: who took the message."""

    addressee = fields.String(required=True, validate=validate.Length(max=40))
    received_by = fields.String(required=True, validate=validate.Length(min=1, max=200))


class AttemptShape(Schema):
    """One line of the record (M-1.1-U4): to whom, by what means, when, received by whom."""

    attempt_id = fields.UUID(required=True)
    step = fields.Integer(required=True, metadata={"description": "from 1"})
    round = fields.Integer(required=True, metadata={"description": "from 1; 0: by a dispatcher"})
    addressee = fields.String(required=True)
    names = fields.Nested(Names, required=True)
    means = fields.String(required=True)
    number = fields.String(required=True, allow_none=True, metadata={"description": "masked"})
    person_id = fields.UUID(required=True, allow_none=True)
    state = fields.String(required=True)
    planned_at = fields.AwareDateTime(required=True)
    placed_at = fields.AwareDateTime(required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    acknowledged_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    received_by = fields.String(required=True, allow_none=True)
    error_code = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)


class PersonToTell(Schema):
    code = fields.String(required=True)
    names = fields.Nested(Names, required=True)


class AlertShape(Schema):
    """An alert and its record."""

    alert_id = fields.UUID(required=True)
    event = fields.String(required=True)
    names = fields.Nested(Names, required=True)
    stage = fields.String(required=True)
    request_id = fields.UUID(required=True, allow_none=True)
    outage_id = fields.UUID(required=True, allow_none=True)
    signal_id = fields.UUID(required=True, allow_none=True)
    facts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    list_version = fields.Integer(required=True)
    by = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    untold = fields.List(
        fields.Nested(PersonToTell), required=True, metadata={"description": "for a dispatcher to call"}
    )
    attempts = fields.List(fields.Nested(AttemptShape), required=True)


class AlertQuery(Schema):
    request_id = fields.UUID(load_default=None)
    live = fields.Boolean(load_default=False)
    limit = fields.Integer(load_default=20, validate=validate.Range(min=1, max=100))


class AlertPage(Schema):
    alerts = fields.List(fields.Nested(AlertShape), required=True)


def alert_card(alert: Alert) -> dict[str, Any]:
    """What :class:`AlertShape` dumps."""
    plain = ("event", "names", "list_version", "by", "created_at", "ended_at", "reason")
    subject = alert.subject
    return {
        **{name: getattr(alert, name) for name in plain},
        **{name: getattr(subject, name) for name in ("request_id", "outage_id", "signal_id", "facts")},
        "alert_id": alert.id,
        "stage": alert.stage.value,
        "untold": [{"code": one.code, "names": one.names} for one in alert.untold()],
        "attempts": [_line(alert, one) for one in alert.attempts],
    }


def _line(alert: Alert, one: Attempt) -> dict[str, Any]:
    plain = ("addressee", "person_id", "received_by", "error_code", "note")
    times = ("planned_at", "placed_at", "answered_at", "acknowledged_at", "ended_at")
    return {
        **{name: getattr(one, name) for name in (*plain, *times)},
        "attempt_id": one.id,
        "step": one.step + 1,
        "round": max(one.round, 0),
        "names": alert.addressee(one).names,
        "means": one.means.value,
        "state": one.state.value,
        "number": masked(one.number) if one.number else None,
    }


def subject_by_hand(body: Mapping[str, Any]) -> Subject:
    facts = {name: body[name] for name in ("address", "note") if body[name]}
    return Subject(request_id=body["request_id"], outage_id=body["outage_id"], facts=facts)


# Twilio's words


class CallWord(Tolerant):
    """Twilio's form about one call. ``attempt_id`` is ours: we put it into the callback's URL."""

    CallSid = fields.String(required=True, validate=validate.Regexp("^CA[0-9a-fA-F]{32}$"))
    CallStatus = fields.String(load_default="")
    AnsweredBy = fields.String(load_default="")
    Digits = fields.String(load_default="")
    attempt_id = fields.UUID(required=True)


def call_state(told: Mapping[str, Any]) -> tuple[State | None, str | None]:
    """What a status means for the attempt, and the reason if it missed; None if it is no news.

    A mailbox that was recognised has heard nothing that counts.
    """
    if told["AnsweredBy"].startswith(("machine", "fax")):
        return State.MACHINE, told["AnsweredBy"]
    state = _CALL_STATES.get(told["CallStatus"])
    if state is State.UNACKNOWLEDGED:
        return state, NOT_ACKNOWLEDGED
    return state, f"twilio_{told['CallStatus']}" if state is State.FAILED else None


# Others' events


class CrewSignalled(Tolerant):
    """``crews/crew.signalled``"""

    signal_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    crew_id = fields.UUID(required=True)
    crew_name = fields.String(load_default=None, allow_none=True)
    request_id = fields.UUID(load_default=None, allow_none=True)
    note = fields.String(load_default=None, allow_none=True)
    lat = fields.Float(load_default=None, allow_none=True)
    lon = fields.Float(load_default=None, allow_none=True)


class SignalAcknowledged(Tolerant):
    """``routing/signal.acknowledged``"""

    signal_id = fields.UUID(required=True)
    by = fields.String(required=True)


class AlertTold(Tolerant):
    """``routing/alert.told``"""

    alert_id = fields.UUID(required=True)
    received_by = fields.String(required=True)
    by = fields.String(required=True)


class OutageLead(Tolerant):
    """``intake/outage.changed``: on whose timeline its alerts stand."""

    lead_request_id = fields.UUID(load_default=None, allow_none=True)


def subject_of_signal(told: Mapping[str, Any]) -> Subject:
    """Where the crew is by its own position; the address comes with its request."""
    facts = {"note": told["note"]} if told["note"] else {}
    facts |= {"crew": told["crew_name"]} if told["crew_name"] else {}
    if told["lat"] is not None and told["lon"] is not None:
        facts |= {"lat": f"{told['lat']:.5f}", "lon": f"{told['lon']:.5f}"}
    ids = {name: told[name] for name in ("request_id", "signal_id", "crew_id")}
    return Subject(**ids, facts=facts)


class PlacedAddress(AddressShape):
    """An address as intake resolved it, with what was written as the way out."""

    text = fields.String(load_default="")
    street = fields.String(load_default=None, allow_none=True)
    house = fields.String(load_default=None, allow_none=True)
    floor = fields.String(load_default=None, allow_none=True)
    flat = fields.String(load_default=None, allow_none=True)


def place_of(request_id: UUID, address: Mapping[str, Any] | None) -> Place:
    """Street and house as the registry has them, else the words of the request."""
    known = PlacedAddress().load(address or {})
    resolved = ", ".join(part for part in (known["street"], known["house"]) if part)
    return Place(request_id, known["building_id"], resolved if known["house"] else known["text"])
