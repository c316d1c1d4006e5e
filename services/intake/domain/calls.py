"""One telephone call as it went, whatever order the provider tells it in."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Alarm(StrEnum):
    """What a caller says with one key before anything else: people may die of it (rule 6.7)."""

    GAS = "gas"
    LIFT = "lift"


class Wish(StrEnum):
    """What a caller whom nobody answered would rather have."""

    CALLBACK = "callback"
    MESSAGE = "message"


class Consent(StrEnum):
    """Whether the talk may be recorded: the caller heard the notice and stayed, or pressed a key."""

    UNASKED = "unasked"
    NOTICED = "noticed"
    REFUSED = "refused"


class Outcome(StrEnum):
    """How a call ended for the caller."""

    ANSWERED = "answered"
    MESSAGE = "message"
    CALLBACK = "callback"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Recording:
    """Where the provider keeps what was said; ``seconds`` long."""

    sid: str
    url: str
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A call by the provider's id. ``heard_at`` is when the provider last told us anything of it.

    Facts only add: the same facts in any order, and repeated, make the same call. ``turn`` counts the
    questions of the menu, so that a question asked again by the provider is not taken for the next one.
    """

    sid: str
    language: str
    rang_at: datetime
    heard_at: datetime
    contact_ref: UUID | None = None
    alarm: Alarm | None = None
    consent: Consent = Consent.UNASKED
    wish: Wish | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    operator: str | None = None
    recording: Recording | None = None
    transcription: str = ""
    request_id: UUID | None = None
    turn: int = 0

    @property
    def is_missed(self) -> bool:
        """It is over, or the caller gave up waiting, and no person has spoken to them."""
        return self.answered_at is None and (self.ended_at is not None or self.wish is not None)

    @property
    def outcome(self) -> Outcome | None:
        """None while it still goes on."""
        if self.answered_at is not None:
            return Outcome.ANSWERED
        if self.recording is not None:
            return Outcome.MESSAGE
        if self.wish is Wish.CALLBACK:
            return Outcome.CALLBACK
        return Outcome.DROPPED if self.ended_at is not None else None

    @property
    def waited(self) -> timedelta | None:
        """From the first ring to the answer, or to the end without one."""
        until = self.answered_at or self.ended_at
        return max(until - self.rang_at, timedelta()) if until is not None else None

    def answered(self, at: datetime, operator: str | None) -> "Call":
        """A person took the call; the earliest word of it counts."""
        is_first = self.answered_at is None or at < self.answered_at
        who = operator if operator is not None and (is_first or self.operator is None) else self.operator
        return replace(self, answered_at=_earlier(self.answered_at, at), operator=who)

    def ended(self, at: datetime) -> "Call":
        return replace(self, ended_at=_earlier(self.ended_at, at))

    def recorded(self, recording: Recording) -> "Call":
        """The longest of what was recorded: the message action comes before its length is final."""
        known = self.recording
        if known is None or (recording.seconds, recording.sid) > (known.seconds, known.sid):
            return replace(self, recording=recording)
        return self

    def transcribed(self, text: str) -> "Call":
        return replace(self, transcription=max(self.transcription, text, key=lambda said: (len(said), said)))


@dataclass(frozen=True, slots=True)
class Figures:
    """How calls went since a moment: numbers of calls, times in seconds, and the queue as it stands.

    Waiting counts to the answer, or to the end without one. Calls that go on are in ``calls`` alone.
    """

    since: datetime
    calls: int = 0
    answered: int = 0
    answered_in_norm: int = 0
    messages: int = 0
    callbacks: int = 0
    dropped: int = 0
    waited_p50_s: float | None = None
    waited_p95_s: float | None = None
    to_call_back: int = 0
    overdue: int = 0

    def of(self, outcome: Outcome) -> int:
        return {
            Outcome.ANSWERED: self.answered,
            Outcome.MESSAGE: self.messages,
            Outcome.CALLBACK: self.callbacks,
            Outcome.DROPPED: self.dropped,
        }[outcome]

    @property
    def answered_share(self) -> float | None:
        """Of the calls that are over; None if there are none."""
        over = self.answered + self.messages + self.callbacks + self.dropped
        return round(self.answered / over, 4) if over else None


def _earlier(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)
