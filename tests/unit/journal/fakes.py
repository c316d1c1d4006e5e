"""The journal's store in memory: the same promises, held against the real one in tests/contract/journal."""

from collections.abc import Collection, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from services.journal.domain.audit import Finding, MissedCall, OpenStep, Surroundings
from services.journal.domain.clocks import EXECUTION, Clock
from services.journal.domain.facts import Entry, Fact
from services.journal.domain.life import Life
from services.journal.domain.states import State
from services.journal.usecases.ports import Alarm, KeptClock, KeptFinding, Summary
from shared.clock import Clock as TimeSource
from shared.db import AlreadyHandled
from tests.support.fakes import FakeTransaction


@dataclass
class Row:
    """One request as the fake keeps it."""

    number: int
    life: Life
    updated_at: datetime
    unapplied_since: datetime | None = None


@dataclass
class Tables:
    """What is stored; a transaction works on a copy."""

    handled: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    requests: dict[str, Row] = field(default_factory=dict)
    clocks: dict[tuple[str, str], KeptClock] = field(default_factory=dict)
    findings: list[KeptFinding] = field(default_factory=list)
    cleared: list[tuple[KeptFinding, datetime]] = field(default_factory=list)
    ran_at: datetime | None = None


class FakeEntries:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, entry: Entry, recorded_at: datetime) -> None:
        assert all(entry.id != known.id for known in self._tables.entries), "the id is the key"
        self._tables.entries.append(replace(entry, recorded_at=recorded_at))

    def facts(self, request_id: str) -> list[Fact]:
        return [entry.fact for entry in self.of(request_id) if entry.fact is not None]

    def of(self, request_id: str) -> list[Entry]:
        return [entry for entry in self._tables.entries if entry.request_id == request_id]

    def missed_calls(self, now: datetime) -> list[MissedCall]:
        settled = {
            (e.request_id, e.data["callback_id"]) for e in self._tables.entries if e.type == "call.settled"
        }
        late_from: dict[str, datetime] = {}
        for entry in self._tables.entries:
            recent = entry.type == "call.missed" and entry.occurred_at > now - timedelta(days=30)
            if recent and (entry.request_id, entry.data["callback_id"]) not in settled:
                due = datetime.fromisoformat(str(entry.data["due_at"]))
                late = entry.occurred_at if entry.data["alarm"] else due
                late_from[entry.request_id] = min(late_from.get(entry.request_id, late), late)
        return [MissedCall(*one) for one in late_from.items()]


class FakeRequests:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def lock(self, request_id: str, now: datetime) -> None:
        rows = self._tables.requests
        rows.setdefault(request_id, Row(len(rows) + 1, Life(), now)).updated_at = now

    def put(self, request_id: str, life: Life, now: datetime) -> None:
        row = self._tables.requests[request_id]
        row.life = life
        row.unapplied_since = (row.unapplied_since or now) if life.waiting else None

    def page(self, state: State | None, limit: int, before: int | None, now: datetime) -> list[Summary]:
        found = [
            self._summary(request_id, row, now)
            for request_id, row in self._tables.requests.items()
            if row.life.state is not None and state in (None, row.life.state)
        ]
        below = [summary for summary in found if before is None or summary.row < before]
        return sorted(below, key=lambda summary: -summary.row)[:limit]

    def open_steps(self, states: Collection[State]) -> list[OpenStep]:
        return [
            _step(request_id, row)
            for request_id, row in self._tables.requests.items()
            if row.life.state in states or row.unapplied_since is not None
        ]

    def _summary(self, request_id: str, row: Row, now: datetime) -> Summary:
        life = row.life
        assert life.state is not None
        assert life.state_at is not None
        return Summary(
            row=row.number,
            request_id=request_id,
            number=life.number,
            state=life.state,
            state_at=life.state_at,
            category=life.category,
            priority=life.priority,
            system=life.system,
            fault=life.fault,
            organisation_id=life.organisation_id,
            registered_at=life.registered_at,
            result=life.result,
            delay_reason=life.delay_reason,
            returns=life.returns,
            unapplied=len(life.waiting),
            overdue=any(
                kept.clock.name in EXECUTION and kept.clock.missed_by(now)
                for (owner, _), kept in self._tables.clocks.items()
                if owner == request_id
            ),
        )


