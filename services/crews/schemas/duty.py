"""Crews, their shifts and positions: what callers send and get."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.crews.domain.moments import DeviceTime
from services.crews.domain.people import Position, Shift
from services.crews.schemas.checks import plausible
from services.crews.usecases.duty import ShiftWish


class NewPosition(Schema):
    """Where the crew's device is: WGS 84 degrees, accuracy in metres."""

    lat = fields.Float(required=True, validate=validate.Range(-90, 90))
    lon = fields.Float(required=True, validate=validate.Range(-180, 180))
    accuracy_m = fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, 100_000))
    at = fields.AwareDateTime(load_default=None, allow_none=True, validate=plausible)


class NewFix(Schema):
    """One fix of the device; ``at`` by its own clock."""

    lat = fields.Float(required=True, validate=validate.Range(-90, 90))
    lon = fields.Float(required=True, validate=validate.Range(-180, 180))
    accuracy_m = fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, 100_000))
    at = fields.AwareDateTime(required=True, validate=plausible)


class NewPositions(Schema):
    """The fixes since the last batch; ``sent_at`` is the device's clock now."""

    sent_at = fields.AwareDateTime(required=True, validate=plausible)
    fixes = fields.List(fields.Nested(NewFix), required=True, validate=validate.Length(min=1, max=120))


class PositionsTaken(Schema):
    """How many fixes were taken; they are written within seconds."""

    taken = fields.Integer(required=True)


class PositionNoted(Schema):
    """Whether other services were told: positions are thinned."""

    told = fields.Boolean(required=True)


class NewShift(Schema):
    """To be on shift or off it."""

    on = fields.Boolean(required=True)
    ends_at = fields.AwareDateTime(load_default=None, allow_none=True, validate=plausible)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> ShiftWish:
        return ShiftWish(**data)


class ShiftShape(Schema):
    """The crew's latest shift; ``starts_at`` is null if there never was one."""

    on = fields.Boolean(required=True)
    starts_at = fields.AwareDateTime(required=True, allow_none=True)
    ends_at = fields.AwareDateTime(required=True, allow_none=True)


class CrewShape(Schema):
    """The crew a device speaks for."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    organisation_id = fields.UUID(required=True)
    specialisations = fields.List(fields.String(), required=True)
    equipment = fields.List(fields.String(), required=True)
    languages = fields.List(fields.String(), required=True)
    active = fields.Boolean(required=True)


class MateShape(Schema):
    """One of the crew."""

    name = fields.String(required=True)
    leader = fields.Boolean(required=True)


class Mates(Schema):
    """Who is in the crew now, its leader first."""

    people = fields.List(fields.Nested(MateShape), required=True)


def position(body: dict[str, Any], default_at: Any) -> Position:
    """The position a device sent; the server's time stands in for a time it did not send."""
    return Position(body["lat"], body["lon"], body["accuracy_m"], body["at"] or default_at)


def fixes(body: dict[str, Any], now: datetime) -> list[Position]:
    """The fixes of a batch, each at the moment it was taken by our clock."""
    sent_at = body["sent_at"]
    return [
        Position(fix["lat"], fix["lon"], fix["accuracy_m"], DeviceTime(fix["at"], sent_at).happened(now))
        for fix in body["fixes"]
    ]


def shift(latest: Shift | None) -> dict[str, Any]:
    """A shift in the shape of :class:`ShiftShape`, also when there never was one."""
    return asdict(latest) if latest else {"on": False, "starts_at": None, "ends_at": None}
