"""One outage instead of a thousand requests, and never one danger inside it (rule 6.8, M-1.3-U4)."""

from dataclasses import replace

import pytest

from services.intake.domain.outages import State
from services.intake.domain.requests import Request
from services.intake.domain.riders import HouseState, Left, Part
from services.intake.domain.troubles import Level
from services.intake.usecases.ports import Phone
from tests.unit.intake.town import Town

pytestmark = pytest.mark.rule("6.8")
ME = Phone("+77020000001", is_callable=True)


@pytest.fixture
def town() -> Town:
    return Town()


def without_water(town: Town, flats: int, house: str = "Абая 12", first: int = 1) -> list[Request]:
    return [town.text(f"Нет холодной воды, {house}, кв {first + flat}") for flat in range(flats)]


@pytest.mark.rule("M-1.3-U4")
def test_the_same_flat_again_is_a_repeat_with_one_crew(town: Town) -> None:
    first = town.text("Засор канализации, Абая 12, кв 5")
    again = town.text("Опять засор канализации, Абая 12 кв 5", later=60)
    assert town.only.state is State.SUSPECTED
    assert town.only.lead_request_id == first.id
    assert town.told("request.registered", again)[0]["lead_request_id"] == str(first.id)
    assert "outage_id" not in town.told("request.registered", first)[0]
    assert "бригада одна" in town.answer


def test_another_flat_with_a_trouble_of_its_own_is_no_repeat(town: Town) -> None:
    town.text("Засор канализации, Абая 12, кв 5")
    town.text("Засор канализации, Абая 12, кв 6")
    assert town.live == []


def test_after_its_window_the_same_trouble_is_a_new_one(town: Town) -> None:
    town.text("Засор канализации, Абая 12, кв 5")
    town.text("Засор канализации, Абая 12, кв 5", later=73 * 60)
    assert town.live == []


def test_what_was_repaired_and_broke_again_is_a_new_trouble(town: Town) -> None:
    first = town.text("Засор канализации, Абая 12, кв 5")
    town.stands(first, "done", "fixed")
    town.text("Засор канализации, Абая 12, кв 5")
    assert town.live == []


def test_a_lift_is_the_same_in_one_entrance_and_another_in_the_next(town: Town) -> None:
    town.text("Лифт не работает, Абая 12, 1 подъезд")
    town.text("Не работает лифт, Абая 12, 2 подъезд")
    assert town.live == []
    town.text("лифт стоит Абая 12, подъезд 2", later=600)
    assert town.only.level is Level.ENTRANCE


def test_three_flats_in_time_are_an_outage_and_the_first_leads(town: Town) -> None:
    first, second, third = without_water(town, 3)
    outage = town.only
    assert (outage.state, outage.symptom, outage.level) == (State.OPEN, "no_cold_water", Level.HOUSE)
    assert outage.lead_request_id == first.id
    assert town.told("request.joined", second)[0]["outage_id"] == str(outage.id)
    assert town.told("request.registered", third)[0]["outage_id"] == str(outage.id)
    assert town.told("request.joined", third) == []
    assert town.rider(first).part is Part.LEAD
    assert "авария № 1" in town.answer
    assert "нет холодной воды" in town.answer
    assert "НЕТ" in town.answer


def test_who_began_earlier_but_had_its_turn_later_does_not_lead_what_it_rides_on(town: Town) -> None:
    """Messages that wait for one another do not get their turn in the order of their clocks."""
    first, _ = without_water(town, 2)
    late = town.text("нет холодной воды Абая 12 кв 77", later=-10)
    assert town.only.lead_request_id == first.id
    assert (town.rider(first).part, town.rider(late).part) == (Part.LEAD, Part.MEMBER)
    assert "outage_id" not in town.told("request.registered", first)[0]


def test_three_flats_in_three_hours_are_three_requests(town: Town) -> None:
    for flat in range(3):
        town.text(f"Нет холодной воды, Абая 12, кв {flat}", later=61)
    assert town.live == []


def test_one_flat_asking_three_times_is_no_outage(town: Town) -> None:
    for _ in range(3):
        town.text("Нет холодной воды, Абая 12, кв 5")
    assert town.only.state is State.SUSPECTED


def test_the_house_says_it_in_two_languages_and_any_spelling(town: Town) -> None:
    town.text("svet joq, Abay 12 kv 1")
    town.text("Жарық жоқ, Абай даңғылы 12, 7 пәтер")
    town.text("вырубили свет Абая 12 кв 9")
    assert town.only.state is State.OPEN


