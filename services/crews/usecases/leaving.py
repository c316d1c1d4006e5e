"""The crew says whether it can leave its site; and what that means for an emergency that it is offered."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from services.crews.domain.leaving import LEAVE, ON_SITE, Hold, unsafe
from services.crews.domain.notes import Command, Note
from services.crews.domain.orders import WorkOrder
from services.crews.errors import CannotLeaveYet, NotOnSite, SiteNotSafe
from services.crews.usecases.notes import own_order
from services.crews.usecases.ports import UnitOfWork
from services.crews.usecases.standing import scene_of, standing_of, tell_standing


def say_leaving(
    uow: UnitOfWork, command: Command, can: bool, made_safe: Collection[Hold] = ()
) -> dict[str, Any]:
    """Keep and tell that the crew can, or cannot, leave this site now.

    For :func:`~services.crews.usecases.commands.perform`. Raises NotOnSite, and SiteNotSafe for a step that
    runs and is not among ``made_safe``.
    """
    order = own_order(uow, command.crew_id, command.assignment_id)
    if order.stage not in ON_SITE:
        raise NotOnSite(stage=order.stage)
    if can and (left := unsafe(scene_of(uow, order), made_safe)):
        raise SiteNotSafe(holds=left)
    note = Note.of(command, command.time.happened(uow.now, order.card.offered_at), uow.now)
    _keep(uow, order, note)
    return {"id": str(note.id), "at": note.at.isoformat()}


def stay(uow: UnitOfWork, command: Command) -> None:
    """The crew declines an emergency because it cannot leave: that holds for the work it is on, until it says
    otherwise. Inside the transaction of the refusal."""
    for order in _on_site(uow, command):
        at = command.time.happened(uow.now, order.card.offered_at)
        said = Note.of(command, at, uow.now)
        entered = {"can": False, "note": command.entered.get("reason")}
        _keep(uow, order, said.on(order.card.assignment_id, LEAVE, entered))


def check_leaving(uow: UnitOfWork, command: Command) -> None:
    """Raise CannotLeaveYet if the crew takes on an order while a dangerous step runs where it is.

    What it said before is no obstacle: it has changed its mind.
    """
    for order in _on_site(uow, command):
        holds = [hold for hold in standing_of(uow, order).holds if hold is not Hold.SHUT_OFF]
        if holds:
            raise CannotLeaveYet(number=order.card.number, holds=tuple(holds))


def _on_site(uow: UnitOfWork, command: Command) -> Sequence[WorkOrder]:
    """The crew's other orders that it is at work on, each locked."""
    others = [id_ for id_ in _open(uow, command.crew_id) if id_ != command.assignment_id]
    held = [own_order(uow, command.crew_id, id_) for id_ in others]
    return [order for order in held if order.stage in ON_SITE]


def _open(uow: UnitOfWork, crew_id: UUID) -> list[UUID]:
    return sorted(order.card.assignment_id for order in uow.orders.open(crew_id) if order.stage in ON_SITE)


def _keep(uow: UnitOfWork, order: WorkOrder, note: Note) -> None:
    uow.notes.add(note)
    uow.orders.put(order)
    tell_standing(uow, order, note.by, note.at)
