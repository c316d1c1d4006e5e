"""What the other services tell, in whatever order it comes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.routing.domain.alarms import Audit
from services.routing.domain.assignment import Assignment, Move, State, report
from services.routing.domain.case import (
    CALLED_OFF,
    Case,
    Classification,
    Deadline,
    Registration,
    Ride,
    Status,
    call_dispatcher,
    classify,
    endanger,
    escalate,
    finished,
    follow_state,
    is_told_apart,
    join,
    leave,
    register,
    released,
    unrouted,
)
from services.routing.domain.crews import Position, Profile, Shift
from services.routing.domain.deliveries import Undelivered
from services.routing.domain.desk import Desk
from services.routing.domain.job import job_of
from services.routing.domain.organisations import Organisation
from services.routing.domain.outages import Outage
from services.routing.domain.words import Channel, Out, Unroutable, WithdrawReason
from services.routing.errors import UnknownAssignment
from services.routing.usecases.absence import follow_shift, follow_suspension
from services.routing.usecases.finding import find_crew, send
from services.routing.usecases.leaving import leave_lesser
from services.routing.usecases.ports import Work
from services.routing.usecases.sending import SYSTEM, confirm, take_back


@dataclass(frozen=True)
class Progress:
    """What ``assignment.progressed`` brings; ``sequence`` numbers the reports on one assignment."""

    assignment_id: UUID
    request_id: UUID
    crew_id: UUID
    stage: State
    at: datetime
    by: str
    reason: str | None
    sequence: int


@dataclass(frozen=True)
class StateChange:
    """What ``request.state_changed`` brings: the state, and the work's deadlines by name of their clock;
    ``sequence`` numbers the states of one request."""

    request_id: UUID
    to_state: str
    sequence: int
    clocks: Mapping[str, datetime] = field(default_factory=dict)


def note_registration(work: Work, desk: Desk, told: Registration) -> None:
    """Keep where and what; send somebody if urgency and system are known already."""
    with work:
        case = work.cases.open(told.request_id)
        _settle(work, desk, case, _weighed(work, register(case, told)))
        work.commit()


def note_classification(work: Work, desk: Desk, told: Classification) -> None:
    """Keep urgency and system; send somebody if address and problem are known already."""
    with work:
        case = work.cases.open(told.request_id)
        _settle(work, desk, case, _weighed(work, classify(case, told)))
        work.commit()


def note_ride(work: Work, desk: Desk, ride: Ride) -> bool:
    """Keep that the request rides on an outage: an offer that no crew has taken on yet is withdrawn.

    Returns whether a crew became free.
    """
    with work:
        before = work.cases.open(ride.request_id)
        case = _weighed(work, join(before, ride))
        live = work.assignments.live(case.request_id) if case.status is Status.ASSIGNED else None
        free = live is not None and case.rides and live.state is State.OFFERED
        if free:
            assert live is not None
            case = take_back(work, case, live, WithdrawReason.JOINED_OUTAGE, SYSTEM)
            case = unrouted(case)
        _settle(work, desk, before, case)
        work.commit()
    return free


def note_split(work: Work, desk: Desk, request_id: UUID, sequence: int) -> None:
    """The request is on its own again: send somebody."""
    with work:
        case = work.cases.open(request_id)
        _settle(work, desk, case, leave(case, sequence))
        work.commit()


def note_state(work: Work, desk: Desk, told: StateChange) -> bool:
    """Keep the official state: what is called off loses its crew, what is returned calls a dispatcher.

    Returns whether a crew became free.
    """
    with work:
        before = work.cases.open(told.request_id)
        case = follow_state(before, told.to_state, told.sequence, told.clocks)
        live = None
        if case.state in CALLED_OFF and case.status is Status.ASSIGNED:
            live = work.assignments.live(case.request_id)
        if live is not None:
            case = take_back(work, case, live, WithdrawReason.REQUEST_CANCELLED, SYSTEM)
        _settle(work, desk, before, _watched(work, case))
        work.commit()
    return live is not None


def note_cancellation_wish(work: Work, request_id: UUID, asked_at: datetime) -> None:
    """The applicant wants to call off what only a person may: a dispatcher sees it until the request ends."""
    with work:
        case = work.cases.open(request_id)
        if case.cancellation_asked_at is None:
            work.cases.save(replace(case, cancellation_asked_at=asked_at))
        work.commit()


def note_supplement(work: Work, request_id: UUID, photos: int, at: datetime) -> None:
    """Keep that the applicant added something: the board marks it."""
    with work:
        work.calls.supplement(request_id, photos, at)
        work.commit()


def note_deadline(work: Work, request_id: UUID, deadline: Deadline) -> None:
    """Flag the request on the board."""
    with work:
        case = work.cases.open(request_id)
        changed = escalate(case, deadline)
        if changed != case:
            work.cases.save(changed, new_version=False)
        work.commit()


def note_progress(work: Work, desk: Desk, told: Progress) -> bool:
    """Move the assignment as its crew reports; returns whether the crew became free.

    Stale news (of an assignment withdrawn, or older than what is known) is kept among the moves, no more.
    Raises UnknownAssignment for one this service never made.
    """
    with work:
        case = work.cases.lock(told.request_id)
        assignment = work.assignments.get(told.assignment_id)
        if case is None or assignment is None:
            raise UnknownAssignment(str(told.assignment_id))
        changed, move = report(assignment, _move(assignment, told), told.sequence)
        work.assignments.note(move)
        if move.applied:
            if changed.is_live and changed.state is not State.OFFERED:
                leave_lesser(work, assignment)
            work.assignments.save(changed)
            work.roster.put_back(changed.crew_id, Out.SILENT)
            work.cases.save(_follow(work, desk, case, assignment, changed, told.reason))
        work.commit()
    return move.applied and not changed.is_live


def note_organisation(work: Work, organisation: Organisation, sequence: int) -> None:
    """Keep our copy of an organisation."""
    with work:
        work.organisations.put(organisation, sequence)
        work.commit()


def note_crew(work: Work, crew_id: UUID, profile: Profile, sequence: int) -> bool:
    """Keep our copy of a crew; returns whether this was news."""
    with work:
        news = work.roster.put_profile(crew_id, profile, sequence)
        work.commit()
    return news


def note_shift(work: Work, desk: Desk, crew_id: UUID, shift: Shift, sequence: int) -> bool:
    """Keep whether a crew is on shift; returns whether it may take a request now."""
    with work:
        news = follow_shift(work, desk, crew_id, shift, sequence)
        work.commit()
    return news and shift.on_shift


def note_position(work: Work, crew_id: UUID, position: Position) -> bool:
    """Keep where a crew is; returns whether one that was silent is back."""
    with work:
        news = work.roster.put_position(crew_id, position)
        back = news and work.roster.put_back(crew_id, Out.SILENT)
        work.commit()
    return back


def note_positions(work: Work, positions: Mapping[UUID, Position]) -> bool:
    """Keep where many crews are; returns whether one that was silent is back."""
    with work:
        if positions:
            work.roster.put_positions(positions)
        silent = [crew.crew_id for crew in work.roster.out() if crew.crew_id in positions]
        back = [crew_id for crew_id in silent if work.roster.put_back(crew_id, Out.SILENT)]
        work.commit()
    return bool(back)


def note_outage(work: Work, outage: Outage) -> None:
    """Keep our copy of an outage, for the screens."""
    with work:
        work.outages.put(outage)
        work.commit()


def note_delivery(work: Work, told: Undelivered) -> None:
    """Keep that a partner could not be told, or that somebody has it tried again."""
    with work:
        work.deliveries.put(told)
        work.commit()


def note_audit(work: Work, audit: Audit) -> None:
    """Keep what the journal found, for the dispatchers' alarms."""
    with work:
        work.audits.put(audit)
        work.commit()


