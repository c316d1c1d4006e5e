"""What no message could tell: somebody calls the resident instead; pure.

The list of these calls is the second channel. Today people work it off; a telephone robot would take a call
and say how it went by the same two moves.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.notify.errors import CallNotTaken, CallSettled, CallTaken

TAKEN_FOR = timedelta(minutes=10)
"""Whoever took a call and says nothing for so long has lost it to whoever asks next."""
AGAIN_AFTER = timedelta(minutes=15)
MOST_TRIES = 3


class CallState(StrEnum):
    """``overtaken``: the resident has heard something later, or a newer call says more."""

    OPEN = "open"
    TAKEN = "taken"
    TOLD = "told"
    UNREACHED = "unreached"
    OVERTAKEN = "overtaken"


WAITING = frozenset({CallState.OPEN, CallState.TAKEN})


class CallResult(StrEnum):
    """How a call went. ``refused``: reached, but did not want to listen."""

    TOLD = "told"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    REFUSED = "refused"


@dataclass(frozen=True)
class CallToMake:
    """One resident to be called because of one message, whose id it has. ``urgent``: safety advice.

    ``due_at``: not before that; ``version`` grows with every change.
    """

    id: UUID
    request_id: UUID
    urgent: bool
    occurred_at: datetime
    since: datetime
    due_at: datetime
    state: CallState = CallState.OPEN
    tries: int = 0
    taken_by: str | None = None
    taken_at: datetime | None = None
    result: CallResult | None = None
    note: str | None = None
    ended_at: datetime | None = None
    version: int = 1

    def taken(self, by: str, now: datetime) -> "CallToMake":
        """In one operator's hands; again by the same changes nothing. Raises CallSettled, CallTaken."""
        if self.state not in WAITING:
            raise CallSettled(self.state.value)
        if self.state is CallState.TAKEN and self.taken_at is not None:
            if self.taken_by == by:
                return self
            if now < self.taken_at + TAKEN_FOR:
                raise CallTaken
        return self._changed(state=CallState.TAKEN, taken_by=by, taken_at=now)

    def ended(self, by: str, result: CallResult, note: str | None, now: datetime) -> "CallToMake":
        """After its operator has called; said again it changes nothing. Raises CallNotTaken, CallSettled."""
        if self.taken_by == by and self.result is result and self.state is not CallState.TAKEN:
            return self
        if self.state not in WAITING:
            raise CallSettled(self.state.value)
        if self.state is not CallState.TAKEN or self.taken_by != by:
            raise CallNotTaken
        tried = self._changed(tries=self.tries + 1, result=result, note=note)
        if result is CallResult.NO_ANSWER and tried.tries < MOST_TRIES:
            return replace(tried, state=CallState.OPEN, due_at=now + AGAIN_AFTER)
        reached = result in (CallResult.TOLD, CallResult.REFUSED)
        return replace(tried, state=CallState.TOLD if reached else CallState.UNREACHED, ended_at=now)

    def _changed(self, **changes: object) -> "CallToMake":
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]