def test_everybody_without_light_rides_from_the_second_message(town: Town) -> None:
    """No light is a trouble of the house (6 hours): the second one need not wait for a third."""
    first = town.text("Нет света, Абая 12")
    second = town.text("света нет Абая 12 кв 7")
    assert town.rides_with(second) == town.only.id
    assert town.only.lead_request_id == first.id


def test_who_alone_has_none_does_not_join(town: Town) -> None:
    without_water(town, 3)
    alone = town.text("Нет холодной воды, только у нас, Абая 12 кв 40")
    assert town.rides_with(alone) is None


def test_another_trouble_in_the_house_does_not_join(town: Town) -> None:
    without_water(town, 3)
    for said in ("Лифт не работает", "Нет отопления", "Нет холодной воды и света нет"):
        assert town.rides_with(town.text(f"{said}, Абая 12, кв 50")) is None


@pytest.mark.parametrize(
    "danger",
    [
        "Нет света, искрит щиток",
        "Нет света, запах газа",
        "Нет света, в лифте застряли люди",
        "Нет света и вода течет на щиток",
        "Нет света, пожар, дым в подъезде",
        "жарық жоқ, газ иісі шығып тұр",
        "Нет света, мама на кислороде",
    ],
)
def test_danger_is_never_swallowed(town: Town, danger: str) -> None:
    for flat in range(3):
        town.text(f"Нет света, Абая 12, кв {flat}")
    registered = town.text(f"{danger}, Абая 12 кв 9")
    assert town.rides_with(registered) is None
    assert "outage_id" not in town.told("request.registered", registered)[0]
    assert town.uow.outages.held.count("no_power") == 3, "a danger never waits for others' decisions"


def test_danger_that_triage_finds_splits_at_once(town: Town) -> None:
    *_, member = without_water(town, 4)
    town.classified(member, "water_cold_none", "electric_shock")
    assert town.rides_with(member) is None
    (split,) = town.told("request.split", member)
    assert (split["reason"], split["hazards"]) == ("hazard", ["electric_shock"])
    town.classified(member, "water_cold_none", "electric_shock")
    assert len(town.told("request.split", member)) == 1


def test_danger_that_the_whole_outage_has_is_no_reason_to_split(town: Town) -> None:
    lead, *_, member = without_water(town, 4)
    town.classified(lead, "water_cold_none", "frost_no_heat")
    town.classified(member, "water_cold_none", "frost_no_heat")
    assert town.rides_with(member) == town.only.id


def test_no_makes_it_a_request_of_its_own_for_good(town: Town) -> None:
    without_water(town, 3)
    mine = town.text("Нет холодной воды, Абая 12, кв 77", ME)
    assert town.rides_with(mine) == town.only.id
    town.text("НЕТ", ME)
    assert "отдельно" in town.answer
    assert town.rider(mine).left_because is Left.RESIDENT
    assert town.told("request.split", mine)[0]["reason"] == "resident"
    town.text("нет", ME)
    assert len(town.told("request.split", mine)) == 1


def test_a_no_answers_what_was_asked_last(town: Town) -> None:
    lamp = town.text("Не горит лампа в подъезде, Абая 12", ME)
    town.stands(lamp, "closed", "fixed")
    without_water(town, 3)
    mine = town.text("Нет холодной воды, Абая 12, кв 77", ME, later=60)
    town.text("НЕТ", ME)
    assert town.rides_with(mine) is None
    assert town.told("request.result_judged") == []
    town.text("НЕТ", ME)
    assert [told["fixed"] for told in town.told("request.result_judged", lamp)] == [False]


def test_no_is_understood_in_kazakh(town: Town) -> None:
    for flat in range(3):
        town.text(f"Жарық жоқ, Абай даңғылы 12, {flat} пәтер")
    mine = town.text("Жарық жоқ, Абай даңғылы 12, 77 пәтер", ME)
    assert "ЖОҚ деп жауап беріңіз" in town.answer
    town.text("Жоқ, басқа", ME)
    assert town.rides_with(mine) is None


def test_the_same_trouble_two_kilometres_away_is_another(town: Town) -> None:
    without_water(town, 3, "Гоголя 2")
    near = town.text("Нет холодной воды, Абая 12")
    assert town.rides_with(near) is None


