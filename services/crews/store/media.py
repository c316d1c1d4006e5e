"""Photos and video in PostgreSQL beside their orders, in parts (ADR: crews' photos and video)."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.crews.domain.media import Finished, Media, MediaKind, Purpose, Shot
from services.crews.store.sealed import SealedRows
from services.crews.store.tables import documents, media_parts
from services.crews.store.tables import media as table
from shared.sealing import Sealer

_OWN = tuple(field.name for field in fields(Media) if field.name not in ("shot", "finished"))
_SHOT = tuple(field.name for field in fields(Shot))
_FINISHED = tuple(field.name for field in fields(Finished))


class MediaStore:
    """Photos and video by the ids their devices gave them; a list of them reads no content."""

    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._rows = SealedRows(table, sealer)

    def get(self, media_id: UUID) -> Media | None:
        return self._one(sa.select(table).where(table.c.id == media_id))

    def lock(self, media_id: UUID) -> Media | None:
        """The same, locked until this transaction ends."""
        return self._one(sa.select(table).where(table.c.id == media_id).with_for_update())

    def of(self, assignment_id: UUID) -> Sequence[Media]:
        """What belongs to an order, in the order in which it was taken."""
        query = sa.select(table).where(table.c.assignment_id == assignment_id)
        ordered = query.order_by(table.c.taken_at, table.c.id)
        return [_media(self._rows.opened(row)) for row in self._connection.execute(ordered).mappings()]

    def put(self, media: Media) -> None:
        row = self._rows.sealed(_row(media))
        statement = insert(table).values(row).on_conflict_do_update(index_elements=["id"], set_=row)
        self._connection.execute(statement)

    def add_part(self, media_id: UUID, start: int, part: bytes) -> None:
        """Keep the bytes that begin at ``start``, where the last part has ended."""
        row = {"media_id": media_id, "start": start, "stop": start + len(part), "content": part}
        self._connection.execute(media_parts.insert().values(row))

    def drop_parts(self, media_id: UUID) -> None:
        self._connection.execute(media_parts.delete().where(media_parts.c.media_id == media_id))

    def parts(self, media_id: UUID, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from ``start`` up to ``stop``, one stored part in memory at a time."""
        while start < stop and (row := self._part(media_id, start)) is not None:
            yield bytes(row.content)[start - row.start : stop - row.start]
            start = row.stop

    def forget_unfinished(self, before: datetime) -> int:
        """Drop what is not finished and was not touched since; returns how many."""
        old = table.delete().where(table.c.finished_at.is_(None), table.c.touched_at < before)
        return self._connection.execute(old).rowcount

    def forget_before(self, moment: datetime) -> int:
        """Drop what was finished before, but not the pictures of an order that has a document; how many."""
        named = sa.exists().where(documents.c.assignment_id == table.c.assignment_id)
        old = table.delete().where(table.c.finished_at < moment, ~named)
        return self._connection.execute(old).rowcount

    def _part(self, media_id: UUID, start: int) -> Any:
        part = media_parts.c
        here = sa.and_(part.media_id == media_id, part.start <= start, part.stop > start)
        query = sa.select(part.start, part.stop, part.content).where(here)
        return self._connection.execute(query).one_or_none()

    def _one(self, query: sa.Select[Any]) -> Media | None:
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else _media(self._rows.opened(row))


def _row(media: Media) -> dict[str, Any]:
    own = {name: getattr(media, name) for name in _OWN}
    shot = {name: getattr(media.shot, name) for name in _SHOT}
    done = media.finished
    finished = {f"finished_{name}": None if done is None else getattr(done, name) for name in _FINISHED}
    return {**own, **shot, **finished}


def _media(row: dict[str, Any]) -> Media:
    own: dict[str, Any] = {name: row[name] for name in _OWN}
    shot: dict[str, Any] = {name: row[name] for name in _SHOT}
    done: dict[str, Any] = {name: row[f"finished_{name}"] for name in _FINISHED}
    return Media(
        **{**own, "kind": MediaKind(own["kind"])},
        shot=Shot(**{**shot, "purpose": Purpose(shot["purpose"])}),
        finished=Finished(**done) if done["at"] else None,
    )
