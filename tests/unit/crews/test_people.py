"""Master data, shifts and positions."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.crews.domain.people import (
    Person,
    Position,
    Shift,
    Thinning,
    begin_shift,
    distance_m,
    end_shift,
    noticeable,
)
from services.crews.errors import BadMasterData, BadShift
from tests.unit.crews.examples import ANN, NOON, ORGANISATION, SEVEN

STRANGER = UUID(int=9)
HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
THINNING = Thinning(step_m=150.0, every=timedelta(seconds=60))
HERE = Position(43.2401, 76.9098, 10.0, NOON)
coordinates = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@pytest.mark.parametrize("grade", [1, 7, 0])
def test_a_grade_is_from_2_to_6(grade: int) -> None:
    with pytest.raises(BadMasterData):
        Person(ANN, ORGANISATION, "Имя", grade)


@pytest.mark.parametrize("change", [{"members": ()}, {"specialisations": ()}, {"leader": STRANGER}])
def test_a_crew_has_members_a_specialisation_and_a_leader_of_its_own(change: dict[str, Any]) -> None:
    with pytest.raises(BadMasterData):
        replace(SEVEN, **change)


def test_a_shift_begins_now_and_keeps_its_beginning_when_its_end_is_set_anew() -> None:
    first = begin_shift(None, NOON, None, DAY)
    later = begin_shift(first, NOON + HOUR, NOON + 8 * HOUR, DAY)
    assert later == Shift(on=True, starts_at=NOON, ends_at=NOON + 8 * HOUR)


def test_coming_back_begins_a_new_shift() -> None:
    ended = end_shift(begin_shift(None, NOON, None, DAY), NOON + HOUR)
    assert begin_shift(ended, NOON + 2 * HOUR, None, DAY).starts_at == NOON + 2 * HOUR


@pytest.mark.parametrize("ends_at", [NOON, NOON - HOUR, NOON + 25 * HOUR])
def test_a_shift_ends_neither_in_the_past_nor_after_its_longest(ends_at: Any) -> None:
    with pytest.raises(BadShift):
        begin_shift(None, NOON, ends_at, DAY)


def test_leaving_twice_or_before_coming_changes_nothing() -> None:
    assert end_shift(None, NOON) is None
    ended = end_shift(begin_shift(None, NOON, None, DAY), NOON + HOUR)
    assert end_shift(ended, NOON + 2 * HOUR) is ended


@pytest.mark.rule("D-2.C-U4")
@pytest.mark.parametrize(
    ("lat_step", "seconds", "told"),
    [(0.0, 60, False), (0.0, 61, True), (0.0013, 5, False), (0.0014, 5, True)],
    ids=["a minute", "more than a minute", "145 m", "156 m"],
)
def test_others_hear_of_a_crew_that_moved_noticeably_or_was_long_silent(
    lat_step: float, seconds: int, told: bool
) -> None:
    latest = Position(HERE.lat + lat_step, HERE.lon, 10.0, NOON + timedelta(seconds=seconds))
    assert noticeable(HERE, latest, THINNING) is told


def test_the_first_position_is_told() -> None:
    assert noticeable(None, HERE, THINNING)


@given(coordinates, coordinates)
def test_distance_is_symmetric_and_at_most_half_the_earth(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    a, b = Position(*one, None, NOON), Position(*other, None, NOON)
    assert distance_m(a, b) == pytest.approx(distance_m(b, a), abs=1e-3)
    assert 0 <= distance_m(a, b) <= 20_015_200


def test_a_degree_of_latitude_is_111_km() -> None:
    assert distance_m(HERE, replace(HERE, lat=HERE.lat + 1)) == pytest.approx(111_195, rel=1e-4)
