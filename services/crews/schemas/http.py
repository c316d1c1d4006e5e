"""What callers of the HTTP API send and get. Times are RFC 3339 with an offset."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.crews.domain.orders import JobCard, Result, Stage, Step, WorkOrder
from services.crews.domain.people import Crew, Position, Shift
from services.crews.domain.safety import Reading, SafetyAnswers
from services.crews.usecases.duty import ShiftWish
from services.crews.usecases.orders import Page

_LARGEST_CURSOR = 2**53 - 1  # what every JSON reader counts exactly


def _storable(text: str) -> None:
    """JSON can carry what a database text cannot: NUL, and halves of surrogate pairs."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValidationError("Not a valid string.")


def _plausible(moment: datetime) -> None:
    """A device whose battery died may think it is year 1, which a database cannot give back."""
    if not 2000 <= moment.year < 2100:
        raise ValidationError("Not a valid datetime.")


def _text(longest: int) -> list[Callable[[str], Any]]:
    return [validate.Length(min=1, max=longest), _storable]


class NewToken(Schema):
    """A login and its password."""

    login = fields.String(required=True, validate=_text(100))
    password = fields.String(required=True, load_only=True, validate=_text(200))


class AccessToken(Schema):
    """A bearer token for every service of the suite."""

    access_token = fields.String(required=True)
    token_type = fields.Constant("Bearer")
    expires_at = fields.AwareDateTime(required=True)
    roles = fields.List(fields.String(), required=True)
    actor_id = fields.String(required=True)


class ReadingShape(Schema):
    """One instrument reading."""

    kind = fields.String(required=True, validate=_text(40), metadata={"example": "gas"})
    value = fields.Float(required=True)
    unit = fields.String(required=True, validate=_text(40), metadata={"example": "%LEL"})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Reading:
        return Reading(**data)


class SafetyShape(Schema):
    """What the crew confirms before it starts."""

    ventilation = fields.Boolean(load_default=False)
    ppe = fields.Boolean(load_default=False)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> SafetyAnswers:
        return SafetyAnswers(**data)


class Report(Schema):
    """What a crew says about one stage; ``at`` is the time on its device."""

    at = fields.AwareDateTime(required=True, attribute="device_at", validate=_plausible)
    reason = fields.String(load_default=None, allow_none=True, validate=_text(1000))
    note = fields.String(load_default=None, allow_none=True, validate=_text(1000))
    result = fields.Enum(Result, by_value=True, load_default=None, allow_none=True)
    readings = fields.List(fields.Nested(ReadingShape), load_default=list, validate=validate.Length(max=50))
    safety = fields.Nested(SafetyShape, load_default=None, allow_none=True)

    @post_load
    def freeze(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "readings": tuple(data["readings"])}


class ReceiptShape(Schema):
    """Where the order stands after a command."""

    assignment_id = fields.UUID(required=True)
    stage = fields.Enum(Stage, by_value=True, required=True)
    stage_at = fields.AwareDateTime(required=True)
    change = fields.Integer(required=True)


class Assignment(Schema):
    """A work order: its job card, where it stands, what the crew may report next."""

    assignment_id = fields.UUID(required=True)
    request_id = fields.UUID(required=True)
    number = fields.String(required=True)
    crew_id = fields.UUID(required=True)
    organisation_id = fields.UUID(required=True)
    attempt = fields.Integer(required=True)
    offered_at = fields.AwareDateTime(required=True)
    respond_by = fields.AwareDateTime(required=True)
    eta_minutes = fields.Integer(required=True)
    distance_m = fields.Integer(required=True)
    category = fields.String(required=True)
    priority = fields.String(required=True)
    system = fields.String(required=True)
    fault = fields.String(required=True)
    place = fields.String(required=True)
    hazards = fields.List(fields.String(), required=True)
    text = fields.String(required=True)
    language = fields.String(required=True)
    address = fields.Dict(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    stage = fields.Enum(Stage, by_value=True, required=True)
    stage_at = fields.AwareDateTime(required=True)
    may_become = fields.List(fields.Enum(Stage, by_value=True), required=True)
    needs_gate = fields.Boolean(required=True)
    change = fields.Integer(required=True)


class StepShape(Schema):
    """One stage of a work order as it was reported."""

    stage = fields.Enum(Stage, by_value=True, required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    device_at = fields.AwareDateTime(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    result = fields.Enum(Result, by_value=True, required=True, allow_none=True)
    readings = fields.List(fields.Nested(ReadingShape), required=True)
    safety = fields.Nested(SafetyShape, required=True, allow_none=True)


class AssignmentWithSteps(Assignment):
    """A work order with everything that happened to it."""

    steps = fields.List(fields.Nested(StepShape), required=True)


class Assignments(Schema):
    """Work orders in the order of their changes; ask again after ``cursor``, at once if ``more``."""

    assignments = fields.List(fields.Nested(Assignment), required=True)
    cursor = fields.Integer(required=True)
    more = fields.Boolean(required=True)


class AssignmentsQuery(Schema):
    """Without ``after``: the orders which have not ended."""

    after = fields.Integer(load_default=None, validate=validate.Range(min=0, max=_LARGEST_CURSOR))
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=500))


class NewPosition(Schema):
    """Where the crew's device is: WGS 84 degrees, accuracy in metres."""

    lat = fields.Float(required=True, validate=validate.Range(-90, 90))
    lon = fields.Float(required=True, validate=validate.Range(-180, 180))
    accuracy_m = fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, 100_000))
    at = fields.AwareDateTime(load_default=None, allow_none=True, validate=_plausible)


class PositionNoted(Schema):
    """Whether other services were told: positions are thinned."""

    told = fields.Boolean(required=True)


class NewShift(Schema):
    """To be on shift or off it."""

    on = fields.Boolean(required=True)
    ends_at = fields.AwareDateTime(load_default=None, allow_none=True, validate=_plausible)

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


class Me(Schema):
    """Who the token speaks for."""

    actor_id = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    organisation_id = fields.String(required=True, allow_none=True)
    crew = fields.Nested(CrewShape, required=True, allow_none=True)
    shift = fields.Nested(ShiftShape, required=True, allow_none=True)


def position(body: dict[str, Any], default_at: Any) -> Position:
    """The position a device sent; the server's time stands in for a time it did not send."""
    return Position(body["lat"], body["lon"], body["accuracy_m"], body["at"] or default_at)


def assignment(order: WorkOrder) -> dict[str, Any]:
    """A work order in the shape of :class:`Assignment`."""
    return {
        **_card(order.card),
        "stage": order.stage,
        "stage_at": order.stage_at,
        "may_become": order.may_become,
        "needs_gate": order.needs_gate,
        "change": order.change,
    }


def assignment_with_steps(order: WorkOrder, steps: list[Step]) -> dict[str, Any]:
    return {**assignment(order), "steps": steps}


def assignments(page: Page) -> dict[str, Any]:
    return {
        "assignments": [assignment(order) for order in page.orders],
        "cursor": page.cursor,
        "more": page.more,
    }


def shift(latest: Shift | None) -> dict[str, Any]:
    """A shift in the shape of :class:`ShiftShape`, also when there never was one."""
    return asdict(latest) if latest else {"on": False, "starts_at": None, "ends_at": None}


def me(actor: Any, crew: Crew | None, latest: Shift | None) -> dict[str, Any]:
    return {
        "actor_id": actor.id,
        "roles": sorted(actor.roles),
        "organisation_id": actor.organisation_id,
        "crew": crew,
        "shift": shift(latest) if crew else None,
    }


def _card(card: JobCard) -> dict[str, Any]:
    return dict(vars(card))