def _weighed(work: Work, case: Case) -> Case:
    """The case with the dangers that its outage does not account for, as far as our own cases know."""
    if case.outage_id is None or not case.hazards:
        return case
    lead = work.cases.get(case.lead_request_id) if case.lead_request_id is not None else None
    return endanger(case, lead.hazards if lead is not None else ())


def _settle(work: Work, desk: Desk, before: Case, case: Case) -> None:
    """Save what changed; a case that has just come to wait goes on its way first."""
    if case.wants_crew and not before.wants_crew:
        case = send(work, desk, case)
    if case != before:
        work.cases.save(case, new_version=is_told_apart(before, case))


def _follow(
    work: Work, desk: Desk, case: Case, before: Assignment, assignment: Assignment, reason: str | None
) -> Case:
    """The case after its live assignment moved."""
    if assignment.state is State.SUSPENDED:
        return follow_suspension(work, desk, case, before, assignment, reason)
    if assignment.state is State.DECLINED:
        freed = released(case)
        return (
            find_crew(work, desk, freed, job_of(freed, desk.needs, desk.policy))
            if freed.wants_crew
            else freed
        )
    _acknowledge_by_deed(work, assignment)
    taken = replace(case, resumed_at=None)
    return _watched(work, finished(taken)) if assignment.state is State.COMPLETED else taken


def _watched(work: Work, case: Case) -> Case:
    """The case with an alarm if a dispatcher must decide on it."""
    return call_dispatcher(case, Unroutable.RETURNED, work.now) if case.status is Status.RETURNED else case


def _acknowledge_by_deed(work: Work, assignment: Assignment) -> None:
    """A crew that takes the order on shows that its organisation has received the request."""
    transfer = work.transfers.current(assignment.request_id)
    own = transfer is not None and transfer.organisation_id == assignment.organisation_id
    if transfer is not None and own and transfer.acknowledged_at is None:
        confirm(work, transfer, Channel.SYSTEM, f"crew:{assignment.crew_id}")


def _move(assignment: Assignment, told: Progress) -> Move:
    return Move(
        assignment.assignment_id, assignment.state, told.stage, told.at, told.by, Channel.SYSTEM, told.reason
    )
