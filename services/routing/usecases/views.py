"""What dispatchers look at, and the two things that other services decide for them: login and closing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.routing.domain.alarms import (
    Alarm,
    alarms_of,
    in_order,
)
from services.routing.domain.board import CrewFilter, Dossier, Entry, Place, Wanted
from services.routing.domain.crews import Crew
from services.routing.domain.load import Load, crew_loads, for_nobody, organisation_loads
from services.routing.domain.organisations import Organisation
from services.routing.domain.outages import Outage
from services.routing.domain.policy import Policy
from services.routing.domain.zones import Zone
from services.routing.errors import (
    BadCredentials,
    CloseRefused,
    JournalUnavailable,
    OutageRefused,
    RequestNotFound,
    RetryRefused,
    SessionEnded,
    TooManyAttempts,
)
from services.routing.usecases.live import alarms_of_crew, alarms_of_signal, audit_now
from services.routing.usecases.ports import (
    Closing,
    Intake,
    Journal,
    OutageMove,
    OutageOwner,
    Tokens,
    Work,
)

MOST_COUNTED = 5000
"""Open requests that the load counts at most."""
MOST_UNDELIVERED = 200
_LOGIN_REFUSALS = {refusal.code: refusal for refusal in (BadCredentials, SessionEnded, TooManyAttempts)}


@dataclass(frozen=True)
class Page:
    """Some entries of the board; ``next_cursor`` is None on the last page."""

    entries: list[Entry]
    next_cursor: str | None


@dataclass(frozen=True)
class Whole:
    """One request with its timeline; None when the journal does not answer now."""

    dossier: Dossier
    timeline: Mapping[str, Any] | None


def log_in(tokens: Tokens, login: str, password: str) -> Mapping[str, Any]:
    """A token of the crews service; raises BadCredentials, TooManyAttempts or CrewsUnavailable."""
    answer = tokens.issue(login, password)
    if "error" in answer:
        raise _LOGIN_REFUSALS.get(answer["error"], BadCredentials)
    return answer


def stay_in(tokens: Tokens, refresh_token: str) -> Mapping[str, Any]:
    """The next token of the crews service; raises SessionEnded, TooManyAttempts or CrewsUnavailable."""
    answer = tokens.refresh(refresh_token)
    if "error" in answer:
        raise _LOGIN_REFUSALS.get(answer["error"], SessionEnded)
    return answer


def list_requests(work: Work, wanted: Wanted) -> Page:
    """One page of the board."""
    with work:
        entries = work.board.page(wanted)
    full = len(entries) == wanted.limit
    return Page(entries, Place.of(entries[-1].case).cursor() if full else None)


def find_entry(work: Work, request_id: UUID) -> Entry:
    """One request as the board shows it; raises RequestNotFound."""
    with work:
        entry = work.board.entry(request_id)
    if entry is None:
        raise RequestNotFound
    return entry


def show_request(work: Work, journal: Journal, request_id: UUID, language: str) -> Whole:
    """Everything about one request, its timeline in this language; raises RequestNotFound."""
    with work:
        dossier = work.board.dossier(request_id)
    if dossier is None:
        raise RequestNotFound
    try:
        return Whole(dossier, journal.timeline(request_id, language))
    except JournalUnavailable:
        return Whole(dossier, None)


def close_request(journal: Journal, wish: Closing) -> str:
    """Ask the journal to close; returns the official state.

    Raises RequestNotFound, CloseRefused with the journal's reason, or JournalUnavailable.
    """
    answer = journal.close_request(wish)
    refusal = answer.get("error")
    if refusal == RequestNotFound.code:
        raise RequestNotFound
    if refusal is not None:
        raise CloseRefused(str(refusal))
    return str(answer["state"])


def move_request(outages: OutageOwner, wish: OutageMove) -> Mapping[str, Any]:
    """Have the request join the outage or leave it; the board follows when intake has told everybody.

    Raises OutageRefused with intake's reason, or IntakeUnavailable.
    """
    answer = outages.move(wish)
    if "error" in answer:
        raise OutageRefused(str(answer["error"]))
    return answer


def list_crews(work: Work, wanted: CrewFilter) -> list[Crew]:
    """Crews with their shift, position and present work."""
    with work:
        return work.roster.listed(wanted)


def show_load(work: Work, policy: Policy) -> Load:
    """What every crew and organisation has in hand and in line now, and what goes nowhere."""
    with work:
        crews = work.roster.listed(CrewFilter())
        entries = work.board.page(Wanted(is_open=True, limit=MOST_COUNTED))
        turns = work.turns.of_crews([crew.crew_id for crew in crews])
        undelivered = work.deliveries.failed(MOST_UNDELIVERED)
        numbers = work.cases.numbers({told.request_id for told in undelivered})
        now = work.now
    loads = crew_loads(crews, entries, turns, policy, now)
    lost = [(told, numbers.get(told.request_id)) for told in undelivered]
    return Load(loads, organisation_loads(loads, entries), for_nobody(entries), lost)


def retry_delivery(intake: Intake, delivery_id: UUID) -> str:
    """Have a delivery to a partner tried again; what it waits for then is its state.

    Raises RetryRefused with intake's reason, or IntakeUnavailable.
    """
    answer = intake.retry(delivery_id)
    if "error" in answer:
        raise RetryRefused(str(answer["error"]))
    return str(answer["state"])


def list_messages(intake: Intake, request_id: UUID) -> Mapping[str, Any]:
    """What the applicant wrote, first and later, and was answered; the words are intake's.

    Raises RequestNotFound or IntakeUnavailable.
    """
    answer = intake.messages(request_id)
    if "error" in answer:
        raise RequestNotFound
    return answer


def list_zones(work: Work) -> list[Zone]:
    """Every zone there is."""
    with work:
        return work.reference.zones()


def list_organisations(work: Work) -> list[Organisation]:
    """Active organisations, by name."""
    with work:
        every = work.organisations.every().values()
    return sorted((one for one in every if one.active), key=lambda one: (one.name, one.organisation_id))


def list_alarms(work: Work, policy: Policy, started_at: datetime) -> list[Alarm]:
    """What a person must look at now; ``started_at`` is when this process began to listen."""
    with work:
        entries = work.board.troubled()
        signals = [alarm for signal in work.signals.open() for alarm in alarms_of_signal(work, signal)]
        audits = audit_now(work, policy.audit_silent_after, started_at)
        crews = [alarm for crew in work.roster.out() for alarm in alarms_of_crew(work, crew)]
        requests = [alarm for entry in entries for alarm in alarms_of(entry, work.now)]
    return in_order([*signals, *audits, *requests, *crews])


def list_outages(work: Work) -> list[Outage]:
    """Every outage that is not over, the latest first."""
    with work:
        return work.outages.open()
