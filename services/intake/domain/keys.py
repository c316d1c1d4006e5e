"""API keys of other systems: what each may do, and how often."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

_MARK = "avr_"
_SECRET_BYTES = 32
SECONDS_A_MINUTE = 60.0


class Scope(StrEnum):
    """What a key opens."""

    OPEN311 = "open311"
    CARDS = "cards"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The right of one system to call us. The key itself is never kept, only its digest."""

    id: UUID
    name: str
    digest: str
    scopes: frozenset[Scope]
    per_minute: int
    created_at: datetime
    partner: str | None = None
    contact_ref: UUID | None = None
    """Whom to call about a request of this system when its applicant left no number."""
    revoked_at: datetime | None = None

    def opens(self, scope: Scope) -> bool:
        return self.revoked_at is None and scope in self.scopes


def new_key() -> str:
    """A key nobody can guess: 256 random bits, marked so that a leak is recognised."""
    return _MARK + secrets.token_urlsafe(_SECRET_BYTES)


def digest(key: str) -> str:
    """What is kept of a key. Plain SHA-256 is enough: 256 random bits are not tried out."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


class Allowance:
    """Calls a minute for each caller: a bucket that fills steadily, so that a short burst is no offence.

    Kept by each process for itself; with several replicas the limits add up.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._buckets: dict[UUID, tuple[float, float]] = {}

    def take(self, caller: UUID, per_minute: int) -> float:
        """0 if the caller may go on, otherwise the seconds to wait."""
        now = self._seconds()
        left, since = self._buckets.get(caller, (float(per_minute), now))
        left = min(float(per_minute), left + (now - since) * per_minute / SECONDS_A_MINUTE)
        if left < 1:
            self._buckets[caller] = (left, now)
            return (1 - left) * SECONDS_A_MINUTE / per_minute
        self._buckets[caller] = (left - 1, now)
        return 0.0
