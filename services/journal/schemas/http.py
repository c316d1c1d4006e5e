"""What callers of HTTP and RPC send and get. Times are RFC 3339 with an offset."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.journal.domain.states import State
from services.journal.errors import BadCursor
from services.journal.schemas.timeline import Reader
from services.journal.usecases.audits import AuditReport
from services.journal.usecases.lives import Page

_LENGTH = validate.Length(min=1, max=500)
# JSON can carry what a database text cannot: NUL, and halves of surrogate pairs. Spaces alone are no reason.
_WORDS = validate.Regexp(r"(?s)(?!\s*\Z)[^\x00\ud800-\udfff]*\Z", error="Not a valid string.")
_TEXT = validate.And(_LENGTH, _WORDS)


def _state(**options: Any) -> fields.Enum[State]:
    return fields.Enum(State, by_value=True, **options)


def _time(**options: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(**options)


class EntryShape(Schema):
    """One line of a timeline.

    ``data``: what the event said, without what residents wrote and where they live. ``state``: the official
    state that followed. ``applied`` false: the event does not fit the present state (yet).
    """

    id = fields.String(required=True)
    at = _time(required=True)
    recorded_at = _time(required=True)
    source = fields.String(required=True)
    type = fields.String(required=True)
    what = fields.String(required=True)
    text = fields.String(required=True)
    actor = fields.String(required=True)
    channel = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    data = fields.Dict(required=True)
    state = _state(required=True, allow_none=True)
    origin = fields.String(required=True)
    applied = fields.Boolean(required=True)
    correlation_id = fields.String(required=True)
    causation_id = fields.String(required=True, allow_none=True)


class ClockShape(Schema):
    """One deadline with the norm behind it; ``is_law`` false: a default, not law in Kazakhstan."""

    clock = fields.String(required=True)
    text = fields.String(required=True)
    norm = fields.String(required=True)
    legal = fields.String(required=True, allow_none=True)
    is_law = fields.Boolean(required=True)
    started_at = _time(required=True)
    approaching_at = _time(required=True)
    due_at = _time(required=True)
    stopped_at = _time(required=True, allow_none=True)
    approach_raised_at = _time(required=True, allow_none=True)
    missed = fields.Boolean(required=True)


class TimelineShape(Schema):
    """The whole life of one request."""

    request_id = fields.String(required=True)
    number = fields.String(required=True, allow_none=True)
    state = _state(required=True, allow_none=True)
    category = fields.String(required=True, allow_none=True)
    priority = fields.String(required=True, allow_none=True)
    result = fields.String(required=True, allow_none=True)
    delay_reason = fields.String(required=True, allow_none=True)
    returns = fields.Integer(required=True)
    entries = fields.List(fields.Nested(EntryShape), required=True)
    clocks = fields.List(fields.Nested(ClockShape), required=True)


class RequestsQuery(Schema):
    """Which requests to list."""

    state = _state(load_default=None)
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))
    cursor = fields.String(load_default=None)


class RequestShape(Schema):
    """One request in a list."""

    request_id = fields.String(required=True)
    number = fields.String(required=True, allow_none=True)
    state = _state(required=True)
    state_at = _time(required=True)
    category = fields.String(required=True, allow_none=True)
    priority = fields.String(required=True, allow_none=True)
    system = fields.String(required=True, allow_none=True)
    fault = fields.String(required=True, allow_none=True)
    organisation_id = fields.String(required=True, allow_none=True)
    registered_at = _time(required=True, allow_none=True)
    result = fields.String(required=True, allow_none=True)
    delay_reason = fields.String(required=True, allow_none=True)
    returns = fields.Integer(required=True)
    unapplied = fields.Integer(required=True)
    overdue = fields.Boolean(required=True)


class RequestsPage(Schema):
    requests = fields.List(fields.Nested(RequestShape), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class CloseCommand(Schema):
    """``delay_reason`` is mandatory for an overdue request, ``note`` after a temporary fix."""

    delay_reason = fields.String(load_default=None, allow_none=True, validate=_TEXT)
    note = fields.String(load_default=None, allow_none=True, validate=_TEXT)


class CloseCall(CloseCommand):
    """The same over RPC, where the caller says who wishes it."""

    request_id = fields.UUID(required=True)
    by = fields.String(required=True, validate=_TEXT)


class Closed(Schema):
    request_id = fields.String(required=True)
    state = _state(required=True)


class FindingShape(Schema):
    """Something a person must look at. ``subject``: a request id or the name of a service."""

    code = fields.String(required=True)
    subject = fields.String(required=True)
    since = _time(required=True)
    opened_at = _time(required=True)
    detail = fields.String(required=True)
    text = fields.String(required=True)


class AuditShape(Schema):
    ran_at = _time(required=True, allow_none=True)
    findings = fields.List(fields.Nested(FindingShape), required=True)


def requests_page(page: Page) -> dict[str, Any]:
    cursor = None if page.next_row is None else str(page.next_row)
    return {"requests": page.requests, "next_cursor": cursor}


def row_of(cursor: str | None) -> int | None:
    """The row that a cursor names; raises BadCursor."""
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise BadCursor
    return int(cursor)


def audit_report(report: AuditReport, reader: Reader) -> dict[str, Any]:
    findings = [
        {
            **vars(kept.finding),
            "opened_at": kept.opened_at,
            "text": reader.finding(kept.finding.code),
        }
        for kept in report.findings
    ]
    return {"ran_at": report.ran_at, "findings": findings}
