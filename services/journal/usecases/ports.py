"""What the use-cases need from the store and from the world; fakes and real ones keep the same promises."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Protocol, Self

from services.journal.domain.audit import Finding, MissedCall, OpenStep, Surroundings
from services.journal.domain.clocks import Clock
from services.journal.domain.facts import Entry, Fact
from services.journal.domain.life import Life
from services.journal.domain.states import State


@dataclass(frozen=True)
class Summary:
    """One request in a list. ``row`` orders requests by when the journal first heard of them."""

    row: int
    request_id: str
    number: str | None
    state: State
    state_at: datetime
    category: str | None
    priority: str | None
    system: str | None
    fault: str | None
    organisation_id: str | None
    registered_at: datetime | None
    result: str | None
    delay_reason: str | None
    returns: int
    unapplied: int
    overdue: bool


@dataclass(frozen=True)
class KeptClock:
    """A deadline with what has been raised about it already."""

    clock: Clock
    approached_at: datetime | None = None
    missed_at: datetime | None = None


@dataclass(frozen=True)
class Alarm:
    """A running clock that has something to say now."""

    request_id: str
    clock: Clock
    correlation_id: str | None


@dataclass(frozen=True)
class KeptFinding:
    """An open finding and when the audit first saw it."""

    finding: Finding
    opened_at: datetime


class Entries(Protocol):
    """The timelines: only ever added to."""

    def add(self, entry: Entry, recorded_at: datetime) -> None: ...
    def facts(self, request_id: str) -> list[Fact]: ...
    def of(self, request_id: str) -> list[Entry]: ...
    def missed_calls(self, now: datetime) -> list[MissedCall]:
        """Callers whom nobody has called back, one row a request."""


class Requests(Protocol):
    """What the facts of each request add up to, kept for lists and for the audit."""

    def lock(self, request_id: str, now: datetime) -> None: ...
    def put(self, request_id: str, life: Life, now: datetime) -> None: ...
    def page(self, state: State | None, limit: int, before: int | None, now: datetime) -> list[Summary]: ...
    def open_steps(self, states: Collection[State]) -> list[OpenStep]: ...


class Clocks(Protocol):
    """The deadlines of every request, kept so that a loop finds those that are due."""

    def put(self, request_id: str, clocks: Iterable[Clock], gone: Collection[str]) -> None: ...
    def of(self, request_id: str) -> list[KeptClock]: ...
    def claim_due(self, now: datetime, limit: int) -> list[Alarm]: ...
    def mark(self, alarm: Alarm, level: str, now: datetime) -> None: ...


class Audits(Protocol):
    """The runs of the self-audit and what they found."""

    def claim_run(self, now: datetime, gap: timedelta) -> bool: ...
    def last_run(self) -> datetime | None: ...
    def open(self) -> list[KeptFinding]: ...
    def raise_findings(self, findings: Sequence[Finding], now: datetime) -> None: ...
    def clear(self, findings: Sequence[Finding], now: datetime) -> None: ...


class Answer(Protocol):
    """What a command was answered the first time."""

    @property
    def body(self) -> Any: ...


class Idempotency(Protocol):
    """The commands that were answered already."""

    def claim(self, key: str, actor_id: str, fingerprint: str) -> Answer | None: ...
    def answer(self, key: str, actor_id: str, status: int, body: Any) -> None: ...


class UnitOfWork(Protocol):
    """One transaction of the journal."""

    @property
    def idempotency(self) -> Idempotency: ...
    @property
    def entries(self) -> Entries: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def clocks(self) -> Clocks: ...
    @property
    def audits(self) -> Audits: ...
    @property
    def now(self) -> datetime: ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def emit(self, type: str, subject: str, data: Mapping[str, Any]) -> None: ...  # noqa: A002
    def commit(self) -> None: ...


class World(Protocol):
    """What the audit sees outside the journal's own database; asked with no transaction open."""

    def look(self) -> Surroundings: ...
