"""What the public reads about outages."""

from collections.abc import Sequence
from uuid import UUID

from services.notify.domain.bulletins import Bulletin
from services.notify.errors import UnknownOutage
from services.notify.usecases.ports import Transaction


def active_bulletins(uow: Transaction, limit: int) -> Sequence[Bulletin]:
    with uow:
        return [bulletin for bulletin in uow.bulletins.active(limit) if bulletin.is_active]


def show_bulletin(uow: Transaction, outage_id: UUID) -> Bulletin:
    """Raises UnknownOutage, also for one that is nobody's business."""
    with uow:
        bulletin = uow.bulletins.get(outage_id)
    if bulletin is None or not bulletin.is_public:
        raise UnknownOutage
    return bulletin
