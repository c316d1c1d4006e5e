"""Crews and dispatchers: what crews tell, what dispatchers send and see."""

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.routing.domain.alarms import Alarm
from services.routing.domain.assignment import Leave, State
from services.routing.domain.signals import Correction, CrewMessage, CrewSignal
from services.routing.domain.untold import Untold
from services.routing.schemas import answers
from services.routing.schemas.events import Told


class CrewSignalled(Told):
    """``crews/crew.signalled``"""

    signal_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    crew_id = fields.UUID(required=True)
    request_id = fields.UUID(required=True, allow_none=True)
    assignment_id = fields.UUID(load_default=None, allow_none=True)
    service = fields.String(load_default=None, allow_none=True)
    note = fields.String(load_default=None, allow_none=True)
    lat = fields.Float(load_default=None, allow_none=True)
    lon = fields.Float(load_default=None, allow_none=True)
    position_at = fields.AwareDateTime(load_default=None, allow_none=True)
    level = fields.Integer(load_default=1)
    repeats = fields.Integer(load_default=0)
    at = fields.AwareDateTime(required=True)


class AlertProgressed(Told):
    """``notify/alert.progressed``"""

    alert_id = fields.UUID(required=True)
    request_id = fields.UUID(required=True, allow_none=True)
    title = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    untold = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), required=True)
    at = fields.AwareDateTime(required=True)


def untold(told: dict[str, Any], sequence: int) -> Untold:
    """What a loaded :class:`AlertProgressed` of a request says."""
    people = told.pop("untold")
    return Untold(**told, people=people, sequence=sequence)


class CrewWrote(Told):
    """``crews/crew.wrote``"""

    message_id = fields.UUID(required=True)
    crew_id = fields.UUID(required=True)
    request_id = fields.UUID(load_default=None, allow_none=True)
    assignment_id = fields.UUID(load_default=None, allow_none=True)
    by = fields.String(required=True)
    text = fields.String(required=True)
    at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> CrewMessage:
        return CrewMessage(**data, from_crew=True)


class AssignmentCorrected(Told):
    """``crews/assignment.corrected``"""

    request_id = fields.UUID(required=True)
    place = fields.String(load_default=None, allow_none=True)
    fault = fields.String(load_default=None, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Correction:
        return Correction(**data)


class LeaveChanged(Told):
    """``crews/assignment.leave_changed``; the number of the event is the reader's to add."""

    assignment_id = fields.UUID(required=True)
    stage = fields.Enum(State, by_value=True, required=True)
    holds = fields.List(fields.String(), required=True)
    can = fields.Boolean(required=True, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[Any, Leave]:
        """The assignment's id and whether its crew may leave."""
        leave = Leave(data["stage"], tuple(data["holds"]), data["can"], sequence=0)
        return data["assignment_id"], leave


class Acknowledgement(Schema):
    """What the crew is told, if anything."""

    answer = fields.String(load_default=None, allow_none=True, validate=validate.Length(min=1, max=1000))


class SignalShape(Schema):
    """A signal of a crew and who has taken it on."""

    signal_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    crew_id = fields.UUID(required=True)
    crew_name = fields.String(required=True, allow_none=True)
    request_id = fields.UUID(required=True, allow_none=True)
    service = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    lat = fields.Float(required=True, allow_none=True)
    lon = fields.Float(required=True, allow_none=True)
    position_at = fields.AwareDateTime(required=True, allow_none=True)
    level = fields.Integer(required=True)
    repeats = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    acknowledged_at = fields.AwareDateTime(required=True, allow_none=True)
    acknowledged_by = fields.String(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)


class LiveSignal(SignalShape):
    """A signal of the live stream; ``alarms`` is empty once somebody has taken it on."""

    alarms = fields.List(fields.Nested(answers.AlarmShape), required=True)


def live_signal(signal: CrewSignal, found: Sequence[Alarm], words: answers.Words) -> dict[str, Any]:
    """A crew's signal as the live stream tells it."""
    return LiveSignal().dump({**vars(signal), **answers.alarms(found, words)})  # type: ignore[no-any-return]


class NewMessage(Schema):
    """A message to a crew, about a request or none."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=2000))
    request_id = fields.UUID(load_default=None, allow_none=True)


class MessageShape(Schema):
    """A message from a crew or to it."""

    message_id = fields.UUID(required=True)
    crew_id = fields.UUID(required=True)
    request_id = fields.UUID(required=True, allow_none=True)
    from_crew = fields.Boolean(required=True)
    by = fields.String(required=True)
    text = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class Messages(Schema):
    messages = fields.List(fields.Nested(MessageShape), required=True)
