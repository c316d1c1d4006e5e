"""``python -m services.routing.commands``: load competences, zones and roads, check them.

A running service takes over what was loaded within seconds.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError
from sqlalchemy.exc import OperationalError

from services.routing.commands.maps import read_roads
from services.routing.domain.competence import Competence, Matrix
from services.routing.domain.roads import build_network
from services.routing.domain.zones import Zone, Zones
from services.routing.schemas.seed import SYSTEMS, read_seed
from services.routing.store import UnitOfWork
from services.routing.usecases import roads
from services.routing.usecases.reference import replace_reference
from services.routing.wiring import local_time
from shared.clock import SystemClock
from shared.config import Settings
from shared.db import TransactionContext, make_engine
from shared.errors import AvariykaError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.command(Settings.load("routing"), options)
    except ValidationError as invalid:
        return _refuse(f"{options.file} is not a seed file: {invalid.messages}")
    except (yaml.YAMLError, json.JSONDecodeError) as unreadable:
        return _refuse(f"not readable: {unreadable}")
    except OperationalError as down:
        return _refuse(f"the database does not answer: {down.orig}")
    except (AvariykaError, OSError) as refused:
        return _refuse(str(refused))
    return 0


def seed(settings: Settings, options: argparse.Namespace) -> None:
    zones, competences = read_file(options.file)
    with _transaction(settings) as work:
        replace_reference(work, zones, competences)
    _say(f"loaded {len(zones)} zones and {len(competences)} competences")


def import_roads(settings: Settings, options: argparse.Namespace) -> None:
    network = build_network(road for path in options.files for road in read_roads(path))
    with _transaction(settings) as work:
        roads.import_roads(work, network, ", ".join(path.name for path in options.files))
    _say(f"imported {network.length_km:.0f} km of road, {network.crossings} crossings")


def check(settings: Settings, options: argparse.Namespace) -> None:
    """Say what is doubtful: overlaps, systems nobody answers for, two answers to one question."""
    zones, competences = read_file(options.file) if options.file else _stored(settings)
    findings = doubts(zones, competences, settings)
    _say(f"{len(zones)} zones, {len(competences)} competences: every polygon is valid")
    for finding in findings:
        _say(f"- {finding}")
    if not findings:
        _say("no doubts")


def doubts(zones: Sequence[Zone], competences: Sequence[Competence], settings: Settings) -> list[str]:
    """What a person should look at; none of it is forbidden."""
    index = Zones(zones)
    matrix = Matrix(index, competences, local_time(settings))
    covered = matrix.systems()
    return [
        *(f"zones {o.first} and {o.second} overlap ({o.share:.1%} of the smaller)" for o in index.overlaps()),
        *(f"{system}: nobody answers for it" for system in SYSTEMS if system not in covered),
        *(f"{system}: only inside its zones" for system, everywhere in covered.items() if not everywhere),
        *(
            f"{system} in {zone or 'everywhere'}: two organisations answer"
            for system, zone in matrix.disputed()
        ),
    ]


def read_file(path: Path) -> tuple[list[Zone], list[Competence]]:
    """A seed file; paths of GeoJSON files in it are relative to it."""
    contents = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read_seed(contents, partial(_read_json, path.parent))


def _read_json(home: Path, name: str) -> Any:
    return json.loads((home / name).read_text(encoding="utf-8"))


def _stored(settings: Settings) -> tuple[list[Zone], list[Competence]]:
    with _transaction(settings) as work, work:
        return work.reference.zones(), work.reference.competences()


@contextmanager
def _transaction(settings: Settings) -> Iterator[UnitOfWork]:
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        yield UnitOfWork(TransactionContext(engine, SystemClock(), settings.service, lambda: None))
    finally:
        engine.dispose()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.routing.commands", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    loading = commands.add_parser("seed", help="put the zones and competences of a file in the place of all")
    loading.add_argument("file", type=Path)
    loading.set_defaults(command=seed)
    mapping = commands.add_parser("import-roads", help="put the roads of maps in the place of the road map")
    mapping.add_argument("files", type=Path, nargs="+", metavar="FILE", help=".osm.pbf or zipped shapefile")
    mapping.set_defaults(command=import_roads)
    zones = commands.add_parser("zones", help="look at zones").add_subparsers(required=True, metavar="WHAT")
    checking = zones.add_parser(
        "check", help="report overlaps, gaps and disputes, of a file or of what is loaded"
    )
    checking.add_argument("file", type=Path, nargs="?")
    checking.set_defaults(command=check)
    return parser


def _say(text: str) -> None:
    print(text)  # noqa: T201 - a command line speaks on stdout


def _refuse(text: str) -> int:
    print(text, file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
