"""What intake tells: outages, and what partners could not be told."""

from collections.abc import Collection
from dataclasses import fields
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from services.routing.domain.deliveries import Undelivered
from services.routing.domain.outages import OVER, Outage
from services.routing.store.tables import metadata

_TIME = sa.TIMESTAMP(timezone=True)

# Our copy of intake's outages.
outages = sa.Table(
    "outages",
    metadata,
    sa.Column("outage_id", sa.Uuid, primary_key=True),
    *(
        sa.Column(name, sa.Text, nullable=False)
        for name in ("number", "kind", "state", "level", "cause", "course")
    ),
    *(
        sa.Column(name, ARRAY(sa.Text), nullable=False, server_default="{}")
        for name in ("symptoms", "hazards")
    ),
    sa.Column("houses", JSONB, nullable=False),
    sa.Column("lead_request_id", sa.Uuid),
    *(sa.Column(name, _TIME, nullable=False) for name in ("started_at", "changed_at")),
    *(sa.Column(name, _TIME) for name in ("ends_by", "ended_at")),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("outages_open", "started_at", postgresql_where=sa.text("state IN ('suspected', 'open')")),
)

# What intake could not deliver to partners; ``failed`` is false again once somebody has had it tried anew.
undelivered = sa.Table(
    "undelivered",
    metadata,
    sa.Column("delivery_id", sa.Uuid, primary_key=True),
    sa.Column("request_id", sa.Uuid, nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("partner", "kind", "trouble")),
    sa.Column("attempts", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("failed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("undelivered_of_request", "request_id", postgresql_where=sa.text("failed")),
)

_NAMES = tuple(field.name for field in fields(Outage))
_LISTS = ("symptoms", "hazards", "houses")
_OUTAGES = sa.select(*(outages.c[name] for name in _NAMES))


class Outages:
    """Our copy of intake's outages."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, outage: Outage) -> bool:
        """Keep what was told of an outage; False if as much is known already."""
        row = {**vars(outage), **{name: list(getattr(outage, name)) for name in _LISTS}}
        newer = outages.c.version < outage.version
        upsert = insert(outages).values(row)
        upsert = upsert.on_conflict_do_update(index_elements=["outage_id"], set_=row, where=newer)
        return self._connection.execute(upsert).rowcount == 1

    def find(self, outage_ids: Collection[UUID]) -> list[Outage]:
        """Those of these outages that are known."""
        return self._read(_OUTAGES.where(outages.c.outage_id.in_(outage_ids))) if outage_ids else []

    def open(self) -> list[Outage]:
        """Every outage that is not over, the latest first."""
        going_on = outages.c.state.not_in(sorted(OVER))
        return self._read(_OUTAGES.where(going_on).order_by(outages.c.started_at.desc(), outages.c.outage_id))

    def _read(self, query: sa.Select[tuple[object, ...]]) -> list[Outage]:
        rows = self._connection.execute(query).mappings()
        return [Outage(**{**row, **{name: tuple(row[name]) for name in _LISTS}}) for row in rows]


class Deliveries:
    """What partners could not be told."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, told: Undelivered) -> bool:
        """Keep what was told of a delivery; False if later is known."""
        row = vars(told)
        newer = undelivered.c.sequence < told.sequence
        upsert = insert(undelivered).values(row)
        upsert = upsert.on_conflict_do_update(index_elements=["delivery_id"], set_=row, where=newer)
        return self._connection.execute(upsert).rowcount == 1

    def failed(self, limit: int) -> list[Undelivered]:
        """What was given up, the latest first, of closed requests too."""
        query = sa.select(undelivered).where(undelivered.c.failed)
        rows = self._connection.execute(query.order_by(undelivered.c.at.desc()).limit(limit))
        return [Undelivered(**row) for row in rows.mappings()]
