"""The life of one outgoing message: queued → sending → sent → delivered, or failed, or suppressed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from services.notify.domain import sms
from services.notify.domain.hours import NEVER_QUIET, QuietHours
from services.notify.domain.script import CYRILLIC
from services.notify.domain.telling import Telling
from services.notify.errors import ForbiddenMove

CHANNEL = "sms"
GAVE_UP = "gave_up"
CONTACT_UNKNOWN = "contact_unknown"
STOPPED = "stopped_by_resident"
OVERTAKEN = "overtaken"
SAID_JUST_NOW = "said_just_now"
OLD_NEWS = "old_news"
CALLED_OFF = "announcement_cancelled"
ANNOUNCED = "announcement"


# News of one request comes by several roads: a moment's patience lets what happened first be told first.
SETTLING = timedelta(seconds=0.5)


class State(StrEnum):
    """Where a message stands. ``sent`` means that the provider has it, ``delivered`` that the phone has."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


# A receipt can prove that a message left while we still think that it did not: hence queued → sent.
MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.QUEUED: frozenset({State.SENDING, State.SENT, State.DELIVERED, State.FAILED, State.SUPPRESSED}),
        State.SENDING: frozenset({State.QUEUED, State.SENT, State.DELIVERED, State.FAILED, State.SENDING}),
        State.SENT: frozenset({State.DELIVERED, State.FAILED}),
        State.DELIVERED: frozenset(),
        State.FAILED: frozenset(),
        State.SUPPRESSED: frozenset(),
    }
)
PENDING = frozenset({State.QUEUED, State.SENDING})
SAID = frozenset({State.SENT, State.DELIVERED})
LEFT = frozenset({State.SENDING, *SAID})


@dataclass(frozen=True)
class Recipient:
    """Whom a message goes to, as last known: number in E.164, language ``ru`` or ``kk``, consent,
    letters."""

    phone: str
    language: str
    sms_allowed: bool
    request_number: str
    script: str = CYRILLIC


@dataclass(frozen=True)
class Sms:
    """What the provider is asked to send; ``message_id`` comes back in its receipts."""

    message_id: UUID
    phone: str
    body: str


@dataclass(frozen=True)
class Receipt:
    """What the provider says became of a message it took: its id and one of sent, delivered, failed."""

    sid: str
    state: State
    error_code: str | None = None


@dataclass(frozen=True)
class Policy:
    """How patiently messages are sent, and what is not sent at all. ``jitter`` gives numbers in [0, 1);
    what is heard ``old_news_after`` it happened is no news. Without a receipt the provider is asked
    ``ask_after`` a while, ever more rarely, until ``ask_until`` after sending."""

    jitter: Callable[[], float]
    lease: timedelta = timedelta(seconds=60)
    max_attempts: int = 8
    give_up_after: timedelta = timedelta(hours=4)
    first_pause: timedelta = timedelta(seconds=2)
    longest_pause: timedelta = timedelta(minutes=5)
    quiet: QuietHours = NEVER_QUIET
    old_news_after: timedelta = timedelta(hours=12)
    ask_after: timedelta = timedelta(minutes=3)
    ask_until: timedelta = timedelta(hours=6)

    def pause(self, attempt: int) -> timedelta:
        """The wait after the ``attempt``-th try (from 1): doubling, a half to a whole of it by chance."""
        longest = min(self.first_pause * 2.0 ** min(attempt - 1, 30), self.longest_pause)
        return longest * (0.5 + self.jitter() / 2)


