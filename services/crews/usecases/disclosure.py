"""Reading what names people: what is not written down is not shown (design §6.11)."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.crews.domain.audit import AccessAct, Act
from services.crews.usecases.ports import UnitOfWork

ONE_SITTING = timedelta(hours=1)
"""A player asks for a video in many pieces: what follows within this time is the reading already noted."""


@dataclass(frozen=True)
class Reader:
    """Who looks, from which network address; ``crew_id`` None: one who may read all orders."""

    id: str
    crew_id: UUID | None
    address: str | None = None


def note_reading(
    uow: UnitOfWork, reader: Reader, act: Act, assignment_id: UUID, id_: UUID, *, goes_on: bool = False
) -> None:
    """Write down that a document or picture is being read, in the caller's transaction; a reading that
    ``goes_on`` is noted only if its beginning was not."""
    if goes_on and uow.access_log.has_noted(act, reader.id, id_, uow.now - ONE_SITTING):
        return
    details = {"id": str(id_), "assignment_id": str(assignment_id)}
    uow.access_log.note(AccessAct(uow.now, act, by=reader.id, address=reader.address, details=details))
