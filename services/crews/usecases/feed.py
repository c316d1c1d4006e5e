"""What changed for a crew since its device last asked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.crews.domain.feed import Change, Topic
from services.crews.domain.messages import Message
from services.crews.domain.people import Shift
from services.crews.domain.records import Record
from services.crews.domain.signals import Signal
from services.crews.usecases.documents import Shown, shown
from services.crews.usecases.orders import History, with_history
from services.crews.usecases.ports import UnitOfWork

LATEST_MESSAGES = 50


@dataclass(frozen=True)
class Changes:
    """What a device must learn; ask again after ``cursor``, at once if ``more``.

    ``whole``: this is everything, and what the device has beside it is over. ``shift`` is None if it did not
    change (or never was); ``knows_shift`` tells the two apart.
    """

    cursor: int
    more: bool
    whole: bool
    orders: Sequence[History]
    messages: Sequence[Message]
    signals: Sequence[Signal]
    records: Sequence[Record]
    documents: Sequence[Shown]
    shift: Shift | None
    knows_shift: bool


def changes_since(uow: UnitOfWork, crew_id: UUID, after: int | None, limit: int) -> Changes:
    """The crew's changes after a cursor, at most ``limit``; without one, everything that is not over."""
    with uow:
        last = uow.feed.last(crew_id)
        if after is None or after > last:  # a number we never gave: the device knew another database
            return _everything(uow, crew_id, last)
        changes = uow.feed.after(crew_id, after, limit)
        shift_changed = bool(_ids(changes, Topic.SHIFT))
        return Changes(
            cursor=changes[-1].number if changes else last,
            more=len(changes) == limit,
            whole=False,
            orders=with_history(uow, crew_id, uow.orders.many(_ids(changes, Topic.ORDER))),
            messages=uow.messages.many(_ids(changes, Topic.MESSAGE)),
            signals=uow.signals.many(_ids(changes, Topic.SIGNAL)),
            records=uow.records.many(_ids(changes, Topic.RECORD)),
            documents=shown(uow, uow.documents.many(_ids(changes, Topic.DOCUMENT))),
            shift=uow.duty.shift_now(crew_id) if shift_changed else None,
            knows_shift=shift_changed,
        )


def cursors(uow: UnitOfWork, crew_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """How far the feeds of these crews have grown."""
    with uow:
        return uow.feed.last_of(crew_ids)


def _everything(uow: UnitOfWork, crew_id: UUID, last: int) -> Changes:
    """The cursor was read first: what changes meanwhile is shown now and once more later, never missed."""
    orders = uow.orders.open(crew_id)
    ids = [order.card.assignment_id for order in orders]
    return Changes(
        cursor=last,
        more=False,
        whole=True,
        orders=with_history(uow, crew_id, orders),
        messages=uow.messages.latest(crew_id, LATEST_MESSAGES),
        signals=uow.signals.open(crew_id),
        records=[record for id_ in ids for record in uow.records.of(id_)],
        documents=[document for id_ in ids for document in shown(uow, uow.documents.of(id_))],
        shift=uow.duty.shift_now(crew_id),
        knows_shift=True,
    )


def _ids(changes: Iterable[Change], topic: Topic) -> list[UUID]:
    return [change.id for change in changes if change.topic is topic]
