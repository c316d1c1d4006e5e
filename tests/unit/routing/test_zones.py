"""Zones as polygons: look-up, refusal with the reason, overlaps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from services.routing.domain.zones import Zones, read_zone
from services.routing.errors import InvalidZone
from tests.unit.routing.examples import LAT, LON, square

_BOW_TIE = {"type": "Polygon", "coordinates": [[[76, 43], [77, 44], [77, 43], [76, 44], [76, 43]]]}
_OFFSETS = st.floats(min_value=-0.2, max_value=0.2, allow_nan=False)


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


def test_a_zone_that_crosses_itself_is_refused_with_the_reason() -> None:
    with pytest.raises(InvalidZone) as refused:
        read_zone("bow tie", _BOW_TIE)
    assert refused.value.details["zone"] == "bow tie"
    assert "Self-intersection" in refused.value.details["reason"]


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        "POLYGON",
        {},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]},
        {"type": "Polygon", "coordinates": [[["a", "b"], [1, 2], [3, 4], ["a", "b"]]]},
        {"type": "Point", "coordinates": [76, 43]},
        {"type": "Nonsense", "coordinates": [76, 43]},
        {"type": "Polygon", "coordinates": [[[76, 430], [77, 430], [77, 431], [76, 430]]]},
    ],
)
def test_what_is_no_area_on_earth_is_refused(geometry: object) -> None:
    with pytest.raises(InvalidZone) as refused:
        read_zone("odd", geometry)
    assert refused.value.details["reason"]


def test_a_zone_needs_a_name() -> None:
    with pytest.raises(InvalidZone):
        read_zone(" ", _BOW_TIE)


def test_overlaps_are_reported_once_with_their_share() -> None:
    zones = Zones([square("a", 43.0, 76.0, 0.1), square("b", 43.0, 76.1, 0.1), square("c", 44.0, 76.0, 0.1)])
    found = zones.overlaps()
    assert [{overlap.first, overlap.second} for overlap in found] == [{"a", "b"}]
    assert found[0].share == pytest.approx(0.5)


def test_neighbours_that_only_touch_do_not_overlap() -> None:
    assert Zones([square("a", 43.0, 76.0, 0.1), square("b", 43.0, 76.2, 0.1)]).overlaps() == []


def test_a_city_without_zones_answers_nothing() -> None:
    assert Zones([]).around(LAT, LON) == []
    assert len(Zones([])) == 0


def test_a_zone_inside_another_is_meant() -> None:
    assert Zones([square("city", LAT, LON, 0.2), square("yard", LAT, LON, 0.01)]).overlaps() == []
