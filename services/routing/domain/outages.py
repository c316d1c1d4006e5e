"""Outages as intake tells of them: one cause, many houses, one crew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

OVER = frozenset({"closed", "called_off"})


@dataclass(frozen=True)
class Outage:
    """What is known of one outage; ``version`` grows with every change. ``houses``: address and state of each
    (off, presumed, restored). Times are aware UTC; ``ends_by`` is what residents were told."""

    outage_id: UUID
    number: str
    kind: str
    state: str
    symptoms: tuple[str, ...]
    level: str
    houses: Sequence[Mapping[str, Any]]
    lead_request_id: UUID | None
    hazards: tuple[str, ...]
    cause: str
    course: str
    started_at: datetime
    ends_by: datetime | None
    ended_at: datetime | None
    changed_at: datetime
    version: int

    @property
    def is_over(self) -> bool:
        return self.state in OVER
