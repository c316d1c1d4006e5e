"""What crews record on site, as it travels. The id of a record is given by the device and is its idempotency
key: the same record sent again is kept once."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.crews.domain.gate import Ask, Before, Checked
from services.crews.domain.notes import Command
from services.crews.domain.records import Kind, Record
from services.crews.domain.safety import CONFINED_PLACES, GATED_HAZARDS
from services.crews.schemas.checks import Stamped, moment, plausible, text
from services.crews.usecases.records import Checklist
from shared.encoding import plain
from shared.i18n import Catalog

_MOST = 1_000_000.0
METHODS = (
    "visual",
    "video",
    "acoustic",
    "ultrasonic",
    "magnetic",
    "eddy_current",
    "pressure_test",
    "tracing",
    "level",
    "other",
)
"""Methods of diagnostics and of control without destruction (F45-1.5-K1..K5)."""
CONDITIONS = ("good", "limited", "poor", "unfit")
"""Technical condition found, by wear (F45-1.5-K5)."""


def _optional(longest: int) -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=text(longest))


def _choice(values: Sequence[str]) -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=validate.OneOf(list(values)))


def _moment(required: bool = True) -> fields.AwareDateTime:
    if required:
        return fields.AwareDateTime(required=True, validate=plausible)
    return fields.AwareDateTime(load_default=None, allow_none=True, validate=plausible)


class MeasuredShape(Schema):
    """A reading and the instrument it was taken with: which, and until when its check is valid."""

    kind = fields.String(required=True, validate=text(40), metadata={"example": "gas"})
    value = fields.Float(required=True)
    unit = fields.String(required=True, validate=text(40), metadata={"example": "%LEL"})
    instrument = _optional(100)
    instrument_number = _optional(100)
    checked_until = fields.Date(load_default=None, allow_none=True)


class ReadingRecord(MeasuredShape):
    """A manometer, a level gauge, a gas analyser (F23-3.1-U3); gas counts for the safety gate."""

    place = _optional(200)
    note = _optional(1000)


class ToldShape(Schema):
    """Who was informed, how, when, and who took it (M-1.1-U4)."""

    who = fields.String(required=True, validate=text(200))
    channel = fields.String(required=True, validate=validate.OneOf(["phone", "radio", "in_person", "system"]))
    at = _moment()
    received_by = _optional(200)


class SafetyRecord(Schema):
    """An answer to one item of the safety gate."""

    item = fields.String(required=True, validate=text(60))
    place = _optional(200)
    reading = fields.Nested(MeasuredShape, load_default=None, allow_none=True)
    amount = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 1000))
    told = fields.Nested(ToldShape, load_default=None, allow_none=True)
    absent = fields.Boolean(load_default=False, metadata={"description": "none here; note says why"})
    note = _optional(1000)


class BriefedShape(Schema):
    """One of those who were briefed, and when they signed."""

    name = fields.String(required=True, validate=text(200))
    signed_at = _moment(required=False)


class BriefingRecord(Schema):
    """The briefing before work (целевой инструктаж): who briefed whom on what, and who signed (M-1.2-U2)."""

    by = fields.String(required=True, validate=text(200))
    topics = fields.List(
        fields.String(validate=text(200)), load_default=list, validate=validate.Length(max=30)
    )
    people = fields.List(fields.Nested(BriefedShape), required=True, validate=validate.Length(min=1, max=50))


class DangerRecord(Schema):
    """A danger found on site that the order does not name; the safety gate asks for it from then on."""

    hazard = _choice(sorted(GATED_HAZARDS))
    place = _choice(sorted(CONFINED_PLACES))
    note = _optional(1000)

    @validates_schema
    def something(self, data: dict[str, Any], **_: Any) -> None:
        if not data.get("hazard") and not data.get("place"):
            raise ValidationError("Missing data for required field.", "hazard")


class MaterialRecord(Schema):
    """A material used: from the catalogue by its code, or named in words."""

    code = _optional(60)
    name = _optional(200)
    quantity = fields.Float(required=True, validate=validate.Range(0, _MOST, min_inclusive=False))
    unit = fields.String(required=True, validate=text(20))
    note = _optional(1000)

    @validates_schema
    def something(self, data: dict[str, Any], **_: Any) -> None:
        if not data.get("code") and not data.get("name"):
            raise ValidationError("Missing data for required field.", "code")


class DefectRecord(Schema):
    """A line of the list of defects (дефектная ведомость)."""

    element = fields.String(required=True, validate=text(200))
    defect = fields.String(required=True, validate=text(1000))
    place = _optional(200)
    quantity = fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, _MOST))
    unit = _optional(20)
    remedy = _optional(1000)


class DiagnosticRecord(Schema):
    """One examination (протокол диагностики): what, by which method, with which result."""

    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    examined = fields.String(required=True, validate=text(200))
    result = fields.String(required=True, validate=text(1000))
    condition = _choice(CONDITIONS)
    place = _optional(200)
    instrument = _optional(100)
    instrument_number = _optional(100)
    checked_until = fields.Date(load_default=None, allow_none=True)


class WorkRecord(Schema):
    """Something that was done."""

    text = fields.String(required=True, validate=text(1000))
    quantity = fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, _MOST))
    unit = _optional(20)


class RetractionRecord(Schema):
    """Takes an earlier record back without another in its place."""

    note = _optional(1000)


class NewRecord(Stamped):
    """One record; its content stands under the name of its kind."""

    id = fields.UUID(required=True, metadata={"description": "made by the device; the idempotency key"})
    kind = fields.Enum(Kind, by_value=True, required=True)
    replaces = fields.UUID(load_default=None, allow_none=True)
    safety = fields.Nested(SafetyRecord)
    briefing = fields.Nested(BriefingRecord)
    danger = fields.Nested(DangerRecord)
    reading = fields.Nested(ReadingRecord)
    material = fields.Nested(MaterialRecord)
    defect = fields.Nested(DefectRecord)
    diagnostic = fields.Nested(DiagnosticRecord)
    work = fields.Nested(WorkRecord)
    retraction = fields.Nested(RetractionRecord)

    @validates_schema
    def one_content(self, data: dict[str, Any], **_: Any) -> None:
        if "kind" in data and data["kind"].value not in data:
            raise ValidationError("Missing data for required field.", data["kind"].value)
        if data.get("kind") is Kind.RETRACTION and data.get("replaces") is None:
            raise ValidationError("Missing data for required field.", "replaces")


class RecordShape(Schema):
    """A record as it is kept: ``device_at`` is the time on the device, ``at`` the server's."""

    id = fields.UUID(required=True)
    assignment_id = fields.UUID(required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    device_at = fields.AwareDateTime(required=True)
    replaces = fields.UUID(required=True, allow_none=True)
    data = fields.Dict(required=True)


class RecordReceipt(Schema):
    """The receipt of a record."""

    id = fields.UUID(required=True)
    assignment_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in Kind]))
    by = fields.String(required=True)
    at = moment(required=True)
    device_at = moment(required=True)
    replaces = fields.UUID(required=True, allow_none=True)
    data = fields.Dict(required=True)


