"""API keys in PostgreSQL, by their digests."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.intake.domain.keys import ApiKey, Scope
from services.intake.store import exchange_tables as tables

_k = tables.api_keys.c


class Keys:
    """Keys that were given out, revoked ones included."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, key: ApiKey) -> None:
        row = {**asdict(key), "scopes": sorted(key.scopes)}
        self._connection.execute(sa.insert(tables.api_keys).values(row))

    def revoke(self, id_: UUID, now: datetime) -> bool:
        """False if there is no such key; revoking again changes nothing."""
        when = sa.func.coalesce(_k.revoked_at, now)
        changed = self._connection.execute(
            sa.update(tables.api_keys).where(_k.id == id_).values(revoked_at=when)
        )
        return changed.rowcount == 1

    def by_digest(self, digest: str) -> ApiKey | None:
        query = sa.select(tables.api_keys).where(_k.digest == digest)
        row = self._connection.execute(query).one_or_none()
        return _key(row) if row is not None else None

    def every(self) -> Sequence[ApiKey]:
        """The newest first."""
        query = sa.select(tables.api_keys).order_by(_k.created_at.desc(), _k.id)
        return [_key(row) for row in self._connection.execute(query)]


def _key(row: sa.Row[Any]) -> ApiKey:
    return ApiKey(**{**row._asdict(), "scopes": frozenset(Scope(name) for name in row.scopes)})
