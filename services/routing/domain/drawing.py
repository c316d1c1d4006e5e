"""Takes areas as maps and people draw them: repaired where that changes next to nothing, else refused with
the reason and the place."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Point, Polygon
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from services.routing.domain.zones import Kind, Zone, square_metres
from services.routing.errors import InvalidZone

TOLERANCE = 0.01
"""A repair may change this part of the area; what changes more is not what was meant, or was never said."""
_SMALLEST_M2 = 1.0
_OUTSIDE = 0.5
_PLACE = re.compile(r"(?P<reason>[^\[]+)\[(?P<lon>\S+) (?P<lat>[^\]\s]+)")
_UNREADABLE = (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)
_SWAPPED = "latitude and longitude are swapped: GeoJSON writes longitude first"
_LARGEST_DEGREES = np.array([180.0, 90.0])


class Flaw(StrEnum):
    """Why an area is refused."""

    NO_NAME = "no_name"
    UNREADABLE = "unreadable"
    NO_AREA = "no_area"
    EMPTY = "empty"
    NOT_DEGREES = "not_degrees"
    SWAPPED = "swapped"
    OUTSIDE_CITY = "outside_city"
    HOLE_OUTSIDE = "hole_outside"
    CROSSES_ITSELF = "crosses_itself"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class Drawn:
    """An area taken, and what had to be done to it."""

    zone: Zone
    repairs: tuple[str, ...] = ()


def read_zone(name: str, geometry: Any) -> Zone:
    """A zone of a GeoJSON geometry that needs no repair; raises :class:`InvalidZone` with the reason."""
    found = _polygon(name, geometry)
    if not found.is_valid:
        raise _crossed(name, found)
    return Zone(name, found)


def whole(names: Sequence[str], shapes: Any) -> Any:
    """The shapes of stored zones; raises :class:`InvalidZone` for one that is not valid."""
    for name, found, is_valid in zip(names, shapes, shapely.is_valid(shapes), strict=True):
        if not is_valid:
            raise _crossed(name, found)
    return shapes


def draw(
    name: str,
    geometry: Any,
    kind: Kind = Kind.SERVICE,
    city: BaseGeometry | None = None,
    tolerance: float = TOLERANCE,
) -> Drawn:
    """A zone of a GeoJSON geometry, repaired if need be; raises :class:`InvalidZone`.

    ``city``: the boundary that most of a zone must lie in; without one nobody can tell whether latitude and
    longitude are swapped. ``tolerance``: the share of the area that a repair may change.
    """
    drawn = _polygon(name, geometry)
    repairs = ["heights are left out"] if _has_heights(geometry) else []
    _check_holes(name, drawn)
    if not drawn.is_valid:
        drawn, repair = _repaired(name, drawn, tolerance)
        repairs.append(repair)
    if square_metres(drawn) < _SMALLEST_M2:
        raise refused(name, Flaw.EMPTY, "the area is empty")
    if city is not None and kind is Kind.SERVICE:
        repairs += _placed(name, drawn, city)
    return Drawn(Zone(name, drawn, kind), tuple(repairs))


def refused(
    name: str, flaw: Flaw, reason: str, lat: float | None = None, lon: float | None = None
) -> InvalidZone:
    """The error for one area: which, why, where."""
    where = "" if lat is None or lon is None else f" at {lat:.6f}, {lon:.6f} (latitude, longitude)"
    return InvalidZone(
        f"zone {name}: {reason}{where}", zone=name, reason=reason + where, flaw=flaw.value, lat=lat, lon=lon
    )


def _polygon(name: str, geometry: Any) -> Polygon | MultiPolygon:
    """The flat shape, in degrees, valid or not."""
    if not name.strip():
        raise refused(name, Flaw.NO_NAME, "a zone without a name")
    found = _shape(name, geometry)
    if not isinstance(found, Polygon | MultiPolygon):
        raise refused(name, Flaw.NO_AREA, f"{found.geom_type} is no area")
    if found.is_empty:
        raise refused(name, Flaw.EMPTY, "the area is empty")
    _check_degrees(name, shapely.get_coordinates(found))
    return found


def _shape(name: str, geometry: Any) -> BaseGeometry:
    if not isinstance(geometry, Mapping):
        raise refused(name, Flaw.UNREADABLE, "no GeoJSON geometry")
    try:
        with np.errstate(invalid="ignore"):
            return shapely.force_2d(shape(dict(geometry)))
    except _UNREADABLE as broken:
        raise refused(name, Flaw.UNREADABLE, f"unreadable geometry: {broken}") from broken


def _has_heights(geometry: Mapping[str, Any]) -> bool:
    return bool(shape(dict(geometry)).has_z)


def _check_degrees(name: str, points: "np.ndarray[Any, np.dtype[np.float64]]") -> None:
    if not np.isfinite(points).all():
        raise refused(name, Flaw.UNREADABLE, "unreadable geometry: a coordinate is no number")
    if (abs(points) <= _LARGEST_DEGREES).all():
        return
    if (abs(points[:, ::-1]) <= _LARGEST_DEGREES).all():
        raise refused(
            name, Flaw.SWAPPED, "latitude and longitude are swapped: GeoJSON writes longitude first"
        )
    raise refused(
        name,
        Flaw.NOT_DEGREES,
        "coordinates are not longitude and latitude in degrees (metres of a projection?): save it as WGS84",
    )


def _check_holes(name: str, drawn: Polygon | MultiPolygon) -> None:
    """A hole that lies outside its area was meant for another one."""
    for part in shapely.get_parts(drawn):
        area = shapely.make_valid(Polygon(part.exterior)) if part.interiors else None
        for ring in part.interiors:
            hole = shapely.make_valid(Polygon(ring))
            if area is not None and hole.area > 0 and hole.intersection(area).area < hole.area / 2:
                at = hole.representative_point()
                raise refused(name, Flaw.HOLE_OUTSIDE, "a hole lies outside of the area", at.y, at.x)


def _repaired(
    name: str, drawn: Polygon | MultiPolygon, tolerance: float
) -> tuple[Polygon | MultiPolygon, str]:
    """The valid area nearest to what was drawn; raises if it is another area."""
    valid = shapely.make_valid(drawn, method="structure", keep_collapsed=False)
    before, after = square_metres(drawn), square_metres(valid)
    if after < _SMALLEST_M2 or not isinstance(valid, Polygon | MultiPolygon):
        raise refused(name, Flaw.EMPTY, "nothing is left of the area when its errors are repaired")
    if not valid.is_valid:  # rings that run along one another: rounding makes the repair cross itself again
        raise _crossed(name, drawn, ", which cannot be repaired")
    change = abs(after - before) / max(after, before)
    if change > tolerance:
        raise _crossed(name, drawn, f", its repair would change {change:.1%} of the area")
    why, *_ = _explained(drawn)
    return valid, f"repaired ({why.lower()}): {before:,.0f} m² became {after:,.0f} m²"


def _crossed(name: str, drawn: BaseGeometry, consequence: str = "") -> InvalidZone:
    why, lat, lon = _explained(drawn)
    return refused(name, Flaw.CROSSES_ITSELF, why + consequence, lat, lon)


def _explained(drawn: BaseGeometry) -> tuple[str, float | None, float | None]:
    """What is wrong with a shape, and where."""
    told = explain_validity(drawn)
    found = _PLACE.match(told)
    return (found["reason"], float(found["lat"]), float(found["lon"])) if found else (told, None, None)


def _placed(name: str, drawn: Polygon | MultiPolygon, city: BaseGeometry) -> list[str]:
    """A remark if a part lies outside the city; raises if most of it does."""
    outside = drawn.difference(city)
    share = outside.area / drawn.area
    if share <= TOLERANCE:
        return []
    at = outside.representative_point()
    if share <= _OUTSIDE:
        return [f"{square_metres(outside):,.0f} m² lie outside the city, near {_tell(at)}"]
    turned = shapely.transform(drawn, lambda points: points[:, ::-1])
    if turned.intersects(city):
        raise refused(
            name, Flaw.SWAPPED, "latitude and longitude are swapped: GeoJSON writes longitude first"
        )
    raise refused(name, Flaw.OUTSIDE_CITY, f"{share:.0%} of the area lie outside the city", at.y, at.x)


def _tell(at: Point) -> str:
    return f"{at.y:.5f}, {at.x:.5f}"
