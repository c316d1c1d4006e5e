"""Parts of what dispatchers get."""

from marshmallow import Schema, fields


class AdviceShape(Schema):
    """The crew that the machine recommends and would send by itself at ``decide_by``."""

    crew_id = fields.UUID(required=True)
    way = fields.String(required=True)
    eta_minutes = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    decide_by = fields.AwareDateTime(required=True)


class HoldingShape(Schema):
    """What a crew has in hand, and how far it has come with it."""

    request_id = fields.UUID(required=True)
    assignment_id = fields.UUID(required=True)
    number = fields.String(required=True)
    state = fields.String(required=True)
    since = fields.AwareDateTime(required=True)
    there_at = fields.AwareDateTime(required=True)
    category = fields.String(required=True)
    pinned = fields.Boolean(required=True)


class OverrideShape(Schema):
    """A change of urgency by a person."""

    proposed_category = fields.String(required=True, allow_none=True)
    category_before = fields.String(required=True)
    category = fields.String(required=True)
    priority = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class MessageFromResident(Schema):
    """What the applicant wrote about a request, and what was answered; phone numbers are left out."""

    channel = fields.String(required=True)
    text = fields.String(required=True)
    reply = fields.String(required=True)
    received_at = fields.AwareDateTime(required=True)


class ResidentsMessages(Schema):
    messages = fields.List(fields.Nested(MessageFromResident), required=True)


class RideShape(Schema):
    """The outage that a request belongs to; ``rides``: its crew works for this request too."""

    outage_id = fields.UUID(required=True)
    number = fields.String(required=True)
    lead_request_id = fields.UUID(required=True, allow_none=True)
    rides = fields.Boolean(required=True)
    own_hazards = fields.List(fields.String(), required=True)


class SupplementsShape(Schema):
    """What the applicant added after the request was taken; the words are in intake."""

    count = fields.Integer(required=True)
    last_at = fields.AwareDateTime(required=True, allow_none=True)
    photos = fields.Integer(required=True)
