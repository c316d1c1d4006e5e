"""Web Push: wakes a crew's phone whose app is not open. The app learns all of it in any case."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

_LONGEST_PAUSE = timedelta(minutes=2)


class PushKind(StrEnum):
    """What the phone is woken for."""

    OFFER = "offer"
    WITHDRAWN = "withdrawn"
    MESSAGE = "message"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True)
class Subscription:
    """Where a phone is reached: an address of its browser's push service, and the keys for it."""

    id: UUID
    crew_id: UUID
    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True)
class Push:
    """One word to one phone. It carries the kind and the id of what it is about, nothing personal."""

    id: int
    subscription: Subscription
    kind: PushKind
    subject: UUID
    expires_at: datetime
    attempts: int


class Fate(StrEnum):
    """What became of a push; GONE: the phone will never be reached under this address again."""

    SENT = "sent"
    GONE = "gone"
    LATER = "later"


def next_try(attempts: int, now: datetime) -> datetime:
    """When to try again after so many attempts."""
    return now + min(_LONGEST_PAUSE, timedelta(seconds=2.0**attempts))


def offer_expires(respond_by: datetime, now: datetime) -> datetime:
    """An offer is worth waking for while it can be answered."""
    return max(respond_by, now + timedelta(seconds=30))
