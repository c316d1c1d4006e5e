"""Documents as they travel: drafts with what the crew says, signatures drawn with a finger."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.crews.domain.documents import (
    DocumentType,
    Means,
    Party,
    Signature,
    State,
)
from services.crews.schemas.checks import plausible, text
from services.crews.usecases.documents import Draft, Shown
from shared.encoding import plain

_MOST_POINTS = 2000
_LONG = 4000


def _words(longest: int = _LONG) -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=text(longest))


class Statement(Schema):
    """What the crew says beside the facts. The act of an accident must have time, place and cause."""

    happened_at = fields.AwareDateTime(load_default=None, allow_none=True, validate=plausible)
    place = _words(500)
    cause = _words()
    circumstances = _words()
    damage = _words()
    harmed = _words(500)
    causer = _words(500)
    conclusion = _words()
    recommendations = _words()


class NewDocument(Schema):
    """A document to be drafted from what is known; ``corrects`` names a signed one with a mistake in it."""

    id = fields.UUID(required=True, metadata={"description": "made by the device; the idempotency key"})
    type = fields.Enum(DocumentType, by_value=True, required=True)
    statement = fields.Nested(Statement, load_default=lambda: Statement().load({}))
    corrects = fields.UUID(load_default=None, allow_none=True)


class Revision(Schema):
    """The next version of a draft, made from ``version``; the facts are taken anew."""

    version = fields.Integer(required=True, validate=validate.Range(min=1, max=10**9))
    statement = fields.Nested(Statement, required=True)


def _few_points(strokes: list[list[list[float]]]) -> None:
    if sum(len(stroke) for stroke in strokes) > _MOST_POINTS:
        raise ValidationError(f"Longer than maximum length {_MOST_POINTS}.")


_coordinate = fields.Float(validate=validate.Range(0, 1))
_point = fields.List(_coordinate, validate=validate.Length(equal=2))


class NewSignature(Schema):
    """A signature under the version that was shown: drawn, by name, or that it was refused and why."""

    id = fields.UUID(required=True, metadata={"description": "made by the device; the idempotency key"})
    version = fields.Integer(required=True, validate=validate.Range(min=1, max=10**9))
    party = fields.Enum(Party, by_value=True, required=True)
    means = fields.Enum(Means, by_value=True, required=True)
    name = fields.String(required=True, validate=text(200))
    at = fields.AwareDateTime(required=True, validate=plausible)
    strokes = fields.List(
        fields.List(_point, validate=validate.Length(min=1)),
        load_default=list,
        validate=_few_points,
        metadata={"description": "lines of points [x, y] in a box of width 1 and height 1, y downwards"},
    )
    reason = _words(1000)

    @validates_schema
    def drawn_has_strokes(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("means") is Means.DRAWN and not data.get("strokes"):
            raise ValidationError("Missing data for required field.", "strokes")


class SignatureShape(Schema):
    """A signature as it is kept."""

    id = fields.UUID(required=True)
    party = fields.Enum(Party, by_value=True, required=True)
    means = fields.Enum(Means, by_value=True, required=True)
    name = fields.String(required=True)
    device_at = fields.AwareDateTime(required=True)
    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True)
    strokes = fields.List(fields.List(fields.List(fields.Float())), required=True)
    reason = fields.String(required=True, allow_none=True)


class SignedShape(Schema):
    """Who has signed as whom, without what was drawn."""

    party = fields.Enum(Party, by_value=True, required=True)
    means = fields.Enum(Means, by_value=True, required=True)
    name = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class _Document(Schema):
    """What every view of a document has."""

    id = fields.UUID(required=True)
    assignment_id = fields.UUID(required=True)
    type = fields.Enum(DocumentType, by_value=True, required=True)
    state = fields.Enum(State, by_value=True, required=True)
    number = fields.String(required=True, allow_none=True, metadata={"example": "17/2026"})
    version = fields.Integer(required=True)
    drafted_at = fields.AwareDateTime(required=True)
    frozen_at = fields.AwareDateTime(required=True, allow_none=True)
    corrects = fields.UUID(required=True, allow_none=True)
    corrected_by = fields.UUID(required=True, allow_none=True)
    statement = fields.Dict(required=True)


class DocumentHead(_Document):
    """What a device shows of a document without network: number, kind, date, who signed, what was said."""

    signatures = fields.List(fields.Nested(SignedShape), required=True)
    missing_parties = fields.List(fields.Enum(Party, by_value=True), required=True)


class DocumentShape(_Document):
    """A document: its facts and statement, who signed, whose signature it waits for."""

    drafted_by = fields.String(required=True)
    facts = fields.Dict(required=True)
    signatures = fields.List(fields.Nested(SignatureShape), required=True)
    missing_parties = fields.List(fields.Enum(Party, by_value=True), required=True)
    sha256 = fields.String(required=True)


class DocumentList(Schema):
    """The documents of an order in the order in which they were drafted."""

    documents = fields.List(fields.Nested(DocumentShape), required=True)


class PageQuery(Schema):
    """In which language a paper is made; without it, the caller's."""

    lang = fields.String(load_default=None, validate=validate.OneOf(["ru", "kk"]))


def draft(body: Mapping[str, Any]) -> Draft:
    return Draft(body["id"], body["type"], statement(body), body["corrects"])


def statement(body: Mapping[str, Any]) -> dict[str, Any]:
    """What the crew says, as plain JSON: so it is kept."""
    return dict(plain(Statement().dump(body["statement"])))


def signature(body: Mapping[str, Any], by: str, now: datetime) -> Signature:
    return Signature(
        id=body["id"],
        party=body["party"],
        means=body["means"],
        name=body["name"],
        device_at=body["at"].astimezone(UTC),
        at=now,
        by=by,
        strokes=tuple(tuple((round(x, 4), round(y, 4)) for x, y in stroke) for stroke in body["strokes"]),
        reason=body["reason"],
    )


def head(shown: Shown) -> dict[str, Any]:
    """A document in the shape of :class:`DocumentHead`."""
    whole = document(shown)
    return {name: whole[name] for name in DocumentHead().fields}


def document(shown: Shown) -> dict[str, Any]:
    """A document in the shape of :class:`DocumentShape`."""
    known = shown.document
    names = ("id", "assignment_id", "type", "state", "version", "drafted_by", "drafted_at", "frozen_at")
    return {
        **{name: getattr(known, name) for name in (*names, "corrects", "signatures", "missing_parties")},
        "number": str(known.number) if known.number else None,
        "corrected_by": shown.corrected_by,
        "facts": known.content["facts"],
        "statement": known.content["statement"],
        "sha256": known.digest,
    }
