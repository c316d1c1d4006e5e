"""Signals of crews, and messages between crews and dispatchers."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.routing.domain.signals import CrewMessage, CrewSignal
from services.routing.store.tables import crew_messages, crew_signals, crews

_ANSWERED = ("acknowledged_at", "acknowledged_by", "answer")
_NAMED = sa.select(crew_signals, crews.c.name.label("crew_name")).outerjoin(
    crews, crews.c.crew_id == crew_signals.c.crew_id
)


class Signals:
    """What crews call for, by id."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, signal: CrewSignal) -> bool:
        """Keep what was told of a signal; False if later is known. What a dispatcher said of it stays."""
        row = {name: value for name, value in vars(signal).items() if name != "crew_name"}
        told = {name: value for name, value in row.items() if name not in _ANSWERED}
        statement = insert(crew_signals).values(row)
        newer = crew_signals.c.sequence < signal.sequence
        put = statement.on_conflict_do_update(index_elements=["signal_id"], set_=told, where=newer)
        return self._connection.execute(put).rowcount == 1

    def get(self, signal_id: UUID) -> CrewSignal | None:
        """One signal, locked until this transaction ends."""
        query = _NAMED.where(crew_signals.c.signal_id == signal_id).with_for_update(of=crew_signals)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else CrewSignal(**row)

    def answer(self, signal: CrewSignal) -> None:
        """Keep what a dispatcher said of it."""
        values = {name: getattr(signal, name) for name in _ANSWERED}
        here = crew_signals.c.signal_id == signal.signal_id
        self._connection.execute(crew_signals.update().where(here).values(values))

    def find(self, signal_ids: Collection[UUID]) -> list[CrewSignal]:
        """These signals as they are, not locked."""
        query = _NAMED.where(crew_signals.c.signal_id.in_(signal_ids))
        return [CrewSignal(**row) for row in self._connection.execute(query).mappings()] if signal_ids else []

    def open(self) -> list[CrewSignal]:
        """Every signal that nobody has acknowledged, the oldest first."""
        query = _NAMED.where(crew_signals.c.acknowledged_at.is_(None)).order_by(crew_signals.c.at)
        return [CrewSignal(**row) for row in self._connection.execute(query).mappings()]


class CrewMessages:
    """Messages by crew."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, message: CrewMessage) -> None:
        """Keep a message; one that is kept already stays."""
        row: dict[str, Any] = dict(vars(message))
        self._connection.execute(insert(crew_messages).values(row).on_conflict_do_nothing())

    def latest(self, crew_id: UUID, limit: int) -> list[CrewMessage]:
        """The last messages of a crew, the latest last."""
        query = (
            sa.select(crew_messages)
            .where(crew_messages.c.crew_id == crew_id)
            .order_by(crew_messages.c.at.desc(), crew_messages.c.message_id)
            .limit(limit)
        )
        return [CrewMessage(**row) for row in self._connection.execute(query).mappings()][::-1]
