"""Other services' events, read tolerantly: fields that are new to us are none of our business."""

from datetime import timedelta
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, validate

from services.intake.domain.standing import CrewReport, Deadline, Standing
from shared.envelope import Event


class Told(Schema):
    """Base of every reader."""

    class Meta:
        unknown = EXCLUDE


class DeadlineTold(Told):
    clock = fields.String(required=True)
    due_at = fields.AwareDateTime(required=True)


class AssignmentProgressed(Told):
    """``crews/assignment.progressed``"""

    request_id = fields.UUID(required=True)
    stage = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    eta_minutes = fields.Integer(load_default=None, allow_none=True)


class RequestStateChanged(Told):
    """``journal/request.state_changed``"""

    request_id = fields.UUID(required=True)
    to_state = fields.String(required=True, validate=validate.Length(min=1))
    at = fields.AwareDateTime(required=True)
    result = fields.String(load_default=None, allow_none=True)
    overdue = fields.Boolean(load_default=False)
    category = fields.String(load_default=None, allow_none=True)
    hazards = fields.List(fields.String(), load_default=list)
    deadlines = fields.List(fields.Nested(DeadlineTold), load_default=list)


class RequestClassified(Told):
    """``triage/request.classified``"""

    request_id = fields.UUID(required=True)
    fault = fields.String(required=True)
    hazards = fields.List(fields.String(), required=True)

    @post_load
    def gather(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "hazards": frozenset(data["hazards"])}


def read_standing(event: Event) -> Standing:
    """The state that the event announces."""
    told = RequestStateChanged().load(event.data)
    told["hazards"] = tuple(told["hazards"])
    told["deadlines"] = tuple(Deadline(**one) for one in told["deadlines"])
    return Standing(state=told.pop("to_state"), sequence=event.sequence, **told)


def read_crew_report(event: Event) -> CrewReport:
    """The stage that a crew reports, with the time at which it expects to arrive."""
    told = AssignmentProgressed().load(event.data)
    minutes = told.pop("eta_minutes")
    arrives_at = None if minutes is None else told["at"] + timedelta(minutes=minutes)
    return CrewReport(**told, arrives_at=arrives_at)
