"""Calls to make, as operators see them."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.notify.domain.sms import masked
from services.notify.domain.untold import CallResult, CallState
from services.notify.usecases.ports import Untold


class CallQuery(Schema):
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class CallShape(Schema):
    """Whom to call and what to say; the whole number only for whoever has taken the call."""

    call_id = fields.UUID(required=True)
    request_id = fields.UUID(required=True)
    request_number = fields.String(required=True)
    to = fields.String(required=True)
    language = fields.String(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True)
    template = fields.String(required=True)
    urgent = fields.Boolean(required=True)
    category = fields.String(required=True, allow_none=True)
    why = fields.String(required=True, allow_none=True)
    state = fields.Enum(CallState, by_value=True, required=True)
    tries = fields.Integer(required=True)
    taken_by = fields.String(required=True, allow_none=True)
    result = fields.Enum(CallResult, by_value=True, required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    since = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)
    version = fields.Integer(required=True)


class CallListShape(Schema):
    calls = fields.List(fields.Nested(CallShape), required=True)


class CallEnd(Schema):
    result = fields.Enum(CallResult, by_value=True, required=True)
    note = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))


def call_card(untold: Untold, reader: str | None = None) -> dict[str, Any]:
    """What :class:`CallShape` dumps; ``reader`` is who has just taken the call."""
    call, message = untold.call, untold.message
    phone = message.phone or ""
    shown = ("urgent", "state", "tries", "taken_by", "result", "note", "since", "due_at", "version")
    return {
        **{name: getattr(call, name) for name in shown},
        "call_id": call.id,
        "request_id": call.request_id,
        "request_number": untold.request_number,
        "to": phone if reader is not None and call.taken_by == reader else masked(phone),
        "language": message.language,
        "text": message.body,
        "template": message.template,
        "category": untold.category,
        "why": message.error_code,
    }
