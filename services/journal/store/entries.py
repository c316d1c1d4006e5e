"""The timelines: one row an event, only ever added to (D-1.1-K5)."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from services.journal.domain.audit import MissedCall
from services.journal.domain.facts import Entry, Fact, Kind
from services.journal.store.tables import entries
from shared.encoding import plain

_ADD = sa.insert(entries)
_FACTS = sa.select(entries.c.id, entries.c.occurred_at, entries.c.fact).where(
    entries.c.request_id == sa.bindparam("request_id"), entries.c.fact.is_not(None)
)
_OF = sa.select(entries).where(entries.c.request_id == sa.bindparam("request_id"))
_IN_ROW = ("id", "kind", "at")
_OPTIONAL = tuple(field for field in fields(Fact) if field.name not in _IN_ROW)
_TIMES = frozenset({"received_at", "answer_by", "until"})
_LOOKS_BACK = timedelta(days=30)
_settled = entries.alias("settled")
_MISSED = (
    sa.select(
        entries.c.request_id,
        sa.func.min(
            sa.case(
                (entries.c.data["alarm"].astext.is_not(None), entries.c.occurred_at),
                else_=entries.c.data["due_at"].astext.cast(sa.TIMESTAMP(timezone=True)),
            )
        ).label("late_from"),
    )
    .where(
        entries.c.type == "call.missed",
        entries.c.occurred_at > sa.bindparam("since", type_=entries.c.occurred_at.type),
        ~sa.exists().where(
            _settled.c.request_id == entries.c.request_id,
            _settled.c.type == "call.settled",
            _settled.c.data["callback_id"].astext == entries.c.data["callback_id"].astext,
        ),
    )
    .group_by(entries.c.request_id)
)


class Entries:
    """The rows of one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, entry: Entry, recorded_at: datetime) -> None:
        """Append one line."""
        self._connection.execute(
            _ADD,
            {
                "id": entry.id,
                "request_id": entry.request_id,
                "source": entry.source,
                "type": entry.type,
                "what": entry.what,
                "occurred_at": entry.occurred_at,
                "recorded_at": recorded_at,
                "actor": entry.actor,
                "channel": entry.channel,
                "reason": entry.reason,
                "correlation_id": entry.correlation_id,
                "causation_id": entry.causation_id,
                "fact": None if entry.fact is None else _pack(entry.fact),
                "data": entry.data,
            },
        )

    def facts(self, request_id: str) -> list[Fact]:
        """The facts of one request, in no order that matters."""
        rows = self._connection.execute(_FACTS, {"request_id": request_id})
        return [_unpack(row.id, row.occurred_at, row.fact) for row in rows]

    def of(self, request_id: str) -> list[Entry]:
        """All lines of one request, in no order that matters."""
        rows = self._connection.execute(_OF, {"request_id": request_id}).mappings()
        return [_entry(dict(row)) for row in rows]

    def missed_calls(self, now: datetime) -> list[MissedCall]:
        """Callers of the last 30 days whom nobody has called back, one row a request."""
        rows = self._connection.execute(_MISSED, {"since": now - _LOOKS_BACK})
        return [MissedCall(row.request_id, row.late_from) for row in rows]


def _entry(row: dict[Any, Any]) -> Entry:
    fact = None if row["fact"] is None else _unpack(row["id"], row["occurred_at"], row["fact"])
    return Entry(**{**row, "fact": fact})


def _pack(fact: Fact) -> dict[str, Any]:
    """The fact without what its row says already and without what it does not have."""
    told = {field.name: getattr(fact, field.name) for field in _OPTIONAL}
    default = {field.name: field.default for field in _OPTIONAL if field.default is not MISSING}
    packed: dict[str, Any] = plain({name: value for name, value in told.items() if value != default[name]})
    return {"kind": fact.kind.value, **packed}


def _unpack(fact_id: str, at: datetime, packed: Mapping[str, Any]) -> Fact:
    told: dict[str, Any] = {
        name: datetime.fromisoformat(value) if name in _TIMES else value
        for name, value in packed.items()
        if name != "kind"
    }
    if "hazards" in told:
        told["hazards"] = tuple(told["hazards"])
    return Fact(fact_id, Kind(packed["kind"]), at, **told)
