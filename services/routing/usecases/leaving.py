"""Crews on site, and the emergencies that they are asked to leave for.

The lesser work stays with its crew until that accepts. Only an acceptance waits for a second case, that of
the lesser work; whoever holds that one never waits for the emergency's, so there is no circle to wait in.
"""

from dataclasses import replace
from uuid import UUID

from services.routing.domain.assignment import Assignment, Leave
from services.routing.domain.desk import Desk
from services.routing.domain.words import WithdrawReason
from services.routing.errors import CaseBusy, UnknownAssignment
from services.routing.usecases.finding import send
from services.routing.usecases.ports import Work
from services.routing.usecases.sending import SYSTEM, call_back, take_back


def note_leave(work: Work, desk: Desk, assignment_id: UUID, leave: Leave) -> bool:
    """Keep whether a crew may be called off its site; returns whether that opens a way for others.

    If it may not any more, an emergency that it has been offered meanwhile goes to the next one. Raises
    UnknownAssignment for one this service never made, CaseBusy if the emergency is in other hands just now.
    """
    with work:
        held = _locked(work, assignment_id)
        if held.leave is not None and held.leave.sequence >= leave.sequence:
            return False
        work.assignments.save(replace(held, leave=leave))
        if not leave.may:
            _ask_another(work, desk, assignment_id)
        work.commit()
    return leave.may and held.is_live


def leave_lesser(work: Work, accepted: Assignment) -> None:
    """The crew has accepted: what it was at goes back in line."""
    if accepted.instead_of is None:
        return
    held = _locked(work, accepted.instead_of)
    case = work.cases.get(held.request_id)
    if case is not None and held.is_live:
        call_back(work, case, held, accepted.by)


def doubt(work: Work, unanswered: Assignment) -> None:
    """The crew did not answer: nobody knows any more whether it may leave, until it is heard of again."""
    before = work.assignments.get(unanswered.instead_of) if unanswered.instead_of is not None else None
    if before is None or work.cases.lock_idle(before.request_id) is None:
        return
    held = work.assignments.get(before.assignment_id)
    if held is not None and held.is_live:
        work.assignments.save(replace(held, leave=None))


def _locked(work: Work, assignment_id: UUID) -> Assignment:
    """The assignment as it is once nobody else is at its request."""
    found = work.assignments.get(assignment_id)
    if found is None:
        raise UnknownAssignment(str(assignment_id))
    work.cases.lock(found.request_id)
    return work.assignments.get(assignment_id) or found


def _ask_another(work: Work, desk: Desk, assignment_id: UUID) -> None:
    """Take back the offer for which the crew would leave this assignment, if there is one."""
    asked = work.assignments.offered_instead(assignment_id)
    if asked is None:
        return
    case = work.cases.lock_idle(asked.request_id)
    if case is None:
        raise CaseBusy(request_id=str(asked.request_id))
    asked = work.assignments.offered_instead(assignment_id)  # it may have been answered meanwhile
    if asked is not None:
        freed = take_back(work, case, asked, WithdrawReason.CREW_STAYS, SYSTEM)
        work.cases.save(send(work, desk, freed) if freed.wants_crew else freed)
