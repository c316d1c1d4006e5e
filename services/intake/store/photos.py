"""Photos in PostgreSQL, beside their requests (ADR: photos in the database)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.intake.domain.photos import Photo
from services.intake.store import tables

_p = tables.photos.c
_DESCRIBED = (_p.id, _p.request_id, _p.width, _p.height, _p.size, _p.digest, _p.added_at, _p.lat, _p.lon)


class Photos:
    """Photos of requests; a list of them reads no pictures."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, photo: Photo, jpeg: bytes) -> bool:
        """Keep a photo; False if this request has it already."""
        row = {name: getattr(photo, name) for name in Photo.__dataclass_fields__ if name != "point"}
        lat, lon = photo.point or (None, None)
        entry = insert(tables.photos).values({**row, "lat": lat, "lon": lon, "jpeg": jpeg})
        kept = self._connection.execute(
            entry.on_conflict_do_nothing(index_elements=[_p.request_id, _p.digest])
        )
        return kept.rowcount == 1

    def of(self, request_id: UUID) -> Sequence[Photo]:
        """The photos of a request in the order in which they came."""
        query = sa.select(*_DESCRIBED).where(_p.request_id == request_id).order_by(_p.added_at, _p.id)
        return [_photo(row) for row in self._connection.execute(query)]

    def get(self, photo_id: UUID) -> tuple[Photo, bytes] | None:
        """A photo with its picture."""
        query = sa.select(*_DESCRIBED, _p.jpeg).where(_p.id == photo_id)
        row = self._connection.execute(query).one_or_none()
        return (_photo(row), bytes(row.jpeg)) if row is not None else None

    def forget(self, request_id: UUID) -> None:
        """The request has no photos any more."""
        self._connection.execute(sa.delete(tables.photos).where(_p.request_id == request_id))


def _photo(row: Any) -> Photo:
    values = {name: value for name, value in row._mapping.items() if name not in ("lat", "lon", "jpeg")}
    return Photo(**values, point=(row.lat, row.lon) if row.lat is not None else None)
