"""Crews that do not come after all: silent, broken down, off shift. Somebody else goes; a person is told."""

from uuid import UUID

from services.routing.domain.assignment import ON_SITE, Assignment, State, Unheard
from services.routing.domain.case import Case
from services.routing.domain.crews import Shift
from services.routing.domain.desk import Desk
from services.routing.domain.words import Out, WithdrawReason
from services.routing.usecases.dispatch import known_crew
from services.routing.usecases.finding import send
from services.routing.usecases.ports import Transactions, Work
from services.routing.usecases.sending import SYSTEM, take_back


def replace_silent(transactions: Transactions, desk: Desk) -> int:
    """Send somebody else wherever a crew under way has not been heard of for too long; returns how often."""
    replaced = 0
    while _replace_one(transactions(), desk):
        replaced += 1
    return replaced


def notice_silence(work: Work, desk: Desk) -> int:
    """Mark the crews at work that have said nothing for too long; returns how many are new.

    A dispatcher calls them. Nobody is replaced: hands in a basement are no proof that nobody works.
    """
    with work:
        conduct = desk.policy.conduct
        late = Unheard(
            {category: work.now - span for category, span in conduct.silent_on_site_after.items()},
            work.now - conduct.silent_in_danger_after,
            desk.needs.confined.places,
        )
        noticed = work.assignments.mark_silent(late, work.now)
        if noticed:
            work.commit()
    return noticed


def follow_suspension(
    work: Work, desk: Desk, case: Case, before: Assignment, now: Assignment, reason: str | None
) -> Case:
    """The case after its crew suspended the work: somebody else goes if it had not arrived, or broke down."""
    broken_down = desk.policy.conduct.is_breakdown(reason)
    if before.state in ON_SITE and not broken_down:
        return case
    if broken_down:
        work.roster.put_out(now.crew_id, Out.OUT_OF_SERVICE, case.request_id, work.now)
    freed = take_back(work, case, now, WithdrawReason.CREW_UNAVAILABLE, SYSTEM)
    return send(work, desk, freed) if freed.wants_crew else freed


def follow_shift(work: Work, desk: Desk, crew_id: UUID, shift: Shift, sequence: int) -> bool:
    """Store a crew's shift; of one that goes home before it has arrived, somebody else gets the request.

    Returns whether this was news.
    """
    crew = work.roster.crew(crew_id)
    case = work.cases.lock(crew.busy_with) if crew is not None and crew.busy_with is not None else None
    news = work.roster.put_shift(crew_id, shift, sequence)
    live = work.assignments.live(case.request_id) if case is not None else None
    leaves = news and not shift.on_shift and live is not None and live.crew_id == crew_id
    if case is not None and live is not None and leaves and live.state not in (*ON_SITE, State.SUSPENDED):
        freed = take_back(work, case, live, WithdrawReason.CREW_UNAVAILABLE, SYSTEM)
        work.cases.save(send(work, desk, freed) if freed.wants_crew else freed)
    return news


def mark_available(work: Work, crew_id: UUID) -> None:
    """A dispatcher has talked to the crew: it gets work again. Raises CrewNotFound."""
    with work:
        known_crew(work, crew_id)
        work.roster.put_back(crew_id, *Out)
        work.commit()


def _replace_one(work: Work, desk: Desk) -> bool:
    with work:
        heard_by = {category: work.now - span for category, span in desk.policy.conduct.silent_after.items()}
        request_id = work.assignments.claim_silent(heard_by)
        if request_id is None:
            return False
        case = work.cases.open(request_id)
        live = work.assignments.live(request_id)
        assert live is not None
        work.roster.put_out(live.crew_id, Out.SILENT, request_id, work.now)
        case = take_back(work, case, live, WithdrawReason.CREW_SILENT, SYSTEM)
        work.cases.save(send(work, desk, case) if case.wants_crew else case)
        work.commit()
    return True
