"""What dispatchers get, and how it is made of what routing knows, in the caller's language."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from marshmallow import Schema, fields

from services.routing.domain.alarms import Alarm
from services.routing.domain.board import Attempt, Dossier, Entry
from services.routing.domain.case import Case
from services.routing.domain.crews import Crew, Position
from services.routing.domain.untold import Untold
from services.routing.schemas.parts import (
    AdviceShape,
    HoldingShape,
    OverrideShape,
    RideShape,
    SupplementsShape,
)
from services.routing.schemas.transfers import TransferShape


class Words(Protocol):
    """The texts of one language."""

    def __call__(self, msgid: str, **params: Any) -> str: ...


class AccessToken(Schema):
    """A bearer token for every service of the suite, and the refresh token that brings the next one."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_at = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    actor_id = fields.String(required=True)
    refresh_token = fields.String(required=True)
    refresh_expires_at = fields.String(required=True)


class AssignmentShape(Schema):
    """One crew's offer and how far it has come."""

    assignment_id = fields.UUID(required=True)
    crew_id = fields.UUID(required=True)
    crew_name = fields.String(required=True, allow_none=True)
    organisation_id = fields.UUID(required=True)
    attempt = fields.Integer(required=True)
    state = fields.String(required=True)
    offered_at = fields.AwareDateTime(required=True)
    respond_by = fields.AwareDateTime(required=True)
    changed_at = fields.AwareDateTime(required=True, allow_none=True)
    eta_minutes = fields.Integer(required=True)
    distance_m = fields.Integer(required=True)
    method = fields.String(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)


class MoveShape(Schema):
    """A step; ``applied`` is false for news that came too late to change anything."""

    from_state = fields.String(required=True)
    to_state = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True)
    channel = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    applied = fields.Boolean(required=True)


class AttemptShape(AssignmentShape):
    """An assignment with every step."""

    moves = fields.List(fields.Nested(MoveShape), required=True)


class UnroutableShape(Schema):
    """Why nobody could be sent so far."""

    reason = fields.String(required=True)
    text = fields.String(required=True)
    detail = fields.String(required=True)
    since = fields.AwareDateTime(required=True)


class DeadlineShape(Schema):
    """The journal's newest word on a deadline."""

    clock = fields.String(required=True)
    level = fields.String(required=True)
    due_at = fields.AwareDateTime(required=True)
    at = fields.AwareDateTime(required=True)


class PhoneCallShape(Schema):
    """A call about a request: who with, how, what came of it."""

    call_id = fields.UUID(required=True)
    request_id = fields.UUID(required=True)
    party = fields.String(required=True)
    direction = fields.String(required=True)
    channel = fields.String(required=True)
    result = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class PhoneCalls(Schema):
    calls = fields.List(fields.Nested(PhoneCallShape), required=True)


class UntoldShape(Schema):
    """An alert that did not reach everybody: whom a dispatcher must tell, in words."""

    alert_id = fields.UUID(required=True)
    text = fields.String(required=True)


class RequestShape(Schema):
    """One request on the board. ``state`` is official (the journal's), ``status`` what routing has to do."""

    request_id = fields.UUID(required=True)
    number = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True, allow_none=True)
    status = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)
    proposed_category = fields.String(required=True, allow_none=True)
    overridden = fields.Boolean(required=True)
    priority = fields.String(required=True, allow_none=True)
    system = fields.String(required=True, allow_none=True)
    fault = fields.String(required=True, allow_none=True)
    place = fields.String(required=True, allow_none=True)
    hazards = fields.List(fields.String(), required=True)
    confidence = fields.Float(required=True, allow_none=True)
    needs_person = fields.Boolean(required=True)
    language = fields.String(required=True)
    text = fields.String(required=True)
    address = fields.Dict(required=True)
    registered_at = fields.AwareDateTime(required=True)
    organisation_id = fields.UUID(required=True, allow_none=True)
    transfer = fields.Nested(TransferShape, required=True, allow_none=True)
    assignment = fields.Nested(AssignmentShape, required=True, allow_none=True)
    unroutable = fields.Nested(UnroutableShape, required=True, allow_none=True)
    deadline = fields.Nested(DeadlineShape, required=True, allow_none=True)
    outage = fields.Nested(RideShape, required=True, allow_none=True)
    deferred_until = fields.AwareDateTime(required=True, allow_none=True)
    deferral_reason = fields.String(required=True, allow_none=True)
    cancellation_asked_at = fields.AwareDateTime(required=True, allow_none=True)
    supplements = fields.Nested(SupplementsShape, required=True)
    untold = fields.List(fields.Nested(UntoldShape), required=True)
    advice = fields.Nested(AdviceShape, required=True, allow_none=True)
    preempted = fields.Integer(required=True)


