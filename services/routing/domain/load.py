"""How much each crew and organisation has in hand (D-2.C-U2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.routing.domain.assignment import ON_SITE, Assignment
from services.routing.domain.board import Entry, rank_of
from services.routing.domain.crews import Crew
from services.routing.domain.deliveries import Undelivered
from services.routing.domain.job import due_at
from services.routing.domain.policy import Policy
from services.routing.domain.turns import Turn
from services.routing.domain.words import Category

_NOTHING = timedelta()


@dataclass(frozen=True)
class Next:
    """A request in line with a crew: when it is to be there by the plan; ``due_at``: by when it should."""

    entry: Entry
    turn: Turn
    due_at: datetime | None


@dataclass(frozen=True)
class CrewLoad:
    """A crew with its open jobs, the emergencies among them, and the minutes booked from now on: what is left
    of the way, and the time the work is reckoned with (``work_takes_s``). ``queue``: what it does next."""

    crew: Crew
    works: bool
    open_jobs: int
    emergencies: int
    minutes_booked: int
    queue: Sequence[Next] = ()


@dataclass(frozen=True)
class OrganisationLoad:
    """An organisation's crews on shift and without work, its requests that wait, and what its crews have."""

    organisation_id: UUID
    crews_on_shift: int
    crews_free: int
    waiting: int
    open_jobs: int
    emergencies: int
    minutes_booked: int


@dataclass(frozen=True)
class Load:
    """Everything at once; ``nobody``: requests for which nobody can be had, the most urgent first;
    ``undelivered``: what partners could not be told, with the numbers of the requests."""

    crews: Sequence[CrewLoad]
    organisations: Sequence[OrganisationLoad]
    nobody: Sequence[Entry]
    undelivered: Sequence[tuple[Undelivered, str | None]]


def crew_loads(
    crews: Iterable[Crew], entries: Sequence[Entry], turns: Iterable[Turn], policy: Policy, now: datetime
) -> list[CrewLoad]:
    """The load of every crew, in the order of the crews; ``turns`` are in theirs."""
    queues = _queues(turns, {entry.case.request_id: entry for entry in entries}, policy)
    jobs: dict[UUID, list[Entry]] = {}
    for entry in entries:
        if entry.assignment is not None:
            jobs.setdefault(entry.assignment.crew_id, []).append(entry)
    return [
        replace(_of_crew(crew, jobs.get(crew.crew_id, []), policy, now), queue=queues.get(crew.crew_id, ()))
        for crew in crews
    ]


def for_nobody(entries: Iterable[Entry]) -> list[Entry]:
    """The requests that nobody can take, as far as is known now: the most urgent, then the oldest."""
    lost = [entry for entry in entries if entry.case.unroutable is not None]
    return sorted(lost, key=lambda entry: (rank_of(entry.case.category), entry.case.unroutable_at))


def organisation_loads(loads: Sequence[CrewLoad], entries: Iterable[Entry]) -> list[OrganisationLoad]:
    """The loads put together by organisation; emergencies are all open ones, with a crew or without."""
    open_ = [entry for entry in entries if entry.case.organisation_id is not None]
    ids = {load.crew.organisation_id for load in loads} | {_organisation(entry) for entry in open_}
    return [_of_organisation(id_, loads, open_) for id_ in sorted(ids)]


def _queues(turns: Iterable[Turn], entries: Mapping[UUID, Entry], policy: Policy) -> dict[UUID, list[Next]]:
    queues: dict[UUID, list[Next]] = {}
    for turn in turns:
        entry = entries.get(turn.request_id)
        if entry is not None:
            queues.setdefault(turn.crew_id, []).append(Next(entry, turn, due_at(entry.case, policy)))
    return queues


def _of_crew(crew: Crew, jobs: Sequence[Entry], policy: Policy, now: datetime) -> CrewLoad:
    booked = sum((_left(job, policy.work_takes, now) for job in jobs), _NOTHING)
    minutes = round(booked / timedelta(minutes=1))
    return CrewLoad(crew, crew.works_at(now), len(jobs), _emergencies(jobs), minutes)


def _of_organisation(id_: UUID, loads: Sequence[CrewLoad], entries: Sequence[Entry]) -> OrganisationLoad:
    own = [load for load in loads if load.crew.organisation_id == id_]
    open_ = [entry for entry in entries if _organisation(entry) == id_]
    return OrganisationLoad(
        organisation_id=id_,
        crews_on_shift=sum(load.works for load in own),
        crews_free=sum(load.works and load.open_jobs == 0 for load in own),
        waiting=sum(entry.case.wants_crew for entry in open_),
        open_jobs=len(open_),
        emergencies=_emergencies(open_),
        minutes_booked=sum(load.minutes_booked for load in own),
    )


def _left(entry: Entry, work_takes: Mapping[Category, timedelta], now: datetime) -> timedelta:
    """What is left of the way and of the work; a job that takes longer than reckoned has nothing left."""
    assignment, category = entry.assignment, entry.case.category
    if assignment is None or category is None:
        return _NOTHING
    work = work_takes.get(category, _NOTHING)
    if assignment.state in ON_SITE:
        return max(_NOTHING, work - (now - (assignment.changed_at or now)))
    return work + max(_NOTHING, _arrival(assignment) - now)


def _arrival(assignment: Assignment) -> datetime:
    return assignment.offered_at + timedelta(minutes=assignment.eta_minutes)


def _emergencies(entries: Iterable[Entry]) -> int:
    return sum(entry.case.category is Category.EMERGENCY for entry in entries)


def _organisation(entry: Entry) -> UUID:
    assert entry.case.organisation_id is not None
    return entry.case.organisation_id
