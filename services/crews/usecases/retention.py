"""Forgetting documents, pictures, orders and words when their time has come."""

from services.crews.domain.retention import Retention
from services.crews.usecases.ports import UnitOfWork


def forget_old(uow: UnitOfWork, keep: Retention) -> int:
    """Drop what is older than it is kept: documents, then pictures, then orders with all that was recorded on
    them, then what crew and dispatcher told each other; how many.

    A document that a younger one corrects stays as long as that; numbers are never given again.
    """
    with uow:
        papers = uow.documents.forget_before(uow.now - keep.documents)
        pictures = uow.media.forget_before(uow.now - keep.media)
        orders = uow.orders.forget_before(uow.now - keep.orders)
        words = uow.messages.forget_before(uow.now - keep.orders)
        signals = uow.signals.forget_before(uow.now - keep.orders)
        uow.commit()
    return papers + pictures + orders + words + signals
