"""Every way in which somebody could come: free crews, crews called off lesser work, crews that finish first.

This is what a dispatcher is shown, and what the machine decides an emergency by.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.routing.domain.choice import Candidate, Recommendation, Refused, Stand, judged
from services.routing.domain.crews import Crew, Holding, Position
from services.routing.domain.desk import Desk
from services.routing.domain.job import Job
from services.routing.domain.preemption import why_kept
from services.routing.domain.words import Kept, Way

Asked = Mapping[UUID, datetime]


@dataclass(frozen=True)
class Effect:
    """What sending a crew does to another request: it waits so much longer; None: it loses its crew."""

    request_id: UUID
    number: str
    delayed_by: timedelta | None


@dataclass(frozen=True)
class Option:
    """A crew that can come, and what becomes of its other work; ``kept`` says why it is not called off what
    it has in hand, ``in_norm`` whether it would be there in time."""

    candidate: Candidate
    effects: tuple[Effect, ...] = ()
    kept: Kept | None = None
    in_norm: bool | None = None


@dataclass(frozen=True)
class Options:
    """Who can set out at once, best first, then who comes after other work; and everybody else."""

    ranked: tuple[Option, ...]
    refused: tuple[Refused, ...]
    method: str


def weigh(job: Job, crews: Sequence[Crew], desk: Desk, now: datetime, asked: Asked | None = None) -> Options:
    """All that could be done for ``job``: each crew in the best way open to it.

    Crews that must finish first come last: nobody knows how long they really take.
    """
    found = judged(
        job, [stand for crew in crews for stand in _stands(crew, job, desk, now)], desk, now, asked
    )
    at_once_first = sorted(found.ranked, key=lambda candidate: candidate.way is Way.AFTER)
    options = tuple(_option(candidate, job, desk) for candidate in _once_each(at_once_first))
    able = {option.candidate.crew.crew_id for option in options}
    refused = {entry.crew.crew_id: entry for entry in found.refused if entry.crew.crew_id not in able}
    return Options(options, tuple(refused.values()), found.method)


def call_off(
    job: Job, crews: Iterable[Crew], desk: Desk, now: datetime, asked: Asked | None = None
) -> Recommendation:
    """Of these crews those that lesser work lets go at once, ranked as if ``preempt_gain`` further away: one
    goes before a free crew only if it is there so much sooner."""
    stands = [
        _instead(crew, desk, now) for crew in crews if crew.holding and _kept(crew.holding, job, desk) is None
    ]
    return judged(job, stands, desk, now, asked)


def _stands(crew: Crew, job: Job, desk: Desk, now: datetime) -> Iterator[Stand]:
    if crew.holding is None:
        yield Stand(crew, crew.where(now, desk.policy.position_valid_for))
        return
    if _kept(crew.holding, job, desk) is None:
        yield _instead(crew, desk, now)
    yield _after(crew, crew.holding, desk, now)


def _kept(held: Holding, job: Job, desk: Desk) -> Kept | None:
    return why_kept(held, job.category, desk.policy.conduct, desk.needs.confined)


def _instead(crew: Crew, desk: Desk, now: datetime) -> Stand:
    held = crew.holding
    place = crew.where(now, desk.policy.position_valid_for)
    if held is not None and held.on_site:
        place = Position(held.lat, held.lon)
    return Stand(crew, place, way=Way.INSTEAD, cost=desk.policy.conduct.preempt_gain)


def _after(crew: Crew, held: Holding, desk: Desk, now: datetime) -> Stand:
    ready_in = held.free_at(now, desk.policy) - now
    return Stand(crew, Position(held.lat, held.lon), ready_in, Way.AFTER)


def _once_each(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Each crew once, in the way that was ranked first."""
    best: dict[UUID, Candidate] = {}
    for candidate in candidates:
        best.setdefault(candidate.crew.crew_id, candidate)
    return list(best.values())


def _option(candidate: Candidate, job: Job, desk: Desk) -> Option:
    held = candidate.crew.holding
    if held is None:
        return Option(candidate)
    lost = (Effect(held.request_id, held.number, None),) if candidate.way is Way.INSTEAD else ()
    return Option(candidate, lost, _kept(held, job, desk))
