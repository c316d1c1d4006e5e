"""A request goes to a crew that is there much sooner than its own: any whose crew has not set out yet, and an
emergency for as long as its crew is under way.

Safe in every replica: each change is decided once more in a transaction of its own, on the locked case.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from services.routing.domain.assignment import Assignment, State
from services.routing.domain.board import CrewFilter
from services.routing.domain.case import Case
from services.routing.domain.choice import Candidate, recommend
from services.routing.domain.crews import Holding
from services.routing.domain.desk import Desk
from services.routing.domain.job import job_of
from services.routing.domain.words import Category, Merit, Mode, WithdrawReason
from services.routing.usecases.finding import asked_before, at_once, go
from services.routing.usecases.ports import Transactions, Work
from services.routing.usecases.sending import SYSTEM, take_back

_NOT_SET_OUT = (State.OFFERED, State.ACCEPTED)


def swap_crews(transactions: Transactions, desk: Desk) -> int:
    """Give requests to crews that are there sooner by more than ``swap_gain``; returns how many."""
    with transactions() as work:
        crews = work.roster.listed(CrewFilter(on_shift=True))
    free = {crew.organisation_id for crew in crews if crew.busy_with is None}
    moving = [(crew, crew.holding) for crew in crews if crew.holding is not None]
    held = [
        holding
        for crew, holding in moving
        if _is_movable(holding.state, holding.category)
        and (crew.organisation_id in free or holding.category is Category.EMERGENCY)
    ]
    return sum(_swap(transactions(), desk, holding) for holding in held)


def _is_movable(state: State, category: Category | None) -> bool:
    """Nobody who has set out is turned round, but for an emergency: somebody nearer goes there."""
    return state in _NOT_SET_OUT or (state is State.DEPARTED and category is Category.EMERGENCY)


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
        moved = go(work, desk, waiting, best, method) if waiting.wants_crew else None
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
    same = live.assignment_id == held.assignment_id and _is_movable(live.state, case.category)
    return same and by_machine and automatic and not pinned and not case.is_over


def _sooner(work: Work, desk: Desk, case: Case, live: Assignment) -> tuple[Candidate | None, str]:
    """The best other crew, if it is there so much sooner than the one that has the request would be now."""
    job = job_of(case, desk.needs, desk.policy)
    holder = work.roster.crew(live.crew_id)
    own = [replace(holder, busy_with=None, holding=None)] if holder is not None else []
    now = recommend(job, own, desk, work.now)
    asked = asked_before(work, case)
    found = recommend(job, work.roster.free_for(live.organisation_id, job.system), desk, work.now, asked)
    others = at_once(work, desk, live.organisation_id, job, found.ranked, asked)
    best = next((other for other in others if _sets_out(other)), None)
    if not now.ranked or best is None:
        return None, found.method
    held = holder.holding if holder is not None else None
    gains = _there_in(now.ranked[0], held, work.now) - best.eta > desk.policy.conduct.swap_gain
    return (best if gains else None), found.method


def _sets_out(other: Candidate) -> bool:
    """Whether the crew can go at once: one on a site is asked first, and may stay."""
    held = other.crew.holding
    return held is None or not held.on_site


def _there_in(own: Candidate, held: Holding | None, now: datetime) -> timedelta:
    """How long the crew that has it still takes; of one under way that sends no positions, as expected."""
    if held is not None and held.state is State.DEPARTED and Merit.POSITION_FROM_BASE in own.merits:
        return max(held.there_at - now, timedelta())
    return own.eta
