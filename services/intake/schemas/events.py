"""Other services' events, read tolerantly: fields that are new to us are none of our business."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, validate

from services.intake.domain.standing import Standing
from shared.envelope import Event


class Told(Schema):
    """Base of every reader."""

    class Meta:
        unknown = EXCLUDE


class RequestStateChanged(Told):
    """``journal/request.state_changed``"""

    request_id = fields.UUID(required=True)
    to_state = fields.String(required=True, validate=validate.Length(min=1))
    at = fields.AwareDateTime(required=True)
    result = fields.String(load_default=None, allow_none=True)
    overdue = fields.Boolean(load_default=False)


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
    return Standing(state=told.pop("to_state"), sequence=event.sequence, **told)
