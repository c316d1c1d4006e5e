"""A crew whose planned shift has begun and that has not said it is there: a person must look."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from services.crews.domain.rosters import DutyShift
from services.crews.domain.signals import Signal, SignalKind
from services.crews.usecases.ports import UnitOfWork
from services.crews.usecases.talk import raised

_NAMESPACE = UUID("1c0f6f0a-7f44-4d8e-9a55-2f6c3f1f0b7d")
_BY = "system"


def raise_unconfirmed(uow: UnitOfWork, after: timedelta) -> int:
    """Raise each shift that nobody confirmed within ``after`` of its beginning, once; how many.

    Safe in every replica: rows are claimed, and the id of a signal follows from its shift.
    """
    with uow:
        late = [duty for duty in uow.rosters.take_unconfirmed(uow.now - after) if _is_new(uow, duty)]
        for duty in late:
            raised(uow, _signal(duty, uow.now))
        uow.commit()
    return len(late)


def _is_new(uow: UnitOfWork, duty: DutyShift) -> bool:
    return uow.signals.get(_id(duty)) is None


def _id(duty: DutyShift) -> UUID:
    """A shift that was put off is another one to be confirmed."""
    return uuid5(_NAMESPACE, f"{duty.shift.id} {duty.shift.starts_at.timestamp()}")


def _signal(duty: DutyShift, now: datetime) -> Signal:
    assert duty.shift.crew_id is not None
    return Signal(
        id=_id(duty),
        kind=SignalKind.UNCONFIRMED_SHIFT,
        crew_id=duty.shift.crew_id,
        assignment_id=None,
        request_id=None,
        service=None,
        note=None,
        position=None,
        at=now,
        recorded_at=now,
        by=_BY,
    )