class RecordList(Schema):
    """Everything recorded on an order, replaced records included, in the order in which it came."""

    records = fields.List(fields.Nested(RecordShape), required=True)


class SafetyAnswerShape(Schema):
    """One answer to an item."""

    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True)
    place = fields.String(required=True, allow_none=True)
    value = fields.Float(required=True, allow_none=True)
    unit = fields.String(required=True, allow_none=True)
    amount = fields.Integer(required=True, allow_none=True)
    told = fields.String(required=True, allow_none=True)
    absent = fields.Boolean(required=True)
    note = fields.String(required=True, allow_none=True)


class CheckedShape(Schema):
    """One item of the checklist: ``have`` of ``want`` answers are there."""

    id = fields.String(required=True)
    text = fields.String(required=True)
    ask = fields.Enum(Ask, by_value=True, required=True)
    before = fields.Enum(Before, by_value=True, required=True)
    source = fields.String(required=True)
    basis = fields.String(required=True)
    least = fields.Integer(required=True)
    counted_by = fields.String(required=True, allow_none=True)
    may_be_absent = fields.Boolean(required=True)
    done = fields.Boolean(required=True)
    have = fields.Integer(required=True)
    want = fields.Integer(required=True)
    answers = fields.List(fields.Nested(SafetyAnswerShape), required=True)


class ScriptTitle(Schema):
    """A script that applies here, and its title."""

    id = fields.String(required=True)
    title = fields.String(required=True)


class ChecklistShape(Schema):
    """The safety gate of an order as the app shows it, in the caller's language."""

    assignment_id = fields.UUID(required=True)
    version = fields.String(required=True)
    scripts = fields.List(fields.Nested(ScriptTitle), required=True)
    items = fields.List(fields.Nested(CheckedShape), required=True)
    may_start = fields.Boolean(required=True, metadata={"description": "nothing is missing before work"})
    may_localise = fields.Boolean(required=True)


def record(body: Mapping[str, Any], command: Command) -> Record:
    """The record in a body of :class:`NewRecord`, told with a command; its content is kept as it travels.

    The server's time of it is set when it is kept.
    """
    kind: Kind = body["kind"]
    content, device_at = plain(_CONTENTS[kind].dump(body[kind.value])), body["device_at"].astimezone(UTC)
    assert command.assignment_id is not None
    return Record(
        body["id"],
        command.assignment_id,
        kind,
        command.by,
        at=device_at,
        device_at=device_at,
        data=content,
        replaces=body["replaces"],
    )


def checklist(shown: Checklist, catalog: Catalog, language: str) -> dict[str, Any]:
    """A checklist in the shape of :class:`ChecklistShape`."""
    undone = {checked.item.before for checked in shown.items if not checked.done}
    return {
        "assignment_id": shown.order.card.assignment_id,
        "version": shown.version,
        "scripts": [
            {"id": script.id, "title": catalog.text(language, f"safety.script.{script.id}")}
            for script in shown.scripts
        ],
        "items": [_checked(item, catalog, language) for item in shown.items],
        "may_start": Before.WORKING not in undone,
        "may_localise": Before.LOCALISED not in undone,
    }


def _checked(checked: Checked, catalog: Catalog, language: str) -> dict[str, Any]:
    text_ = catalog.text(language, f"safety.{checked.item.id}")
    answers = [
        {
            **vars(answer),
            "value": answer.reading and answer.reading.value,
            "unit": answer.reading and answer.reading.unit,
        }
        for answer in checked.answers
    ]
    counted = {"done": checked.done, "have": checked.have, "want": checked.want}
    return {**vars(checked.item), **counted, "text": text_, "answers": answers}


_CONTENTS: dict[Kind, Schema] = {
    Kind.SAFETY: SafetyRecord(),
    Kind.BRIEFING: BriefingRecord(),
    Kind.DANGER: DangerRecord(),
    Kind.READING: ReadingRecord(),
    Kind.MATERIAL: MaterialRecord(),
    Kind.DEFECT: DefectRecord(),
    Kind.DIAGNOSTIC: DiagnosticRecord(),
    Kind.WORK: WorkRecord(),
    Kind.RETRACTION: RetractionRecord(),
}
