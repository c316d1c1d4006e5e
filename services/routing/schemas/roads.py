"""The road map in use and how the roads are, as dispatchers get them."""

from marshmallow import Schema, fields


class RoadMapShape(Schema):
    version = fields.Integer(required=True)
    source = fields.String(required=True)
    crossings = fields.Integer(required=True)
    length_km = fields.Float(required=True)
    imported_at = fields.AwareDateTime(required=True)


class ConditionsShape(Schema):
    factor = fields.Float(required=True)
    reason = fields.String(required=True)
    until = fields.AwareDateTime(required=True, allow_none=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class RoadsShape(Schema):
    """``map`` is null while none is imported: travel is then straight line times detour."""

    map = fields.Nested(RoadMapShape, required=True, allow_none=True)
    conditions = fields.Nested(ConditionsShape, required=True, allow_none=True)
