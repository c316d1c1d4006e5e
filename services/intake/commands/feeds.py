"""Fills the table of feeds: which houses hang on one main, transformer or heat point."""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.intake.domain.resolver import Resolver
from services.intake.domain.riders import house_key
from services.intake.domain.troubles import TroubleBook
from services.intake.errors import UnreadableFile
from services.intake.schemas.lexicon import load_lexicon
from services.intake.store import UnitOfWork
from shared.clock import SystemClock
from shared.config import Settings
from shared.db import TransactionContext, make_engine

_COLUMNS = {"service", "feed"}


def register(commands: Any) -> None:
    """Add ``import-feeds`` to the command line."""
    parser = commands.add_parser("import-feeds", help="which houses hang on one feed")
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE.csv",
        help="columns service (of data/troubles.yml), feed, and building (id) or address; replaces all feeds",
    )
    parser.set_defaults(run=run_import)


def run_import(options: argparse.Namespace) -> None:
    """Replace the table by the file: columns ``service``, ``feed`` and ``building`` or ``address``."""
    settings = Settings.load("intake")
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        context = TransactionContext(engine, SystemClock(), settings.service, lambda: None)
        with UnitOfWork(context) as uow:
            resolver = Resolver(uow.registries.load(), load_lexicon())
            rows = dict.fromkeys(read_feeds(options.file, resolver))
            count = uow.outages.put_feeds(rows)
            uow.commit()
    finally:
        engine.dispose()
    print(f"{count} houses on {len({row[2] for row in rows})} feeds")  # noqa: T201 - a command line


def read_feeds(path: Path, resolver: Resolver) -> Iterator[tuple[str, str, str]]:
    """(service, house, feed) of each line; raises UnreadableFile that names the line."""
    if not path.is_file():
        raise UnreadableFile(f"{path}: no such file")
    services = {symptom.service for symptom in TroubleBook(load_lexicon().data["troubles"]).symptoms.values()}
    with path.open(encoding="utf-8", newline="") as lines:
        table = csv.DictReader(lines)
        if not set(table.fieldnames or ()) >= _COLUMNS:
            raise UnreadableFile(f"{path}: needs the columns service, feed and building or address")
        for line, row in enumerate(table, start=2):
            house = _house(row, resolver)
            if not house or row["service"] not in services or not row["feed"]:
                raise UnreadableFile(f"{path}, line {line}: no such house, service or feed")
            yield row["service"], house, row["feed"]


def _house(row: dict[str, str], resolver: Resolver) -> str:
    building = row.get("building") or ""
    if building in resolver.registry.building_by_id:
        return building
    best = resolver.resolve(row["address"]).best if row.get("address") else None
    return house_key(best.address) if best is not None else ""
