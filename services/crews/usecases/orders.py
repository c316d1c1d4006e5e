"""Work orders: taken from the bus, shown to their crew, moved on by it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.crews.domain.gate import Gate
from services.crews.domain.notes import Command, Note
from services.crews.domain.orders import JobCard, Stage, Step, WorkOrder, advance, withdraw
from services.crews.domain.push import PushKind, offer_expires
from services.crews.domain.records import Record
from services.crews.errors import AssignmentNotFound
from services.crews.usecases.leaving import check_leaving, stay
from services.crews.usecases.notes import add_note, own_order
from services.crews.usecases.ports import UnitOfWork
from services.crews.usecases.records import gate_of, keep
from services.crews.usecases.standing import tell_standing

_WORTH_KNOWING = timedelta(minutes=30)
_APART = timedelta(milliseconds=1)
"""No two stages of an order happen at the same moment: readers tell them apart, and order them, by it."""

_HEADED_FOR_SITE = frozenset({Stage.ACCEPTED, Stage.DEPARTED})
_GATED = frozenset({Stage.WORKING, Stage.LOCALISED, Stage.COMPLETED})


@dataclass(frozen=True)
class History:
    """A work order with everything that happened to it and everything its crew noted."""

    order: WorkOrder
    steps: Sequence[Step]
    notes: Sequence[Note]


@dataclass(frozen=True)
class Page:
    """Work orders in the order of their change numbers; ask again after ``cursor``, at once if ``more``."""

    orders: Sequence[WorkOrder]
    cursor: int
    more: bool


def receive_order(uow: UnitOfWork, card: JobCard) -> None:
    """Keep the order that routing made. If its withdrawal came first, it appears withdrawn."""
    with uow:
        uow.orders.lock(card.assignment_id)
        if uow.orders.get(card.assignment_id) is None:
            _keep(uow, WorkOrder.offered(card))
            uow.pushes.add(
                card.crew_id,
                PushKind.OFFER,
                card.assignment_id,
                uow.now,
                offer_expires(card.respond_by, uow.now),
            )
        uow.commit()


def withdraw_order(uow: UnitOfWork, assignment_id: UUID, step: Step) -> None:
    """Take the order back from its crew, or remember to when it is not here yet."""
    with uow:
        uow.orders.lock(assignment_id)
        before = uow.orders.get(assignment_id)
        after = withdraw(before, step) if before else None
        if after is not None and after is not before:
            uow.orders.put(after)
            soon = uow.now + _WORTH_KNOWING
            uow.pushes.add(after.card.crew_id, PushKind.WITHDRAWN, assignment_id, uow.now, soon)
        uow.orders.add_step(assignment_id, step)
        uow.commit()


def report_stage(
    uow: UnitOfWork, command: Command, step: Step, gate: Gate, records: Sequence[Record] = ()
) -> dict[str, Any]:
    """Move the crew's order one stage on and tell the others; raises why not, with what is true now.

    For :func:`~services.crews.usecases.commands.perform`. The stage has the time at which it happened. What
    comes with a stage that the order has already is kept as a note. ``records`` are what the crew recorded
    with it, answers to the safety gate among them.
    """
    before = own_order(uow, command.crew_id, command.assignment_id)
    at = command.time.happened(uow.now, before.stage_at + _APART)
    dated = replace(step, at=at, recorded_at=uow.now)
    for record in records:
        keep(uow, before, record)
    if step.stage is Stage.ACCEPTED and before.stage is Stage.OFFERED:
        check_leaving(uow, command)
    after = advance(before, dated, gate_of(uow, before, gate) if step.stage in _GATED else gate)
    if after is not before:
        after = _moved(uow, after, dated)
    elif dated.says_something:
        add_note(uow, command)
    return receipt(after)


def decline_to_stay(uow: UnitOfWork, command: Command, step: Step, gate: Gate) -> dict[str, Any]:
    """Decline an order because the crew cannot leave the site it is on; that is kept for the work there."""
    declined = report_stage(uow, command, step, gate)
    stay(uow, command)
    return declined


def receipt(order: WorkOrder) -> dict[str, Any]:
    """Where the order stands since when, and the number of that change."""
    return {
        "assignment_id": str(order.card.assignment_id),
        "stage": order.stage.value,
        "stage_at": order.stage_at.isoformat(),
        "change": order.change,
    }


def list_orders(uow: UnitOfWork, crew_id: UUID, after: int | None, limit: int) -> Page:
    """The crew's orders changed after a cursor; without one, those which have not ended."""
    with uow:
        last = uow.feed.last(crew_id)
        if after is None:
            return Page(uow.orders.open(crew_id), last, more=False)
        orders = uow.orders.changed(crew_id, after, limit)
        return Page(orders, orders[-1].change if orders else last, more=len(orders) == limit)


def show_order(uow: UnitOfWork, crew_id: UUID, assignment_id: UUID) -> History:
    """One order of the crew with everything that happened to it."""
    with uow:
        orders = [order for order in uow.orders.many([assignment_id]) if order.card.crew_id == crew_id]
        if not orders:
            raise AssignmentNotFound
        return with_history(uow, crew_id, orders)[0]


def with_history(uow: UnitOfWork, crew_id: UUID, orders: Sequence[WorkOrder]) -> list[History]:
    """The orders of a crew, each with its steps and notes."""
    ids = [order.card.assignment_id for order in orders]
    steps, notes = uow.orders.histories(ids), uow.notes.on(ids, crew_id)
    return [
        History(order, steps.get(id_, []), [note for note in notes if note.assignment_id == id_])
        for order, id_ in zip(orders, ids, strict=True)
    ]


def _keep(uow: UnitOfWork, offered: WorkOrder) -> None:
    card = offered.card
    order = offered
    for step in uow.orders.steps(card.assignment_id):
        order = withdraw(order, step)
    uow.orders.put(order)
    uow.orders.add_step(card.assignment_id, Step(Stage.OFFERED, card.by, card.offered_at, reason=card.reason))


def _moved(uow: UnitOfWork, after: WorkOrder, step: Step) -> WorkOrder:
    uow.orders.add_step(after.card.assignment_id, step)
    uow.emit("assignment.progressed", str(after.card.assignment_id), _progress(after.card, step))
    tell_standing(uow, after, step.by, step.at)
    return uow.orders.put(after)


def _progress(card: JobCard, step: Step) -> dict[str, Any]:
    return {
        "assignment_id": card.assignment_id,
        "request_id": card.request_id,
        "crew_id": card.crew_id,
        "stage": step.stage,
        "at": step.at,
        "recorded_at": step.recorded_at or step.at,
        "device_at": step.device_at,
        "reason": step.reason,
        "note": step.note,
        "result": step.result,
        "eta_minutes": card.eta_minutes if step.stage in _HEADED_FOR_SITE else None,
        "readings": [{"kind": r.kind, "value": r.value, "unit": r.unit} for r in step.readings],
        "by": step.by,
    }
