"""The building nearest to a point, in metres, wherever the city lies."""

from itertools import product

import pytest
from geopy.distance import geodesic
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.nearest import NearestPoints
from services.intake.domain.registry import Building, Registry
from tests.unit.intake.examples import registry

CITIES = [(43.24, 76.91), (51.13, 71.43), (69.35, 88.2), (-33.9, 18.4)]
LATTICE = [
    (lat + north / 1000, lon + east / 1000) for (lat, lon), north, east in product(CITIES, range(6), range(6))
]


def test_the_building_beside_a_point() -> None:
    found = registry().nearest_building((43.24025, 76.9449), 50)
    assert found is not None
    assert found.id == "osm-w1"


def test_nothing_is_near_in_the_steppe() -> None:
    assert registry().nearest_building((43.20, 76.80), 500) is None
    assert Registry().nearest_building((43.24, 76.94), 500) is None


@pytest.mark.parametrize("lat", [0.0, 43.2, 51.1, 69.3])
def test_reach_is_in_metres_north_and_east_alike(lat: float) -> None:
    house = Building("b1", "s1", "1", lat, 76.0, None)
    for bearing in (0, 90, 180, 270, 45):
        away = geodesic(meters=100).destination((lat, 76.0), bearing)
        here = (away.latitude, away.longitude)
        assert Registry(buildings=[house]).nearest_building(here, 101) == house
        assert Registry(buildings=[house]).nearest_building(here, 99) is None


@given(st.sampled_from(CITIES), st.floats(0, 0.005), st.floats(0, 0.005))
def test_nobody_is_nearer_than_the_nearest(city: tuple[float, float], north: float, east: float) -> None:
    here = (city[0] + north, city[1] + east)
    at = NearestPoints(LATTICE).within(here, 1000)
    assert at is not None
    shortest = min(geodesic(here, point).meters for point in LATTICE)
    assert geodesic(here, LATTICE[at]).meters == pytest.approx(shortest, rel=0.01)
