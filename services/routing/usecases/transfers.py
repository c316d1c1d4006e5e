"""Transfers by a dispatcher's hand, given back by organisations, raised by the clock (rule 6.3)."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.routing.domain.assignment import ON_SITE
from services.routing.domain.board import Entry
from services.routing.domain.case import Case, Status, unrouted
from services.routing.domain.desk import Desk
from services.routing.domain.organisations import Organisation
from services.routing.domain.transfer import Transfer, TransferRefusal, refuse
from services.routing.domain.words import Category, Channel, WithdrawReason
from services.routing.errors import (
    BadMoment,
    CaseIncomplete,
    CrewAtWork,
    NoCoordinates,
    NoCrewNeeded,
    NotTransferred,
    OrganisationNotFound,
    OrganisationWithoutCrews,
    RequestClosed,
)
from services.routing.usecases.answering import question_of
from services.routing.usecases.dispatch import Order, locked, saved
from services.routing.usecases.finding import send
from services.routing.usecases.ports import Transactions, Work
from services.routing.usecases.sending import Handing, confirm, hand_over, take_back


@dataclass(frozen=True)
class Wanted:
    """Hand it to this organisation. ``took``: who there took it on the phone or over the radio, which is the
    acknowledgement; ``at``: when they were told, if it is written down later."""

    organisation_id: UUID
    channel: Channel
    reason: str
    unit: str | None = None
    took: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class GivenBack:
    """The organisation does not take it, and why; ``channel`` is how it said so."""

    because: TransferRefusal
    channel: Channel
    note: str | None = None


def transfer_request(work: Work, desk: Desk, order: Order, wanted: Wanted) -> Entry:
    """Hand a request to an organisation that a dispatcher chooses, whoever has it now.

    Raises OrganisationNotFound, OrganisationWithoutCrews, BadMoment, RequestClosed, NoCrewNeeded, CrewAtWork,
    NoCoordinates (through the system only: voice needs none).
    """
    with work:
        case = _called_back(work, _transferable(locked(work, order)), order.by, wanted.reason)
        organisation = _organisation(work, wanted)
        _check_moment(work, case, wanted.at)
        how = Handing(order.by, wanted.channel, wanted.unit, wanted.at, wanted.reason)
        if wanted.channel is Channel.SYSTEM:
            if not case.has_place:
                raise NoCoordinates
            handed = hand_over(work, desk, case, organisation, question_of(case, desk).system, how)
            return saved(work, send(work, desk, replace(handed, status=Status.WAITING)))
        # They send their own: no crew is looked for here, whether they have confirmed yet or not.
        case = replace(hand_over(work, desk, case, organisation, None, how), status=Status.HANDED_OVER)
        if wanted.took:
            _confirm_taken(work, case, wanted, order.by)
        return saved(work, case)


def give_back(work: Work, desk: Desk, order: Order, given: GivenBack) -> Entry:
    """Record that the organisation does not take the request; the next that answers gets it, else a person.

    Raises NotTransferred, AlreadyRefused, CrewAtWork, RequestClosed, NoCrewNeeded.
    """
    with work:
        case = _transferable(locked(work, order))
        transfer = work.transfers.current(case.request_id)
        if transfer is None:
            raise NotTransferred
        refused = refuse(transfer, work.now, given.because, given.channel, order.by, given.note)
        work.transfers.save(refused)
        _tell_refused(work, refused)
        case = unrouted(_called_back(work, case, order.by, given.note or given.because.value))
        if given.because is TransferRefusal.OTHER_NETWORK:
            side = question_of(case, desk).side.network
            case = replace(case, network=None if side is None else side.other)
        return saved(work, send(work, desk, replace(case, status=Status.WAITING)))


def escalate_transfers(transactions: Transactions) -> int:
    """Raise every transfer that nobody acknowledged in its norm to the next rung, once; returns how many."""
    raised = 0
    while _escalate_one(transactions()):
        raised += 1
    return raised


def _escalate_one(work: Work) -> bool:
    with work:
        transfer = work.transfers.claim_overdue(work.now)
        rung = transfer.rung_due(work.now) if transfer is not None else None
        if transfer is None or rung is None:
            return False
        raised = replace(transfer, escalated=transfer.escalated + 1)
        work.transfers.save(raised)
        due_at = transfer.escalate_by if transfer.escalated else transfer.acknowledge_by
        told = {
            "request_id": raised.request_id,
            "transfer_id": raised.transfer_id,
            "organisation_id": raised.organisation_id,
            "unit": raised.unit,
            "level": raised.escalated,
            "role": rung,
            "due_at": due_at,
            "at": work.now,
        }
        work.emit("transfer.escalated", str(raised.request_id), told)
        work.commit()
    return True


def _transferable(case: Case) -> Case:
    if case.is_over or case.rides:
        raise RequestClosed(state=case.state)
    if case.category is None:
        raise CaseIncomplete
    if case.category is Category.CONSULTATION:
        raise NoCrewNeeded
    if case.status is Status.IDLE:
        # The work is reported done; the journal's word on it is still on its way.
        raise RequestClosed(state=case.state)
    return case


def _called_back(work: Work, case: Case, by: str, why: str) -> Case:
    """The case without the crew that has it or would get it; one that is on site stays there."""
    live = work.assignments.live(case.request_id)
    if live is not None and live.state in ON_SITE:
        raise CrewAtWork(state=live.state.value)
    work.turns.drop(case.request_id)
    if live is None:
        return case
    return take_back(work, case, live, WithdrawReason.DISPATCHER, by, why)


def _organisation(work: Work, wanted: Wanted) -> Organisation:
    found = work.organisations.find([wanted.organisation_id]).get(wanted.organisation_id)
    if found is None or not found.active:
        raise OrganisationNotFound
    if wanted.channel is Channel.SYSTEM and not found.has_crews:
        raise OrganisationWithoutCrews(organisation=found.name)
    return found


def _check_moment(work: Work, case: Case, at: datetime | None) -> None:
    """Written down later is fine; before the request or its last transfer, or ahead of now, is not."""
    if at is None:
        return
    last = work.transfers.current(case.request_id)
    earliest = last.transferred_at if last is not None else case.registered_at
    if at > work.now or (earliest is not None and at < earliest):
        raise BadMoment


def _confirm_taken(work: Work, case: Case, wanted: Wanted, by: str) -> None:
    transfer = work.transfers.current(case.request_id)
    assert transfer is not None
    confirm(work, transfer, wanted.channel, by, wanted.took)


def _tell_refused(work: Work, refused: Transfer) -> None:
    told = {
        "request_id": refused.request_id,
        "transfer_id": refused.transfer_id,
        "organisation_id": refused.organisation_id,
        "unit": refused.unit,
        "reason": refused.refused_because,
        "note": refused.refused_note,
        "channel": refused.refused_channel,
        "by": refused.refused_by,
        "at": refused.refused_at,
    }
    work.emit("transfer.refused", str(refused.request_id), told)
