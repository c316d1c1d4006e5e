"""Messages held back in a flood, as operators see them."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from services.intake.domain.messages import HeldMessage
from services.intake.domain.privacy import mask_phones


class HeldQuery(Schema):
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class HeldShape(Schema):
    message_id = fields.String(required=True, metadata={"description": "the provider's MessageSid"})
    text = fields.String(required=True, metadata={"description": "phone numbers masked"})
    contact_ref = fields.UUID(required=True)
    received_at = fields.AwareDateTime(required=True)


class HeldList(Schema):
    messages = fields.List(fields.Nested(HeldShape), required=True)


class TakenUp(Schema):
    request_id = fields.UUID(required=True)


def held_card(held: HeldMessage) -> Mapping[str, Any]:
    """A message as :class:`HeldShape` shows it."""
    return {
        "message_id": held.message.sid,
        "text": mask_phones(held.message.body),
        "contact_ref": held.sender_ref,
        "received_at": held.message.received_at,
    }
