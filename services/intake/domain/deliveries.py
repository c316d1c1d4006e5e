"""What goes out to partners: a card or news of a request, tried until it is there or a person must look."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

MOST_ATTEMPTS = 12
"""About four hours of trying; after that a person decides."""
LEASE = timedelta(seconds=60)
"""How long an attempt may take before another process believes that it died."""
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=30)


class Kind(StrEnum):
    CARD = "card"
    STATE = "state"


class Progress(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One body for one partner. ``mark`` is unique for partner, kind and request, so that nothing goes twice;
    ``trouble`` says in a stable code why the last attempt failed."""

    id: UUID
    partner_id: str
    kind: Kind
    request_id: UUID
    mark: str
    body: str
    created_at: datetime
    due_at: datetime
    author: str = ""
    attempts: int = 0
    progress: Progress = Progress.WAITING
    trouble: str = ""
    delivered_at: datetime | None = None
    acknowledged_at: datetime | None = None
    reference: str = ""

    def taken(self, now: datetime) -> "Delivery":
        """On its way; nobody else takes it while the lease lasts."""
        return replace(self, attempts=self.attempts + 1, due_at=now + LEASE)

    def delivered(self, now: datetime) -> "Delivery":
        return replace(self, progress=Progress.DELIVERED, delivered_at=self.delivered_at or now, trouble="")

    def acknowledged(self, now: datetime, reference: str) -> "Delivery":
        """The partner has it and works on it; that it was delivered follows."""
        known = self.delivered(now)
        when = self.acknowledged_at or now
        return replace(known, acknowledged_at=when, reference=reference or self.reference)

    def postponed(self, now: datetime, trouble: str) -> "Delivery":
        """To be tried again later, each time later; failed when all attempts are used up."""
        if self.attempts >= MOST_ATTEMPTS:
            return self.refused(trouble)
        return replace(self, due_at=now + pause_after(self.attempts), trouble=trouble)

    def refused(self, trouble: str) -> "Delivery":
        return replace(self, progress=Progress.FAILED, trouble=trouble)

    def again(self, now: datetime) -> "Delivery":
        """A person wants it tried once more, with all attempts."""
        return replace(self, progress=Progress.WAITING, attempts=0, due_at=now)


def pause_after(attempts: int) -> timedelta:
    """5 s, 15 s, 45 s, 2 min 15 s … at most half an hour."""
    growth: int = 3 ** max(0, attempts - 1)
    return min(_FIRST_PAUSE * growth, _LONGEST_PAUSE)
