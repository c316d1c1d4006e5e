"""The safety gate: what each danger asks before work starts, and before it is called contained."""

import copy
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.crews.domain.gate import FLOOR, Answer, Before, Gate, Site
from services.crews.domain.orders import Stage, advance
from services.crews.domain.safety import (
    CONFINED_PLACES,
    GATED_HAZARDS,
    AirLimit,
    Reading,
    SafetyAnswers,
    check_air,
    checks_gas,
    needs_gate,
)
from services.crews.errors import AirNotSafe, BadSafetyScript, HouseNotChecked, SafetyGateClosed
from services.crews.schemas.safety_book import read_safety_book
from shared.config import ROOT
from shared.i18n import LANGUAGES, Catalog
from tests.unit.crews.examples import CLEAN_AIR, GATE, LIMITS, answer, answers_to, order, step, walked

BOOK_FILE = ROOT / "services/crews/data/safety.yml"
TO_SITE = (Stage.ACCEPTED, Stage.DEPARTED, Stage.ARRIVED)
CONFINED = sorted(CONFINED_PLACES)
OPEN = ["flat", "staircase", "attic", "roof", "yard", "street", "lift", "other"]
BARE: dict[str, Any] = {"readings": (), "safety": None}
GAS_IN_A_FLAT = Site(frozenset({"flat"}), frozenset({"gas"}))


def opened(site: Site, *without: str) -> Gate:
    return GATE.answered(answers_to(site, without))


def refused_without(site: Site, name: str) -> SafetyGateClosed:
    with pytest.raises(SafetyGateClosed) as refused:
        opened(site, name).check(site, GATE.book.items[name].before)
    return refused.value


@pytest.mark.rule("6.6")
@pytest.mark.rule("F23-1.1-U2")
@pytest.mark.rule("F45-1.1-U3")
@pytest.mark.parametrize("place", CONFINED)
def test_work_in_a_confined_space_starts_only_through_the_gate(place: str) -> None:
    arrived = walked(order(place=place), TO_SITE)
    with pytest.raises(SafetyGateClosed) as refused:
        advance(arrived, step(Stage.WORKING, **BARE), GATE)
    assert set(refused.value.details["missing"]) >= {*FLOOR, "observer_outside", "people_on_site", "briefing"}
    assert advance(arrived, step(Stage.WORKING, **BARE), opened(arrived.site)).stage is Stage.WORKING


@pytest.mark.rule("6.6")
@pytest.mark.rule("6.7")
@pytest.mark.parametrize("item", FLOOR)
@pytest.mark.parametrize("site", [*(Site(frozenset({p})) for p in CONFINED), GAS_IN_A_FLAT], ids=str)
def test_without_reading_ventilation_or_ppe_nobody_starts(site: Site, item: str) -> None:
    refused = refused_without(site, item)
    assert refused.details["missing"] == (item,)
    assert refused.details["why"][item]


@pytest.mark.rule("6.6")
def test_what_comes_with_the_command_itself_counts() -> None:
    arrived = walked(order(place="well"), TO_SITE)
    gate = opened(arrived.site, *FLOOR)
    assert advance(arrived, step(Stage.WORKING), gate).stage is Stage.WORKING
    with pytest.raises(SafetyGateClosed) as refused:
        advance(arrived, step(Stage.WORKING, safety=SafetyAnswers(ventilation=True)), gate)
    assert refused.value.details["missing"] == ("ppe",)


@pytest.mark.rule("6.7")
@pytest.mark.parametrize("hazard", sorted(GATED_HAZARDS))
@pytest.mark.parametrize("place", OPEN)
def test_where_there_is_a_danger_every_place_has_the_gate(place: str, hazard: str) -> None:
    assert needs_gate(place, [hazard])
    assert not needs_gate(place, ["health"])
    with pytest.raises(SafetyGateClosed):
        GATE.check(Site(frozenset({place}), frozenset({hazard})), Before.WORKING)


