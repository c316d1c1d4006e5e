"""Calls to make, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.notify.domain.untold import WAITING, CallResult, CallState, CallToMake
from services.notify.store.messages import Messages
from services.notify.store.tables import calls_to_make, messages, requests, urgencies
from services.notify.usecases.ports import Backlog, Untold

_c = calls_to_make.c
_NAMES = tuple(column.name for column in calls_to_make.columns)
_DANGER = _c.urgent | (sa.func.coalesce(urgencies.c.category, "") == "emergency")
_WAITS = _c.state.in_([state.value for state in WAITING])


class CallsToMake:
    """Residents whom no message has reached."""

    def __init__(self, connection: sa.Connection, told: Messages) -> None:
        self._connection = connection
        self._messages = told

    def add(self, call: CallToMake) -> None:
        if not call.urgent:
            self.overtake(call.request_id, call.occurred_at, call.since)
        row = insert(calls_to_make).values(vars(call)).on_conflict_do_nothing(index_elements=["id"])
        self._connection.execute(row)

    def lock(self, call_id: UUID) -> CallToMake | None:
        query = sa.select(calls_to_make).where(_c.id == call_id).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return _call(row) if row is not None else None

    def save(self, call: CallToMake) -> None:
        self._connection.execute(calls_to_make.update().where(_c.id == call.id).values(vars(call)))

    def overtake(self, request_id: UUID, before: datetime, now: datetime) -> None:
        older = (_c.request_id == request_id, ~_c.urgent, _c.occurred_at < before, _c.state == CallState.OPEN)
        news = {"state": CallState.OVERTAKEN.value, "ended_at": now, "version": _c.version + 1}
        self._connection.execute(calls_to_make.update().where(*older).values(news))

    def find(self, call_id: UUID) -> Untold | None:
        return next(iter(self._listed(_c.id == call_id, limit=1)), None)

    def waiting(self, limit: int) -> Sequence[Untold]:
        return self._listed(_WAITS, limit=limit)

    def alarming(self) -> Backlog:
        query = (
            sa.select(sa.func.count(), sa.func.min(_c.since))
            .select_from(calls_to_make)
            .join(messages, messages.c.id == _c.id)
            .outerjoin(urgencies, urgencies.c.request_id == _c.request_id)
            .where(_WAITS, _DANGER, messages.c.phone.is_not(None))
        )
        return Backlog(*self._connection.execute(query).one())

    def _listed(self, wanted: sa.ColumnElement[bool], limit: int) -> list[Untold]:
        query = (
            sa.select(calls_to_make, requests.c.number, urgencies.c.category)
            .join(messages, messages.c.id == _c.id)
            .outerjoin(requests, requests.c.id == _c.request_id)
            .outerjoin(urgencies, urgencies.c.request_id == _c.request_id)
            .where(wanted, messages.c.phone.is_not(None))
            .order_by(_c.urgent.desc(), _DANGER.desc(), _c.due_at, _c.id)
            .limit(limit)
        )
        rows = self._connection.execute(query).all()
        told = self._messages.of([row.id for row in rows])
        return [Untold(_call(row), told[row.id], row.number or "", row.category) for row in rows]


def _call(row: sa.Row[Any]) -> CallToMake:
    values = {name: getattr(row, name) for name in _NAMES}
    result = CallResult(row.result) if row.result else None
    return CallToMake(**{**values, "state": CallState(row.state), "result": result})
