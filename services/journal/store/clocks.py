"""The deadlines of every request, where the escalation loop finds those that are due."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.journal.domain.clocks import Clock
from services.journal.domain.norms import ClockName
from services.journal.store.tables import clocks, entries, requests
from services.journal.usecases.ports import Alarm, KeptClock

_NEW = insert(clocks)
_same_deadline = clocks.c.due_at == _NEW.excluded.due_at
_PUT = _NEW.on_conflict_do_update(
    index_elements=["request_id", "name"],
    set_={
        "norm": _NEW.excluded.norm,
        "started_at": _NEW.excluded.started_at,
        "approaching_at": _NEW.excluded.approaching_at,
        "due_at": _NEW.excluded.due_at,
        "stopped_at": _NEW.excluded.stopped_at,
        # A moved deadline is a new one: it may come near and be missed again.
        "approached_at": sa.case((_same_deadline, clocks.c.approached_at)),
        "missed_at": sa.case((_same_deadline, clocks.c.missed_at)),
    },
)
_now = sa.bindparam("now", type_=clocks.c.due_at.type)
_CLAIM = (
    sa.select(
        clocks,
        sa.select(entries.c.correlation_id)
        .where(entries.c.request_id == clocks.c.request_id)
        .order_by(entries.c.occurred_at)
        .limit(1)
        .scalar_subquery()
        .label("correlation_id"),
    )
    .join(requests, requests.c.id == clocks.c.request_id)
    .where(
        clocks.c.stopped_at.is_(None),
        clocks.c.missed_at.is_(None),
        clocks.c.approaching_at <= _now,
        sa.or_(clocks.c.approached_at.is_(None), clocks.c.due_at <= _now),
    )
    .order_by(clocks.c.approaching_at)
    .limit(sa.bindparam("batch"))
    # Whoever changes clocks holds the request's lock. Locking the clock too makes PostgreSQL look at its
    # newest version: a clock that was stopped this very moment raises nothing.
    .with_for_update(of=[requests, clocks], skip_locked=True)
)
_OF = sa.select(clocks).where(clocks.c.request_id == sa.bindparam("request_id")).order_by(clocks.c.due_at)


class Clocks:
    """The rows of one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, request_id: str, changed: Iterable[Clock], gone: Collection[str]) -> None:
        """Start, stop or move deadlines of a locked request, and drop those that no longer apply."""
        rows = [{"request_id": request_id, **asdict(clock)} for clock in changed]
        if rows:
            self._connection.execute(_PUT, rows)
        if gone:
            mine = sa.and_(clocks.c.request_id == request_id, clocks.c.name.in_(gone))
            self._connection.execute(sa.delete(clocks).where(mine))

    def of(self, request_id: str) -> list[KeptClock]:
        """The deadlines of one request, the nearest first."""
        rows = self._connection.execute(_OF, {"request_id": request_id})
        return [KeptClock(_clock(row), row.approached_at, row.missed_at) for row in rows]

    def claim_due(self, now: datetime, limit: int) -> list[Alarm]:
        """Running clocks whose approach or miss is not raised yet; their requests stay locked."""
        rows = self._connection.execute(_CLAIM, {"now": now, "batch": limit})
        return [Alarm(row.request_id, _clock(row), row.correlation_id) for row in rows]

    def mark(self, alarm: Alarm, level: str, now: datetime) -> None:
        """Remember that this level was raised."""
        column = clocks.c.missed_at if level == "missed" else clocks.c.approached_at
        mine = sa.and_(clocks.c.request_id == alarm.request_id, clocks.c.name == alarm.clock.name.value)
        self._connection.execute(sa.update(clocks).where(mine).values({column: now}))


def _clock(row: Any) -> Clock:
    return Clock(
        name=ClockName(row.name),
        norm=row.norm,
        started_at=row.started_at,
        approaching_at=row.approaching_at,
        due_at=row.due_at,
        stopped_at=row.stopped_at,
    )
