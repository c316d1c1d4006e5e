"""By when something is planned for a request: the journal's running clocks, as residents hear of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

TOLD = ("arrive", "localise", "complete")
"""Clocks that mean something to a resident; others are between dispatchers and organisations."""


@dataclass(frozen=True)
class Deadline:
    """One running clock and when it is due."""

    clock: str
    due_at: datetime


@dataclass(frozen=True)
class Plan:
    """The nearest deadline of a request. ``sequence`` grows with every change of its state."""

    request_id: UUID
    sequence: int
    clock: str
    due_at: datetime


def plan_of(request_id: UUID, sequence: int, deadlines: Iterable[Deadline]) -> Plan | None:
    """The nearest of the deadlines that residents hear of; None if there is none."""
    told = [deadline for deadline in deadlines if deadline.clock in TOLD]
    nearest = min(told, key=lambda deadline: deadline.due_at, default=None)
    return Plan(request_id, sequence, nearest.clock, nearest.due_at) if nearest else None
