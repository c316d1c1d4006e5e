"""Secret links to requests, in PostgreSQL."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.intake.store import tables

_l = tables.links.c


class Links:
    """Which request each link leads to; of a link only its digest is known."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def claim(self, digest: str, request_id: UUID, now: datetime) -> UUID:
        """The request that this link leads to: the given one, if it led to none before. A concurrent twin
        waits here for the first to end."""
        row = {"digest": digest, "request_id": request_id, "made_at": now}
        made = self._connection.execute(
            insert(tables.links).values(row).on_conflict_do_nothing(index_elements=[_l.digest])
        )
        return request_id if made.rowcount else (self.find(digest) or request_id)

    def find(self, digest: str) -> UUID | None:
        query = sa.select(_l.request_id).where(_l.digest == digest)
        return self._connection.execute(query).scalar_one_or_none()

    def forget(self, request_id: UUID) -> None:
        """No link leads to this request any more."""
        self._connection.execute(sa.delete(tables.links).where(_l.request_id == request_id))