@dataclass(frozen=True)
class Message:
    """One message to the contact of one request, or to one ``contact_id`` of an announcement.

    ``due_at``: when it may be taken for sending; while sending, when its lease ends;
    once sent, from when its receipt is missed. ``unsure_since``: since
    then the provider may have taken it without our knowing. Number and body are fixed at the first attempt.
    ``held_until``: it waits, or has waited, for the end of the quiet hours.
    """

    id: UUID
    request_id: UUID | None
    template: str
    fact: str
    occurred_at: datetime
    created_at: datetime
    due_at: datetime
    params: Mapping[str, str] = field(default_factory=dict)
    urgent: bool = False
    state: State = State.QUEUED
    attempt: int = 0
    phone: str | None = None
    language: str | None = None
    body: str | None = None
    parts: int = 0
    unsure_since: datetime | None = None
    provider_sid: str | None = None
    error_code: str | None = None
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    announcement_id: UUID | None = None
    contact_id: UUID | None = None
    held_until: datetime | None = None

    @classmethod
    def announced(cls, id_: UUID, announcement_id: UUID, contact_id: UUID, now: datetime) -> "Message":
        """To one recipient of an announcement; the words are the announcement's."""
        return cls(
            id=id_,
            request_id=None,
            template=ANNOUNCED,
            fact=str(announcement_id),
            occurred_at=now,
            created_at=now,
            due_at=now,
            announcement_id=announcement_id,
            contact_id=contact_id,
        )

    @classmethod
    def queued(cls, id_: UUID, request_id: UUID, telling: Telling, now: datetime) -> "Message":
        return cls(
            id=id_,
            request_id=request_id,
            template=telling.template,
            fact=telling.fact,
            occurred_at=telling.occurred_at,
            created_at=now,
            due_at=now if telling.urgent else now + SETTLING,
            params=telling.params,
            urgent=telling.urgent,
        )

    @property
    def sms(self) -> Sms:
        if self.phone is None or self.body is None:
            raise ForbiddenMove("a message that was never leased has no text")
        return Sms(self.id, self.phone, self.body)

    def written(self, recipient: Recipient, body: str) -> "Message":
        """With number and text; what an earlier attempt may have sent is not changed any more."""
        if self.body is not None:
            return self
        return replace(
            self, phone=recipient.phone, language=recipient.language, body=body, parts=sms.parts(body)
        )

    def held(self, until: datetime) -> "Message":
        """Not now: people sleep."""
        return replace(self, due_at=until, held_until=until)

    def leased(self, now: datetime, lease: timedelta) -> "Message":
        """Taken for one attempt, by one worker, until ``due_at``."""
        return self._moved(
            State.SENDING,
            attempt=self.attempt + 1,
            due_at=now + lease,
            unsure_since=self.unsure_since or now,
        )

    def postponed(
        self,
        now: datetime,
        policy: Policy,
        *,
        unsure: bool,
        error_code: str,
        at_least: timedelta = timedelta(),
    ) -> "Message":
        """Back to the queue after a failed attempt; ``unsure`` when the provider may have taken it,
        ``at_least`` is the pause that it asked for."""
        return self._moved(
            State.QUEUED,
            due_at=now + max(policy.pause(self.attempt), at_least),
            unsure_since=self.unsure_since if unsure else None,
            error_code=error_code,
        )

    def failed(self, now: datetime, error_code: str) -> "Message":
        return self._moved(State.FAILED, ended_at=now, error_code=error_code)

    def suppressed(self, now: datetime, reason: str) -> "Message":
        return self._moved(State.SUPPRESSED, ended_at=now, error_code=reason)

    def exhausted(self, now: datetime, policy: Policy) -> bool:
        """Whether no further attempt may begin: enough were made, or the news is no news any more."""
        return self.attempt >= policy.max_attempts or now > self._ready_at + policy.give_up_after

    @property
    def _ready_at(self) -> datetime:
        """Since when nothing but the provider has kept it."""
        return max(self.created_at, self.held_until or self.created_at)

    def received(self, receipt: Receipt, now: datetime) -> "Message | None":
        """After a receipt; None when it tells nothing new (repeated, late, or out of order)."""
        if receipt.state not in MOVES[self.state]:
            return None
        return self._moved(
            receipt.state,
            provider_sid=receipt.sid,
            error_code=receipt.error_code,
            unsure_since=None,
            sent_at=self.sent_at or now,
            ended_at=None if receipt.state is State.SENT else now,
        )

    def asked(self, now: datetime) -> "Message":
        """The provider is being asked what became of it; next when twice as much time has passed."""
        return replace(self, due_at=now + (now - (self.sent_at or now)))

    def _moved(self, to: State, **changes: object) -> "Message":
        if to not in MOVES[self.state]:
            raise ForbiddenMove(f"{self.state} to {to}")
        return replace(self, state=to, **changes)  # type: ignore[arg-type]


class Pace:
    """How many messages a sender may start now: a bucket of one second's worth, refilled steadily."""

    def __init__(self, per_second: float, now: datetime) -> None:
        self._per_second = per_second
        self._tokens = max(1.0, per_second)
        self._filled_at = now

    def allowed(self, now: datetime) -> int:
        """Whole messages that may start at ``now``."""
        elapsed = (now - self._filled_at).total_seconds()
        if elapsed < 0:
            return 0
        self._tokens = min(max(1.0, self._per_second), self._tokens + elapsed * self._per_second)
        self._filled_at = now
        return int(self._tokens)

    def spend(self, count: int) -> None:
        self._tokens -= count

    def rest(self, until: datetime) -> None:
        """The provider has too much to do: nothing starts before ``until``."""
        self._tokens, self._filled_at = 0.0, max(self._filled_at, until)
