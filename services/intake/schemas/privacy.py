"""The access log and the reasons for reading what is confidential, on the wire."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from services.intake.domain.privacy import Access, Purpose


class WhyQuery(Schema):
    """Number and name are masked unless a reason is given; the reading is then written down."""

    why = fields.Enum(Purpose, by_value=True, load_default=None)


class AccessQuery(Schema):
    """Which readings; ``before`` is the id of the last row of the page before."""

    contact_ref = fields.UUID(load_default=None)
    actor_id = fields.String(load_default=None)
    since = fields.AwareDateTime(data_key="from", load_default=None)
    until = fields.AwareDateTime(data_key="to", load_default=None)
    before = fields.Integer(load_default=None, validate=validate.Range(min=1))
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=500))


class AccessShape(Schema):
    id = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    actor_id = fields.String(required=True)
    contact_ref = fields.UUID(required=True, allow_none=True)
    request_id = fields.UUID(required=True, allow_none=True)
    through = fields.String(required=True, metadata={"description": "the screen or list that showed it"})
    why = fields.String(required=True)


class AccessList(Schema):
    entries = fields.List(fields.Nested(AccessShape), required=True)


def access_card(number: int, access: Access) -> Mapping[str, Any]:
    """One reading as :class:`AccessShape` dumps it."""
    return {"id": number, **{name: getattr(access, name) for name in Access.__dataclass_fields__}}
