"""What crews call a dispatcher for, and what they and dispatchers write to each other."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

SOS = "sos"
UNCONFIRMED_SHIFT = "unconfirmed_shift"


@dataclass(frozen=True)
class CrewSignal:
    """One signal of a crew as it was told last (``sequence``), until a dispatcher acknowledges it.

    ``kind`` is sos, help, resources, other_service (``service``: of which system), late_report or
    unconfirmed_shift. ``level`` grows while nobody acknowledges, ``repeats`` counts how often the crew
    pressed again.
    """

    signal_id: UUID
    kind: str
    crew_id: UUID
    request_id: UUID | None
    assignment_id: UUID | None
    service: str | None
    note: str | None
    lat: float | None
    lon: float | None
    position_at: datetime | None
    level: int
    repeats: int
    at: datetime
    sequence: int
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    answer: str | None = None
    crew_name: str | None = None

    @property
    def is_from_crew(self) -> bool:
        """Whether the crew itself was heard with it; its silence is reported by crews."""
        return self.kind != UNCONFIRMED_SHIFT

    @property
    def is_sos(self) -> bool:
        return self.kind == SOS


def acknowledged(signal: CrewSignal, by: str, now: datetime, answer: str | None) -> CrewSignal:
    """The signal after somebody took it on; who was first stays."""
    if signal.acknowledged_at is not None:
        return signal
    return replace(signal, acknowledged_by=by, acknowledged_at=now, answer=answer)


def most_pressing(signals: Iterable[CrewSignal]) -> list[CrewSignal]:
    """SOS first, then the oldest."""
    return sorted(signals, key=lambda signal: (not signal.is_sos, signal.at))


@dataclass(frozen=True)
class CrewMessage:
    """One message; ``from_crew`` says which way it went."""

    message_id: UUID
    crew_id: UUID
    request_id: UUID | None
    assignment_id: UUID | None
    from_crew: bool
    by: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Correction:
    """What a crew found to be otherwise than its card said; None: as it was."""

    request_id: UUID
    place: str | None
    fault: str | None
