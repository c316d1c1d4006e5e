"""What a check of zones and competences says: overlaps, gaps by place and hour, contracts that run out."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from services.routing.domain.competence import Competence
from services.routing.domain.coverage import Gap, boundary, endings, gaps, overlaps
from services.routing.domain.hours import Hours, Term
from services.routing.domain.networks import Network
from services.routing.domain.zones import Kind, Zone, square_metres
from tests.unit.routing.examples import ALMATY, DISPATCH, GAS, LAT, LON, competence, matrix, question, square

TODAY = date(2026, 11, 25)
CITY = replace(square("almaty", LAT, LON, 0.1), kind=Kind.CITY)
WEST, EAST = square("west", LAT, LON - 0.05, 0.05), square("east", LAT, LON + 0.05, 0.05)


def lift_gaps(*rules: Competence, zones: tuple[Zone, ...] = (CITY, WEST, EAST)) -> list[Gap]:
    return gaps(zones, rules, ["lift"], TODAY)


def test_overlaps_are_reported_once_with_area_place_and_who_decides() -> None:
    [found] = overlaps(
        [square("a", 43.0, 76.0, 0.1), square("b", 43.0, 76.1, 0.09), square("c", 44.0, 76.0, 0.1)]
    )
    assert (found.smaller, found.larger) == ("b", "a")
    assert found.share == pytest.approx(0.5)
    assert found.area_m2 == pytest.approx(0.09 * 0.18 * 111_195**2 * 0.7313, rel=0.01)
    assert Point(found.lon, found.lat).within(square("a", 43.0, 76.0, 0.1).shape)


@pytest.mark.parametrize(
    "zones",
    [
        [square("a", 43.0, 76.0, 0.1), square("b", 43.0, 76.2, 0.1)],
        [square("city", LAT, LON, 0.2), square("yard", LAT, LON, 0.01)],
        [square("a", 43.0, 76.0, 0.1), square("b", 43.0, 76.1999999, 0.1)],
        [CITY, square("over the border", LAT, LON + 0.1, 0.05)],
        [],
    ],
)
def test_touching_lying_inside_slivers_and_the_city_are_no_overlaps(zones: list[Zone]) -> None:
    assert overlaps(zones) == []


def test_the_same_area_under_two_names_is_told() -> None:
    [found] = overlaps([square("a", LAT, LON, 0.1), square("b", LAT, LON, 0.1)])
    assert found.is_same


@pytest.mark.rule("D4-3.1-U1")
def test_a_system_nobody_answers_for_is_a_gap_everywhere_always() -> None:
    assert lift_gaps() == [Gap("lift", None, ((0, 7 * 24 * 60),))]
    assert lift_gaps()[0].is_always


def test_somebody_everywhere_leaves_no_gap() -> None:
    assert lift_gaps(competence(DISPATCH, "lift")) == []


@pytest.mark.rule("D4-3.1-U1")
def test_ground_of_the_city_outside_of_every_zone_is_a_gap() -> None:
    found = lift_gaps(competence(DISPATCH, "lift", "west"))
    assert sum(gap.area_m2 or 0 for gap in found) == pytest.approx(
        square_metres(CITY.shape) - square_metres(WEST.shape), rel=0.01
    )
    assert not any(lies_in(gap, WEST) for gap in found)


@pytest.mark.rule("D4-3.1-U1")
def test_hours_nobody_answers_are_told_with_their_span() -> None:
    [night] = lift_gaps(competence(DISPATCH, "lift", hours="Mo-Fr 08:00-20:00"))
    assert not night.is_always
    assert night.spans[0] == (0, 8 * 60)
    assert night.spans[-1] == ((4 * 24 + 20) * 60, 7 * 24 * 60)
    by_turns = [
        competence(DISPATCH, "lift", hours="08:00-20:00"),
        competence(GAS, "lift", hours="20:00-08:00"),
    ]
    assert lift_gaps(*by_turns) == []


def test_each_side_of_the_wall_needs_somebody() -> None:
    found = gaps([], [competence(DISPATCH, "water", network=Network.IN_HOUSE)], ["water"], TODAY)
    assert [gap.network for gap in found] == [Network.MAINS]


def test_houses_of_a_manager_cover_no_ground_and_an_ended_contract_nothing() -> None:
    assert lift_gaps(competence(DISPATCH, "lift", houses_of="кск орбита"))[0].is_always
    assert lift_gaps(competence(DISPATCH, "lift", term=Term(ends=TODAY - timedelta(days=1))))[0].is_always
    assert lift_gaps(competence(DISPATCH, "lift", term=Term(ends=TODAY))) == []


def test_without_a_boundary_nothing_lies_outside() -> None:
    assert boundary([WEST, EAST]) is None
    assert lift_gaps(competence(DISPATCH, "lift", "west"), zones=(WEST, EAST)) == []


def test_contracts_that_ran_out_or_soon_will_are_told_in_order() -> None:
    rules = [
        competence(DISPATCH, "lift", term=Term(ends=TODAY + timedelta(days=10))),
        competence(GAS, "gas", term=Term(ends=TODAY - timedelta(days=1))),
        competence(DISPATCH, "heat", term=Term(ends=TODAY + timedelta(days=31))),
        competence(DISPATCH, "water"),
    ]
    found = endings(rules, TODAY, timedelta(days=30))
    assert [(ending.rule.system, ending.is_over) for ending in found] == [("gas", True), ("lift", False)]


_RULES = st.lists(
    st.builds(
        competence,
        st.just(DISPATCH),
        st.just("lift"),
        st.sampled_from([None, "west", "east"]),
        st.sampled_from(["24/7", "08:00-20:00", "Mo-Fr 20:00-08:00", "Sa,Su 00:00-24:00"]),
    ),
    max_size=4,
)


@pytest.mark.rule("D4-3.1-U1")
@given(_RULES, st.integers(0, 7 * 24 - 1), st.sampled_from([-0.05, 0.05]))
def test_a_gap_is_where_the_table_answers_nobody(rules: list[Competence], hour: int, east: float) -> None:
    """The check and the routing of a request agree on every place and hour."""

    at = datetime(2026, 11, 23, tzinfo=ALMATY) + timedelta(hours=hour, minutes=30)
    table = matrix(competence(GAS, "gas"), *rules, zones=(WEST, EAST))
    answered = table.answering(replace(question("lift"), lon=LON + east), at) != []
    minute = hour * 60 + 30
    side = WEST if east < 0 else EAST
    then = [gap for gap in lift_gaps(*rules) if any(start <= minute < end for start, end in gap.spans)]
    assert any(gap.area_m2 is None or lies_in(gap, side) for gap in then) is not answered


def lies_in(gap: Gap, zone: Zone) -> bool:
    assert gap.lat is not None
    assert gap.lon is not None
    return bool(zone.shape.buffer(-1e-6).contains(Point(gap.lon, gap.lat)))


def test_hours_are_told_as_they_are_written() -> None:
    assert str(Hours.read("Mo-Fr 08:00-20:00")) == "Mo,Tu,We,Th,Fr 08:00-20:00"