def test_work_elsewhere_starts_without_questions() -> None:
    arrived = walked(order(place="flat"), TO_SITE)
    assert advance(arrived, step(Stage.WORKING, **BARE), GATE).stage is Stage.WORKING


def test_a_gate_without_scripts_lets_nobody_through() -> None:
    with pytest.raises(SafetyGateClosed):
        advance(walked(order(place="well"), TO_SITE), step(Stage.WORKING))


@pytest.mark.parametrize("script", GATE.book.scripts, ids=lambda script: script.id)
def test_a_refusal_names_exactly_what_is_missing_and_which_source_asks_it(script: Any) -> None:
    site = Site(script.places, script.hazards)
    for item in GATE.book.items_for(site):
        refused = refused_without(site, item.id)
        assert refused.details["missing"] == (item.id,), "others are answered"
        assert refused.details["why"] == {item.id: item.source}
        assert refused.errors[item.id][0] == f"safety.{item.id}"
        assert isinstance(refused, HouseNotChecked) == (item.before is Before.LOCALISED)


@pytest.mark.rule("6.7")
@pytest.mark.rule("M-1.3-U3")
def test_gas_is_fought_first_and_the_whole_house_is_measured_before_it_is_called_contained() -> None:
    arrived = walked(order(place="flat", hazards=("gas",)), TO_SITE)
    at_the_valve = GATE.answered(a for a in answers_to(arrived.site) if "readings" not in a.item)
    working = advance(arrived, step(Stage.WORKING, **BARE), at_the_valve)
    with pytest.raises(HouseNotChecked) as refused:
        advance(working, step(Stage.LOCALISED), at_the_valve)
    assert refused.value.details["missing"] == (
        "staircase_readings",
        "ground_floor_readings",
        "basement_readings",
        "neighbour_readings",
    )
    assert advance(working, step(Stage.LOCALISED), opened(arrived.site)).stage is Stage.LOCALISED


@pytest.mark.rule("6.7")
def test_work_that_is_no_emergency_does_not_end_around_the_whole_house_either() -> None:
    working = walked(order(category="urgent", hazards=("gas",)), [*TO_SITE, Stage.WORKING])
    with pytest.raises(HouseNotChecked):
        advance(working, step(Stage.COMPLETED), GATE)


@pytest.mark.rule("M-1.3-U3")
@given(st.integers(1, 12), st.integers(0, 15))
def test_as_many_staircases_are_measured_as_the_house_has(staircases: int, measured: int) -> None:
    readings = [
        answer("staircase_readings", place=f"подъезд {number}", reading=CLEAN_AIR[0])
        for number in (*range(measured), *range(measured))
    ]
    others = answers_to(GAS_IN_A_FLAT, ["staircases", "staircase_readings"])
    gate = GATE.answered([*others, answer("staircases", amount=staircases), *readings])
    if measured >= staircases:
        gate.check(GAS_IN_A_FLAT, Before.LOCALISED)
        return
    with pytest.raises(HouseNotChecked) as refused:
        gate.check(GAS_IN_A_FLAT, Before.LOCALISED)
    assert refused.value.errors == {
        "staircase_readings": ["safety.staircase_readings", f"safety.progress {measured} {staircases}"]
    }


def test_a_house_without_a_basement_needs_no_reading_there() -> None:
    others = answers_to(GAS_IN_A_FLAT, ["basements", "basement_readings"])
    GATE.answered([*others, answer("basements", amount=0)]).check(GAS_IN_A_FLAT, Before.LOCALISED)


@pytest.mark.parametrize(("note", "passes"), [("цокольного этажа нет", True), (None, False)])
def test_there_is_none_is_an_answer_only_with_its_reason(note: str | None, passes: bool) -> None:
    others = answers_to(GAS_IN_A_FLAT, ["ground_floor_readings"])
    gate = GATE.answered([*others, answer("ground_floor_readings", absent=True, note=note)])
    assert all(checked.done for checked in gate.checklist(GAS_IN_A_FLAT)) is passes