def test_houses_on_one_feed_are_one_outage_at_any_distance(town: Town) -> None:
    with town.uow as uow:
        uow.outages.put_feeds([("cold_water", "osm-w1", "main-3"), ("cold_water", "osm-w8", "main-3")])
        uow.commit()
    without_water(town, 3, "Абая 12")
    far = town.text("Нет холодной воды, Гоголя 2, кв 1")
    assert town.rides_with(far) == town.only.id
    assert town.state_of("osm-w8") is HouseState.PRESUMED
    town.text("Нет холодной воды, Гоголя 2, кв 5")
    assert town.state_of("osm-w8") == "off"


def test_houses_on_different_feeds_are_not_one_however_near(town: Town) -> None:
    with town.uow as uow:
        uow.outages.put_feeds([("cold_water", "osm-w4", "a"), ("cold_water", "osm-w5", "b")])
        uow.commit()
    without_water(town, 3, "6 мкр 12 дом")
    assert town.rides_with(town.text("Нет холодной воды, 6 мкр 14 дом, кв 1")) is None


def test_a_neighbour_within_reach_joins_where_no_feed_is_known(town: Town) -> None:
    without_water(town, 3, "6 мкр 12 дом")
    assert town.rides_with(town.text("Нет холодной воды, 6 мкр 14 дом, кв 1")) == town.only.id


def test_a_smaller_incident_next_door_becomes_part_of_the_larger(town: Town) -> None:
    lead = town.text("Нет холодной воды, 6 мкр 14 дом, кв 1")
    repeat = town.text("Нет холодной воды, 6 мкр 14 дом, кв 1")
    small = town.only
    without_water(town, 3, "6 мкр 12 дом")
    assert [outage.state for outage in town.outages if outage.id == small.id] == [State.OPEN]
    assert {town.rides_with(lead), town.rides_with(repeat)} == {town.only.id}


def test_a_crew_on_its_way_keeps_its_request(town: Town) -> None:
    busy = town.text("Нет холодной воды, Абая 12, кв 2")
    first = town.text("Нет холодной воды, Абая 12, кв 1", later=0)
    town.stands(first, "acknowledged")
    town.text("Нет холодной воды, Абая 12, кв 3")
    assert town.only.lead_request_id == busy.id
    assert town.rides_with(first) is None


def test_the_lead_s_repair_closes_the_outage_and_lets_everybody_go(town: Town) -> None:
    lead, *members = without_water(town, 5)
    town.stands(lead, "closed", "fixed")
    (outage,) = town.outages
    assert (outage.state, outage.reason) == (State.CLOSED, "fixed")
    assert [town.let_go(batch=3), town.let_go(batch=3), town.let_go(batch=3)] == [3, 1, 0]
    ended = town.told("request.ride_ended")
    assert [event["request_id"] for event in ended] == [str(member.id) for member in members]
    assert town.rides_with(town.text("Нет холодной воды, Абая 12, кв 90")) is None


@pytest.mark.parametrize(
    ("state", "result"), [("cancelled", None), ("rejected", None), ("closed", "consulted")]
)
def test_a_lead_that_is_lost_is_followed_by_the_next(town: Town, state: str, result: str | None) -> None:
    lead, second, third = without_water(town, 3)
    town.stands(lead, state, result)
    assert town.only.lead_request_id == second.id
    assert town.told("request.split", second)[0]["reason"] == "leads"
    assert town.rides_with(third) == town.only.id


def test_an_outage_nobody_is_left_of_is_called_off(town: Town) -> None:
    first = town.text("Нет света, Абая 12, кв 5")
    second = town.text("Нет света, Абая 12, кв 5")
    town.stands(second, "cancelled")
    town.stands(first, "cancelled")
    assert town.live == []
    assert town.outages[0].state is State.CALLED_OFF


def test_a_trouble_that_only_triage_could_read_joins_then(town: Town) -> None:
    without_water(town, 3)
    vague = town.text("Краны сухие второй час, Абая 12 кв 15")
    assert town.rides_with(vague) is None
    town.classified(vague, "water_cold_none")
    assert town.told("request.joined", vague)[0]["outage_id"] == str(town.only.id)


def test_who_calls_from_a_house_restored_has_another_trouble(town: Town) -> None:
    without_water(town, 3)
    with town.uow as uow:
        (house,) = town.only.houses
        uow.outages.save(replace(town.only, houses=(replace(house, state=HouseState.RESTORED),)))
        uow.commit()
    assert town.rides_with(town.text("Нет холодной воды, Абая 12, кв 60")) is None


def test_a_flood_of_messages_makes_one_outage_and_few_words_about_it(town: Town) -> None:
    without_water(town, 60)
    assert len(town.outages) == 1
    assert len(town.told("outage.changed")) == 1
