"""Wire shapes: others' events read tolerantly, questions and answers of our own API."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, validate

from services.triage.domain.book import RuleBook
from services.triage.domain.corrections import Correction, FaultFound
from services.triage.domain.measuring import Labelled
from services.triage.domain.model import (
    UNKNOWN_FAULT,
    Category,
    Decision,
    Fault,
    Hazard,
    Place,
    RepeatLevel,
    System,
)

LONGEST_TEXT = 10_000
LANGUAGES = ("ru", "kk")


class _Tolerant(Schema):
    """Fields that are new to us are none of our business."""

    class Meta:
        unknown = EXCLUDE


class RequestRegistered(_Tolerant):
    """``intake/request.registered``"""

    request_id = fields.UUID(required=True)
    text = fields.String(required=True)
    language = fields.String(required=True)
    answered = fields.Boolean(load_default=False)


class UrgencyOverridden(_Tolerant):
    """``routing/request.urgency_overridden``"""

    request_id = fields.UUID(required=True)
    category_before = fields.Enum(Category, by_value=True, required=True)
    category = fields.Enum(Category, by_value=True, required=True)
    reason = fields.String(required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Correction:
        return Correction(**data)


class AssignmentCorrected(_Tolerant):
    """``crews/assignment.corrected``; None where the crew corrected something else than the fault."""

    request_id = fields.UUID(required=True)
    fault = fields.String(required=True, allow_none=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> FaultFound | None:
        return FaultFound(**data) if data["fault"] else None


class Question(Schema):
    """A text to judge. ``language`` and ``place`` are what the caller knows already."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_TEXT))
    language = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(LANGUAGES))
    place = fields.Enum(Place, by_value=True, load_default=None, allow_none=True)


