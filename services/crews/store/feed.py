"""The feed of each crew, and the notes of crews."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.crews.domain.feed import Change, Topic
from services.crews.domain.notes import Note
from services.crews.store.sealed import SealedRows
from services.crews.store.tables import feed, notes, order_changes
from shared.sealing import Sealer

_TOUCH = sa.text(
    """
    WITH numbered AS (
        INSERT INTO order_changes (crew_id, last) VALUES (:crew_id, 1)
        ON CONFLICT (crew_id) DO UPDATE SET last = order_changes.last + 1
        RETURNING last
    )
    INSERT INTO feed (crew_id, kind, id, change) SELECT :crew_id, :kind, :id, last FROM numbered
    ON CONFLICT (crew_id, kind, id) DO UPDATE SET change = excluded.change
    RETURNING change
    """
)


class Feed:
    """What changed for each crew, by number."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def touch(self, crew_id: UUID, topic: Topic, id_: UUID) -> int:
        """Give a thing the next number of its crew; other changes of this crew wait until this commits."""
        values = {"crew_id": crew_id, "kind": topic.value, "id": id_}
        number: int = self._connection.execute(_TOUCH, values).scalar_one()
        return number

    def last(self, crew_id: UUID) -> int:
        """The number of the crew's latest change, 0 before its first."""
        query = sa.select(order_changes.c.last).where(order_changes.c.crew_id == crew_id)
        return self._connection.scalar(query) or 0

    def last_of(self, crew_ids: Collection[UUID]) -> dict[UUID, int]:
        """The same for many crews at once."""
        rows = self._connection.execute(sa.select(order_changes).where(order_changes.c.crew_id.in_(crew_ids)))
        return {row.crew_id: row.last for row in rows}

    def after(self, crew_id: UUID, number: int, limit: int) -> list[Change]:
        """The crew's changes after a number, the earliest first."""
        query = (
            sa.select(feed)
            .where(feed.c.crew_id == crew_id, feed.c.change > number)
            .order_by(feed.c.change)
            .limit(limit)
        )
        return [Change(row.change, Topic(row.kind), row.id) for row in self._connection.execute(query)]


class Notes:
    """What crews entered beside the stages of their orders; sealed."""

    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._rows = SealedRows(notes, sealer, as_json=("entered",))

    def add(self, note: Note) -> None:
        """Keep a note; one that is kept already stays as it is."""
        row = self._rows.sealed(vars(note))
        self._connection.execute(insert(notes).values(row).on_conflict_do_nothing(index_elements=["id"]))

    def on(self, assignment_ids: Collection[UUID], crew_id: UUID) -> list[Note]:
        """The crew's notes on these orders, as they were recorded."""
        query = (
            sa.select(notes)
            .where(notes.c.assignment_id.in_(assignment_ids), notes.c.crew_id == crew_id)
            .order_by(notes.c.recorded_at, notes.c.id)
        )
        return [Note(**self._rows.opened(row)) for row in self._connection.execute(query).mappings()]
