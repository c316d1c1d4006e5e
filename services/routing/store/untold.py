"""Alerts that did not reach everybody."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.routing.domain.untold import Untold
from services.routing.store.tables import metadata

untold = sa.Table(
    "untold",
    metadata,
    sa.Column("alert_id", sa.Uuid, primary_key=True),
    sa.Column("request_id", sa.Uuid, nullable=False),
    sa.Column("title", JSONB, nullable=False),
    sa.Column("people", JSONB, nullable=False),
    sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column(
        "someone", sa.Boolean, sa.Computed("jsonb_array_length(people) > 0", persisted=True), nullable=False
    ),
    sa.Index("untold_of_request", "request_id", postgresql_where=sa.text("someone")),
)


_NAMES = tuple(field.name for field in fields(Untold))


class Untolds:
    """The last word on each alert."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, told: Untold) -> bool:
        """Keep what was told of an alert; False if later is known."""
        row = {**vars(told), "people": [dict(one) for one in told.people]}
        upsert = insert(untold).values(row)
        newer = untold.c.sequence < told.sequence
        upsert = upsert.on_conflict_do_update(index_elements=["alert_id"], set_=row, where=newer)
        return self._connection.execute(upsert).rowcount == 1

    def get(self, alert_id: UUID) -> Untold | None:
        """One alert, locked until this transaction ends."""
        query = sa.select(*(untold.c[name] for name in _NAMES)).where(untold.c.alert_id == alert_id)
        row = self._connection.execute(query.with_for_update()).mappings().one_or_none()
        return None if row is None else Untold(**row)

    def settle(self, told: Untold) -> None:
        """Keep that somebody has seen to it; notify's own word follows."""
        people = [dict(one) for one in told.people]
        here = untold.c.alert_id == told.alert_id
        self._connection.execute(untold.update().where(here).values(people=people))


def read_untold(row: Mapping[str, Any]) -> Untold:
    """From a row as JSON."""
    ids: dict[str, Any] = {name: UUID(row[name]) for name in ("alert_id", "request_id")}
    plain = {name: row[name] for name in ("title", "people", "sequence")}
    return Untold(**ids, **plain, at=datetime.fromisoformat(row["at"]))
