"""Zones as polygons: look-up by point, taking them as they are drawn."""

import json
import math
from typing import Any

import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from shapely import box
from shapely.geometry import Point, mapping

from services.routing.domain.drawing import Flaw, draw, read_zone, whole
from services.routing.domain.zones import Kind, Zones, square_metres
from services.routing.errors import InvalidZone
from tests.unit.routing.examples import LAT, LON, square

_BOW_TIE = {"type": "Polygon", "coordinates": [[[76, 43], [77, 44], [77, 43], [76, 44], [76, 43]]]}
_OFFSETS = st.floats(min_value=-0.2, max_value=0.2, allow_nan=False)
CITY = box(76.7, 43.1, 77.1, 43.4)


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


@pytest.mark.rule("D4-3.1-U1")
def test_the_smallest_zone_around_a_point_comes_first() -> None:
    zones = Zones([square("city", LAT, LON, 0.2), square("yard", LAT, LON, 0.01)])
    assert zones.around(LAT, LON) == ["yard", "city"]
    assert zones.around(LAT + 0.1, LON) == ["city"]
    assert zones.around(LAT + 1, LON) == []


def test_a_point_on_the_border_belongs() -> None:
    assert Zones([square("yard", 43.0, 76.0, 0.5)]).around(43.5, 76.0) == ["yard"]


@given(_OFFSETS, _OFFSETS)
def test_the_index_finds_what_looking_at_every_polygon_finds(north: float, east: float) -> None:
    squares = [square(f"z{index}", LAT, LON + index * 0.05, 0.03 + index * 0.01) for index in range(5)]
    point = Point(LON + east, LAT + north)
    naive = {zone.name for zone in squares if zone.shape.intersects(point)}
    assert set(Zones(squares).around(LAT + north, LON + east)) == naive


def test_a_city_without_zones_answers_nothing() -> None:
    assert Zones([]).around(LAT, LON) == []
    assert len(Zones([])) == 0


def test_an_area_is_told_in_square_metres() -> None:
    a_hundredth = square_metres(box(76.9, 43.24, 76.91, 43.25))
    assert a_hundredth == pytest.approx(1111.95**2 * math.cos(math.radians(43.245)), rel=1e-6)


def test_a_stored_zone_is_not_repaired() -> None:
    shapes = shapely.from_geojson([json.dumps(polygon(ring(76.8, 43.2, 76.9, 43.3))), json.dumps(_BOW_TIE)])
    with pytest.raises(InvalidZone, match="bow tie"):
        whole(["square", "bow tie"], shapes)
    assert list(whole(["square"], shapes[:1])) == [shapes[0]]
    assert len(whole([], shapely.from_geojson([]))) == 0
    with pytest.raises(InvalidZone) as broken:
        read_zone("bow tie", _BOW_TIE)
    assert broken.value.details["zone"] == "bow tie"
    assert "Self-intersection" in broken.value.details["reason"]


