"""The gate before work in a confined space or where there may be gas."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.crews.domain.orders import Stage, advance
from services.crews.domain.safety import (
    AirLimit,
    Reading,
    SafetyAnswers,
    check_air,
    missing_answers,
    needs_gate,
)
from services.crews.errors import AirNotSafe, SafetyGateClosed
from tests.unit.crews.examples import CLEAN_AIR, LIMITS, SAFE, order, step, walked

TO_SITE = (Stage.ACCEPTED, Stage.DEPARTED, Stage.ARRIVED)
CONFINED = ["basement", "well", "chamber", "trench"]
OPEN = ["flat", "staircase", "attic", "roof", "yard", "street", "lift", "other"]


@pytest.mark.rule("6.6")
@pytest.mark.rule("F23-1.1-U2")
@pytest.mark.rule("F45-1.1-U3")
@pytest.mark.parametrize("place", CONFINED)
def test_work_in_a_confined_space_starts_only_through_the_gate(place: str) -> None:
    arrived = walked(order(place=place), TO_SITE)
    with pytest.raises(SafetyGateClosed) as refused:
        advance(arrived, step(Stage.WORKING, readings=(), safety=None), LIMITS)
    assert refused.value.details["missing"] == ("ventilation", "gas_reading", "ppe")
    assert advance(arrived, step(Stage.WORKING), LIMITS).stage is Stage.WORKING


@pytest.mark.rule("6.7")
@pytest.mark.parametrize("place", OPEN)
def test_where_there_may_be_gas_every_place_has_the_gate(place: str) -> None:
    assert needs_gate(place, ["gas"])
    assert not needs_gate(place, ["flooding_live", "hot_water"])


def test_work_elsewhere_starts_without_questions() -> None:
    arrived = walked(order(place="flat"), TO_SITE)
    assert advance(arrived, step(Stage.WORKING, readings=(), safety=None), LIMITS).stage is Stage.WORKING


def test_the_gate_stands_again_after_a_suspension() -> None:
    suspended = walked(order(place="well"), [*TO_SITE, Stage.WORKING, Stage.SUSPENDED])
    with pytest.raises(SafetyGateClosed):
        advance(suspended, step(Stage.WORKING, readings=(), safety=SAFE), LIMITS)


@pytest.mark.parametrize(("ventilation", "ppe", "measured"), list(itertools.product([True, False], repeat=3)))
def test_the_gate_lists_exactly_what_is_missing(ventilation: bool, ppe: bool, measured: bool) -> None:
    missing = missing_answers(SafetyAnswers(ventilation, ppe), CLEAN_AIR if measured else (), LIMITS)
    assert set(missing) == {
        name
        for name, given_ in {"ventilation": ventilation, "ppe": ppe, "gas_reading": measured}.items()
        if not given_
    }


@pytest.mark.parametrize(
    "reading",
    [Reading("oxygen", 20.9, "%vol"), Reading("pressure", 4.0, "bar"), Reading("gas", 0.0, "mg/m3")],
    ids=["oxygen is no gas check", "a manometer", "a unit without a limit"],
)
def test_only_a_gas_reading_in_a_known_unit_is_a_gas_check(reading: Reading) -> None:
    assert missing_answers(SAFE, [reading], LIMITS) == ("gas_reading",)


def test_units_are_read_as_people_write_them() -> None:
    assert missing_answers(SAFE, [Reading("gas", 0.0, "% lel")], LIMITS) == ()


@pytest.mark.parametrize("place", ["basement", "flat"])
@pytest.mark.parametrize(
    "reading",
    [Reading("gas", 10.1, "%LEL"), Reading("gas", math.nan, "%LEL"), Reading("oxygen", 17.0, "%vol")],
    ids=["too much gas", "not a number", "too little oxygen"],
)
def test_air_outside_its_limit_refuses_the_start(place: str, reading: Reading) -> None:
    arrived = walked(order(place=place), TO_SITE)
    with pytest.raises(AirNotSafe) as refused:
        advance(arrived, step(Stage.WORKING, readings=(*CLEAN_AIR, reading)), LIMITS)
    assert refused.value.details["kind"] == reading.kind


@given(st.floats(), st.floats(allow_nan=False))
def test_a_limit_lets_through_what_is_not_above_it_and_nothing_else(value: float, highest: float) -> None:
    limit = AirLimit("gas", "%LEL", highest=highest)
    if value <= highest:
        check_air([Reading("gas", value, "%LEL")], [limit])
    else:
        with pytest.raises(AirNotSafe):
            check_air([Reading("gas", value, "%LEL")], [limit])
