"""A dispatcher fixes which crew a request is for: no plan and no emergency changes that until unpinned."""

from dataclasses import replace
from uuid import UUID

from services.routing.domain.assignment import Assignment
from services.routing.domain.board import Entry
from services.routing.domain.case import Case
from services.routing.domain.choice import recommend
from services.routing.domain.crews import Crew
from services.routing.domain.desk import Desk
from services.routing.domain.job import Job
from services.routing.domain.turns import Turn
from services.routing.domain.words import Unroutable
from services.routing.errors import AssignedElsewhere, CrewUnsuitable, NothingToPin, NotPinned
from services.routing.usecases.dispatch import Order, known_crew, locked, saved, sendable
from services.routing.usecases.finding import send
from services.routing.usecases.ports import Work


def pin_request(work: Work, desk: Desk, order: Order, crew_id: UUID | None) -> Entry:
    """Keep the request for this crew (None: the one that has it, or in whose queue it is).

    A free crew is asked at once, a busy one next. Raises NothingToPin if there is no such crew,
    AssignedElsewhere, CrewUnsuitable, RequestClosed, NoCrewNeeded.
    """
    with work:
        case = locked(work, order)
        job = sendable(case, desk)
        live = work.assignments.live(case.request_id)
        crew = known_crew(work, _wanted(work, case, live, crew_id))
        if live is None:
            _check_able(work, desk, job, crew)
        work.turns.put(_pinned(work, case, crew, order.by))
        return saved(work, send(work, desk, case) if case.wants_crew else case)


def unpin_request(work: Work, order: Order) -> Entry:
    """Let plans move the request again. Raises NotPinned."""
    with work:
        case = locked(work, order)
        turn = work.turns.get(case.request_id)
        if turn is None or not turn.pinned:
            raise NotPinned
        if case.wants_crew:
            work.turns.put(replace(turn, pinned_by=None, pinned_at=None))
        else:
            work.turns.drop(case.request_id)
        return saved(work, case)


def _wanted(work: Work, case: Case, live: Assignment | None, crew_id: UUID | None) -> UUID:
    if live is not None:
        if crew_id not in (None, live.crew_id):
            raise AssignedElsewhere
        return live.crew_id
    if crew_id is not None:
        return crew_id
    turn = work.turns.get(case.request_id)
    if turn is None:
        raise NothingToPin
    return turn.crew_id


def _check_able(work: Work, desk: Desk, job: Job, crew: Crew) -> None:
    """Busy now is no hindrance: the request is next."""
    found = recommend(job, [crew], desk, work.now)
    if not found.ranked and found.nobody_because()[0] is not Unroutable.ALL_CREWS_BUSY:
        raise CrewUnsuitable(crew.name, found.refused[0].reasons)


def _pinned(work: Work, case: Case, crew: Crew, by: str) -> Turn:
    before = work.turns.get(case.request_id)
    since = before.since if before is not None and before.crew_id == crew.crew_id else work.now
    return Turn(
        request_id=case.request_id,
        organisation_id=crew.organisation_id,
        crew_id=crew.crew_id,
        place=0,
        since=since,
        planned_at=work.now,
        pinned_by=by,
        pinned_at=work.now,
    )
