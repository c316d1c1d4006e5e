"""Who goes: an organisation by competence and zone, then a crew, free or called off lesser work.

Works inside its caller's transaction on a case that the caller has locked and will save. One transaction
makes at most one offer, and takes another case only if nobody else is at it, so two of them can never wait
for each other in a circle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.routing.domain.advice import Advice
from services.routing.domain.assignment import ON_SITE, Assignment
from services.routing.domain.case import Case, Status, unstuck
from services.routing.domain.choice import Candidate, rank, recommend
from services.routing.domain.crews import Holding
from services.routing.domain.desk import Desk
from services.routing.domain.job import Job, job_of
from services.routing.domain.options import call_off
from services.routing.domain.preemption import why_kept
from services.routing.domain.turns import Turn
from services.routing.domain.words import Mode, Unroutable, Way
from services.routing.usecases.answering import Answer, find_answering
from services.routing.usecases.ports import Work
from services.routing.usecases.sending import SYSTEM, Handing, call_back, give_up, hand_over, offer

Asked = Mapping[UUID, datetime]


def send(work: Work, desk: Desk, case: Case, planned: UUID | None = None) -> Case:
    """Bring a waiting case as far as it can go now: an organisation by competence and zone, then a crew,
    that of the plan if it can."""
    if not case.has_place:
        stuck = give_up(work, case, Unroutable.NO_COORDINATES, "nobody knows where on the map it is")
        return replace(stuck, status=Status.RETURNED)
    job = job_of(case, desk.needs, desk.policy)
    if case.organisation_id is None:
        answer = find_answering(work, desk, case)
        if not isinstance(answer, Answer):
            return give_up(work, case, *answer)
        case = hand_over(work, desk, case, answer.organisation, job.system, Handing(basis=answer.basis))
    return find_crew(work, desk, case, job, planned)


def find_crew(work: Work, desk: Desk, case: Case, job: Job, planned: UUID | None = None) -> Case:
    """Offer the case to the best crew of its organisation that can set out at once; the database decides who
    is really free. One that a dispatcher has pinned waits for its crew, and one whose resident expects nobody
    yet waits for that."""
    assert case.organisation_id is not None
    if job.window is not None and job.window.is_far(work.now, desk.policy.conduct.window_lead):
        return case
    asked = asked_before(work, case)
    turn = work.turns.get(case.request_id)
    if turn is not None and turn.pinned:
        pinned = _to_its_own(work, desk, case, job, turn)
        if pinned is not None:
            return pinned
    elif planned is not None and (assigned := _to_this(work, desk, case, job, planned)) is not None:
        return assigned
    crews = work.roster.free_for(case.organisation_id, job.system)
    found = recommend(job, crews, desk, work.now, asked)
    for candidate in _at_once(work, desk, case.organisation_id, job, found.ranked, asked):
        assigned = go(work, desk, case, candidate, found.method)
        if assigned is not None:
            return assigned
    every = work.roster.crews_of(case.organisation_id)
    if not every:
        return case
    everybody = recommend(job, every, desk, work.now, asked)
    if everybody.ranked:
        return give_up(work, case, Unroutable.ALL_CREWS_BUSY, "taken by other requests a moment ago")
    return give_up(work, case, *everybody.nobody_because())


def _to_its_own(work: Work, desk: Desk, case: Case, job: Job, turn: Turn) -> Case | None:
    """The pinned case offered to its crew, or waiting for that; None, and the pin is gone, if it cannot."""
    crew = work.roster.crew(turn.crew_id)
    found = recommend(job, [crew] if crew else [], desk, work.now, asked_before(work, case))
    if found.ranked:
        assert turn.pinned_by is not None
        return go(work, desk, case, found.ranked[0], found.method, turn.pinned_by) or case
    if found.nobody_because()[0] is Unroutable.ALL_CREWS_BUSY:
        return case
    work.turns.drop(case.request_id)
    return None


def _to_this(work: Work, desk: Desk, case: Case, job: Job, crew_id: UUID) -> Case | None:
    crew = work.roster.crew(crew_id)
    found = recommend(job, [crew] if crew else [], desk, work.now, asked_before(work, case))
    return go(work, desk, case, found.ranked[0], found.method) if found.ranked else None


def asked_before(work: Work, case: Case) -> Asked:
    """The crews that have had this request and are left in peace for a while."""
    return work.assignments.asked([case.request_id]).get(case.request_id, {}) if case.attempts else {}


def go(
    work: Work,
    desk: Desk,
    case: Case,
    candidate: Candidate,
    method: str,
    by: str = SYSTEM,
    reason: str | None = None,
) -> Case | None:
    """Offer the case to this crew, called off lesser work first if it must be; None when that is too late.

    Where a dispatcher confirms, what the machine would do is only kept as its advice, until the time for
    deciding is over.
    """
    if by == SYSTEM and _must_ask(case, desk, work.now):
        return _advised(case, candidate, desk, work.now)
    if candidate.way is not Way.INSTEAD:
        return offer(work, desk, case, candidate, method, by, reason)
    lesser = _lesser(work, desk, case, candidate)
    if lesser is None:
        return None
    if lesser.live.state in ON_SITE:  # it is asked first, and leaves when it accepts
        return offer(work, desk, case, candidate, method, by, reason, lesser.live.assignment_id)
    call_back(work, lesser.case, lesser.live, by)
    return offer(work, desk, case, candidate, method, by, reason)


def _must_ask(case: Case, desk: Desk, now: datetime) -> bool:
    assert case.category is not None
    advising = desk.policy.conduct.mode[case.category] is Mode.ADVISE
    return advising and not (case.advice is not None and case.advice.is_due(now))


def _advised(case: Case, candidate: Candidate, desk: Desk, now: datetime) -> Case:
    """The case with the crew to be confirmed; a better crew later leaves the time to decide as it is."""
    assert case.category is not None
    before, crew = case.advice, candidate.crew
    if before is not None and (before.crew_id, before.way) == (crew.crew_id, candidate.way.value):
        return case
    at = now if before is None else before.at
    decide_by = at + desk.policy.conduct.advise_within[case.category]
    advice = Advice(crew.crew_id, candidate.way.value, candidate.eta_minutes, at, decide_by)
    return replace(unstuck(case), advice=advice)


def _at_once(
    work: Work, desk: Desk, organisation_id: UUID, job: Job, free: Sequence[Candidate], asked: Asked
) -> Iterable[Candidate]:
    """Free crews, and among them those called off lesser work where that gains enough."""
    gain_s = desk.policy.conduct.preempt_gain.total_seconds()
    may_preempt = desk.policy.conduct.preempts[job.category]
    if not may_preempt or (free and free[0].score_s <= gain_s):
        return free
    busy = [crew for crew in work.roster.crews_of(organisation_id) if crew.holding is not None]
    called_off = call_off(job, busy, desk, work.now, asked).ranked
    return sorted([*free, *called_off], key=rank)


@dataclass(frozen=True)
class _Lesser:
    """Work that may be left for a graver request, locked."""

    case: Case
    live: Assignment


def _lesser(work: Work, desk: Desk, case: Case, candidate: Candidate) -> _Lesser | None:
    """The lesser work that the crew may leave, locked; None if that is not so any more."""
    held = candidate.crew.holding
    assert held is not None
    assert case.category is not None
    lesser = work.cases.lock_idle(held.request_id)
    live = work.assignments.live(held.request_id) if lesser is not None else None
    if lesser is None or live is None or live.assignment_id != held.assignment_id:
        return None
    now_held = as_it_is(held, lesser, live)
    if why_kept(now_held, case.category, desk.policy.conduct, desk.needs.confined) is not None:
        return None
    return _Lesser(lesser, live)


def as_it_is(held: Holding, case: Case, live: Assignment) -> Holding:
    """What a crew holds, by its locked case: it may have changed since the plan was made."""
    return replace(
        held,
        state=live.state,
        leave=live.leave,
        category=case.category or held.category,
        place=case.place or "",
        hazards=case.hazards,
        preempted=case.preempted,
    )


def responsible(work: Work, desk: Desk, case: Case) -> UUID | None:
    """The organisation that would get the case now."""
    answer = find_answering(work, desk, case)
    return answer.organisation.organisation_id if isinstance(answer, Answer) else None
