"""A transfer as dispatchers see it."""

from marshmallow import Schema, fields


class TransferShape(Schema):
    """To whom the request was handed over, when, how, by which rule (``basis``), and whether it was received,
    raised (``escalated``: 1 to the dispatcher, 2 to the senior) or given back."""

    transfer_id = fields.UUID(required=True)
    organisation_id = fields.UUID(required=True)
    unit = fields.String(required=True)
    channel = fields.String(required=True)
    transferred_at = fields.AwareDateTime(required=True)
    acknowledge_by = fields.AwareDateTime(required=True)
    acknowledged_at = fields.AwareDateTime(required=True, allow_none=True)
    acknowledged_channel = fields.String(required=True, allow_none=True)
    acknowledged_by = fields.String(required=True, allow_none=True)
    acknowledged_unit = fields.String(required=True, allow_none=True)
    turn = fields.Integer(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    basis = fields.Dict(required=True, allow_none=True)
    escalated = fields.Integer(required=True)
    escalate_by = fields.AwareDateTime(required=True, allow_none=True)
    refused_at = fields.AwareDateTime(required=True, allow_none=True)
    refused_because = fields.String(required=True, allow_none=True)
    refused_channel = fields.String(required=True, allow_none=True)
    refused_by = fields.String(required=True, allow_none=True)
    refused_note = fields.String(required=True, allow_none=True)