class FakeClocks:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, request_id: str, changed: Iterable[Clock], gone: Collection[str]) -> None:
        for clock in changed:
            known = self._tables.clocks.get((request_id, clock.name))
            same = known is not None and known.clock.due_at == clock.due_at
            fresh = KeptClock(clock)
            kept = replace(known, clock=clock) if known is not None and same else fresh
            self._tables.clocks[request_id, clock.name] = kept
        for name in gone:
            self._tables.clocks.pop((request_id, name), None)

    def of(self, request_id: str) -> list[KeptClock]:
        mine = [kept for (owner, _), kept in self._tables.clocks.items() if owner == request_id]
        return sorted(mine, key=lambda kept: kept.clock.due_at)

    def claim_due(self, now: datetime, limit: int) -> list[Alarm]:
        due = [(key, kept) for key, kept in self._tables.clocks.items() if _is_due(kept, now)]
        due.sort(key=lambda pair: pair[1].clock.approaching_at)
        return [Alarm(key[0], kept.clock, self._correlation(key[0])) for key, kept in due[:limit]]

    def mark(self, alarm: Alarm, level: str, now: datetime) -> None:
        key = (alarm.request_id, alarm.clock.name)
        kept = self._tables.clocks[key]
        missed = level == "missed"
        marked = replace(kept, missed_at=now) if missed else replace(kept, approached_at=now)
        self._tables.clocks[key] = marked

    def _correlation(self, request_id: str) -> str | None:
        entries = FakeEntries(self._tables).of(request_id)
        first = min(entries, key=lambda entry: entry.occurred_at, default=None)
        return first.correlation_id if first else None


class FakeAudits:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def claim_run(self, now: datetime, gap: timedelta) -> bool:
        last = self._tables.ran_at
        if last is not None and last > now - gap:
            return False
        self._tables.ran_at = now
        return True

    def last_run(self) -> datetime | None:
        return self._tables.ran_at

    def open(self) -> list[KeptFinding]:
        return sorted(self._tables.findings, key=lambda kept: kept.finding.since)

    def raise_findings(self, findings: Sequence[Finding], now: datetime) -> None:
        self._tables.findings += [KeptFinding(finding, now) for finding in findings]

    def clear(self, findings: Sequence[Finding], now: datetime) -> None:
        gone = [kept for kept in self._tables.findings if kept.finding in findings]
        self._tables.findings = [kept for kept in self._tables.findings if kept not in gone]
        self._tables.cleared += [(kept, now) for kept in gone]


class FakeUnitOfWork(FakeTransaction):
    """One store; enter it as often as there are transactions. ``cause`` works as the inbox does."""

    def __init__(self, clock: TimeSource | None = None) -> None:
        super().__init__(clock)
        self.kept = Tables()
        self.cause: str | None = None
        self._work_on(self.kept)

    def because_of(self, event_id: str) -> Self:
        self.cause = event_id
        return self

    def __enter__(self) -> Self:
        super().__enter__()
        self._work_on(deepcopy(self.kept))
        if self.cause is not None:
            cause, self.cause = self.cause, None
            if cause in self._tables.handled:
                raise AlreadyHandled
            self._tables.handled.add(cause)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._work_on(self.kept)

    def commit(self) -> None:
        super().commit()
        self.kept = self._tables

    def _work_on(self, tables: Tables) -> None:
        self._tables = tables
        self.entries = FakeEntries(tables)
        self.requests = FakeRequests(tables)
        self.clocks = FakeClocks(tables)
        self.audits = FakeAudits(tables)


class FakeWorld:
    """What the audit sees, as the test says."""

    def __init__(self) -> None:
        self.sees = Surroundings({}, {})

    def look(self) -> Surroundings:
        return self.sees


def _is_due(kept: KeptClock, now: datetime) -> bool:
    clock = kept.clock
    if clock.stopped_at is not None or kept.missed_at is not None or clock.approaching_at > now:
        return False
    return kept.approached_at is None or clock.due_at <= now


def _step(request_id: str, row: Row) -> OpenStep:
    return OpenStep(
        request_id=request_id,
        state=row.life.state,
        state_at=row.life.state_at or row.updated_at,
        acknowledge_by=row.life.acknowledge_by,
        unroutable_at=row.life.unroutable_at,
        waiting_facts=len(row.life.waiting),
        waiting_since=row.unapplied_since,
    )
