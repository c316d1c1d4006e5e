"""Forgetting photos, video and documents when their time has come."""

from services.crews.domain.retention import Retention
from services.crews.usecases.ports import UnitOfWork


def forget_old(uow: UnitOfWork, keep: Retention) -> int:
    """Drop documents, then photos and video, that are older than they are kept; how many.

    A document that a younger one corrects stays as long as that; numbers are never given again.
    """
    with uow:
        papers = uow.documents.forget_before(uow.now - keep.documents)
        pictures = uow.media.forget_before(uow.now - keep.media)
        uow.commit()
    return papers + pictures
