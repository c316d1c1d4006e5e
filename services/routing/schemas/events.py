"""Other services' events, read tolerantly: fields that are new to us are none of our business."""

from typing import Any

from marshmallow import EXCLUDE, INCLUDE, Schema, fields, post_load, validate

from services.routing.domain.alarms import Audit
from services.routing.domain.assignment import State
from services.routing.domain.case import Classification, Deadline, Registration, Ride
from services.routing.domain.crews import Position, Profile, Shift
from services.routing.domain.organisations import Organisation
from services.routing.domain.words import Category

_NOT_EMPTY = validate.Length(min=1)


class Told(Schema):
    """Base of every reader."""

    class Meta:
        unknown = EXCLUDE


class Point(Schema):
    """WGS84 degrees."""

    lat = fields.Float(required=True, validate=validate.Range(-90, 90))
    lon = fields.Float(required=True, validate=validate.Range(-180, 180))


class Address(Schema):
    """A place; the rest of it is passed on to the crew as it came. Coordinates that are missing or are none
    do not lose the request: a person takes it."""

    class Meta:
        unknown = INCLUDE

    @post_load
    def place(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        lat, lon = _degrees(data.get("lat"), 90), _degrees(data.get("lon"), 180)
        known = lat is not None and lon is not None
        return {**data, "lat": lat if known else None, "lon": lon if known else None}


def _degrees(value: Any, most: float) -> float | None:
    try:
        degrees = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return degrees if -most <= degrees <= most else None


class Base(Point):
    class Meta:
        unknown = EXCLUDE

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Position:
        return Position(data["lat"], data["lon"])


class RequestRegistered(Told):
    request_id = fields.UUID(required=True)
    number = fields.String(required=True, validate=_NOT_EMPTY)
    language = fields.String(required=True)
    text = fields.String(required=True, validate=_NOT_EMPTY)
    address = fields.Nested(Address, required=True)
    registered_at = fields.AwareDateTime(required=True)
    outage_id = fields.UUID(load_default=None, allow_none=True)
    outage_number = fields.String(load_default=None, allow_none=True)
    lead_request_id = fields.UUID(load_default=None, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Registration:
        names = ("outage_id", "outage_number", "lead_request_id")
        ride = {name: data.pop(name) for name in names}
        known = Ride(data["request_id"], **ride) if ride["outage_id"] is not None else None
        return Registration(**data, ride=known)


class RequestJoined(Told):
    request_id = fields.UUID(required=True)
    outage_id = fields.UUID(required=True)
    outage_number = fields.String(required=True)
    lead_request_id = fields.UUID(required=True, allow_none=True)


class RequestSplit(Told):
    request_id = fields.UUID(required=True)


class RequestSupplemented(Told):
    request_id = fields.UUID(required=True)
    photos = fields.Integer(load_default=0)
    at = fields.AwareDateTime(required=True)


class RequestClassified(Told):
    request_id = fields.UUID(required=True)
    category = fields.Enum(Category, by_value=True, required=True)
    priority = fields.String(required=True, allow_none=True)
    system = fields.String(required=True, validate=_NOT_EMPTY)
    fault = fields.String(required=True, validate=_NOT_EMPTY)
    place = fields.String(required=True)
    hazards = fields.List(fields.String(), required=True)
    confidence = fields.Float(required=True)
    needs_person = fields.Boolean(required=True)
    decided_at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Classification:
        return Classification(**{**data, "hazards": tuple(data["hazards"])})


class AssignmentProgressed(Told):
    assignment_id = fields.UUID(required=True)
    request_id = fields.UUID(required=True)
    crew_id = fields.UUID(required=True)
    stage = fields.Enum(State, by_value=True, required=True)
    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True)
    reason = fields.String(load_default=None, allow_none=True)


class OrganisationChanged(Told):
    organisation_id = fields.UUID(required=True)
    name = fields.String(required=True, validate=_NOT_EMPTY)
    kind = fields.String(required=True)
    active = fields.Boolean(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Organisation:
        return Organisation(**data)


class CrewChanged(Told):
    crew_id = fields.UUID(required=True)
    organisation_id = fields.UUID(required=True)
    name = fields.String(required=True)
    specialisations = fields.List(fields.String(), required=True)
    grades = fields.List(fields.Integer(), required=True)
    leader_grade = fields.Integer(required=True, allow_none=True)
    equipment = fields.List(fields.String(), required=True)
    languages = fields.List(fields.String(), required=True)
    base = fields.Nested(Base, load_default=None, allow_none=True)
    active = fields.Boolean(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[Any, Profile]:
        """The crew's id and its master data."""
        crew_id = data.pop("crew_id")
        return crew_id, Profile(**data)


class CrewShiftChanged(Told):
    crew_id = fields.UUID(required=True)
    on_shift = fields.Boolean(required=True)
    starts_at = fields.AwareDateTime(required=True, allow_none=True)
    ends_at = fields.AwareDateTime(required=True, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[Any, Shift]:
        """The crew's id and its shift."""
        return data["crew_id"], Shift(data["on_shift"], data["starts_at"], data["ends_at"])


class CrewPositionChanged(Told):
    crew_id = fields.UUID(required=True)
    lat = fields.Float(required=True, validate=validate.Range(-90, 90))
    lon = fields.Float(required=True, validate=validate.Range(-180, 180))
    at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[Any, Position]:
        """The crew's id and where it is."""
        return data["crew_id"], Position(data["lat"], data["lon"], data["at"])


class CrewPositionsChanged(Told):
    positions = fields.List(fields.Nested(CrewPositionChanged), required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[Any, Position]:
        """Where each of these crews is, by id."""
        return dict(data["positions"])


class RunningClock(Told):
    clock = fields.String(required=True, validate=_NOT_EMPTY)
    due_at = fields.AwareDateTime(required=True)


class RequestStateChanged(Told):
    request_id = fields.UUID(required=True)
    to_state = fields.String(required=True, validate=_NOT_EMPTY)
    deadlines = fields.List(fields.Nested(RunningClock), load_default=list)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """With the nearest deadline of each clock as ``clocks``."""
        told = sorted(data.pop("deadlines"), key=lambda row: row["due_at"], reverse=True)
        return {**data, "clocks": {row["clock"]: row["due_at"] for row in told}}


class CancellationAsked(Told):
    request_id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)


class DeadlineEscalated(Told):
    request_id = fields.UUID(required=True)
    clock = fields.String(required=True)
    level = fields.String(required=True)
    due_at = fields.AwareDateTime(required=True)
    at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[Any, Deadline]:
        """The request's id and the newest word on its deadline."""
        return data["request_id"], Deadline(data["clock"], data["level"], data["due_at"], data["at"])


class Finding(Told):
    code = fields.String(required=True)
    subject = fields.String(required=True)
    since = fields.AwareDateTime(required=True)
    detail = fields.String(required=True)


class AuditCompleted(Told):
    ran_at = fields.AwareDateTime(required=True)
    findings = fields.List(fields.Nested(Finding), required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Audit:
        return Audit(**data)
