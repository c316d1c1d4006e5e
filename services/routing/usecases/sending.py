"""The steps that send somebody: hand over to an organisation, offer to a crew, take back.

Each works inside its caller's transaction on a case that the caller has locked and will save.
"""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from services.routing.domain.assignment import Assignment, Move, State, withdraw
from services.routing.domain.case import Case, Status, released
from services.routing.domain.choice import Candidate
from services.routing.domain.desk import Desk
from services.routing.domain.organisations import Organisation
from services.routing.domain.transfer import Transfer, acknowledge
from services.routing.domain.words import Channel, Unroutable, WithdrawReason
from services.routing.usecases.ports import Work

SYSTEM = "system"


def hand_over(work: Work, desk: Desk, case: Case, organisation: Organisation, system: str) -> Case:
    """Record and announce that ``organisation`` has the request (D-1.3-U4).

    An organisation without crews here is told by phone, by a dispatcher whom an alarm calls.
    """
    assert case.category is not None
    transfer = Transfer(
        transfer_id=uuid4(),
        request_id=case.request_id,
        organisation_id=organisation.organisation_id,
        unit=organisation.name,
        channel=Channel.SYSTEM if organisation.has_crews else Channel.PHONE,
        transferred_at=work.now,
        acknowledge_by=work.now + desk.policy.acknowledge_within[case.category],
    )
    work.transfers.add(transfer)
    names = (
        "request_id",
        "transfer_id",
        "organisation_id",
        "unit",
        "channel",
        "transferred_at",
        "acknowledge_by",
    )
    told = {name: getattr(transfer, name) for name in names}
    work.emit("request.transferred", str(case.request_id), told)
    return replace(case, organisation_id=organisation.organisation_id, routed_as=system)


def offer(
    work: Work,
    desk: Desk,
    case: Case,
    candidate: Candidate,
    method: str,
    by: str = SYSTEM,
    reason: str | None = None,
) -> Case | None:
    """Offer the case to this crew; None when another request has just taken it."""
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
    )
    if not work.assignments.offer(assignment):
        return None
    work.turns.drop(case.request_id, pinned_too=False)
    work.emit("assignment.made", str(assignment.assignment_id), _job_card(case, assignment))
    return replace(
        case,
        status=Status.ASSIGNED,
        attempts=assignment.attempt,
        unroutable=None,
        unroutable_detail=None,
        unroutable_at=None,
        advice=None,
    )


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