def test_what_must_be_done_cannot_be_declared_absent() -> None:
    others = answers_to(GAS_IN_A_FLAT, ["ppe"])
    with pytest.raises(SafetyGateClosed):
        GATE.answered([*others, answer("ppe", absent=True, note="забыли")]).check(
            GAS_IN_A_FLAT, Before.WORKING
        )


@pytest.mark.parametrize(("people", "passes"), [(None, False), (1, False), (2, True), (3, True)])
def test_nobody_goes_alone_into_a_confined_space(people: int | None, passes: bool) -> None:
    site = Site(frozenset({"well"}))
    answers = [*answers_to(site, ["people_on_site"]), answer("people_on_site", amount=people)]
    checked = {item.item.id: item.done for item in GATE.answered(answers).checklist(site)}
    assert checked["people_on_site"] is passes


@pytest.mark.rule("M-1.2-U2")
def test_a_briefing_counts_when_everyone_has_signed() -> None:
    site = Site(frozenset({"trench"}))
    for signed in (False, True):
        answers = [*answers_to(site, ["briefing"]), answer("briefing", signed=signed)]
        checked = {item.item.id: item.done for item in GATE.answered(answers).checklist(site)}
        assert checked["briefing"] is signed


def test_a_danger_found_on_site_is_asked_for_from_then_on() -> None:
    found = GATE.answered((), found=Site(hazards=frozenset({"gas"})))
    with pytest.raises(SafetyGateClosed):
        found.check(Site(frozenset({"flat"})), Before.WORKING)


def test_the_gate_stands_again_after_a_suspension_but_facts_that_last_do() -> None:
    noon = answer("ppe").recorded_at
    since = noon.replace(hour=13)
    checked = {
        item.item.id: item.done
        for item in GATE.answered(answers_to(GAS_IN_A_FLAT), since).checklist(GAS_IN_A_FLAT)
    }
    assert {name for name, done in checked.items() if done} == {
        item.id for item in GATE.book.items_for(GAS_IN_A_FLAT) if item.lasts
    }


@pytest.mark.rule("6.6")
def test_where_only_the_floor_is_enforced_the_rest_is_still_shown() -> None:
    floor = replace(GATE, only_floor=True)
    well, flat = Site(frozenset({"well"})), Site(frozenset({"flat"}), frozenset({"hot_water"}))
    with pytest.raises(SafetyGateClosed) as refused:
        floor.check(well, Before.WORKING)
    assert set(refused.value.details["missing"]) == set(FLOOR)
    replace(floor, answers=tuple(map(_answered, FLOOR))).check(well, Before.WORKING)
    floor.check(flat, Before.WORKING)
    floor.check(GAS_IN_A_FLAT, Before.LOCALISED)
    assert floor.checklist(well) == GATE.checklist(well)
    with pytest.raises(SafetyGateClosed):
        floor.check(GAS_IN_A_FLAT, Before.WORKING)


def _answered(item: str) -> Answer:
    return answer(item, reading=CLEAN_AIR[0] if item == "gas_reading" else None)


@pytest.mark.parametrize(
    "reading",
    [None, Reading("oxygen", 20.9, "%vol"), Reading("pressure", 4.0, "bar"), Reading("gas", 0.0, "mg/m3")],
    ids=["nothing", "oxygen is no gas check", "a manometer", "a unit without a limit"],
)
def test_only_a_gas_reading_in_a_known_unit_is_a_gas_check(reading: Reading | None) -> None:
    assert not checks_gas(reading, LIMITS)
    site = Site(frozenset({"well"}))
    answers = [*answers_to(site, ["gas_reading"]), answer("gas_reading", reading=reading)]
    with pytest.raises(SafetyGateClosed):
        GATE.answered(answers).check(site, Before.WORKING)