class WholeRequest(RequestShape):
    """One request with everything; ``timeline`` is the journal's, null and ``partial`` if it is silent."""

    attempts = fields.List(fields.Nested(AttemptShape), required=True)
    overrides = fields.List(fields.Nested(OverrideShape), required=True)
    calls = fields.List(fields.Nested(PhoneCallShape), required=True)
    transfers = fields.List(fields.Nested(TransferShape), required=True)
    timeline = fields.Dict(required=True, allow_none=True)
    is_partial = fields.Boolean(required=True, data_key="partial", attribute="partial")


class Requests(Schema):
    """A page; ask for the next with ``cursor=next_cursor``."""

    requests = fields.List(fields.Nested(RequestShape), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class Moved(Schema):
    """The outage after a request joined it or left it: how many requests it has now."""

    request_id = fields.UUID(required=True)
    outage_id = fields.UUID(required=True)
    number = fields.String(required=True)
    requests = fields.Integer(required=True)


class Closed(Schema):
    """The official state after closing."""

    request_id = fields.UUID(required=True)
    state = fields.String(required=True)


class PointShape(Schema):
    """WGS84 degrees, and since when it is known."""

    lat = fields.Float(required=True)
    lon = fields.Float(required=True)
    at = fields.AwareDateTime(required=True, allow_none=True)


class CrewShape(Schema):
    """A crew; ``busy_with`` is the request it is on. ``out``: why it gets no work now, ``out_on`` what it had
    then."""

    crew_id = fields.UUID(required=True)
    organisation_id = fields.UUID(required=True)
    name = fields.String(required=True)
    specialisations = fields.List(fields.String(), required=True)
    grades = fields.List(fields.Integer(), required=True)
    leader_grade = fields.Integer(required=True, allow_none=True)
    equipment = fields.List(fields.String(), required=True)
    languages = fields.List(fields.String(), required=True)
    active = fields.Boolean(required=True)
    on_shift = fields.Boolean(required=True)
    shift_starts_at = fields.AwareDateTime(required=True, allow_none=True)
    shift_ends_at = fields.AwareDateTime(required=True, allow_none=True)
    position = fields.Nested(PointShape, required=True, allow_none=True)
    base = fields.Nested(PointShape, required=True, allow_none=True)
    busy_with = fields.UUID(required=True, allow_none=True)
    holding = fields.Nested(HoldingShape, required=True, allow_none=True)
    out = fields.String(required=True, allow_none=True)
    out_since = fields.AwareDateTime(required=True, allow_none=True)
    out_on = fields.UUID(required=True, allow_none=True)


class Crews(Schema):
    crews = fields.List(fields.Nested(CrewShape), required=True)


class AlarmShape(Schema):
    """Something a person must look at; ``text`` says it in the caller's language."""

    code = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)
    since = fields.AwareDateTime(required=True)
    request_id = fields.UUID(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    category = fields.String(required=True, allow_none=True)
    subject = fields.String(required=True, allow_none=True)
    details = fields.Dict(required=True)


class Alarms(Schema):
    alarms = fields.List(fields.Nested(AlarmShape), required=True)


class LiveRequest(RequestShape):
    """A request of the live stream, with what is wrong with it."""

    alarms = fields.List(fields.Nested(AlarmShape), required=True)


class LiveCrew(CrewShape):
    """A crew of the live stream, with what is wrong with it."""

    alarms = fields.List(fields.Nested(AlarmShape), required=True)


def request(entry: Entry, words: Words) -> dict[str, Any]:
    """An entry of the board as :class:`RequestShape` shows it."""
    case = entry.case
    return {
        **vars(case),
        "transfer": entry.transfer,
        "assignment": _assignment(entry) if entry.assignment else None,
        "unroutable": unroutable(entry.case, words),
        "outage": _ride(case),
        "supplements": entry.supplements,
        "untold": [_untold(told, case, words) for told in entry.untold],
    }


def _untold(told: Untold, case: Case, words: Words) -> dict[str, Any]:
    return {"alert_id": told.alert_id, "text": words("alarm.untold", number=case.number, **told.words)}


def _ride(case: Case) -> dict[str, Any] | None:
    if case.outage_id is None:
        return None
    names = ("outage_id", "lead_request_id", "rides", "own_hazards")
    return {**{name: getattr(case, name) for name in names}, "number": case.outage_number}


def whole(dossier: Dossier, timeline: Mapping[str, Any] | None, words: Words) -> dict[str, Any]:
    """A dossier as :class:`WholeRequest` shows it."""
    return {
        **request(dossier.entry, words),
        "attempts": [_attempt(attempt) for attempt in dossier.attempts],
        "overrides": dossier.overrides,
        "calls": dossier.calls,
        "transfers": dossier.transfers,
        "timeline": timeline,
        "partial": timeline is None,
    }


def live_request(entry: Entry, found: Sequence[Alarm], words: Words) -> dict[str, Any]:
    """A request as the live stream tells it: with its alarms."""
    return LiveRequest().dump({**request(entry, words), **alarms(found, words)})  # type: ignore[no-any-return]


def live_crew(crew: Crew, found: Sequence[Alarm], words: Words) -> dict[str, Any]:
    """A crew as the live stream tells it: with its alarms."""
    return LiveCrew().dump({**_crew(crew), **alarms(found, words)})  # type: ignore[no-any-return]


def live_alarms(found: Sequence[Alarm], words: Words) -> dict[str, Any]:
    return Alarms().dump(alarms(found, words))  # type: ignore[no-any-return]


def page(entries: Iterable[Entry], next_cursor: str | None, words: Words) -> dict[str, Any]:
    return {"requests": [request(entry, words) for entry in entries], "next_cursor": next_cursor}


def crews(found: Sequence[Crew]) -> dict[str, Any]:
    return {"crews": [_crew(crew) for crew in found]}


def alarms(found: Sequence[Alarm], words: Words) -> dict[str, Any]:
    return {"alarms": [_alarm(alarm, words) for alarm in found]}


def _assignment(entry: Entry) -> dict[str, Any]:
    assert entry.assignment is not None
    return {**vars(entry.assignment), "crew_name": entry.crew_name}


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {**vars(attempt.assignment), "crew_name": attempt.crew_name, "moves": attempt.moves}


def unroutable(case: Case, words: Words) -> dict[str, Any] | None:
    """Why nobody could be sent so far; None if somebody could."""
    if case.unroutable is None:
        return None
    reason = case.unroutable.value
    text = words(f"unroutable.{reason}")
    return {"reason": reason, "text": text, "detail": case.unroutable_detail, "since": case.unroutable_at}


def _crew(crew: Crew) -> dict[str, Any]:
    sorted_sets = {
        name: sorted(getattr(crew, name)) for name in ("specialisations", "equipment", "languages")
    }
    places = {"position": _point(crew.position), "base": _point(crew.base)}
    return {**vars(crew), **sorted_sets, **places}


def _point(position: Position | None) -> dict[str, Any] | None:
    return None if position is None else vars(position)


def _alarm(alarm: Alarm, words: Words) -> dict[str, Any]:
    case = None if alarm.entry is None else alarm.entry.case
    told = {
        "code": alarm.code.value,
        "reason": alarm.reason,
        "since": alarm.since,
        "request_id": alarm.request_id,
        "number": None if case is None else case.number,
        "category": None if case is None else case.category,
        "subject": alarm.subject,
        "details": alarm.details,
    }
    return {**told, "text": words(f"alarm.{alarm.code.value}", **{**alarm.details, **_known(told, words)})}


def _known(told: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """What a text may mention: the number, and the reason in words."""
    reason = told["reason"]
    families = {
        "unroutable": "unroutable",
        "deadline": "deadline",
        "crew_signal": "signal",
        "audit_finding": "finding",
    }
    prefix = families.get(told["code"])
    about = told["subject"] if told["number"] is None else f"№ {told['number']}"
    return {
        "number": told["number"],
        "about": about,
        "reason": words(f"{prefix}.{reason}") if prefix else reason,
    }
