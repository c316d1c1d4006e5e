"""Telephone calls and the call-back queue in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.intake.domain.callbacks import OPEN, Callback, CallbackState
from services.intake.domain.calls import Alarm, Call, Consent, Outcome, Recording, Wish
from services.intake.store import tables
from shared.sealing import Sealer

_c, _r, _b = tables.calls.c, tables.call_replies.c, tables.callbacks.c


class Calls:
    """Calls by the provider's id. Replies and transcriptions are sealed."""

    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def get(self, sid: str, lock: bool = False) -> Call | None:
        """``lock`` keeps the call's other webhooks waiting until the transaction ends."""
        query = sa.select(tables.calls).where(_c.sid == sid)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return self._call(row) if row is not None else None

    def start(self, call: Call) -> Call:
        """The call of this id, locked: the given one, or the one a concurrent webhook just began."""
        row = insert(tables.calls).values(self._row(call))
        started = self._connection.execute(row.on_conflict_do_nothing(index_elements=[_c.sid]))
        return call if started.rowcount else self.get(call.sid, lock=True) or call

    def save(self, call: Call) -> None:
        self._connection.execute(sa.update(tables.calls).where(_c.sid == call.sid).values(self._row(call)))

    def reply_to(self, sid: str, step: str, turn: int) -> str | None:
        """What was answered to this step before."""
        query = sa.select(_r.reply).where(_r.id == _reply_id(sid, step, turn))
        reply = self._connection.execute(query).scalar_one_or_none()
        return self._sealer.open(reply) if reply is not None else None

    def keep_reply(self, sid: str, step: str, turn: int, reply: str) -> None:
        row = {"id": _reply_id(sid, step, turn), "sid": sid, "reply": self._sealer.seal(reply)}
        self._connection.execute(sa.insert(tables.call_replies).values(row))

    def silent(self, since: datetime, limit: int) -> Sequence[Call]:
        """Calls neither answered nor ended of which nothing was heard since, locked for us."""
        query = (
            sa.select(tables.calls)
            .where(_c.answered_at.is_(None), _c.ended_at.is_(None), _c.heard_at < since)
            .order_by(_c.heard_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [self._call(row) for row in self._connection.execute(query)]

    def _row(self, call: Call) -> dict[str, Any]:
        row = {name: getattr(call, name) for name in Call.__dataclass_fields__}
        row["recording"] = asdict(call.recording) if call.recording is not None else None
        return {**row, "transcription": self._sealer.seal(call.transcription), "outcome": call.outcome}

    def _call(self, row: sa.Row[Any]) -> Call:
        values = dict(row._mapping)
        del values["outcome"]
        values |= {
            "alarm": Alarm(row.alarm) if row.alarm is not None else None,
            "wish": Wish(row.wish) if row.wish is not None else None,
            "consent": Consent(row.consent),
            "recording": Recording(**row.recording) if row.recording is not None else None,
            "transcription": self._sealer.open(row.transcription),
        }
        return Call(**values)


class Callbacks:
    """Whom to call back; an index lets nobody stand in the queue twice."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, id_: UUID, lock: bool = False) -> Callback | None:
        return self._one(_b.id == id_, lock)

    def open_of(self, contact_ref: UUID) -> Callback | None:
        """The person's place in the queue, locked."""
        return self._one(sa.and_(_b.contact_ref == contact_ref, _is_open()), lock=True)

    def add(self, callback: Callback) -> None:
        self._connection.execute(sa.insert(tables.callbacks).values(asdict(callback)))

    def save(self, callback: Callback) -> None:
        change = sa.update(tables.callbacks).where(_b.id == callback.id).values(asdict(callback))
        self._connection.execute(change)

    def _one(self, condition: sa.ColumnElement[bool], lock: bool) -> Callback | None:
        query = sa.select(tables.callbacks).where(condition)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return _callback(row) if row is not None else None


def _is_open() -> sa.ColumnElement[bool]:
    return _b.state.in_([state.value for state in OPEN])


def _callback(row: sa.Row[Any]) -> Callback:
    values = dict(row._mapping)
    values |= {
        "alarm": Alarm(row.alarm) if row.alarm is not None else None,
        "reason": Outcome(row.reason),
        "state": CallbackState(row.state),
    }
    return Callback(**values)


def _reply_id(sid: str, step: str, turn: int) -> str:
    return f"{sid}:{step}:{turn}"
