"""Competence first, then place: the most specific rule wins, and every other one says why not."""

from datetime import date, datetime, timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.competence import Competence, Objection, Question, alike
from services.routing.domain.hours import Hours, Term
from services.routing.domain.networks import Basis, Network, Side
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
    question,
    square,
    uid,
)

YARD = square("yard", LAT, LON, 0.01)
DISTRICT = square("district", LAT, LON, 0.05)
KSK = uid("ksk")
IN_HOUSE, MAINS = Network.IN_HOUSE, Network.MAINS
SURELY_INSIDE, SURELY_OUTSIDE = Side(IN_HOUSE, Basis.PLACE), Side(MAINS, Basis.FAULT)
LIKELY_OUTSIDE = Side(MAINS, Basis.ASSUMED)


@pytest.mark.rule("D-1.3-U2")
def test_competence_decides_before_the_zone() -> None:
    entries = [competence(DISPATCH, "water", "yard"), competence(GAS, "gas")]
    assert matrix(*entries, zones=(YARD,)).answering(question("gas"), NOW) == [GAS]


@pytest.mark.rule("D-1.3-U2")
def test_the_most_specific_zone_wins_and_everywhere_comes_last() -> None:
    entries = [
        competence(DISPATCH, "water"),
        competence(WATERWORKS, "water", "district"),
        competence(GAS, "water", "yard"),
    ]
    city = matrix(*entries, zones=(YARD, DISTRICT))
    assert city.answering(question(), NOW) == [GAS, WATERWORKS, DISPATCH]
    assert city.answering(question(lat=LAT + 0.03), NOW) == [WATERWORKS, DISPATCH]
    assert city.answering(question(lat=LAT + 0.3), NOW) == [DISPATCH]
    assert city.answering(question(lat=None), NOW) == [DISPATCH]


@pytest.mark.rule("D-1.3-U2")
def test_inside_the_house_its_manager_answers_outside_the_utility() -> None:
    city = matrix(
        competence(KSK, "water", houses_of=alike("КСК «Орбита-3»"), network=IN_HOUSE),
        competence(WATERWORKS, "water", network=MAINS),
        competence(DISPATCH, "water", "district", network=IN_HOUSE),
        zones=(DISTRICT,),
    )
    own = alike('кск "Орбита 3"')
    assert city.answering(question(side=SURELY_INSIDE, manager=own), NOW) == [KSK, DISPATCH]
    assert city.answering(question(side=SURELY_OUTSIDE, manager=own), NOW) == [WATERWORKS]
    assert city.answering(question(side=SURELY_INSIDE, manager="осі самал"), NOW) == [DISPATCH]
    assert city.answering(question(side=SURELY_INSIDE), NOW) == [DISPATCH]


@pytest.mark.rule("D-1.3-U2")
def test_where_the_side_is_a_guess_the_other_side_is_asked_last() -> None:
    city = matrix(
        competence(KSK, "water", "yard", network=IN_HOUSE),
        competence(WATERWORKS, "water", network=MAINS),
        zones=(YARD,),
    )
    assert city.answering(question(side=LIKELY_OUTSIDE), NOW) == [WATERWORKS, KSK]
    assert matrix(competence(KSK, "water", network=IN_HOUSE)).answering(
        question(side=LIKELY_OUTSIDE), NOW
    ) == [KSK]


@pytest.mark.rule("D-1.3-U2")
def test_in_one_zone_the_narrower_rule_wins() -> None:
    by_day = datetime(2026, 11, 24, 12, tzinfo=ALMATY)
    entries = [
        competence(DISPATCH, "water"),
        competence(WATERWORKS, "water", term=Term(date(2026, 1, 1), date(2026, 12, 31))),
        competence(GAS, "water", hours="08:00-20:00"),
        competence(KSK, "water", network=IN_HOUSE),
    ]
    expected = [KSK, GAS, WATERWORKS, DISPATCH]
    for order in permutations(entries):
        assert matrix(*order).answering(question(side=SURELY_INSIDE), by_day) == expected


def test_a_system_nobody_answers_for_has_no_organisation() -> None:
    assert matrix(competence(DISPATCH, "water")).answering(question("lift"), NOW) == []
    assert matrix(competence(DISPATCH, "water")).explain(question("lift"), NOW) == []


def test_outside_its_hours_an_organisation_does_not_answer() -> None:
    city = matrix(competence(WATERWORKS, "water", hours="08:00-20:00"), competence(DISPATCH, "water"))
    by_day = datetime(2026, 11, 24, 12, tzinfo=ALMATY)
    assert WATERWORKS in city.answering(question(), by_day)
    assert city.answering(question(), by_day + timedelta(hours=10)) == [DISPATCH]


