"""Whether a crew on site may be called off, worked out from what is stored and told to those who send crews.

Inside the caller's transaction, on an order that is locked.
"""

from datetime import datetime
from typing import Any

from services.crews.domain.gate import Site
from services.crews.domain.leaving import ON_SITE, Scene, Standing, standing
from services.crews.domain.notes import Note
from services.crews.domain.orders import CLOSED, Stage, WorkOrder
from services.crews.domain.records import opened_by
from services.crews.usecases.ports import UnitOfWork


def scene_of(uow: UnitOfWork, order: WorkOrder) -> Scene:
    """The order as its crew found it."""
    card, notes = order.card, notes_on(uow, order)
    found = opened_by(CLOSED, uow.records.of(card.assignment_id), None).found
    places, systems = (_corrected(notes, name) for name in ("place", "system"))
    begun = [
        step.recorded_at or step.at
        for step in uow.orders.steps(card.assignment_id)
        if step.stage is Stage.WORKING
    ]
    site = order.site | found | Site(places=places)
    return Scene(order, site, systems | {card.system}, max(begun, default=None))


def standing_of(uow: UnitOfWork, order: WorkOrder) -> Standing:
    """What holds the crew on its site now, and what it said."""
    return standing(scene_of(uow, order), notes_on(uow, order))


def tell_standing(uow: UnitOfWork, order: WorkOrder, by: str, at: datetime) -> None:
    """Tell whether the crew may be called off; of a crew that is not on site there is nothing to tell."""
    if order.stage in ON_SITE:
        told = _told(order, standing_of(uow, order), by, at, uow.now)
        uow.emit("assignment.leave_changed", str(order.card.assignment_id), told)


def notes_on(uow: UnitOfWork, order: WorkOrder) -> list[Note]:
    return uow.notes.on([order.card.assignment_id], order.card.crew_id)


def _corrected(notes: list[Note], name: str) -> frozenset[str]:
    said = [note.entered.get(name) for note in notes if note.command == "correct" and note.refused is None]
    return frozenset(value for value in said if value)


def _told(order: WorkOrder, now: Standing, by: str, at: datetime, recorded_at: datetime) -> dict[str, Any]:
    return {
        "assignment_id": order.card.assignment_id,
        "request_id": order.card.request_id,
        "crew_id": order.card.crew_id,
        "stage": order.stage,
        "may_leave": now.may_leave,
        "holds": list(now.holds),
        "can": now.can,
        "why": now.why,
        "at": at,
        "recorded_at": recorded_at,
        "by": by,
    }
