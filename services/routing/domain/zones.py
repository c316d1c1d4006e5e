"""Service zones (зоны обслуживания, D4-3.1-U1): polygons in WGS84 degrees, looked up by point."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shapely import MultiPolygon, Point, Polygon, STRtree
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.validation import explain_validity

from services.routing.errors import InvalidZone


@dataclass(frozen=True)
class Zone:
    """A named area. Build it with :func:`read_zone`, which refuses broken polygons."""

    name: str
    shape: Polygon | MultiPolygon

    @property
    def size(self) -> float:
        """Area in square degrees: good for telling the more specific of two zones, for nothing else."""
        return float(self.shape.area)


@dataclass(frozen=True)
class Overlap:
    """Two zones that share ground; ``share`` is the part of the smaller one, 0–1."""

    first: str
    second: str
    share: float


def read_zone(name: str, geometry: Any) -> Zone:
    """A zone of a GeoJSON geometry; raises :class:`InvalidZone` with the reason."""
    if not name.strip():
        raise InvalidZone("a zone without a name", zone=name, reason="no name")
    found = _shape(name, geometry)
    if not isinstance(found, Polygon | MultiPolygon):
        raise _broken(name, f"{found.geom_type} is no area")
    if found.is_empty:
        raise _broken(name, "the area is empty")
    if not found.is_valid:
        raise _broken(name, explain_validity(found))
    if not _on_earth(found.bounds):
        raise _broken(name, "coordinates are not longitude and latitude in degrees")
    return Zone(name, found)


class Zones:
    """Every zone of the city behind one spatial index."""

    def __init__(self, zones: Iterable[Zone]) -> None:
        # The smaller one first, so that "most specific" is the order of the indexes themselves.
        self._zones = sorted(zones, key=lambda zone: (zone.size, zone.name))
        self._tree = STRtree([zone.shape for zone in self._zones])

    def __len__(self) -> int:
        return len(self._zones)

    def around(self, lat: float, lon: float) -> list[str]:
        """Names of the zones that hold the point (borders count), most specific first."""
        hits = self._tree.query(Point(lon, lat), predicate="intersects")
        return [self._zones[index].name for index in sorted(hits)]

    def overlaps(self, tolerance: float = 0.001) -> list[Overlap]:
        """Pairs of zones that share ground; sharing up to ``tolerance`` of the smaller is a border drawn
        loosely, sharing all but that is one zone inside another, which is meant."""
        pairs = (
            (self._zones[first], self._zones[int(second)])
            for first, zone in enumerate(self._zones)
            for second in self._tree.query(zone.shape, predicate="intersects")
            if int(second) > first
        )
        found = (
            Overlap(a.name, b.name, float(a.shape.intersection(b.shape).area) / a.size) for a, b in pairs
        )
        return [overlap for overlap in found if tolerance < overlap.share < 1 - tolerance]


def _shape(name: str, geometry: Any) -> Any:
    if not isinstance(geometry, Mapping):
        raise _broken(name, "no GeoJSON geometry")
    try:
        return shape(dict(geometry))
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError) as unreadable:
        raise _broken(name, f"unreadable geometry: {unreadable}") from unreadable


def _on_earth(bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    return west >= -180 and east <= 180 and south >= -90 and north <= 90


def _broken(name: str, reason: str) -> InvalidZone:
    return InvalidZone(f"zone {name}: {reason}", zone=name, reason=reason)
