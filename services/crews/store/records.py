"""What crews recorded on site."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.crews.domain.records import Kind, Record
from services.crews.store.sealed import SealedRows
from services.crews.store.tables import records
from shared.sealing import Sealer

_COLUMNS = tuple(field.name for field in fields(Record))


class Records:
    """Records by the ids their devices gave them; what they say is sealed."""

    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._rows = SealedRows(records, sealer, as_json=("data",))

    def add(self, record: Record) -> bool:
        """Keep a record; False if one of this id is kept already."""
        row = {name: getattr(record, name) for name in _COLUMNS}
        statement = (
            insert(records).values(self._rows.sealed(row)).on_conflict_do_nothing(index_elements=["id"])
        )
        return self._connection.execute(statement).rowcount == 1

    def get(self, record_id: UUID) -> Record | None:
        found = self._select(records.c.id == record_id)
        return found[0] if found else None

    def many(self, record_ids: Collection[UUID]) -> Sequence[Record]:
        return self._select(records.c.id.in_(record_ids))

    def of(self, assignment_id: UUID) -> Sequence[Record]:
        """The records of an assignment in the order in which they came."""
        return self._select(records.c.assignment_id == assignment_id)

    def _select(self, condition: sa.ColumnElement[bool]) -> list[Record]:
        query = sa.select(records).where(condition).order_by(records.c.number)
        return [_record(self._rows.opened(row)) for row in self._connection.execute(query).mappings()]


def _record(row: dict[str, Any]) -> Record:
    values: dict[str, Any] = {name: row[name] for name in _COLUMNS}
    return Record(**{**values, "kind": Kind(row["kind"])})
