"""The access log in PostgreSQL: rows are only ever added, until retention takes them."""

import operator
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from services.intake.domain.privacy import Access, Purpose
from services.intake.store import tables
from services.intake.usecases.disclosure import AccessFilter

_a = tables.access_log.c


class AccessLog:
    """Who read whose number or name."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, access: Access) -> None:
        self._connection.execute(sa.insert(tables.access_log).values(asdict(access)))

    def list(self, wanted: AccessFilter) -> Sequence[tuple[int, Access]]:
        conditions = (
            (_a.contact_ref, operator.eq, wanted.contact_ref),
            (_a.actor_id, operator.eq, wanted.actor_id),
            (_a.at, operator.ge, wanted.since),
            (_a.at, operator.lt, wanted.until),
            (_a.id, operator.lt, wanted.before),
        )
        asked = [compare(column, value) for column, compare, value in conditions if value is not None]
        query = sa.select(tables.access_log).where(*asked).order_by(_a.id.desc()).limit(wanted.limit)
        return [_numbered(row) for row in self._connection.execute(query)]

    def drop(self, before: datetime) -> int:
        """Remove what is older; returns how many rows."""
        return self._connection.execute(sa.delete(tables.access_log).where(_a.at < before)).rowcount


def _numbered(row: sa.Row[tuple[object, ...]]) -> tuple[int, Access]:
    values = row._asdict()
    number = values.pop("id")
    return number, Access(**{**values, "why": Purpose(values["why"])})
