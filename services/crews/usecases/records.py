"""What a crew records on site: kept once, whenever it comes; and what the safety gate still asks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.crews.domain.feed import Topic
from services.crews.domain.gate import Checked, Gate, Script, Site
from services.crews.domain.notes import Command
from services.crews.domain.orders import Stage, WorkOrder
from services.crews.domain.records import Kind, Record, opened_by
from services.crews.errors import AssignmentNotFound, RecordDiffers
from services.crews.usecases.notes import own_order
from services.crews.usecases.ports import UnitOfWork
from services.crews.usecases.standing import tell_standing
from shared.encoding import plain

_OF_DANGER = frozenset({Kind.DANGER, Kind.RETRACTION})


@dataclass(frozen=True)
class Checklist:
    """The safety gate of one order as it stands."""

    order: WorkOrder
    version: str
    scripts: tuple[Script, ...]
    items: tuple[Checked, ...]


def keep_record(uow: UnitOfWork, command: Command, record: Record) -> dict[str, Any]:
    """Keep what the crew recorded; sent again it is kept once.

    For :func:`~services.crews.usecases.commands.perform`. Never refused for the order's stage: a device that
    was offline may tell after the order is withdrawn or done. Raises AssignmentNotFound, RecordDiffers.
    """
    order = own_order(uow, command.crew_id, command.assignment_id)
    kept = keep(uow, order, record)
    if kept.kind in _OF_DANGER:
        tell_standing(uow, order, kept.by, kept.at)
    return dict(plain(vars(kept)))


def keep(uow: UnitOfWork, order: WorkOrder, record: Record) -> Record:
    """The same inside a transaction that its caller commits, on an order that is locked."""
    dated = replace(record, at=uow.now)
    if uow.records.add(dated):
        uow.feed.touch(order.card.crew_id, Topic.RECORD, dated.id)
        _tell_of_alert(uow, order, dated)
        return dated
    kept = uow.records.get(record.id)
    if kept is None or not kept.says_the_same(record):
        raise RecordDiffers(id=record.id)
    return kept


def _tell_of_alert(uow: UnitOfWork, order: WorkOrder, record: Record) -> None:
    """Whom the crew told, and when, is a fact of the request's timeline (M-1.1-U4)."""
    told = record.data["told"] if record.kind is Kind.SAFETY else None
    if told is None:
        return
    data = {
        "record_id": record.id,
        "assignment_id": record.assignment_id,
        "request_id": order.card.request_id,
        "item": record.data["item"],
        "told": told["who"],
        "channel": told["channel"],
        "told_at": told["at"],
        "at": record.at,
        "by": record.by,
    }
    uow.emit("alert.recorded", str(record.assignment_id), data)


def list_records(uow: UnitOfWork, crew_id: UUID | None, assignment_id: UUID) -> Sequence[Record]:
    """Everything recorded on an order, in the order in which it came; ``crew_id`` None: for those who may
    read all orders."""
    with uow:
        order_for(uow, assignment_id, crew_id)
        return uow.records.of(assignment_id)


def show_checklist(uow: UnitOfWork, crew_id: UUID | None, assignment_id: UUID, gate: Gate) -> Checklist:
    """The safety gate of an order: what is asked, what is answered."""
    with uow:
        order = order_for(uow, assignment_id, crew_id)
        opened = gate_of(uow, order, gate)
    scripts = opened.book.scripts_for(order.site | opened.found)
    return Checklist(order, opened.book.version, scripts, opened.checklist(order.site))


def gate_of(uow: UnitOfWork, order: WorkOrder, gate: Gate) -> Gate:
    """The gate with what was recorded on this order, inside the caller's transaction."""
    assignment_id = order.card.assignment_id
    suspended = [
        step.recorded_at or step.at
        for step in uow.orders.steps(assignment_id)
        if step.stage is Stage.SUSPENDED
    ]
    opened = opened_by(gate, uow.records.of(assignment_id), max(suspended, default=None))
    return replace(opened, found=opened.found | _corrected_place(uow, order))


def _corrected_place(uow: UnitOfWork, order: WorkOrder) -> Site:
    """Where the work really is, if the crew said that it is not where the card says."""
    notes = uow.notes.on([order.card.assignment_id], order.card.crew_id)
    places = [note.entered.get("place") for note in notes if note.refused is None]
    return Site(places=frozenset(place for place in places if place))


def order_for(uow: UnitOfWork, assignment_id: UUID, crew_id: UUID | None) -> WorkOrder:
    """An order; for a crew its own only. Raises AssignmentNotFound."""
    order = uow.orders.get(assignment_id)
    if order is None or crew_id not in (None, order.card.crew_id):
        raise AssignmentNotFound
    return order
