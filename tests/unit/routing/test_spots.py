"""The nearest spot of a road: the grid answers as looking at every spot would."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.spots import Nearest

REACH_M = 500.0
metres = st.floats(-3000, 3000, allow_nan=False)
places = st.lists(st.tuples(metres, metres), min_size=1, max_size=30)


@given(places, places, st.sampled_from([0.0, 4_800_000.0]))
def test_it_is_the_nearest_of_all(
    spots: list[tuple[float, float]], asked: list[tuple[float, float]], origin: float
) -> None:
    north, east = np.array(spots).T + origin
    to_north, to_east = np.array(asked).T + origin
    off_m, found = Nearest(north, east).query(to_north, to_east, REACH_M)
    every = np.hypot(to_north[:, None] - north, to_east[:, None] - east)
    near = every.min(axis=1) < REACH_M - 0.01
    assert off_m[near] == pytest.approx(every.min(axis=1)[near], abs=0.01)
    assert every[np.arange(len(asked)), found][near] == pytest.approx(off_m[near], abs=0.01)
    assert not np.isfinite(off_m[every.min(axis=1) > REACH_M + 0.01]).any()


def test_a_map_of_a_country_makes_no_more_cells_than_it_has_spots() -> None:
    north, east = np.array([[0.0, 900_000.0, 300_000.0], [0.0, 1_500_000.0, 10.0]])
    grid = Nearest(north, east)
    assert grid._rows * grid._columns < 10
    off_m, found = grid.query(np.array([899_900.0]), np.array([1_500_000.0]), REACH_M)
    assert (off_m.tolist(), found.tolist()) == ([100.0], [1])
