"""Outgoing messages, from the queue to the receipt."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.notify.domain.messages import LEFT, PENDING, SAID, Message, Recipient, State
from services.notify.store.bulk import insert_of, lists, news_of
from services.notify.store.tables import announcements, contacts, messages, requests, urgencies
from services.notify.usecases.ports import Backlog, Due
from shared.sealing import Sealer

_earlier = messages.alias("earlier")
_later = messages.alias("later")
_said = messages.alias("said")
_COLUMNS = tuple(column.name for column in messages.columns)
_SEALED = ("phone", "body")
_WRITTEN = ("phone", "language", "body", "parts")
_MOVED = (
    *("state", "due_at", "attempt", "unsure_since", "provider_sid"),
    *("error_code", "sent_at", "ended_at", "held_until"),
)


def _update(*names: str) -> sa.Update:
    """Built once: putting a statement together costs more than the database needs to obey it."""
    news = news_of(messages, "id", *names)
    return messages.update().where(messages.c.id == news.c.id).values({name: news.c[name] for name in names})


_LEASE, _SAVE = _update(*_WRITTEN, *_MOVED), _update(*_MOVED)
_LOCK = (
    sa.select(messages)
    .where(
        (messages.c.id == sa.func.any(sa.cast(sa.bindparam("ids"), ARRAY(sa.Uuid))))
        | (messages.c.provider_sid == sa.func.any(sa.cast(sa.bindparam("sids"), ARRAY(sa.Text))))
    )
    .order_by(messages.c.id)
    .with_for_update()
)
_ANNOUNCE = insert_of(messages, *_COLUMNS).on_conflict_do_nothing(
    index_elements=["announcement_id", "contact_id"]
)
_CATEGORY = sa.case(
    (announcements.c.emergency, "emergency"),
    (announcements.c.id.is_not(None), "planned"),
    else_=urgencies.c.category,
)
_SAID_LAST = (
    sa.select(_said.c.body)
    .where(_said.c.request_id == messages.c.request_id, _said.c.state.in_(SAID), ~_said.c.urgent)
    .order_by(_said.c.sent_at.desc(), _said.c.occurred_at.desc())
    .limit(1)
    .scalar_subquery()
)
_NOW = sa.bindparam("now", type_=sa.TIMESTAMP(timezone=True))
_ANNOUNCED, _SLEPT = messages.c.announcement_id.is_not(None), messages.c.held_until.is_not(None)
_FIRST = (messages.c.urgent.desc(), _ANNOUNCED, _SLEPT)
"""What has slept comes after fresh news and before what is announced to everybody."""


def _waits_for_another() -> sa.ColumnElement[bool]:
    """Status messages of one request leave in the order of their facts, one after the other; one that sleeps
    keeps no other waiting."""
    return sa.exists().where(
        _earlier.c.request_id == messages.c.request_id,
        _earlier.c.id != messages.c.id,
        ~_earlier.c.urgent,
        _earlier.c.state.in_(PENDING),
        sa.func.coalesce(_earlier.c.held_until <= _NOW, sa.true()),
        sa.tuple_(_earlier.c.occurred_at, _earlier.c.id) < sa.tuple_(messages.c.occurred_at, messages.c.id),
    )


def _has_later(states: frozenset[State]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        _later.c.request_id == messages.c.request_id,
        ~_later.c.urgent,
        _later.c.state.in_(states),
        _later.c.occurred_at > messages.c.occurred_at,
    )


def _due() -> sa.Select[Any]:
    """Built once, like the others: it is asked for every few messages."""
    known = contacts.c.id.is_not(None)
    return (
        sa.select(
            messages,
            requests.c.number,
            contacts.c.phone.label("to_phone"),
            contacts.c.language.label("to_language"),
            contacts.c.sms_allowed,
            contacts.c.script,
            (~messages.c.urgent & _has_later(LEFT)).label("overtaken"),
            _has_later(LEFT | PENDING).label("followed"),
            _CATEGORY.label("category"),
            _SAID_LAST.label("said_last"),
            announcements.c.texts,
        )
        .outerjoin(requests, requests.c.id == messages.c.request_id)
        .outerjoin(contacts, contacts.c.id == sa.func.coalesce(requests.c.contact_id, messages.c.contact_id))
        .outerjoin(announcements, announcements.c.id == messages.c.announcement_id)
        .outerjoin(urgencies, urgencies.c.request_id == messages.c.request_id)
        .where(messages.c.state.in_(PENDING), messages.c.due_at <= _NOW)
        .where(known | (messages.c.created_at < sa.bindparam("hopeless_before")))
        .where(messages.c.urgent | ~_waits_for_another())
        .order_by(*_FIRST, messages.c.due_at)
        .limit(sa.bindparam("limit"))
        .with_for_update(of=messages, skip_locked=True)
    )


_DUE = _due()


class Messages:
    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def add(self, message: Message) -> bool:
        row = insert(messages).values(self._columns(message))
        added = row.on_conflict_do_nothing(constraint="messages_told_once").returning(messages.c.id)
        return self._connection.execute(added).first() is not None

    def announce(self, announced: Sequence[Message]) -> None:
        if announced:
            rows = [self._columns(message) for message in announced]
            self._connection.execute(_ANNOUNCE, lists(rows, *_COLUMNS))

    def due(self, now: datetime, limit: int, hopeless_before: datetime) -> Sequence[Due]:
        asked = {"now": now, "limit": limit, "hopeless_before": hopeless_before}
        return [self._due(row) for row in self._connection.execute(_DUE, asked)]

    def lock(self, ids: Sequence[UUID], sids: Sequence[str] = ()) -> Mapping[UUID, Message]:
        rows = self._connection.execute(_LOCK, {"ids": list(ids), "sids": list(sids)})
        return {row.id: self._message(row) for row in rows}

    def of(self, ids: Sequence[UUID]) -> Mapping[UUID, Message]:
        rows = self._connection.execute(sa.select(messages).where(messages.c.id.in_(ids)))
        return {row.id: self._message(row) for row in rows}

    def known_sids(self, sids: Iterable[str]) -> set[str]:
        query = sa.select(messages.c.provider_sid).where(messages.c.provider_sid.in_(list(sids)))
        return {str(sid) for sid in self._connection.scalars(query)}

    def has_any(self, request_id: UUID, templates: Iterable[str]) -> bool:
        found = sa.exists().where(
            messages.c.request_id == request_id, messages.c.template.in_(list(templates))
        )
        return bool(self._connection.scalar(sa.select(found)))

    def lease(self, leased: Sequence[Message]) -> None:
        if leased:
            rows = [self._columns(message) for message in leased]
            self._connection.execute(_LEASE, lists(rows, "id", *_WRITTEN, *_MOVED))

    def save(self, messages: Sequence[Message]) -> None:
        if messages:
            self._connection.execute(_SAVE, lists([vars(message) for message in messages], "id", *_MOVED))

    def silent(self, due_before: datetime, sent_after: datetime, limit: int) -> Sequence[Message]:
        query = (
            sa.select(messages)
            .where(messages.c.state == State.SENT.value, messages.c.sent_at > sent_after)
            .where(messages.c.due_at <= due_before)
            .where(messages.c.request_id.is_not(None), messages.c.phone.is_not(None))
            .order_by(messages.c.sent_at, messages.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [self._message(row) for row in self._connection.execute(query)]

    def of_request(self, request_id: UUID) -> Sequence[Message]:
        query = (
            sa.select(messages)
            .where(messages.c.request_id == request_id)
            .order_by(messages.c.created_at, messages.c.occurred_at)
        )
        return [self._message(row) for row in self._connection.execute(query)]

    def is_sending_to(self, contact_id: UUID) -> bool:
        found = sa.exists().where(_to(contact_id), messages.c.state == State.SENDING.value)
        return bool(self._connection.scalar(sa.select(found)))

    def forget(self, contact_id: UUID) -> None:
        self._connection.execute(messages.update().where(_to(contact_id)).values(phone=None, body=None))

    def backlog(self, now: datetime) -> Backlog:
        asleep = sa.func.coalesce(messages.c.held_until > now, sa.false())
        since = sa.func.coalesce(messages.c.held_until, messages.c.created_at)
        query = sa.select(
            sa.func.count().filter(~asleep),
            sa.func.min(since).filter(~asleep),
            sa.func.count().filter(asleep),
        ).where(messages.c.state.in_(PENDING))
        return Backlog(*self._connection.execute(query).one())

    def let_go(self, request_id: UUID, now: datetime) -> None:
        held = messages.update().where(
            messages.c.request_id == request_id,
            messages.c.state == State.QUEUED.value,
            messages.c.held_until > now,
        )
        self._connection.execute(held.values(due_at=now, held_until=None))

    def _due(self, row: sa.Row[Any]) -> Due:
        message = self._message(row)
        if row.to_phone is None:
            return Due(message, None, row.overtaken)
        phone = self._sealer.open(row.to_phone)
        recipient = Recipient(phone, row.to_language, row.sms_allowed, row.number or "", row.script)
        said_last = self._sealer.open(row.said_last) if row.said_last is not None else None
        return Due(message, recipient, row.overtaken, row.texts, row.followed, row.category, said_last)

    def _columns(self, message: Message) -> dict[str, Any]:
        values = {name: getattr(message, name) for name in _COLUMNS}
        sealed = {name: self._sealer.seal(values[name]) for name in _SEALED if values[name] is not None}
        return {**values, **sealed, "params": dict(message.params)}

    def _message(self, row: sa.Row[Any]) -> Message:
        values = {name: getattr(row, name) for name in _COLUMNS}
        opened = {name: self._sealer.open(values[name]) for name in _SEALED if values[name] is not None}
        return Message(**{**values, **opened, "state": State(values["state"])})


def _to(contact_id: UUID) -> sa.ColumnElement[bool]:
    theirs = sa.select(requests.c.id).where(requests.c.contact_id == contact_id)
    return messages.c.request_id.in_(theirs) | (messages.c.contact_id == contact_id)
