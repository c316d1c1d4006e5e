"""Synchronising a device: commands that waited on it, and what it must learn."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.crews.schemas.checks import LARGEST_CURSOR, plausible, text
from services.crews.schemas.documents import DocumentHead, head
from services.crews.schemas.duty import ShiftShape, shift
from services.crews.schemas.orders import AssignmentWithSteps, assignment_with_steps
from services.crews.schemas.records import RecordShape
from services.crews.schemas.talk import MessageShape, SignalShape
from services.crews.usecases.commands import Outcome
from services.crews.usecases.feed import Changes
from shared.i18n import Catalog

MOST_COMMANDS = 100


class ChangesShape(Schema):
    """What a device must learn; ask again after ``cursor``, at once if ``more``.

    ``whole``: this is everything, orders that the device has beside these are over. ``shift`` is absent if
    it did not change.
    """

    cursor = fields.Integer(required=True)
    more = fields.Boolean(required=True)
    whole = fields.Boolean(required=True)
    assignments = fields.List(fields.Nested(AssignmentWithSteps), required=True)
    messages = fields.List(fields.Nested(MessageShape), required=True)
    signals = fields.List(fields.Nested(SignalShape), required=True)
    records = fields.List(fields.Nested(RecordShape), required=True)
    documents = fields.List(fields.Nested(DocumentHead), required=True)
    shift = fields.Nested(ShiftShape)


class ChangesQuery(Schema):
    """Without ``after``: everything that is not over."""

    after = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(min=0, max=LARGEST_CURSOR)
    )
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=500))


class QueuedShape(Schema):
    """One command out of a device's queue: ``body`` is what its own endpoint takes."""

    key = fields.String(required=True, validate=text(200))
    command = fields.String(required=True, validate=text(40), metadata={"example": "complete"})
    assignment_id = fields.String(load_default=None, allow_none=True, metadata={"format": "uuid"})
    body = fields.Dict(keys=fields.String(), load_default=dict)


class NewSync(ChangesQuery):
    """The queue of a device in the order in which it was filled; ``sent_at`` is its clock now."""

    sent_at = fields.AwareDateTime(required=True, validate=plausible)
    commands = fields.List(
        fields.Nested(QueuedShape), load_default=list, validate=validate.Length(max=MOST_COMMANDS)
    )


class AnswerShape(Schema):
    """The answer to one command: its receipt, or why not and what is true now (what was entered is kept)."""

    key = fields.String(required=True)
    status = fields.Integer(required=True)
    receipt = fields.Dict(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)
    title = fields.String(required=True, allow_none=True)
    errors = fields.Raw(required=True, allow_none=True)
    details = fields.Dict(required=True, allow_none=True)


class ClockShape(Schema):
    """Our time, and how many seconds the device's clock runs ahead of it."""

    server_at = fields.AwareDateTime(required=True)
    skew_s = fields.Float(required=True)


class Synced(Schema):
    """The answer to every command of the queue, then what the device must learn."""

    clock = fields.Nested(ClockShape, required=True)
    answers = fields.List(fields.Nested(AnswerShape), required=True)
    changes = fields.Nested(ChangesShape, required=True)


def changes(found: Changes) -> dict[str, Any]:
    """Changes in the shape of :class:`ChangesShape`."""
    shown: dict[str, Any] = {
        "cursor": found.cursor,
        "more": found.more,
        "whole": found.whole,
        "assignments": [assignment_with_steps(known) for known in found.orders],
        "messages": found.messages,
        "signals": found.signals,
        "records": found.records,
        "documents": [head(shown) for shown in found.documents],
    }
    return {**shown, "shift": shift(found.shift)} if found.knows_shift else shown


def answer(key: str, outcome: Outcome, catalog: Catalog, language: str) -> dict[str, Any]:
    """The answer to one command in the shape of :class:`AnswerShape`."""
    empty = dict.fromkeys(("receipt", "code", "title", "errors", "details"))
    shown = {**empty, "key": key, "status": outcome.status}
    if not outcome.is_refusal:
        return {**shown, "receipt": outcome.body}
    code, details = outcome.body["code"], outcome.body["details"]
    title = catalog.text(language, f"error.{code}", **details)
    errors = catalog.translated(language, outcome.body["errors"])
    return {**shown, "code": code, "title": title, "errors": errors, "details": details}
