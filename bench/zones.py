"""How long it takes to say which zone a place lies in and who answers there, beside a loop over the polygons.

``python -m bench.zones [--polygons 10 100 1000 10000] [--places 2000] [--seed 1] [--json FILE]``

The zones are the cells around random points that together cover a city of 30 × 30 km, each with a border of
some dozen points, so that every place lies in one (in two on a border). The loop asks each polygon in turn,
as prepared by shapely as those of the index are; it is asked about fewer places, the same ones, and both must
find the same. "who answers" is the whole question that a request puts: zones, side of the wall, hours,
contract. Times are of the processor, so that a busy machine does not count.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from rich.console import Console
from rich.table import Table
from shapely import MultiPoint, Point, box

from services.routing.domain.competence import Competence, Matrix, Question
from services.routing.domain.hours import Hours
from services.routing.domain.zones import Zone, Zones

CITY = box(76.74, 43.10, 77.11, 43.37)
AT = datetime(2026, 11, 24, 18, tzinfo=UTC)
_LOOP_LOOKS = 200_000
_BORDER_DEGREES = 0.0005
Place = tuple[float, float]


@dataclass(frozen=True)
class Measured:
    """Microseconds a look-up, the mean over the places; ``build_ms`` is what taking the zones over costs."""

    polygons: int
    index_us: float
    loop_us: float
    answer_us: float
    build_ms: float

    @property
    def faster(self) -> float:
        return self.loop_us / self.index_us


def measure(polygons: int, places: int, seed: int) -> Measured:
    """One city of so many zones; raises AssertionError if index and loop do not agree."""
    dice = np.random.default_rng(seed)
    zones = _cells(polygons, dice)
    spots = _places(places, dice)
    started = time.process_time()
    index = Zones(zones)
    build_ms = 1000 * (time.process_time() - started)
    matrix = _matrix(index, zones)
    few = spots[: max(20, _LOOP_LOOKS // polygons)]
    shapes = [zone.shape for zone in zones]
    shapely.prepare(shapes)

    def by_loop(place: Place) -> list[str]:
        point = Point(place[1], place[0])
        return [zone.name for zone in zones if zone.shape.intersects(point)]

    assert all(sorted(index.around(*place)) == sorted(by_loop(place)) for place in few)
    return Measured(
        polygons,
        _us(lambda place: index.around(*place), spots),
        _us(by_loop, few),
        _us(lambda place: matrix.answering(Question("water", *place), AT), spots),
        build_ms,
    )


def _us(ask: Callable[[Place], Any], places: Sequence[Place]) -> float:
    started = time.process_time()
    for place in places:
        ask(place)
    return 1e6 * (time.process_time() - started) / len(places)


def _cells(count: int, dice: np.random.Generator) -> list[Zone]:
    west, south, east, north = CITY.bounds
    points = MultiPoint(np.column_stack([dice.uniform(west, east, count), dice.uniform(south, north, count)]))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=CITY))
    drawn = shapely.segmentize(shapely.intersection(cells, CITY), _BORDER_DEGREES)
    return [Zone(f"zone {number}", shape) for number, shape in enumerate(drawn)]


def _places(count: int, dice: np.random.Generator) -> list[Place]:
    west, south, east, north = CITY.bounds
    return list(zip(dice.uniform(south, north, count), dice.uniform(west, east, count), strict=True))


def _matrix(index: Zones, zones: Sequence[Zone]) -> Matrix:
    """An organisation for each zone by day, one for the whole city always."""
    by_day = Hours.read("Mo-Fr 08:00-20:00")
    rules = [Competence(UUID(int=at), "water", zone.name, by_day) for at, zone in enumerate(zones)]
    return Matrix(index, [*rules, Competence(UUID(int=2**64), "water")], UTC)


def show(found: Sequence[Measured]) -> None:
    table = Table("polygons", "index, µs", "loop, µs", "times faster", "who answers, µs", "taken over in, ms")
    for row in found:
        figures = (row.index_us, row.loop_us, row.faster, row.answer_us, row.build_ms)
        table.add_row(f"{row.polygons:,}", *(f"{figure:,.1f}" for figure in figures))
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--polygons", type=int, nargs="+", default=[10, 100, 1000, 10_000])
    parser.add_argument("--places", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    found = [measure(polygons, options.places, options.seed) for polygons in options.polygons]
    show(found)
    if options.json:
        rows = [{**asdict(row), "faster": row.faster} for row in found]
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
