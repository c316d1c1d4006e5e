"""Signals of crews, and messages between them and the dispatcher."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.crews.domain.messages import Message
from services.crews.domain.people import Position
from services.crews.domain.signals import Signal, SignalKind
from services.crews.store.sealed import SealedRows
from services.crews.store.tables import messages, signals
from shared.sealing import Sealer

_POSITION = ("lat", "lon", "accuracy_m", "position_at")
_OPEN_SOS = (signals.c.kind == SignalKind.SOS.value, signals.c.acknowledged_at.is_(None))


class Signals:
    """Signals by id; their words are sealed."""

    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._rows = SealedRows(signals, sealer)

    def lock(self, crew_id: UUID) -> None:
        """Wait until nobody else works on this crew's signals."""
        key = sa.func.hashtextextended(f"signals of {crew_id}", 0)
        self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))

    def save(self, signal: Signal) -> None:
        row = self._rows.sealed(_row(signal))
        statement = insert(signals).values(row)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))

    def get(self, signal_id: UUID) -> Signal | None:
        return next(self._select(signals.c.id == signal_id), None)

    def many(self, signal_ids: Collection[UUID]) -> list[Signal]:
        return list(self._select(signals.c.id.in_(signal_ids)))

    def open(self, crew_id: UUID) -> list[Signal]:
        """The crew's signals that nobody has acknowledged, the oldest first."""
        return list(self._select(signals.c.crew_id == crew_id, signals.c.acknowledged_at.is_(None)))

    def open_sos(self, crew_id: UUID) -> Signal | None:
        return next(self._select(signals.c.crew_id == crew_id, *_OPEN_SOS), None)

    def crews_with_sos_before(self, moment: datetime) -> list[UUID]:
        """The crews whose open SOS has stood at its level since ``moment`` or longer."""
        since = sa.func.coalesce(signals.c.level_at, signals.c.recorded_at)
        query = sa.select(signals.c.crew_id).where(*_OPEN_SOS, since <= moment).order_by(since)
        return list(self._connection.scalars(query))

    def forget_before(self, moment: datetime) -> int:
        """Drop signals of before that somebody has acknowledged; returns how many."""
        old = signals.delete().where(signals.c.recorded_at < moment, signals.c.acknowledged_at.is_not(None))
        return self._connection.execute(old).rowcount

    def _select(self, *conditions: sa.ColumnElement[bool]) -> Iterator[Signal]:
        query = sa.select(signals).where(*conditions).order_by(signals.c.recorded_at, signals.c.id)
        return (_signal(self._rows.opened(row)) for row in self._connection.execute(query).mappings())


class Messages:
    """Messages by id; their words are sealed."""

    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._rows = SealedRows(messages, sealer)

    def add(self, message: Message) -> bool:
        """Keep a message; False if it is kept already."""
        row = self._rows.sealed(vars(message))
        statement = insert(messages).values(row).on_conflict_do_nothing(index_elements=["id"])
        return self._connection.execute(statement).rowcount == 1

    def many(self, message_ids: Collection[UUID]) -> list[Message]:
        return self._select(sa.select(messages).where(messages.c.id.in_(message_ids)))

    def latest(self, crew_id: UUID, limit: int) -> list[Message]:
        """The crew's last messages, the latest last."""
        last = sa.select(messages).where(messages.c.crew_id == crew_id)
        query = last.order_by(messages.c.recorded_at.desc(), messages.c.id).limit(limit)
        return self._select(query)

    def forget_before(self, moment: datetime) -> int:
        """Drop messages of before; returns how many."""
        return self._connection.execute(messages.delete().where(messages.c.recorded_at < moment)).rowcount

    def _select(self, query: sa.Select[Any]) -> list[Message]:
        found = [Message(**self._rows.opened(row)) for row in self._connection.execute(query).mappings()]
        return sorted(found, key=lambda message: (message.recorded_at, message.id))


def _row(signal: Signal) -> dict[str, Any]:
    row = {name: value for name, value in vars(signal).items() if name != "position"}
    here = signal.position
    place = (here.lat, here.lon, here.accuracy_m, here.at) if here else (None,) * 4
    return {**row, **dict(zip(_POSITION, place, strict=True))}


def _signal(row: dict[str, Any]) -> Signal:
    lat, lon, accuracy_m, at = (row.pop(name) for name in _POSITION)
    position = None if lat is None else Position(lat, lon, accuracy_m, at)
    return Signal(**{**row, "kind": SignalKind(row["kind"])}, position=position)
