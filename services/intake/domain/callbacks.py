"""The call-back queue: whom nobody answered, until when they must be called, and who is doing it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.intake.domain.calls import Alarm, Call, Outcome
from services.intake.errors import CallbackNotClaimed, CallbackSettled, CallbackTaken


class CallbackState(StrEnum):
    """Waiting for an operator, being called by one, or over: told, not reached, or answered meanwhile."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"
    UNREACHED = "unreached"
    ANSWERED = "answered"


OPEN = frozenset({CallbackState.WAITING, CallbackState.CLAIMED})


@dataclass(frozen=True)
class Patience:
    """How long a claim holds, how soon to try again, and how often."""

    claim: timedelta = timedelta(minutes=5)
    retry: timedelta = timedelta(minutes=5)
    attempts: int = 3


@dataclass(frozen=True, slots=True)
class Callback:
    """One person to call back, however often they rang; ``due_at`` by norm ``norm``.

    ``call_sid`` and ``rang_at`` are those of the last call. After a call of ours that nobody took up
    ``not_before`` says when to try again. ``contact_ref`` is None for a
    caller without a number, whose message can only be listened to.
    """

    id: UUID
    call_sid: str
    rang_at: datetime
    request_id: UUID
    reason: Outcome
    created_at: datetime
    due_at: datetime
    norm: str
    contact_ref: UUID | None = None
    alarm: Alarm | None = None
    calls: int = 1
    state: CallbackState = CallbackState.WAITING
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    attempts: int = 0
    not_before: datetime | None = None
    settled_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def is_overdue(self, now: datetime) -> bool:
        return self.is_open and now > self.due_at

    def rung_again(self, call: Call, due_at: datetime) -> "Callback":
        """The same person called once more: the first promise stands, an alarm is never forgotten."""
        return replace(
            self,
            calls=self.calls + 1,
            call_sid=call.sid,
            rang_at=max(self.rang_at, call.rang_at),
            alarm=self.alarm or call.alarm,
            due_at=min(self.due_at, due_at),
            not_before=None,
        )

    def is_answered_by(self, call: Call) -> bool:
        """Whether a person spoke to this caller after the last call that nobody took."""
        if call.answered_at is None:
            return False
        return call.sid == self.call_sid or call.answered_at > self.rang_at

    def claimed(self, by: str, now: datetime, patience: Patience) -> "Callback":
        """Taken by one operator, so that no other calls the same person; a claim not used in time is free."""
        self._must_be_open()
        held = self.claimed_at is not None and now - self.claimed_at < patience.claim
        if self.state is CallbackState.CLAIMED and held and self.claimed_by != by:
            raise CallbackTaken
        return replace(self, state=CallbackState.CLAIMED, claimed_by=by, claimed_at=now)

    def done(self, by: str, now: datetime) -> "Callback":
        """The person was reached and knows."""
        self._must_be_claimed(by)
        return self.settled(CallbackState.DONE, now)

    def no_answer(self, by: str, now: datetime, patience: Patience) -> "Callback":
        """Nobody took it up: tried again later, a few times; an alarm is tried for as long as it stands."""
        self._must_be_claimed(by)
        attempts = self.attempts + 1
        tried = replace(self, attempts=attempts, claimed_by=None, claimed_at=None)
        if attempts >= patience.attempts and self.alarm is None:
            return tried.settled(CallbackState.UNREACHED, now)
        return replace(tried, state=CallbackState.WAITING, not_before=now + patience.retry)

    def settled(self, state: CallbackState, now: datetime) -> "Callback":
        return replace(self, state=state, settled_at=now)

    def _must_be_open(self) -> None:
        if not self.is_open:
            raise CallbackSettled

    def _must_be_claimed(self, by: str) -> None:
        self._must_be_open()
        if self.state is not CallbackState.CLAIMED or self.claimed_by != by:
            raise CallbackNotClaimed
