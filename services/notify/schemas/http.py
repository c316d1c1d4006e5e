"""Twilio's callback and our HTTP answers."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.notify.domain.messages import CHANNEL, Message
from services.notify.domain.sms import masked
from services.notify.schemas.events import Tolerant


class StatusCallback(Tolerant):
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
    held_until = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "waits for the end of the quiet hours"}
    )
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
        "held_until": message.held_until,
        "sent_at": message.sent_at,
        "ended_at": message.ended_at,
    }
