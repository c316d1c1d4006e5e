"""Signals and messages: what callers send and get, and what routing tells."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, validate

from services.crews.domain.messages import Message
from services.crews.domain.people import Position
from services.crews.domain.signals import SignalKind
from services.crews.schemas.checks import Stamped, moment, plausible, text

_OURS = frozenset({SignalKind.LATE_REPORT, SignalKind.UNCONFIRMED_SHIFT})
_CALLS = [kind.value for kind in SignalKind if kind not in _OURS]


class PlaceShape(Schema):
    """Where the crew is: WGS 84 degrees, accuracy in metres."""

    lat = fields.Float(required=True, validate=validate.Range(-90, 90))
    lon = fields.Float(required=True, validate=validate.Range(-180, 180))
    accuracy_m = fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, 100_000))
    at = fields.AwareDateTime(required=True, validate=plausible)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Position:
        return Position(**data)


class NewSos(Stamped):
    """People are in danger. Nothing but the time is needed."""

    position = fields.Nested(PlaceShape, load_default=None, allow_none=True)
    note = fields.String(load_default=None, allow_none=True, validate=text(1000))


class NewSignal(NewSos):
    """The crew needs help, more people or equipment, or another service (``service``: of which system)."""

    kind = fields.String(required=True, validate=validate.OneOf(_CALLS))
    service = fields.String(load_default=None, allow_none=True, validate=text(40))


class NewMessage(Stamped):
    """A message to the dispatcher."""

    text = fields.String(required=True, validate=text(2000))


class Kept(Schema):
    """What was sent, under its id."""

    id = fields.UUID(required=True)
    at = moment(required=True)


class Raised(Kept):
    """The signal that people see now; of an SOS pressed again, the one that is open."""

    kind = fields.String(required=True)


class SignalShape(Schema):
    """A signal and who has taken it on."""

    id = fields.UUID(required=True)
    kind = fields.Enum(SignalKind, by_value=True, required=True)
    assignment_id = fields.UUID(required=True, allow_none=True)
    service = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    position = fields.Nested(PlaceShape, required=True, allow_none=True)
    at = fields.AwareDateTime(required=True)
    level = fields.Integer(required=True)
    repeats = fields.Integer(required=True)
    acknowledged_at = fields.AwareDateTime(required=True, allow_none=True)
    acknowledged_by = fields.String(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)


class MessageShape(Schema):
    """A message from the crew to the dispatcher, or the other way."""

    id = fields.UUID(required=True)
    assignment_id = fields.UUID(required=True, allow_none=True)
    from_crew = fields.Boolean(required=True)
    by = fields.String(required=True)
    text = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class SignalAcknowledged(Schema):
    """``routing/signal.acknowledged``"""

    class Meta:
        unknown = EXCLUDE

    signal_id = fields.UUID(required=True)
    crew_id = fields.UUID(required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    answer = fields.String(load_default=None, allow_none=True)


class CrewMessaged(Schema):
    """``routing/crew.messaged``"""

    class Meta:
        unknown = EXCLUDE

    message_id = fields.UUID(required=True, attribute="id")
    crew_id = fields.UUID(required=True)
    assignment_id = fields.UUID(load_default=None, allow_none=True)
    by = fields.String(required=True)
    text = fields.String(required=True)
    at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Message:
        return Message(**data, from_crew=False, recorded_at=data["at"])
