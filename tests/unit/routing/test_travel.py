"""Straight-line travel: against the ellipsoid, and its own promises."""

import numpy as np
import pytest
from geopy.distance import geodesic
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.travel import StraightLine, haversine_m
from tests.unit.routing.examples import LAT, LON

_LATS = st.floats(min_value=-85, max_value=85, allow_nan=False)
_LONS = st.floats(min_value=-180, max_value=180, allow_nan=False)


@given(_LATS, _LONS, _LATS, _LONS)
def test_distance_agrees_with_the_ellipsoid(lat: float, lon: float, to_lat: float, to_lon: float) -> None:
    ours = float(haversine_m(to_lat, to_lon, np.array([lat]), np.array([lon]))[0])
    assert ours == pytest.approx(geodesic((lat, lon), (to_lat, to_lon)).meters, rel=0.006, abs=1.0)


def test_all_crews_in_one_go_as_one_by_one() -> None:
    lats, lons = np.linspace(43.1, 43.4, 50), np.linspace(76.7, 77.1, 50)
    together = haversine_m(LAT, LON, lats, lons)
    alone = [haversine_m(LAT, LON, lat, lon) for lat, lon in zip(lats, lons, strict=True)]
    assert together.tolist() == pytest.approx(alone)


def test_time_is_distance_with_detour_at_the_speed_set() -> None:
    travel = StraightLine(speed_kmh=36, detour=1.5).to(LAT, LON, np.array([LAT + 0.01]), np.array([LON]))
    direct = float(haversine_m(LAT, LON, LAT + 0.01, LON))
    assert travel.distance_m[0] == pytest.approx(direct * 1.5)
    assert travel.seconds[0] == pytest.approx(direct * 1.5 / 10)
    assert travel.method == "straight_line"


@pytest.mark.parametrize(("speed", "detour"), [(0, 1.4), (-5, 1.4), (25, 0.9), (float("nan"), 1.4)])
def test_impossible_settings_are_refused(speed: float, detour: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        StraightLine(speed, detour)
