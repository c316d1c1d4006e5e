"""What a crew enters beside the stages: kept with its order, told to the journal."""

from typing import Any
from uuid import UUID

from services.crews.domain.notes import CORRECTABLE, Command, Note
from services.crews.domain.orders import WorkOrder
from services.crews.errors import AssignmentNotFound
from services.crews.usecases.ports import UnitOfWork
from services.crews.usecases.standing import tell_standing


def own_order(uow: UnitOfWork, crew_id: UUID, assignment_id: UUID | None) -> WorkOrder:
    """The crew's order, for this transaction alone; raises AssignmentNotFound for another's."""
    if assignment_id is None:
        raise AssignmentNotFound
    uow.orders.lock(assignment_id)
    order = uow.orders.get(assignment_id)
    if order is None or order.card.crew_id != crew_id:
        raise AssignmentNotFound
    return order


def add_note(uow: UnitOfWork, command: Command) -> dict[str, Any]:
    """A note in words on an order of the crew, at whatever stage it is."""
    order = own_order(uow, command.crew_id, command.assignment_id)
    note = Note.of(command, command.time.happened(uow.now, order.card.offered_at), uow.now)
    _add(uow, order, note)
    return {"id": str(note.id), "at": note.at.isoformat()}


def correct_order(uow: UnitOfWork, command: Command) -> dict[str, Any]:
    """What the crew found to be otherwise than the card says: kept with the order, told to the others."""
    order = own_order(uow, command.crew_id, command.assignment_id)
    note = Note.of(command, command.time.happened(uow.now, order.card.offered_at), uow.now)
    uow.notes.add(note)
    uow.orders.put(order)
    uow.emit("assignment.corrected", str(order.card.assignment_id), _correction(order, note))
    tell_standing(uow, order, note.by, note.at)
    return {"id": str(note.id), "at": note.at.isoformat()}


def note_refusal(uow: UnitOfWork, command: Command, code: str) -> None:
    """Keep what a refused command brought. An order that is not this crew's is only named in it."""
    try:
        order = own_order(uow, command.crew_id, command.assignment_id)
    except AssignmentNotFound:
        uow.notes.add(Note.of(command, command.time.happened(uow.now), uow.now, code))
    else:
        at = command.time.happened(uow.now, order.card.offered_at)
        _add(uow, order, Note.of(command, at, uow.now, code))


def _add(uow: UnitOfWork, order: WorkOrder, note: Note) -> None:
    uow.notes.add(note)
    uow.orders.put(order)
    uow.emit("assignment.noted", str(order.card.assignment_id), _told(order, note))


def _told(order: WorkOrder, note: Note) -> dict[str, Any]:
    return {
        "note_id": note.id,
        "assignment_id": order.card.assignment_id,
        "request_id": order.card.request_id,
        "crew_id": note.crew_id,
        "command": note.command,
        "text": note.entered.get("note"),
        "result": note.entered.get("result"),
        "refused": note.refused,
        "stage": order.stage,
        "at": note.at,
        "recorded_at": note.recorded_at,
        "by": note.by,
    }


def _correction(order: WorkOrder, note: Note) -> dict[str, Any]:
    found = {name: note.entered.get(name) for name in CORRECTABLE}
    return {
        "note_id": note.id,
        "assignment_id": order.card.assignment_id,
        "request_id": order.card.request_id,
        "crew_id": note.crew_id,
        **found,
        "text": note.entered.get("note"),
        "at": note.at,
        "recorded_at": note.recorded_at,
        "by": note.by,
    }
