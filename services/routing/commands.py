"""``python -m services.routing.commands``: who answers for what and where, taken from a file and checked."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError

from services.routing.domain.competence import Competence, Matrix
from services.routing.domain.zones import Zone, Zones, read_zone
from services.routing.errors import InvalidReference
from services.routing.schemas import seed as shapes
from services.routing.store import UnitOfWork
from services.routing.usecases.reference import read_matrix, replace_reference
from services.routing.wiring import local_time
from shared.clock import SystemClock
from shared.config import Settings
from shared.db import TransactionContext, make_engine
from shared.errors import AvariykaError


def seed(settings: Settings, options: argparse.Namespace) -> None:
    """Take the zones and competences of a file instead of all there were."""
    loaded = shapes.CompetenceFile().load(yaml.safe_load(options.file.read_text(encoding="utf-8")))
    zones = read_zones(options.file.parent / loaded["zones"]) if loaded["zones"] else []
    rows = list(shapes.competences(loaded))
    _require_known(zones, rows)
    replace_reference(_work(settings), zones, rows)
    _say(f"{len(zones)} zones, {len(rows)} competences")


def check(settings: Settings, _options: argparse.Namespace) -> None:
    """Report zones that overlap, and systems nobody or two organisations answer for."""
    found = read_matrix(_work(settings), -1, local_time(settings))
    assert found is not None
    with _work(settings) as work:
        zones = Zones(work.reference.zones())
    for line in [*_overlaps(zones), *_gaps(found[1])]:
        _say(line)
    _say(f"{len(zones)} zones, version {found[0]}")


def read_zones(path: Path) -> list[Zone]:
    """The features of a GeoJSON file; raises InvalidReference naming the one that cannot be used."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [read_zone(str(feature["properties"]["name"]), feature["geometry"]) for feature in features]


def _require_known(zones: list[Zone], rows: list[Competence]) -> None:
    names = {zone.name for zone in zones}
    unknown = sorted({row.zone for row in rows if row.zone is not None} - names)
    if unknown:
        raise InvalidReference(f"no such zone: {', '.join(unknown)}")


def _overlaps(zones: Zones) -> list[str]:
    return [f"{o.first} and {o.second} overlap by {o.share:.1%} of the smaller" for o in zones.overlaps()]


def _gaps(matrix: Matrix) -> list[str]:
    served = matrix.systems()
    nobody = [f"{system}: nobody answers" for system in shapes.SYSTEMS if system not in served]
    partly = [f"{system}: only in its zones" for system, everywhere in served.items() if not everywhere]
    disputed = [f"{system} in {zone or 'every zone'}: two answer" for system, zone in matrix.disputed()]
    return nobody + partly + disputed


def _work(settings: Settings) -> UnitOfWork:
    engine = make_engine(settings.database_url, pool_size=1)
    return UnitOfWork(TransactionContext(engine, SystemClock(), settings.service, lambda: None))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.routing.commands", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    sowing = commands.add_parser("seed", help=seed.__doc__)
    sowing.add_argument("file", type=Path, metavar="FILE.yml")
    sowing.set_defaults(command=seed)
    zones = commands.add_parser("zones", help=check.__doc__)
    zones.add_argument("what", choices=["check"])
    zones.set_defaults(command=check)
    return parser


def main() -> None:
    options = _parser().parse_args()
    try:
        options.command(Settings.load("routing"), options)
    except ValidationError as invalid:
        sys.exit(f"{options.file}: {json.dumps(invalid.messages, ensure_ascii=False)}")
    except (AvariykaError, OSError, yaml.YAMLError, ValueError, KeyError) as failure:
        sys.exit(f"{type(failure).__name__}: {failure}")


def _say(line: Any) -> None:
    print(line)  # noqa: T201 - a command line speaks on stdout


if __name__ == "__main__":
    main()
