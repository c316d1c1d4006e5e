"""The steps that send somebody: hand over to an organisation, offer to a crew, take back.

Each works inside its caller's transaction on a case that the caller has locked and will save.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from services.routing.domain.assignment import ON_SITE, Assignment, Move, State, move, withdraw
from services.routing.domain.case import Case, Status, released, unrouted, unstuck
from services.routing.domain.choice import Candidate
from services.routing.domain.desk import Desk
from services.routing.domain.organisations import Organisation
from services.routing.domain.transfer import Transfer, acknowledge
from services.routing.domain.words import Channel, Unroutable, WithdrawReason
from services.routing.usecases.ports import Work

SYSTEM = "system"
_TOLD_OF_TRANSFER = (
    "request_id",
    "transfer_id",
    "organisation_id",
    "unit",
    "channel",
    "transferred_at",
    "acknowledge_by",
    "turn",
    "by",
    "reason",
)


@dataclass(frozen=True)
class Handing:
    """How a request is handed over; what is None is as usual: to the organisation as a whole, now, through
    the system where it has crews here, else by phone. ``basis`` says by which rule it answers."""

    by: str = SYSTEM
    channel: Channel | None = None
    unit: str | None = None
    at: datetime | None = None
    reason: str | None = None
    basis: Mapping[str, Any] | None = None


def hand_over(
    work: Work,
    desk: Desk,
    case: Case,
    organisation: Organisation,
    system: str | None,
    how: Handing = Handing(),
) -> Case:
    """Record and announce that ``organisation`` has the request (D-1.3-U4).

    An organisation without crews here is told by voice, by a dispatcher whom an alarm calls. ``system`` is
    the specialisation that crews are looked for in; None: not by us.
    """
    assert case.category is not None
    transferred_at = how.at or work.now
    acknowledge_by = transferred_at + desk.policy.acknowledge_within[case.category]
    transfer = work.transfers.add(
        Transfer(
            transfer_id=uuid4(),
            request_id=case.request_id,
            organisation_id=organisation.organisation_id,
            unit=how.unit or organisation.name,
            channel=how.channel or (Channel.SYSTEM if organisation.has_crews else Channel.PHONE),
            transferred_at=transferred_at,
            acknowledge_by=acknowledge_by,
            escalate_by=acknowledge_by + desk.policy.escalate_within[case.category],
            by=how.by,
            reason=how.reason,
            basis=how.basis,
        )
    )
    told = {name: getattr(transfer, name) for name in _TOLD_OF_TRANSFER}
    work.emit("request.transferred", str(case.request_id), told)
    handed = replace(unrouted(case), organisation_id=organisation.organisation_id)
    return replace(handed, routed_as=system)


def offer(
    work: Work,
    desk: Desk,
    case: Case,
    candidate: Candidate,
    method: str,
    by: str = SYSTEM,
    reason: str | None = None,
    instead_of: UUID | None = None,
) -> Case | None:
    """Offer the case to this crew; None when another request has just taken it. A crew on site keeps the work
    it would leave (``instead_of``) until it accepts."""
    assert case.category is not None
    assignment = Assignment(
        assignment_id=uuid4(),
        request_id=case.request_id,
        crew_id=candidate.crew.crew_id,
        organisation_id=candidate.crew.organisation_id,
        attempt=case.attempts + 1,
        state=State.OFFERED,
        offered_at=work.now,
        respond_by=work.now + desk.policy.respond_within[case.category],
        eta_minutes=candidate.eta_minutes,
        distance_m=candidate.distance_m,
        method=method,
        by=by,
        reason=reason,
        instead_of=instead_of,
    )
    if not work.assignments.offer(assignment):
        return None
    work.turns.drop(case.request_id, pinned_too=False)
    work.emit("assignment.made", str(assignment.assignment_id), _job_card(case, assignment))
    return replace(unstuck(case), status=Status.ASSIGNED, attempts=assignment.attempt)


def take_back(
    work: Work, case: Case, assignment: Assignment, why: WithdrawReason, by: str, note: str | None = None
) -> Case:
    """Withdraw a live assignment; the case comes back waiting if somebody must still go."""
    ended = withdraw(assignment, work.now)
    work.assignments.save(ended)
    work.assignments.note(
        Move(
            assignment.assignment_id,
            assignment.state,
            ended.state,
            work.now,
            by,
            Channel.SYSTEM,
            note or why.value,
        )
    )
    told = {
        "assignment_id": assignment.assignment_id,
        "request_id": assignment.request_id,
        "crew_id": assignment.crew_id,
        "reason": why,
        "note": note,
        "by": by,
        "at": work.now,
    }
    work.emit("assignment.withdrawn", str(assignment.assignment_id), told)
    return released(case)


def call_back(work: Work, case: Case, live: Assignment, by: str) -> None:
    """Take the crew off lesser work, which goes back in line; what was begun on site is suspended first."""
    if live.state in ON_SITE:
        live = _suspended(work, live, by)
    waiting = take_back(work, case, live, WithdrawReason.PREEMPTED, by)
    work.cases.save(replace(waiting, preempted=waiting.preempted + 1))


def _suspended(work: Work, live: Assignment, by: str) -> Assignment:
    left = replace(live, state=move(live.state, State.SUSPENDED))
    why = WithdrawReason.PREEMPTED.value
    work.assignments.note(Move(live.assignment_id, live.state, left.state, work.now, by, Channel.SYSTEM, why))
    return left


def confirm(work: Work, transfer: Transfer, channel: Channel, by: str, unit: str | None = None) -> Transfer:
    """Record and announce that the organisation has received the request (D-1.3-U5)."""
    received = acknowledge(transfer, work.now, channel, by, unit)
    work.transfers.save(received)
    told = {
        "request_id": received.request_id,
        "transfer_id": received.transfer_id,
        "acknowledged_at": received.acknowledged_at,
        "channel": channel,
        "by": by,
    }
    work.emit("transfer.acknowledged", str(received.request_id), told)
    return received


def give_up(work: Work, case: Case, reason: Unroutable, detail: str) -> Case:
    """Leave the case waiting and call a person, once for each time it got stuck."""
    if case.unroutable is not None:
        return replace(case, unroutable=reason, unroutable_detail=detail)
    told = {"request_id": case.request_id, "reason": reason, "detail": detail, "at": work.now}
    work.emit("request.unroutable", str(case.request_id), told)
    return replace(case, unroutable=reason, unroutable_detail=detail, unroutable_at=work.now)


def _job_card(case: Case, assignment: Assignment) -> dict[str, Any]:
    """The whole job card, as the contract of ``assignment.made`` wants it."""
    assert case.category is not None
    from_case = (
        "request_id",
        "number",
        "category",
        "system",
        "fault",
        "place",
        "text",
        "language",
        "address",
    )
    from_assignment = (
        "assignment_id",
        "crew_id",
        "organisation_id",
        "attempt",
        "offered_at",
        "respond_by",
        "eta_minutes",
        "distance_m",
        "by",
        "reason",
    )
    return {
        **{name: getattr(case, name) for name in from_case},
        **{name: getattr(assignment, name) for name in from_assignment},
        "priority": case.priority or case.category.priority,
        "hazards": list(case.hazards),
    }
