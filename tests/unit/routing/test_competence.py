"""Competence first, then zone; hours; the most specific wins."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.competence import Hours
from services.routing.errors import InvalidReference
from tests.unit.routing.examples import (
    ALMATY,
    DISPATCH,
    GAS,
    LAT,
    LON,
    NOW,
    WATERWORKS,
    competence,
    matrix,
    square,
)

YARD = square("yard", LAT, LON, 0.01)
DISTRICT = square("district", LAT, LON, 0.05)
_TIMES = st.times()


@pytest.mark.rule("D-1.3-U2")
def test_competence_decides_before_the_zone() -> None:
    entries = [competence(DISPATCH, "water", "yard"), competence(GAS, "gas")]
    assert matrix(*entries, zones=(YARD,)).answering("gas", LAT, LON, NOW) == [GAS]


@pytest.mark.rule("D-1.3-U2")
def test_the_most_specific_zone_wins_and_everywhere_comes_last() -> None:
    entries = [
        competence(DISPATCH, "water"),
        competence(WATERWORKS, "water", "district"),
        competence(GAS, "water", "yard"),
    ]
    city = matrix(*entries, zones=(YARD, DISTRICT))
    assert city.answering("water", LAT, LON, NOW) == [GAS, WATERWORKS, DISPATCH]
    assert city.answering("water", LAT + 0.03, LON, NOW) == [WATERWORKS, DISPATCH]
    assert city.answering("water", LAT + 0.3, LON, NOW) == [DISPATCH]


def test_a_system_nobody_answers_for_has_no_organisation() -> None:
    assert matrix(competence(DISPATCH, "water")).answering("lift", LAT, LON, NOW) == []


def test_outside_its_hours_an_organisation_does_not_answer() -> None:
    city = matrix(competence(WATERWORKS, "water", hours="08:00-20:00"), competence(DISPATCH, "water"))
    by_day = datetime(2026, 11, 24, 12, tzinfo=ALMATY)
    assert WATERWORKS in city.answering("water", LAT, LON, by_day)
    assert city.answering("water", LAT, LON, by_day + timedelta(hours=10)) == [DISPATCH]


@pytest.mark.parametrize(
    ("text", "at", "covered"),
    [
        ("24/7", time(3), True),
        ("08:00-20:00", time(8), True),
        ("08:00-20:00", time(20), False),
        ("20:00-08:00", time(23), True),
        ("20:00-08:00", time(7, 59), True),
        ("20:00-08:00", time(8), False),
    ],
)
def test_hours(text: str, at: time, covered: bool) -> None:
    assert Hours.read(text).cover(at) is covered


@given(_TIMES, _TIMES, _TIMES)
def test_a_span_and_its_opposite_share_the_day(opens: time, closes: time, at: time) -> None:
    if opens != closes:
        assert Hours(opens, closes).cover(at) is not Hours(closes, opens).cover(at)


@pytest.mark.parametrize("text", ["", "always", "08:00", "8-20-22", "25:00-08:00"])
def test_unreadable_hours_are_refused(text: str) -> None:
    with pytest.raises(InvalidReference):
        Hours.read(text)


def test_two_organisations_for_the_same_thing_are_reported() -> None:
    assert matrix(competence(DISPATCH, "water"), competence(GAS, "water")).disputed() == [("water", None)]
    by_hours = [competence(DISPATCH, "water", hours="08:00-20:00"), competence(GAS, "water")]
    assert matrix(*by_hours).disputed() == []


def test_what_is_covered_everywhere_is_told() -> None:
    city = matrix(competence(DISPATCH, "water"), competence(GAS, "gas", "yard"), zones=(YARD,))
    assert city.systems() == {"gas": False, "water": True}