def test_units_are_read_as_people_write_them() -> None:
    assert checks_gas(Reading("gas", 0.0, "% lel"), LIMITS)


@pytest.mark.parametrize("place", ["basement", "flat"])
@pytest.mark.parametrize(
    "reading",
    [Reading("gas", 10.1, "%LEL"), Reading("gas", math.nan, "%LEL"), Reading("oxygen", 17.0, "%vol")],
    ids=["too much gas", "not a number", "too little oxygen"],
)
def test_air_outside_its_limit_refuses_the_start(place: str, reading: Reading) -> None:
    arrived = walked(order(place=place), TO_SITE)
    with pytest.raises(AirNotSafe) as refused:
        advance(arrived, step(Stage.WORKING, readings=(*CLEAN_AIR, reading)), opened(arrived.site))
    assert refused.value.details["kind"] == reading.kind


@pytest.mark.rule("M-1.3-U2")
def test_after_airing_one_measures_again_and_the_last_reading_counts() -> None:
    high, low = (
        answer("staircase_readings", place="1", reading=Reading("gas", value, "%LEL"))
        for value in (30.0, 2.0)
    )
    others = answers_to(GAS_IN_A_FLAT, ["staircase_readings"])
    with pytest.raises(AirNotSafe):
        GATE.answered([*others, high]).check(GAS_IN_A_FLAT, Before.LOCALISED)
    GATE.answered([*others, high, low]).check(GAS_IN_A_FLAT, Before.LOCALISED)


@given(st.floats(), st.floats(allow_nan=False))
def test_a_limit_lets_through_what_is_not_above_it_and_nothing_else(value: float, highest: float) -> None:
    limit = AirLimit("gas", "%LEL", highest=highest)
    if value <= highest:
        check_air([Reading("gas", value, "%LEL")], [limit])
    else:
        with pytest.raises(AirNotSafe):
            check_air([Reading("gas", value, "%LEL")], [limit])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_item_and_script_has_its_text(language: str) -> None:
    catalog = Catalog(ROOT / "services/crews/locale")
    keys = [
        *(f"safety.{name}" for name in GATE.book.items),
        *(f"safety.script.{s.id}" for s in GATE.book.scripts),
    ]
    assert [key for key in keys if not catalog.has(language, key)] == []
    assert "2" in catalog.verbatim(language, "safety.progress 2 4")


BROKEN: dict[str, Any] = {
    "a hazard left out": lambda book: book["scripts"].pop(0),
    "the floor left out": lambda book: book["scripts"][0]["items"].remove("ppe"),
    "an unknown item": lambda book: book["scripts"][0]["items"].append("magic"),
    "a count nobody asks": lambda book: book["scripts"][0]["items"].remove("staircases"),
    "an unknown field": lambda book: book["items"]["ppe"].update(importance=1),
    "an unknown basis": lambda book: book["items"]["ppe"].update(basis="law"),
    "no version": lambda book: book.pop("version"),
    "a place the suite does not know": lambda book: book["scripts"][3]["places"].append("moon"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_book_that_leaves_something_out_does_not_start_the_service(name: str, tmp_path: Path) -> None:
    book = copy.deepcopy(yaml.safe_load(BOOK_FILE.read_text(encoding="utf-8")))
    BROKEN[name](book)
    file = tmp_path / "safety.yml"
    file.write_text(yaml.safe_dump(book), encoding="utf-8")
    with pytest.raises(BadSafetyScript):
        read_safety_book(file)


def test_a_book_that_is_not_there_or_no_yaml_is_named(tmp_path: Path) -> None:
    for content in (None, "a: [", "7"):
        file = tmp_path / "safety.yml"
        if content is not None:
            file.write_text(content, encoding="utf-8")
        with pytest.raises(BadSafetyScript):
            read_safety_book(file)