@pytest.mark.rule("D-1.3-U2")
def test_a_contract_counts_by_the_days_of_the_city() -> None:
    city = matrix(competence(KSK, "water", term=Term(date(2026, 11, 25), date(2026, 11, 25))))
    # NOW is 18:00 UTC on the 24th: 23:00 in Almaty.
    assert city.answering(question(), NOW) == []
    assert city.answering(question(), NOW + timedelta(hours=1)) == [KSK]
    assert city.answering(question(), NOW + timedelta(hours=25)) == []


@pytest.mark.rule("D-1.3-U2")
def test_every_rule_says_why_it_does_not_decide() -> None:
    entries = {
        None: competence(KSK, "water", "yard"),
        Objection.LESS_SPECIFIC: competence(uid("larger"), "water"),
        Objection.INACTIVE: competence(uid("inactive"), "water", "yard"),
        Objection.OTHER_HOUSE: competence(uid("other house"), "water", houses_of="осі самал"),
        Objection.OUTSIDE_ZONE: competence(uid("zone"), "water", "far"),
        Objection.OTHER_NETWORK: competence(uid("mains"), "water", network=MAINS),
        Objection.NOT_YET: competence(uid("not yet"), "water", term=Term(begins=date(2027, 1, 1))),
        Objection.RUN_OUT: competence(uid("run out"), "water", term=Term(ends=date(2026, 1, 1))),
        Objection.OUTSIDE_HOURS: competence(uid("day"), "water", hours="08:00-20:00"),
    }
    city = matrix(*entries.values(), zones=(YARD, square("far", LAT + 1, LON, 0.01)))
    told = city.explain(question(side=SURELY_INSIDE), NOW, out={uid("inactive"): Objection.INACTIVE})
    assert {entry.objection: entry.rule for entry in told} == entries
    assert told[0].rule.organisation_id == KSK
    assert told[1].objection is Objection.LESS_SPECIFIC


_RULES = st.builds(
    Competence,
    organisation_id=st.sampled_from([uid(str(number)) for number in range(4)]),
    system=st.just("water"),
    zone=st.sampled_from([None, "yard", "district"]),
    hours=st.sampled_from([Hours.read(text) for text in ("24/7", "08:00-20:00", "20:00-08:00")]),
    network=st.sampled_from([None, IN_HOUSE, MAINS]),
    term=st.sampled_from([Term(), Term(ends=date(2026, 1, 1)), Term(date(2026, 1, 1), date(2026, 12, 31))]),
)
_QUESTIONS = st.builds(
    question,
    lat=st.floats(LAT - 0.1, LAT + 0.1),
    side=st.sampled_from([SURELY_INSIDE, SURELY_OUTSIDE, LIKELY_OUTSIDE]),
)


@pytest.mark.rule("D-1.3-U2")
@given(st.lists(_RULES, max_size=8), _QUESTIONS, st.randoms())
def test_the_order_of_the_table_decides_nothing_and_explaining_agrees(
    rules: list[Competence], asked: Question, random: Random
) -> None:
    shuffled = list(rules)
    random.shuffle(shuffled)
    gas = competence(GAS, "gas")
    one, other = (matrix(gas, *table, zones=(YARD, DISTRICT)) for table in (rules, shuffled))
    answer = one.answering(asked, NOW)
    assert answer == other.answering(asked, NOW)
    told = one.explain(asked, NOW)
    assert len(told) == len(rules)
    assert [entry.rule.organisation_id for entry in told if entry.objection is None] == answer[:1]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("КСК «Орбита-3»", 'кск "Орбита 3"', True),
        ("  ОСИ Абая, 12 ", "оси абая 12", True),
        ("ОСИ Абая 12", "ОСИ Абая 12а", False),
    ],
)
def test_managers_are_recognised_however_they_are_written(one: str, other: str, same: bool) -> None:
    assert (alike(one) == alike(other)) is same


def test_two_organisations_for_the_same_thing_are_reported() -> None:
    assert matrix(competence(DISPATCH, "water"), competence(GAS, "water")).disputed() == [("water", None)]
    by_hours = [competence(DISPATCH, "water", hours="08:00-20:00"), competence(GAS, "water")]
    assert matrix(*by_hours).disputed() == []
    by_side = [competence(DISPATCH, "water", network=IN_HOUSE), competence(GAS, "water", network=MAINS)]
    assert matrix(*by_side).disputed() == []


def test_what_is_covered_everywhere_is_told() -> None:
    city = matrix(competence(DISPATCH, "water"), competence(GAS, "gas", "yard"), zones=(YARD,))
    assert city.systems() == {"gas": False, "water": True}