@pytest.mark.rule("D4-3.1-U1")
@pytest.mark.parametrize(
    ("geometry", "flaw"),
    [
        (None, Flaw.UNREADABLE),
        ("POLYGON", Flaw.UNREADABLE),
        ({}, Flaw.UNREADABLE),
        ({"type": "Polygon"}, Flaw.UNREADABLE),
        ({"type": "Polygon", "coordinates": []}, Flaw.EMPTY),
        ({"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]}, Flaw.UNREADABLE),
        ({"type": "Polygon", "coordinates": [[["a", "b"], [1, 2], [3, 4], ["a", "b"]]]}, Flaw.UNREADABLE),
        ({"type": "Point", "coordinates": [76, 43]}, Flaw.NO_AREA),
        ({"type": "Nonsense", "coordinates": [76, 43]}, Flaw.UNREADABLE),
        (polygon([[76, 43], [77, 43], [76, 43], [76, 43]]), Flaw.EMPTY),
        (polygon([[76, 43], [77, math.nan], [76, 44], [76, 43]]), Flaw.UNREADABLE),
        (_BOW_TIE, Flaw.CROSSES_ITSELF),
        (polygon(ring(8560000, 5350000, 8570000, 5360000)), Flaw.NOT_DEGREES),
        (polygon(ring(43.2, 101, 43.3, 102)), Flaw.SWAPPED),
        (polygon(ring(43.2, 76.9, 43.3, 77.0)), Flaw.SWAPPED),
        (polygon(ring(71.4, 51.1, 71.5, 51.2)), Flaw.OUTSIDE_CITY),
        (polygon(ring(76.8, 43.2, 76.9, 43.3), ring(77.0, 43.2, 77.05, 43.25)), Flaw.HOLE_OUTSIDE),
        # Twice around the same ground: nobody knows whether the inner round was meant.
        (polygon([*ring(76.8, 43.2, 76.9, 43.3), *ring(76.8, 43.2, 76.9, 43.3)]), Flaw.CROSSES_ITSELF),
    ],
)
def test_what_is_no_area_of_the_city_is_refused_with_the_reason(geometry: Any, flaw: Flaw) -> None:
    with pytest.raises(InvalidZone) as refusal:
        draw("odd", geometry, city=CITY)
    assert refusal.value.details["flaw"] == flaw
    assert refusal.value.details["reason"]


def test_a_crossing_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidZone) as refusal:
        draw("bow tie", _BOW_TIE)
    assert (refusal.value.details["lat"], refusal.value.details["lon"]) == (43.5, 76.5)
    assert "43.500000, 76.500000" in str(refusal.value)


def test_a_zone_needs_a_name() -> None:
    with pytest.raises(InvalidZone) as refusal:
        draw(" ", polygon(ring(76.8, 43.2, 76.9, 43.3)))
    assert refusal.value.details["flaw"] == Flaw.NO_NAME


def test_a_slip_of_the_pen_is_repaired_and_its_area_told() -> None:
    slip = [[76.8, 43.2], [76.9, 43.2], [76.9, 43.3], [76.8499, 43.3], [76.85, 43.3001], [76.85, 43.2999],
            [76.8, 43.3], [76.8, 43.2]]  # fmt: skip
    drawn = draw("slip", polygon(slip), city=CITY)
    assert drawn.zone.shape.is_valid
    assert drawn.zone.shape.area == pytest.approx(0.01, rel=0.01)
    [repair] = drawn.repairs
    assert "self-intersection" in repair
    assert "m² became" in repair


def test_heights_are_left_out_and_said_so() -> None:
    high = [[*point, 812.5] for point in ring(76.8, 43.2, 76.9, 43.3)]
    drawn = draw("high", polygon(high))
    assert not drawn.zone.shape.has_z
    assert drawn.repairs == ("heights are left out",)


def test_a_zone_over_the_border_of_the_city_is_taken_with_a_remark() -> None:
    [remark] = draw("border", polygon(ring(76.6, 43.2, 76.9, 43.3)), city=CITY).repairs
    assert "outside the city" in remark


def test_the_city_itself_is_not_measured_by_its_old_border() -> None:
    assert draw("astana", polygon(ring(71.4, 51.1, 71.5, 51.2)), Kind.CITY, CITY).repairs == ()


_RING = st.lists(
    st.tuples(st.floats(76.7, 77.1) | st.integers(70, 80), st.floats(43.1, 43.4) | st.integers(40, 50)),
    min_size=3,
    max_size=12,
).map(lambda points: [list(point) for point in (*points, points[0])])
_ALONG_ITSELF = [(77, 47), (72, 43.375), (76.703125, 43.1875), (78, 42), (74, 44)]
_ALONG_ITSELF += [*_ALONG_ITSELF[1:3], _ALONG_ITSELF[0]]  # the way it came: found by these very tests
_POINTS = st.tuples(st.floats(43.1, 43.4), st.floats(76.7, 77.1))
_LEAF = st.none() | st.text(max_size=5) | st.floats() | st.integers()
_RINGS = st.lists(st.lists(_LEAF | st.lists(_LEAF, max_size=4), max_size=4), max_size=4)
_JUNK = _LEAF | _RINGS | st.lists(_RINGS, max_size=3)


@pytest.mark.rule("D4-3.1-U1")
@given(st.lists(_RING, min_size=1, max_size=3), st.lists(_POINTS, max_size=5))
@example([[list(point) for point in _ALONG_ITSELF]], [])
def test_any_rings_are_taken_whole_repaired_or_refused_and_found_like_by_a_loop(
    rings: list[list[list[float]]], points: list[tuple[float, float]]
) -> None:
    try:
        zone = draw("any", polygon(*rings)).zone
    except InvalidZone:
        return
    assert zone.shape.is_valid
    assert not zone.shape.is_empty
    assert read_zone("any", mapping(zone.shape)).shape.equals(zone.shape)
    table = Zones([zone, square("yard", LAT, LON, 0.05)])
    for lat, lon in points:
        assert ("any" in table.around(lat, lon)) == bool(zone.shape.intersects(Point(lon, lat)))


@given(st.sampled_from(["Polygon", "MultiPolygon", "GeometryCollection"]), _JUNK)
def test_junk_is_refused_not_fallen_over(kind: str, junk: Any) -> None:
    try:
        drawn = draw("junk", {"type": kind, "coordinates": junk, "geometries": junk}, city=CITY)
    except InvalidZone:
        return
    assert drawn.zone.shape.is_valid
