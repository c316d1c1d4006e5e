"""Sealing again what tables hold: in plain so far (a migration), or with an older key (a rotation).

``python -m shared.resealing intake notify`` seals every row with the newest key while the services run. Put
the new key before the old one first and restart the services, so that each opens both. The old key may go
two weeks later: answers and events that were kept for a repeat are forgotten by then. A new index key needs
``intake`` to be stopped: until every row has its new digest, a known number looks like a new one.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from shared.config import SERVICES, Misconfigured, Settings
from shared.db import make_engine
from shared.sealing import Sealer

_BATCH = 500


@dataclass(frozen=True)
class SealedColumns:
    """Where a table keeps sealed text. ``indexes`` maps a column of digests to the column it finds."""

    table: str
    key: str
    columns: tuple[str, ...]
    indexes: Mapping[str, str] = field(default_factory=dict)


def reseal(connection: sa.Connection, sealer: Sealer, place: SealedColumns) -> int:
    """Bring one batch of rows under the newest keys; returns how many, 0 when nothing is left to do.

    Rows are locked until the caller's transaction ends. Safe to repeat, and to stop half-way.
    """
    rows = connection.execute(_outdated(sealer, place)).mappings().all()
    for row in rows:
        values = _renewed(sealer, place, dict(row))
        table = _table(place)
        connection.execute(table.update().where(table.c[place.key] == row[place.key]).values(values))
    return len(rows)


def rotate(engine: sa.Engine, sealer: Sealer, places: Iterable[SealedColumns]) -> int:
    """Every row of every place, a batch at a time, so that nobody waits long for a row; returns how many."""
    done = 0
    for place in places:
        while count := _one_batch(engine, sealer, place):
            done += count
    return done


def _one_batch(engine: sa.Engine, sealer: Sealer, place: SealedColumns) -> int:
    with engine.begin() as connection:
        return reseal(connection, sealer, place)


def reseal_all(connection: sa.Connection, sealer: Sealer, places: Iterable[SealedColumns]) -> int:
    """Every row of every place, within the caller's transaction; returns how many."""
    done = 0
    for place in places:
        while count := reseal(connection, sealer, place):
            done += count
    return done


def seal_what_is_plain(connection: sa.Connection, places: Iterable[SealedColumns]) -> None:
    """For a migration: seal rows that are there already. An empty database needs no keys yet."""
    filled = [place for place in places if connection.execute(sa.select(_table(place)).limit(1)).first()]
    if filled:
        reseal_all(connection, Sealer.from_environment(os.environ), filled)


def _table(place: SealedColumns) -> sa.TableClause:
    names = {place.key, *place.columns, *place.indexes}
    return sa.table(place.table, *(sa.column(name) for name in sorted(names)))


def _outdated(sealer: Sealer, place: SealedColumns) -> sa.Select[Any]:
    table = _table(place)
    sealed = [
        (table.c[name] != "") & ~sa.func.starts_with(table.c[name], sealer.newest) for name in place.columns
    ]
    indexed = [
        (table.c[source] != "")
        & (table.c[name].is_(None) | ~sa.func.starts_with(table.c[name], sealer.index_mark))
        for name, source in place.indexes.items()
    ]
    return sa.select(table).where(sa.or_(*sealed, *indexed)).limit(_BATCH).with_for_update()


def _renewed(sealer: Sealer, place: SealedColumns, row: Mapping[str, Any]) -> dict[str, str]:
    texts = {name: sealer.renew(row[name]) for name in place.columns if row[name]}
    digests = {
        name: sealer.index(sealer.open(texts[source]))
        for name, source in place.indexes.items()
        if source in texts
    }
    return texts | digests


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m shared.resealing", description=__doc__)
    parser.add_argument("services", nargs="+", choices=SERVICES, metavar="SERVICE")
    for service in parser.parse_args().services:
        places = getattr(importlib.import_module(f"services.{service}.store"), "SEALED", ())
        try:
            done = _rotated(Settings.load(service), places)
        except Misconfigured as mistake:
            sys.exit(f"{service}: {mistake}")
        print(f"{service}: {done} rows sealed with the newest key")  # noqa: T201 - speaks on stdout


def _rotated(settings: Settings, places: Iterable[SealedColumns]) -> int:
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        return rotate(engine, Sealer.from_environment(settings.environment), places)
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
