"""Signals of a crew (сигналы бригады): what a person must react to, SOS first of all.

07117-TRUD-003 D-2.C-U4 (the dispatcher keeps contact with crews), F45-1.1-U3 (risks on site).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.crews.domain.people import Position


class SignalKind(StrEnum):
    """What the crew needs."""

    SOS = "sos"
    HELP = "help"
    RESOURCES = "resources"
    OTHER_SERVICE = "other_service"
    LATE_REPORT = "late_report"  # raised by us: work reported on an order that was withdrawn meanwhile
    UNCONFIRMED_SHIFT = "unconfirmed_shift"  # raised by us: a planned shift began and the crew is silent


@dataclass(frozen=True)
class Signal:
    """One signal until a person acknowledges it. ``level`` grows while nobody does, ``repeats`` counts how
    often the crew pressed again. ``service`` is the system whose service is wanted."""

    id: UUID
    kind: SignalKind
    crew_id: UUID
    assignment_id: UUID | None
    request_id: UUID | None
    service: str | None
    note: str | None
    position: Position | None
    at: datetime
    recorded_at: datetime
    by: str
    level: int = 1
    level_at: datetime | None = None
    repeats: int = 0
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    answer: str | None = None

    @property
    def is_open(self) -> bool:
        return self.acknowledged_at is None


def repeated(signal: Signal, position: Position | None, note: str | None) -> Signal:
    """The same signal pressed again: the newest position counts, the first moment stays."""
    return replace(
        signal,
        repeats=signal.repeats + 1,
        position=_newer(position, signal.position),
        note=note or signal.note,
    )


def escalated(signal: Signal, now: datetime) -> Signal:
    """The signal that nobody acknowledged in time, one level up."""
    return replace(signal, level=signal.level + 1, level_at=now)


def is_due(signal: Signal, now: datetime, every: timedelta) -> bool:
    """Whether an SOS has waited for a person too long at its level."""
    since = signal.level_at or signal.recorded_at
    return signal.kind is SignalKind.SOS and signal.is_open and now - since >= every


def acknowledged(signal: Signal, by: str, at: datetime, answer: str | None) -> Signal:
    """The signal after a person took it on; who was first stays."""
    if not signal.is_open:
        return signal
    return replace(signal, acknowledged_by=by, acknowledged_at=at, answer=answer)


def _newer(one: Position | None, other: Position | None) -> Position | None:
    return max((p for p in (one, other) if p is not None), key=lambda p: p.at, default=None)
