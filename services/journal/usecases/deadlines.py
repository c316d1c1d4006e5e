"""Escalation: every deadline that comes near or is missed is raised once."""

from datetime import datetime
from uuid import uuid4

from services.journal.domain.facts import Entry
from services.journal.usecases.ports import Alarm, UnitOfWork

APPROACHING = "approaching"
MISSED = "missed"


def escalate(uow: UnitOfWork, limit: int = 100) -> int:
    """Raise what is due now, at most ``limit`` deadlines; returns how many, so that a full batch goes on.

    Replicas share the work: a row that another one holds is skipped and seen again in the next run.
    """
    with uow:
        alarms = uow.clocks.claim_due(uow.now, limit)
        for alarm in alarms:
            _raise(uow, alarm)
        uow.commit()
    return len(alarms)


def _raise(uow: UnitOfWork, alarm: Alarm) -> None:
    level = MISSED if alarm.clock.due_at <= uow.now else APPROACHING
    data = {
        "request_id": alarm.request_id,
        "clock": alarm.clock.name,
        "level": level,
        "due_at": alarm.clock.due_at,
        "norm": alarm.clock.norm,
        "at": uow.now,
    }
    uow.clocks.mark(alarm, level, uow.now)
    uow.entries.add(_entry(alarm, level, uow.now), uow.now)
    uow.emit("deadline.escalated", alarm.request_id, data)


def _entry(alarm: Alarm, level: str, now: datetime) -> Entry:
    return Entry(
        id=str(uuid4()),
        request_id=alarm.request_id,
        source="journal",
        type="deadline.escalated",
        what=f"deadline.escalated.{level}",
        occurred_at=now,
        actor="journal",
        channel="system",
        reason=None,
        correlation_id=alarm.correlation_id or "",
        causation_id=None,
        fact=None,
        data={
            "clock": alarm.clock.name.value,
            "norm": alarm.clock.norm,
            "due_at": alarm.clock.due_at.isoformat(),
        },
    )
