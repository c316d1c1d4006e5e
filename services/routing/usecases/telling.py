"""Whom an alert could not reach: kept for the board, and told by a dispatcher."""

from dataclasses import replace
from uuid import UUID

from services.routing.domain.board import Entry
from services.routing.domain.untold import Untold
from services.routing.errors import AlertNotFound
from services.routing.usecases.dispatch import Order, locked, saved
from services.routing.usecases.ports import Work


def note_untold(work: Work, told: Untold) -> None:
    """Keep whom an alert did not reach: a dispatcher's alarm until nobody is left."""
    with work:
        work.untold.put(told)
        work.commit()


def tell_by_hand(work: Work, order: Order, alert_id: UUID, received_by: str) -> Entry:
    """A dispatcher has told everybody whom an alert did not reach; ``received_by`` took the message
    (M-1.1-U4). Its record follows. Again is the same as once. Raises AlertNotFound."""
    with work:
        case = locked(work, order)
        told = work.untold.get(alert_id)
        if told is None or told.request_id != case.request_id:
            raise AlertNotFound
        if told.people:
            work.untold.settle(replace(told, people=()))
            work.emit("alert.told", str(alert_id), _event(told, order, received_by, work))
        return saved(work, case, new_version=False)


def _event(told: Untold, order: Order, received_by: str, work: Work) -> dict[str, object]:
    ids = {"alert_id": told.alert_id, "request_id": told.request_id}
    return {**ids, "received_by": received_by, "by": order.by, "at": work.now}
