"""Outages as they come from intake and as dispatchers see them; deliveries that failed, as intake tells."""

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields, post_load

from services.routing.domain.deliveries import Undelivered
from services.routing.domain.outages import Outage
from services.routing.schemas.answers import Words
from services.routing.schemas.events import Told


class HouseShape(Told):
    """A house of an outage: off, presumed, or restored."""

    address = fields.String(required=True)
    state = fields.String(required=True)


class OutageShape(Told):
    """An outage as it is now."""

    outage_id = fields.UUID(required=True)
    number = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    symptoms = fields.List(fields.String(), required=True)
    level = fields.String(required=True)
    houses = fields.List(fields.Nested(HouseShape), required=True)
    lead_request_id = fields.UUID(required=True, allow_none=True)
    hazards = fields.List(fields.String(), required=True)
    cause = fields.String(required=True)
    course = fields.String(required=True)
    started_at = fields.AwareDateTime(required=True)
    ends_by = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    changed_at = fields.AwareDateTime(required=True)
    version = fields.Integer(required=True)


class OutageChanged(OutageShape):
    """``intake/outage.changed``"""

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Outage:
        return Outage(**{**data, **{name: tuple(data[name]) for name in ("symptoms", "hazards", "houses")}})


class Outages(Schema):
    outages = fields.List(fields.Nested(OutageShape), required=True)


class DeliveryChanged(Told):
    """``intake/delivery.changed``"""

    delivery_id = fields.UUID(required=True)
    request_id = fields.UUID(required=True)
    partner = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    trouble = fields.String(required=True)
    attempts = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)


class Retried(Schema):
    """A delivery that is tried again."""

    delivery_id = fields.UUID(required=True)
    state = fields.String(required=True)


def undelivered(data: dict[str, Any], sequence: int) -> Undelivered:
    """What a loaded :class:`DeliveryChanged` says."""
    told = {name: value for name, value in data.items() if name != "state"}
    return Undelivered(**told, failed=data["state"] == "failed", sequence=sequence)


def outages(found: Sequence[Outage]) -> dict[str, Any]:
    return {"outages": found}


def live_outage(outage: Outage, words: Words) -> dict[str, Any]:  # noqa: ARG001 - intake's own words
    return OutageShape().dump(outage)  # type: ignore[no-any-return]
