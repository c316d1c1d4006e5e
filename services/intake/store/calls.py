"""Telephone calls and the call-back queue in PostgreSQL."""

import operator
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.intake.domain.callbacks import OPEN, Callback, CallbackState
from services.intake.domain.calls import Alarm, Call, Consent, Figures, Outcome, Recording, Wish
from services.intake.store import tables
from services.intake.usecases.callbacks import CallFilter
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

    def many(self, sids: Collection[str]) -> dict[str, Call]:
        rows = self._connection.execute(sa.select(tables.calls).where(_c.sid.in_(sids)))
        return {row.sid: self._call(row) for row in rows}

    def listed(self, wanted: CallFilter) -> Sequence[Call]:
        """The newest first."""
        conditions = (
            (_c.request_id, operator.eq, wanted.request_id),
            (_c.contact_ref, operator.eq, wanted.contact_ref),
            (_c.outcome, operator.eq, wanted.outcome),
            (_c.rang_at, operator.ge, wanted.since),
            (_c.rang_at, operator.lt, wanted.before),
        )
        asked = [compare(column, value) for column, compare, value in conditions if value is not None]
        if wanted.going_on:
            asked.append(_c.ended_at.is_(None))
        query = sa.select(tables.calls).where(*asked).order_by(_c.rang_at.desc(), _c.sid)
        return [self._call(row) for row in self._connection.execute(query.limit(wanted.limit))]

    def figures(self, since: datetime, now: datetime, norm: timedelta) -> Figures:
        """How calls went since then, and the queue as it stands."""
        waited = sa.func.coalesce(_c.answered_at, _c.ended_at) - _c.rang_at
        # A call that still goes on is null, which percentiles leave out; greatest() alone would make it 0.
        seconds = sa.case((waited.is_not(None), sa.func.greatest(sa.extract("epoch", waited), 0)))
        counted = {outcome: sa.func.count().filter(_c.outcome == outcome.value) for outcome in Outcome}
        query = sa.select(
            sa.func.count().label("calls"),
            counted[Outcome.ANSWERED].label("answered"),
            sa.func.count().filter(_c.answered_at - _c.rang_at <= norm).label("answered_in_norm"),
            counted[Outcome.MESSAGE].label("messages"),
            counted[Outcome.CALLBACK].label("callbacks"),
            counted[Outcome.DROPPED].label("dropped"),
            sa.cast(sa.func.percentile_cont(0.5).within_group(seconds), sa.Double).label("waited_p50_s"),
            sa.cast(sa.func.percentile_cont(0.95).within_group(seconds), sa.Double).label("waited_p95_s"),
        ).where(_c.rang_at >= since)
        queue = sa.select(
            sa.func.count().label("to_call_back"),
            sa.func.count().filter(_b.due_at < now).label("overdue"),
        ).where(_is_open())
        of_calls, of_queue = self._connection.execute(query).one(), self._connection.execute(queue).one()
        return Figures(since, **of_calls._mapping, **of_queue._mapping)

    def forget(self, contact_ref: UUID) -> None:
        """Drop what the person said and what was answered; the provider's recordings are deleted there."""
        theirs = sa.select(_c.sid).where(_c.contact_ref == contact_ref)
        self._connection.execute(sa.delete(tables.call_replies).where(_r.sid.in_(theirs)))
        gone = {"transcription": "", "recording": None}
        self._connection.execute(sa.update(tables.calls).where(_c.contact_ref == contact_ref).values(**gone))

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

    def __init__(self, connection: sa.Connection, calls: Calls) -> None:
        self._connection = connection
        self._calls = calls

    def get(self, id_: UUID, lock: bool = False) -> Callback | None:
        return self._one(_b.id == id_, lock)

    def open_of(self, contact_ref: UUID) -> Callback | None:
        """The person's place in the queue, locked."""
        return self._one(sa.and_(_b.contact_ref == contact_ref, _is_open()), lock=True)

    def listed(
        self, states: frozenset[CallbackState], now: datetime, limit: int
    ) -> Sequence[tuple[Callback, Call]]:
        """With the last call of each: alarms first, then by due time; those to be tried later last."""
        query = (
            sa.select(tables.callbacks)
            .where(_b.state.in_([state.value for state in states]))
            .order_by(sa.func.coalesce(_b.not_before > now, False), _b.alarm.is_(None), _b.due_at, _b.id)
            .limit(limit)
        )
        found = [_callback(row) for row in self._connection.execute(query)]
        calls = self._calls.many({callback.call_sid for callback in found})
        return [(callback, calls[callback.call_sid]) for callback in found]

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
