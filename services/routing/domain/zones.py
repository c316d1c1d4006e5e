"""Service zones (зоны обслуживания, D4-3.1-U1): polygons in WGS84 degrees, looked up by point."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import cos, radians

import shapely
from shapely import MultiPolygon, Point, Polygon, STRtree
from shapely.geometry.base import BaseGeometry

METRES_PER_DEGREE = 111_195.0
"""Of latitude, on a sphere of 6,371 km."""


class Kind(StrEnum):
    """What an area is drawn for."""

    SERVICE = "service"
    CITY = "city"  # the boundary inside which somebody must answer


@dataclass(frozen=True)
class Zone:
    """A named area. ``version`` counts its shapes since the first; ``source`` is the file it came from."""

    name: str
    shape: Polygon | MultiPolygon
    kind: Kind = Kind.SERVICE
    version: int = 1
    source: str | None = None

    @property
    def size(self) -> float:
        """Area in square degrees: good for telling the more specific of two zones, for nothing else."""
        return float(self.shape.area)

    def is_drawn_as(self, other: "Zone") -> bool:
        """Whether both are the same area for the same purpose."""
        return self.kind is other.kind and bool(self.shape.equals(other.shape))


class Zones:
    """Every zone of the city behind one spatial index."""

    def __init__(self, zones: Iterable[Zone]) -> None:
        # The smaller one first, so that "most specific" is the order of the indexes themselves.
        self._zones = sorted(zones, key=lambda zone: (zone.size, zone.name))
        shapes = [zone.shape for zone in self._zones]
        shapely.prepare(shapes)
        self._tree = STRtree(shapes)

    def __len__(self) -> int:
        return len(self._zones)

    def around(self, lat: float, lon: float) -> list[str]:
        """Names of the zones that hold the point (borders count), most specific first."""
        hits = self._tree.query(Point(lon, lat), predicate="intersects")
        return [self._zones[index].name for index in sorted(hits)]


def square_metres(shape: BaseGeometry) -> float:
    """Area of a shape in degrees; off by less than 0.5 % for anything of a city's size."""
    if shape.is_empty:
        return 0.0
    _, south, _, north = shape.bounds
    return float(shape.area) * METRES_PER_DEGREE**2 * cos(radians((south + north) / 2))
