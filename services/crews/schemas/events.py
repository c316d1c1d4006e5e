"""Events of routing, read tolerantly: fields that are new to us are none of our business."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load

from services.crews.domain.orders import JobCard


class AssignmentMade(Schema):
    """``assignment.made``: a whole job card."""

    class Meta:
        unknown = EXCLUDE

    assignment_id = fields.UUID(required=True)
    request_id = fields.UUID(required=True)
    number = fields.String(required=True)
    crew_id = fields.UUID(required=True)
    organisation_id = fields.UUID(required=True)
    attempt = fields.Integer(required=True)
    offered_at = fields.AwareDateTime(required=True)
    respond_by = fields.AwareDateTime(required=True)
    eta_minutes = fields.Integer(required=True)
    distance_m = fields.Integer(required=True)
    category = fields.String(required=True)
    priority = fields.String(required=True)
    system = fields.String(required=True)
    fault = fields.String(required=True)
    place = fields.String(required=True)
    hazards = fields.List(fields.String(), required=True)
    text = fields.String(required=True)
    language = fields.String(required=True)
    address = fields.Dict(required=True)
    by = fields.String(required=True)
    reason = fields.String(load_default=None, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> JobCard:
        return JobCard(**{**data, "hazards": tuple(data["hazards"])})


class AssignmentWithdrawn(Schema):
    """``assignment.withdrawn``: which order, why, by whom."""

    class Meta:
        unknown = EXCLUDE

    assignment_id = fields.UUID(required=True)
    reason = fields.String(required=True)
    note = fields.String(load_default=None, allow_none=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
