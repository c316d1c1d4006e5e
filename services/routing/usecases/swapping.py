"""A request whose crew has not set out yet goes to one that has become free and is there much sooner.

Safe in every replica: each change is decided once more in a transaction of its own, on the locked case.
"""

from dataclasses import replace

from services.routing.domain.assignment import Assignment, State
from services.routing.domain.board import CrewFilter
from services.routing.domain.case import Case
from services.routing.domain.choice import Candidate, recommend
from services.routing.domain.crews import Holding
from services.routing.domain.desk import Desk
from services.routing.domain.job import job_of
from services.routing.domain.words import Mode, WithdrawReason
from services.routing.usecases.finding import asked_before
from services.routing.usecases.ports import Transactions, Work
from services.routing.usecases.sending import SYSTEM, offer, take_back

_NOT_SET_OUT = (State.OFFERED, State.ACCEPTED)


def swap_crews(transactions: Transactions, desk: Desk) -> int:
    """Give requests to crews that are there sooner by more than ``swap_gain``; returns how many."""
    with transactions() as work:
        crews = work.roster.listed(CrewFilter(on_shift=True))
    free = {crew.organisation_id for crew in crews if crew.busy_with is None}
    held = [crew.holding for crew in crews if crew.holding is not None and crew.organisation_id in free]
    return sum(_swap(transactions(), desk, holding) for holding in held if holding.state in _NOT_SET_OUT)


def _swap(work: Work, desk: Desk, held: Holding) -> bool:
    with work:
        case = work.cases.lock_idle(held.request_id)
        live = work.assignments.live(held.request_id) if case is not None else None
        if case is None or live is None or not _may_move(work, desk, case, live, held):
            return False
        best, method = _sooner(work, desk, case, live)
        if best is None:
            return False
        waiting = take_back(work, case, live, WithdrawReason.REPLANNED, SYSTEM)
        moved = offer(work, desk, waiting, best, method) if waiting.wants_crew else None
        if moved is None:
            return False  # nothing is committed: the request stays with its crew
        work.cases.save(moved)
        work.commit()
    return True


def _may_move(work: Work, desk: Desk, case: Case, live: Assignment, held: Holding) -> bool:
    turn = work.turns.get(case.request_id)
    pinned = turn is not None and turn.pinned
    automatic = case.category is not None and desk.policy.conduct.mode.get(case.category) is Mode.AUTOMATIC
    # Whom a person has chosen, a person changes.
    by_machine = live.by == SYSTEM
    same = live.assignment_id == held.assignment_id and live.state in _NOT_SET_OUT
    return same and by_machine and automatic and not pinned and not case.is_over


def _sooner(work: Work, desk: Desk, case: Case, live: Assignment) -> tuple[Candidate | None, str]:
    """The best free crew, if it is there so much sooner than the one that has the request would be now."""
    job = job_of(case, desk.needs, desk.policy)
    holder = work.roster.crew(live.crew_id)
    own = [replace(holder, busy_with=None, holding=None)] if holder is not None else []
    now = recommend(job, own, desk, work.now)
    free = work.roster.free_for(live.organisation_id, job.system)
    found = recommend(job, free, desk, work.now, asked_before(work, case))
    if not now.ranked or not found.ranked:
        return None, found.method
    gains = now.ranked[0].eta - found.ranked[0].eta > desk.policy.conduct.swap_gain
    return (found.ranked[0] if gains else None), found.method
