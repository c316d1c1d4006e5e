"""``python -m services.intake.commands``: a city's addresses, other systems' keys, forgetting people."""

import argparse
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.intake.commands import feeds, files, keys, lists, partners, privacy
from services.intake.domain.city import CityBuilder, CityImport, CitySources
from services.intake.errors import CommandRefused, ContactNotFound, ContactStillNeeded, UnreadableFile
from services.intake.schemas.lexicon import load_lexicon
from services.intake.store import DatabaseDown, UnitOfWork
from services.intake.usecases.cities import import_city
from shared.clock import SystemClock
from shared.config import Misconfigured, Settings
from shared.db import TransactionContext, make_engine

_STEPS = {
    "streets": "joining roads into streets",
    "older_map": "comparing with the older map: former names",
    "names": "adding further names",
    "buildings": "placing buildings on their streets",
}
_SUMMARY = {
    "streets": "streets",
    "areas": "microdistricts and settlements",
    "names": "names, in all languages, old ones included",
    "renamed": "streets found under a former name",
    "complexes": "residential complexes",
    "buildings": "buildings with a house number",
    "buildings_left_out": "left out: no street or no number in the map",
    "districts": "districts",
}

_LIST = re.compile(r"\.csv(\.gz)?$", re.IGNORECASE)
_console = Console()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = command_line().parse_args(arguments)
    try:
        options.run(options)
    except ContactStillNeeded as needed:
        return _refuse(f"these requests of theirs are still open: {needed.details['numbers']}")
    except ContactNotFound:
        return _refuse("nobody here has this reference or number")
    except (CommandRefused, Misconfigured) as refused:
        return _refuse(str(refused))
    except DatabaseDown as down:
        return _refuse(f"the database does not answer: {down.orig}")
    return 0


def run_import(options: argparse.Namespace) -> None:
    """Read, build, store; a second import of the same city updates it."""
    started = time.monotonic()
    settings = Settings.load("intake")
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        with _console.status("") as status:
            imported = build(options, lambda step: status.update(f"{_STEPS.get(step, step)}…"))
            status.update("writing the registry…")
            context = TransactionContext(engine, SystemClock(), settings.service, lambda: None)
            import_city(UnitOfWork(context), imported)
    finally:
        engine.dispose()
    _console.print(_table(imported, time.monotonic() - started))


def build(options: argparse.Namespace, progress: files.Progress) -> CityImport:
    """The registry of the city that the files describe."""
    for path in [options.map, options.roads, options.districts, *options.buildings, *options.names]:
        if path is not None and not path.is_file():
            raise UnreadableFile(f"{path}: no such file")
    sources = CitySources(options.city)
    lexicon = load_lexicon()
    progress(f"reading {options.map.name}")
    if _LIST.search(options.map.name):
        sources.houses = lists.read_registry(options.map, lexicon)
    else:
        sources.ways, sources.houses = files.read_osm(options.map)
    for path in options.buildings:
        sources.houses += lists.read_registry(path, lexicon)
    if options.roads is not None:
        progress(f"reading {options.roads.name}")
        sources.roads = files.read_roads(options.roads)
    if options.districts is not None:
        sources.districts = files.read_districts(options.districts)
    for path in options.names:
        sources.renamings += lists.read_names(path, options.city, lexicon)
    return CityBuilder(lexicon, progress).build(sources)


def _table(imported: CityImport, seconds: float) -> Table:
    table = Table("imported", "", title=f"{imported.city}: {seconds:.1f} s")
    for key, label in _SUMMARY.items():
        if key in imported.summary:
            table.add_row(label, str(imported.summary[key]))
    return table


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)  # noqa: T201 - a command line speaks on stderr
    return 1


def command_line() -> argparse.ArgumentParser:
    """What the commands take."""
    parser = argparse.ArgumentParser(prog="python -m services.intake.commands", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    city = commands.add_parser("import-city", help="import streets, buildings and districts of a city")
    city.add_argument(
        "map",
        type=Path,
        metavar="FILE",
        help="an OpenStreetMap extract (.osm.pbf) or a CSV list of buildings",
    )
    city.add_argument(
        "--buildings",
        type=Path,
        metavar="FILE.csv",
        action="append",
        default=[],
        help="buildings of the city's own list beside the map; columns: address or street and house, lat,"
        " lon, and if known id, locality, district, complex, aliases, manager; may be gzipped and repeated",
    )
    city.add_argument("--city", required=True, help="its name in the registry, e.g. almaty")
    city.add_argument(
        "--roads", type=Path, metavar="SHP.zip", help="a newer map of roads: its names are official"
    )
    city.add_argument("--districts", type=Path, metavar="FILE.geojson", help="polygons with a property name")
    city.add_argument(
        "--names",
        type=Path,
        metavar="FILE.csv",
        action="append",
        default=[],
        help="other names: columns name, old_name, alt_name, name_kk, name_ru, name_en,"
        " or old_name, new_name, city, place_type, status; may be repeated",
    )
    city.set_defaults(run=run_import)
    feeds.register(commands)
    keys.register(commands)
    partners.register(commands)
    privacy.register(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
