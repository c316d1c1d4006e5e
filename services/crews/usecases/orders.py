"""Work orders: taken from the bus, shown to their crew, moved on by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.crews.domain.orders import JobCard, Stage, Step, WorkOrder, advance, withdraw
from services.crews.domain.safety import AirLimit
from services.crews.errors import AssignmentNotFound
from services.crews.usecases.ports import UnitOfWork

_HEADED_FOR_SITE = frozenset({Stage.ACCEPTED, Stage.DEPARTED})


@dataclass(frozen=True)
class Once:
    """What makes a command safe to send twice: its key, who sent it, a digest of what it asks."""

    key: str
    actor_id: str
    fingerprint: str


@dataclass(frozen=True)
class Receipt:
    """The answer to a command: where the order stands since when, and the number of that change."""

    assignment_id: UUID
    stage: Stage
    stage_at: datetime
    change: int

    @classmethod
    def of(cls, order: WorkOrder) -> "Receipt":
        return cls(order.card.assignment_id, order.stage, order.stage_at, order.change)

    def to_json(self) -> dict[str, Any]:
        return {
            "assignment_id": str(self.assignment_id),
            "stage": self.stage.value,
            "stage_at": self.stage_at.isoformat(),
            "change": self.change,
        }

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "Receipt":
        return cls(
            UUID(body["assignment_id"]),
            Stage(body["stage"]),
            datetime.fromisoformat(body["stage_at"]),
            body["change"],
        )


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
        uow.commit()


def withdraw_order(uow: UnitOfWork, assignment_id: UUID, step: Step) -> None:
    """Take the order back from its crew, or remember to when it is not here yet."""
    with uow:
        uow.orders.lock(assignment_id)
        before = uow.orders.get(assignment_id)
        after = withdraw(before, step) if before else None
        if after is not None and after is not before:
            uow.orders.put(after)
        uow.orders.add_step(assignment_id, step)
        uow.commit()


def report_stage(
    uow: UnitOfWork, once: Once, crew_id: UUID, assignment_id: UUID, step: Step, limits: Sequence[AirLimit]
) -> Receipt:
    """Move the crew's order one stage on and tell the others; raises why not, with what is true now."""
    with uow:
        earlier = uow.idempotency.claim(once.key, once.actor_id, once.fingerprint)
        if earlier is not None:
            return Receipt.from_json(earlier.body)
        uow.orders.lock(assignment_id)
        receipt = Receipt.of(_advanced(uow, _own(uow, crew_id, assignment_id), step, limits))
        uow.idempotency.answer(once.key, once.actor_id, 200, receipt.to_json())
        uow.commit()
    return receipt


def list_orders(uow: UnitOfWork, crew_id: UUID, after: int | None, limit: int) -> Page:
    """The crew's orders changed after a cursor; without one, those which have not ended."""
    with uow:
        last = uow.orders.last_change(crew_id)
        if after is None:
            return Page(uow.orders.open(crew_id), last, more=False)
        orders = uow.orders.changed(crew_id, after, limit)
        return Page(orders, orders[-1].change if orders else last, more=len(orders) == limit)


def show_order(uow: UnitOfWork, crew_id: UUID, assignment_id: UUID) -> tuple[WorkOrder, list[Step]]:
    """One order of the crew with everything that happened to it."""
    with uow:
        return _own(uow, crew_id, assignment_id), uow.orders.steps(assignment_id)


def _own(uow: UnitOfWork, crew_id: UUID, assignment_id: UUID) -> WorkOrder:
    order = uow.orders.get(assignment_id)
    if order is None or order.card.crew_id != crew_id:
        raise AssignmentNotFound
    return order


def _keep(uow: UnitOfWork, offered: WorkOrder) -> None:
    card = offered.card
    order = offered
    for step in uow.orders.steps(card.assignment_id):
        order = withdraw(order, step)
    uow.orders.put(order)
    uow.orders.add_step(card.assignment_id, Step(Stage.OFFERED, card.by, card.offered_at, reason=card.reason))


def _advanced(uow: UnitOfWork, before: WorkOrder, step: Step, limits: Sequence[AirLimit]) -> WorkOrder:
    after = advance(before, step, limits)
    if after is before:
        return before
    uow.orders.add_step(before.card.assignment_id, step)
    uow.emit("assignment.progressed", str(before.card.assignment_id), _progress(after.card, step))
    return uow.orders.put(after)


def _progress(card: JobCard, step: Step) -> dict[str, Any]:
    return {
        "assignment_id": card.assignment_id,
        "request_id": card.request_id,
        "crew_id": card.crew_id,
        "stage": step.stage,
        "at": step.at,
        "device_at": step.device_at,
        "reason": step.reason,
        "note": step.note,
        "result": step.result,
        "eta_minutes": card.eta_minutes if step.stage in _HEADED_FOR_SITE else None,
        "readings": [{"kind": r.kind, "value": r.value, "unit": r.unit} for r in step.readings],
        "by": step.by,
    }
