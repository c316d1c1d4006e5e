"""``python -m services.routing.commands``: load competences, zones and roads, check them.

A running service takes over what was loaded within seconds.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import yaml
from marshmallow import ValidationError
from sqlalchemy.exc import OperationalError

from services.routing.commands import zones as zone_files
from services.routing.commands.maps import read_roads
from services.routing.domain.competence import Competence, Matrix
from services.routing.domain.coverage import SMALLEST_M2, boundary
from services.routing.domain.drawing import TOLERANCE
from services.routing.domain.organisations import Organisation
from services.routing.domain.roads import build_network
from services.routing.domain.zones import Kind, Zone, Zones
from services.routing.schemas.seed import read_seed
from services.routing.store import UnitOfWork
from services.routing.usecases import roads
from services.routing.usecases.reference import import_zones, replace_reference
from services.routing.wiring import local_time
from shared.clock import SystemClock
from shared.config import Settings
from shared.db import TransactionContext, make_engine
from shared.errors import AvariykaError

Stored: TypeAlias = tuple[list[Zone], list[Competence], Mapping[UUID, Organisation] | None]


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
    areas = "the zones there are stay" if zones is None else f"{len(zones)} zones"
    _say(f"loaded {len(competences)} competences; {areas}")


def import_roads(settings: Settings, options: argparse.Namespace) -> None:
    network = build_network(road for path in options.files for road in read_roads(path))
    with _transaction(settings) as work:
        roads.import_roads(work, network, ", ".join(path.name for path in options.files))
    _say(f"imported {network.length_km:.0f} km of road, {network.crossings} crossings")


def import_areas(settings: Settings, options: argparse.Namespace) -> None:
    with _transaction(settings) as work:
        with work:
            city = boundary(work.reference.zones())
        drawn = zone_files.read_zones(options, city)
        changes = import_zones(work, [one.zone for one in drawn], options.file.name, options.prune)
    for line in zone_files.tell_changes(changes, drawn):
        _say(line)


def export_areas(settings: Settings, options: argparse.Namespace) -> None:
    zones, rules, _ = _stored(settings)
    text = json.dumps(zone_files.as_geojson(zones, rules), ensure_ascii=False)
    if options.file is None:
        _say(text)
    else:
        options.file.write_text(text + "\n", encoding="utf-8")
        _say(f"wrote {len(zones)} zones to {options.file}")


def check(settings: Settings, options: argparse.Namespace) -> None:
    """Say what is doubtful: overlaps, ground and hours nobody answers for, contracts that run out."""
    zones, rules, organisations = _checked(settings, options)
    matrix = Matrix(Zones(zones), rules, local_time(settings))
    today = SystemClock().now().astimezone(local_time(settings)).date()
    findings = list(zone_files.doubts(zones, rules, matrix, today, options, organisations))
    _say(f"{len(zones)} zones, {len(rules)} competences: every polygon is valid")
    for finding in findings:
        _say(f"- {finding}")
    if not findings:
        _say("no doubts")


def _checked(settings: Settings, options: argparse.Namespace) -> Stored:
    """A file, with the zones there are if it names some of them; without a file all that is loaded."""
    if options.file is None:
        return _stored(settings)
    zones, rules = read_file(options.file)
    if zones is None:
        zones = _stored(settings)[0] if any(rule.zone for rule in rules) else []
    return zones, rules, None


def read_file(path: Path) -> tuple[list[Zone] | None, list[Competence]]:
    """A seed file; paths of GeoJSON files in it are relative to it."""
    contents = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read_seed(contents, partial(_read_json, path.parent))


def _read_json(home: Path, name: str) -> Any:
    return json.loads((home / name).read_text(encoding="utf-8"))


def _stored(settings: Settings) -> Stored:
    with _transaction(settings) as work, work:
        return work.reference.zones(), work.reference.competences(), work.organisations.every()


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
    zones = commands.add_parser("zones", help="areas: import, export, check")
    _add_zones(zones.add_subparsers(required=True, metavar="WHAT"))
    return parser


def _add_zones(zones: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    importing = zones.add_parser("import", help="take areas over; the same file again changes nothing")
    importing.add_argument("file", type=Path, help="GeoJSON, or .osm.pbf for its administrative borders")
    importing.add_argument("--kind", choices=[kind.value for kind in Kind], default=Kind.SERVICE.value)
    importing.add_argument("--name-property", default="name", help="property or tag that names an area")
    importing.add_argument("--level", action="append", default=[], help="admin_level of OpenStreetMap")
    importing.add_argument("--only", action="append", default=[], metavar="NAME", help="only this area")
    importing.add_argument("--skip-broken", action="store_true", help="leave refused areas out")
    importing.add_argument("--prune", action="store_true", help="drop what the file holds no longer")
    importing.add_argument(
        "--tolerance", type=float, default=TOLERANCE * 100, help="per cent of area a repair may change"
    )
    importing.set_defaults(command=import_areas)
    exporting = zones.add_parser("export", help="every zone as GeoJSON")
    exporting.add_argument("file", type=Path, nargs="?", help="default: standard output")
    exporting.set_defaults(command=export_areas)
    checking = zones.add_parser("check", help="report what is doubtful, of a file or of what is loaded")
    checking.add_argument("file", type=Path, nargs="?")
    checking.add_argument("--days", type=int, default=30, help="report contracts that end within so many")
    checking.add_argument(
        "--smallest", type=float, default=SMALLEST_M2, metavar="M2", help="areas to overlook"
    )
    checking.set_defaults(command=check)


def _say(text: str) -> None:
    print(text)  # noqa: T201 - a command line speaks on stdout


def _refuse(text: str) -> int:
    print(text, file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