class ArchivedText(_Tolerant):
    """A line of a file to classify; other fields of the archive, and other languages, are left alone."""

    id = fields.Raw(load_default=None, allow_none=True)
    text = fields.String(required=True)
    lang = fields.Raw(load_default=None, allow_none=True)

    @post_load
    def settle(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """A language that is none is no reason to leave a text unread."""
        known = isinstance(data["lang"], str) and data["lang"] in LANGUAGES
        return {**data, "lang": data["lang"] if known else None}


class ArchivedFault(_Tolerant):
    """A line of a city's archive to learn from. ``checked``: a person has looked at the fault again."""

    id = fields.Raw(load_default=None, allow_none=True)
    text = fields.String(required=True, validate=validate.Length(min=1))
    fault = fields.String(required=True)
    checked = fields.Boolean(load_default=False)


class LabelledText(_Tolerant):
    """A text with what a person decided about it, to judge rules and models by."""

    id = fields.String(required=True)
    text = fields.String(required=True)
    category = fields.Enum(Category, by_value=True, required=True)
    fault = fields.String(required=True)
    hazards = fields.List(fields.Enum(Hazard, by_value=True), load_default=list)
    source = fields.String(load_default="")
    lang = fields.String(load_default="ru")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Labelled:
        return Labelled(
            **{key: data[key] for key in ("id", "text", "category", "fault", "source")},
            hazards=frozenset(data["hazards"]),
            language=data["lang"],
        )


class ReasonShape(Schema):
    rule = fields.String(required=True)
    evidence = fields.List(fields.String(), required=True)


class AlternativeShape(Schema):
    fault = fields.String(required=True)
    probability = fields.Float(required=True)


class DecisionShape(Schema):
    """Urgency, fault and hazards with the rules and words that led to them. ``norm``: a row of journal's
    norms; ``questions``: what would change the decision; ``alternatives``: the likeliest faults."""

    category = fields.Enum(Category, by_value=True, required=True)
    priority = fields.String(required=True, allow_none=True)
    system = fields.Enum(System, by_value=True, required=True)
    fault = fields.String(required=True)
    place = fields.Enum(Place, by_value=True, required=True)
    hazards = fields.List(fields.Enum(Hazard, by_value=True), required=True)
    reasons = fields.List(fields.Nested(ReasonShape), required=True)
    confidence = fields.Float(required=True)
    needs_person = fields.Boolean(required=True)
    rules_version = fields.String(required=True)
    norm = fields.String(required=True, allow_none=True)
    questions = fields.List(fields.String(), required=True)
    alternatives = fields.List(fields.Nested(AlternativeShape), required=True)
    model_version = fields.String(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True)


class QuestionShape(Schema):
    id = fields.String(required=True)
    text = fields.String(required=True)


class AnswerShape(DecisionShape):
    """A decision for an operator. The script and what to ``ask`` are to be read to the resident, so they are
    in ``language``, the resident's; names are in the caller's language. ``standing`` says whether the source
    is a standard here, an editable default (never law) or practice."""

    language = fields.String(required=True)
    fault_name = fields.String(required=True)
    script_title = fields.String(required=True)
    script = fields.List(fields.String(), required=True)
    ask = fields.List(fields.Nested(QuestionShape), required=True)
    source = fields.String(required=True)
    standing = fields.String(required=True)


class CorrectionShape(Schema):
    """A dispatcher's word against the decision."""

    category_before = fields.Enum(Category, by_value=True, required=True)
    category = fields.Enum(Category, by_value=True, required=True)
    reason = fields.String(required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class FaultFoundShape(Schema):
    """The fault as a crew saw it, by its own word or an id of the catalogue."""

    fault = fields.String(required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class ExplanationShape(AnswerShape):
    """A kept decision with each rule's source, what dispatchers changed and crews found, the first first."""

    request_id = fields.UUID(required=True)
    rests_on = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    corrections = fields.List(fields.Nested(CorrectionShape), required=True)
    faults_found = fields.List(fields.Nested(FaultFoundShape), required=True)


class RequestPath(Schema):
    request_id = fields.UUID(required=True)


class FaultShape(Schema):
    """An entry of the catalogue in the caller's language; ``source`` says honestly what it rests on.

    ``norm`` is a row of journal's norms; a second request within ``repeat_hours`` (0: never) at the same
    ``repeat_level`` is a repeat; ``grade`` and ``equipment`` are hints; ``hazards`` go with the fault itself.
    """

    id = fields.String(required=True)
    name = fields.String(required=True)
    system = fields.Enum(System, by_value=True, required=True)
    category = fields.Enum(Category, by_value=True, required=True)
    place = fields.Enum(Place, by_value=True, required=True)
    hazards = fields.List(fields.Enum(Hazard, by_value=True), required=True)
    norm = fields.String(required=True, allow_none=True)
    repeat_hours = fields.Integer(required=True)
    repeat_level = fields.Enum(RepeatLevel, by_value=True, required=True)
    grade = fields.Integer(required=True, allow_none=True)
    equipment = fields.List(fields.String(), required=True)
    questions = fields.List(fields.Nested(QuestionShape), required=True)
    script = fields.List(fields.String(), required=True)
    source = fields.String(required=True)
    standing = fields.String(required=True)


class Catalogue(Schema):
    """All faults of one version of the rules."""

    rules_version = fields.String(required=True)
    faults = fields.List(fields.Nested(FaultShape), required=True)


def advice(book: RuleBook, decision: Decision, reader: str) -> dict[str, Any]:
    """What the operator says and asks, each part in the language of whom it is for. A fault that has left the
    catalogue since is handled as unknown."""
    fault = book.faults.get(decision.fault, book.faults[UNKNOWN_FAULT])
    resident = decision.language
    asked = (book.questions[question] for question in decision.questions if question in book.questions)
    return {
        "language": resident,
        "fault_name": fault.names[reader],
        "script_title": fault.script.title[reader],
        "script": list(fault.script.steps[resident]),
        "ask": [{"id": question.id, "text": question.names[resident]} for question in asked],
        "source": fault.source.title[reader],
        "standing": fault.source.standing.value,
    }


def rests_on(book: RuleBook, decision: Decision, reader: str) -> dict[str, str]:
    """For each rule of the decision that still stands in the book, the source it cites."""
    sources = {rule.id: rule.source for rule in book.rules}
    cited = (reason.rule for reason in decision.reasons if reason.rule in sources)
    return {rule: sources[rule].title[reader] for rule in cited}


def catalogue(book: RuleBook, language: str) -> dict[str, Any]:
    return {
        "rules_version": book.version,
        "faults": [_fault(fault, language) for fault in book.faults.values()],
    }


def _fault(fault: Fault, language: str) -> dict[str, Any]:
    handling = fault.handling
    return {
        "id": fault.id,
        "name": fault.names[language],
        "system": fault.system,
        "category": fault.category,
        "place": fault.place,
        "hazards": list(fault.hazards),
        "norm": handling.norm,
        "repeat_hours": handling.repeat_hours,
        "repeat_level": handling.repeat_level,
        "grade": handling.grade,
        "equipment": list(handling.equipment),
        "questions": [{"id": asked.id, "text": asked.names[language]} for asked in handling.questions],
        "script": list(fault.script.steps[language]),
        "source": fault.source.title[language],
        "standing": fault.source.standing.value,
    }
