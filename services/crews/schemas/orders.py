"""Work orders: what callers send and get."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.crews.domain.leaving import Hold
from services.crews.domain.notes import CORRECTABLE
from services.crews.domain.orders import JobCard, Result, Stage, WorkOrder
from services.crews.domain.safety import Reading, SafetyAnswers
from services.crews.schemas.checks import LARGEST_CURSOR, Stamped, moment, text
from services.crews.schemas.records import NewRecord
from services.crews.usecases.orders import History, Page


class ReadingShape(Schema):
    """One instrument reading."""

    kind = fields.String(required=True, validate=text(40), metadata={"example": "gas"})
    value = fields.Float(required=True)
    unit = fields.String(required=True, validate=text(40), metadata={"example": "%LEL"})

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


class Report(Stamped):
    """What a crew says about one stage."""

    reason = fields.String(load_default=None, allow_none=True, validate=text(1000))
    note = fields.String(load_default=None, allow_none=True, validate=text(1000))
    result = fields.Enum(Result, by_value=True, load_default=None, allow_none=True)
    readings = fields.List(fields.Nested(ReadingShape), load_default=list, validate=validate.Length(max=50))
    safety = fields.Nested(SafetyShape, load_default=None, allow_none=True)
    records = fields.List(fields.Nested(NewRecord), load_default=list, validate=validate.Length(max=200))
    cannot_leave = fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "With a refusal: the crew cannot leave the site it is on."},
    )

    @post_load
    def freeze(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "readings": tuple(data["readings"])}


class ReceiptShape(Schema):
    """Where the order stands after a command."""

    assignment_id = fields.UUID(required=True)
    stage = fields.String(required=True, validate=validate.OneOf([stage.value for stage in Stage]))
    stage_at = moment(required=True)
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
    reached = fields.List(fields.Enum(Stage, by_value=True), required=True)
    may_become = fields.List(fields.Enum(Stage, by_value=True), required=True)
    needs_gate = fields.Boolean(required=True)
    arrival_seen_at = fields.AwareDateTime(required=True, allow_none=True)
    change = fields.Integer(required=True)


class StepShape(Schema):
    """One stage of a work order as it was reported."""

    stage = fields.Enum(Stage, by_value=True, required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    recorded_at = fields.AwareDateTime(required=True, allow_none=True)
    device_at = fields.AwareDateTime(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    result = fields.Enum(Result, by_value=True, required=True, allow_none=True)
    readings = fields.List(fields.Nested(ReadingShape), required=True)
    safety = fields.Nested(SafetyShape, required=True, allow_none=True)


class NoteShape(Schema):
    """What a crew entered beside the stages; ``refused`` is the code if the command was refused."""

    id = fields.UUID(required=True)
    command = fields.String(required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    recorded_at = fields.AwareDateTime(required=True)
    device_at = fields.AwareDateTime(required=True, allow_none=True)
    entered = fields.Dict(required=True)
    refused = fields.String(required=True, allow_none=True)


class AssignmentWithSteps(Assignment):
    """A work order with everything that happened to it and everything its crew noted."""

    steps = fields.List(fields.Nested(StepShape), required=True)
    notes = fields.List(fields.Nested(NoteShape), required=True)


class NewNote(Stamped):
    """A note in words."""

    note = fields.String(required=True, validate=text(4000))


class Correction(Stamped):
    """What the crew found to be otherwise than the card says; at least one field."""

    place = fields.String(load_default=None, allow_none=True, validate=text(40))
    fault = fields.String(load_default=None, allow_none=True, validate=text(60))
    system = fields.String(load_default=None, allow_none=True, validate=text(40))
    address = fields.String(load_default=None, allow_none=True, validate=text(300))
    lat = fields.Float(load_default=None, allow_none=True, validate=validate.Range(-90, 90))
    lon = fields.Float(load_default=None, allow_none=True, validate=validate.Range(-180, 180))
    note = fields.String(load_default=None, allow_none=True, validate=text(1000))

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """A correction corrects something."""
        if all(data[name] is None for name in CORRECTABLE):
            raise ValidationError("Name at least one thing that is otherwise.")


class Leaving(Stamped):
    """Whether the crew can leave this site now; ``made_safe`` names every step that ran and does no more."""

    can = fields.Boolean(required=True)
    made_safe = fields.List(
        fields.Enum(Hold, by_value=True), load_default=list, validate=validate.Length(max=len(Hold))
    )
    why = fields.String(load_default=None, allow_none=True, validate=text(40))
    note = fields.String(load_default=None, allow_none=True, validate=text(1000))


class Noted(Schema):
    """The note that was kept."""

    id = fields.UUID(required=True)
    at = moment(required=True)


class Assignments(Schema):
    """Work orders in the order of their changes; ask again after ``cursor``, at once if ``more``."""

    assignments = fields.List(fields.Nested(Assignment), required=True)
    cursor = fields.Integer(required=True)
    more = fields.Boolean(required=True)


class AssignmentsQuery(Schema):
    """Without ``after``: the orders which have not ended."""

    after = fields.Integer(load_default=None, validate=validate.Range(min=0, max=LARGEST_CURSOR))
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=500))


def assignment(order: WorkOrder) -> dict[str, Any]:
    """A work order in the shape of :class:`Assignment`."""
    return {
        **_card(order.card),
        "stage": order.stage,
        "stage_at": order.stage_at,
        "reached": sorted(order.reached),
        "may_become": order.may_become,
        "needs_gate": order.needs_gate,
        "arrival_seen_at": order.arrival_seen_at,
        "change": order.change,
    }


def assignment_with_steps(known: History) -> dict[str, Any]:
    return {**assignment(known.order), "steps": known.steps, "notes": known.notes}


def assignments(page: Page) -> dict[str, Any]:
    return {
        "assignments": [assignment(order) for order in page.orders],
        "cursor": page.cursor,
        "more": page.more,
    }


def _card(card: JobCard) -> dict[str, Any]:
    return dict(vars(card))
