"""Wire shapes: others' events read tolerantly, questions and answers of our own API."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, validate

from services.triage.domain.book import RuleBook
from services.triage.domain.corrections import Correction
from services.triage.domain.model import Category, Fault, Hazard, Place, System

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


class Question(Schema):
    """A text to judge. ``language`` and ``place`` are what the caller knows already."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_TEXT))
    language = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(LANGUAGES))
    place = fields.Enum(Place, by_value=True, load_default=None, allow_none=True)


class ArchivedText(_Tolerant):
    """A line of a file to classify; other fields of the archive, and other languages, are left alone."""

    id = fields.Raw(load_default=None, allow_none=True)
    text = fields.String(required=True)
    lang = fields.String(load_default=None, allow_none=True)

    @post_load
    def settle(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "lang": data["lang"] if data["lang"] in LANGUAGES else None}


class ReasonShape(Schema):
    rule = fields.String(required=True)
    evidence = fields.List(fields.String(), required=True)


class DecisionShape(Schema):
    """Urgency, fault and hazards with the rules and words that led to them."""

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
    decided_at = fields.AwareDateTime(required=True)


class AnswerShape(DecisionShape):
    """A decision for an operator. The script is to be read to the resident, so it is in ``language``, the
    resident's; names are in the caller's language. ``standing`` says whether the source is a standard here,
    an editable default (never law) or practice."""

    language = fields.String(required=True)
    fault_name = fields.String(required=True)
    script_title = fields.String(required=True)
    script = fields.List(fields.String(), required=True)
    source = fields.String(required=True)
    standing = fields.String(required=True)


class FaultShape(Schema):
    """An entry of the catalogue in the caller's language; ``source`` says honestly what it rests on."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    system = fields.Enum(System, by_value=True, required=True)
    category = fields.Enum(Category, by_value=True, required=True)
    place = fields.Enum(Place, by_value=True, required=True)
    script = fields.List(fields.String(), required=True)
    source = fields.String(required=True)
    standing = fields.String(required=True)


class Catalogue(Schema):
    """All faults of one version of the rules."""

    rules_version = fields.String(required=True)
    faults = fields.List(fields.Nested(FaultShape), required=True)


def advice(fault: Fault, reader: str, resident: str) -> dict[str, Any]:
    """What the operator says about a fault, each part in the language of whom it is for."""
    return {
        "language": resident,
        "fault_name": fault.names[reader],
        "script_title": fault.script.title[reader],
        "script": list(fault.script.steps[resident]),
        "source": fault.source.title[reader],
        "standing": fault.source.standing.value,
    }


def catalogue(book: RuleBook, language: str) -> dict[str, Any]:
    return {
        "rules_version": book.version,
        "faults": [_fault(fault, language) for fault in book.faults.values()],
    }


def _fault(fault: Fault, language: str) -> dict[str, Any]:
    return {
        "id": fault.id,
        "name": fault.names[language],
        "system": fault.system,
        "category": fault.category,
        "place": fault.place,
        "script": list(fault.script.steps[language]),
        "source": fault.source.title[language],
        "standing": fault.source.standing.value,
    }
