"""What the facts of each request add up to: one row a request, for lists, locks and the audit."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.journal.domain.audit import OpenStep
from services.journal.domain.clocks import EXECUTION
from services.journal.domain.life import Life
from services.journal.domain.states import State
from services.journal.store.tables import clocks, requests
from services.journal.usecases.ports import Summary

_ROW = insert(requests).values(id=sa.bindparam("request_id"), updated_at=sa.bindparam("now"))
_LOCK = _ROW.on_conflict_do_update(index_elements=["id"], set_={"updated_at": _ROW.excluded.updated_at})

_waits = sa.bindparam("unapplied", type_=sa.Integer)
_PUT = (
    sa.update(requests)
    .where(requests.c.id == sa.bindparam("request_id"))
    .values(
        {
            **{
                name: sa.bindparam(name)
                for name in (
                    "number",
                    "state",
                    "state_at",
                    "category",
                    "priority",
                    "system",
                    "fault",
                    "organisation_id",
                    "registered_at",
                    "acknowledge_by",
                    "unroutable_at",
                    "result",
                    "delay_reason",
                    "returns",
                )
            },
            "unapplied": _waits,
            "unapplied_since": sa.case(
                (_waits == 0, None),
                else_=sa.func.coalesce(
                    requests.c.unapplied_since, sa.bindparam("now", type_=requests.c.updated_at.type)
                ),
            ),
        }
    )
)

_OVERDUE = (
    sa.exists()
    .where(
        clocks.c.request_id == requests.c.id,
        clocks.c.name.in_([name.value for name in EXECUTION]),
        clocks.c.due_at
        < sa.func.coalesce(clocks.c.stopped_at, sa.bindparam("now", type_=clocks.c.due_at.type)),
    )
    .label("overdue")
)


class Requests:
    """The rows of one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def lock(self, request_id: str, now: datetime) -> None:
        """Hold the request (known or not yet) until this transaction ends: its facts are added up by one."""
        self._connection.execute(_LOCK, {"request_id": request_id, "now": now})

    def put(self, request_id: str, life: Life, now: datetime) -> None:
        """Keep what the facts add up to."""
        values: dict[str, Any] = {
            "request_id": request_id,
            "now": now,
            "number": life.number,
            "state": life.state,
            "state_at": life.state_at,
            "category": life.category,
            "priority": life.priority,
            "system": life.system,
            "fault": life.fault,
            "organisation_id": life.organisation_id,
            "registered_at": life.registered_at,
            "acknowledge_by": life.acknowledge_by,
            "unroutable_at": life.unroutable_at,
            "result": life.result,
            "delay_reason": life.delay_reason,
            "returns": life.returns,
            "unapplied": len(life.waiting),
        }
        self._connection.execute(_PUT, values)

    def page(self, state: State | None, limit: int, before: int | None, now: datetime) -> list[Summary]:
        """Requests with a state, newest first, below row ``before``."""
        chosen = sa.select(requests, _OVERDUE).where(requests.c.state.is_not(None))
        if state is not None:
            chosen = chosen.where(requests.c.state == state.value)
        if before is not None:
            chosen = chosen.where(requests.c.row < before)
        rows = self._connection.execute(chosen.order_by(requests.c.row.desc()).limit(limit), {"now": now})
        return [_summary(row) for row in rows]

    def open_steps(self, states: Collection[State]) -> list[OpenStep]:
        """Requests in these states, and those with facts that do not fit."""
        watched = requests.c.state.in_([state.value for state in states])
        odd = requests.c.unapplied_since.is_not(None)
        rows = self._connection.execute(sa.select(requests).where(sa.or_(watched, odd)))
        return [_step(row) for row in rows]


def _summary(row: Any) -> Summary:
    return Summary(
        row=row.row,
        request_id=row.id,
        number=row.number,
        state=State(row.state),
        state_at=row.state_at,
        category=row.category,
        priority=row.priority,
        system=row.system,
        fault=row.fault,
        organisation_id=row.organisation_id,
        registered_at=row.registered_at,
        result=row.result,
        delay_reason=row.delay_reason,
        returns=row.returns,
        unapplied=row.unapplied,
        overdue=row.overdue,
    )


def _step(row: Any) -> OpenStep:
    return OpenStep(
        request_id=row.id,
        state=None if row.state is None else State(row.state),
        state_at=row.state_at or row.updated_at,
        acknowledge_by=row.acknowledge_by,
        unroutable_at=row.unroutable_at,
        waiting_facts=row.unapplied,
        waiting_since=row.unapplied_since,
    )
