"""Journal's word on each request, in PostgreSQL."""

from dataclasses import asdict
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.intake.domain.standing import Standing
from services.intake.store import tables

_s = tables.standings.c
_NEWS = ("state", "at", "sequence", "result", "overdue")


class Standings:
    """The newest state of each request."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, standing: Standing) -> None:
        """Keep it unless something newer is known."""
        entry = insert(tables.standings).values(asdict(standing))
        self._connection.execute(
            entry.on_conflict_do_update(
                index_elements=[_s.request_id],
                set_={
                    name: entry.excluded[name] for name in ("state", "at", "sequence", "result", "overdue")
                },
                where=_s.sequence < entry.excluded.sequence,
            )
        )

    def get(self, request_id: UUID) -> Standing | None:
        row = self._connection.execute(
            sa.select(tables.standings).where(_s.request_id == request_id)
        ).one_or_none()
        return Standing(**row._mapping) if row is not None else None
