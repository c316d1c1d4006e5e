"""What the machine recommends where a dispatcher confirms: kept with the request, with a time to decide."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Advice:
    """Send this crew, in this ``way`` (a word of :class:`~services.routing.domain.words.Way`); without a
    decision by ``decide_by`` the machine does it, so that nobody waits for ever."""

    crew_id: UUID
    way: str
    eta_minutes: int
    at: datetime
    decide_by: datetime

    def is_due(self, now: datetime) -> bool:
        """Whether the time to decide is over."""
        return now >= self.decide_by
