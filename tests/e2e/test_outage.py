"""One outage through the whole suite: one crew, everybody told, the end for all (rule 6.8)."""

import random
from functools import partial

import pytest

from demo.edges import Client, number_in
from demo.play import Stage
from demo.residents import read_houses
from tests.e2e.test_main_job import Crew, case, facts, offered, phone, told
from tests.support.waiting import eventually

pytestmark = [pytest.mark.servers, pytest.mark.rule("6.8")]


@pytest.fixture(scope="module")
def dispatcher(stage: Stage) -> Client:
    who = stage.login("dispatcher")
    return stage.edges.login("routing", "/v1/login", who.login, who.password)


@pytest.fixture(scope="module")
def house(stage: Stage) -> str:
    """A house that the registry finds for sure."""
    for address in read_houses(random.Random(11)):
        if number_in(stage.edges.text(phone(), f"Течёт кран на кухне, {address}, кв 500")):
            return address
    raise AssertionError("no house is known")


def state(dispatcher: Client, number: str) -> str:
    return str(case(dispatcher, number)["timeline"]["state"])


def stands(dispatcher: Client, number: str, wanted: str) -> bool:
    timeline = case(dispatcher, number)["timeline"]
    assert timeline["state"] == wanted, [timeline["state"], *(line["what"] for line in timeline["entries"])]
    return True


def without_crew(dispatcher: Client, number: str) -> bool:
    found = case(dispatcher, number)
    return bool(found["outage"]["rides"]) and found["assignment"] is None


def hears(stage: Stage, resident: str, words: str) -> bool:
    return any(words in text for text in told(stage, resident))


def test_three_flats_one_crew_one_end(stage: Stage, dispatcher: Client, house: str) -> None:
    residents = [phone() for _ in range(4)]
    answers = [
        stage.edges.text(resident, f"Нет холодной воды, {house}, кв {flat}")
        for flat, resident in enumerate(residents, start=1)
    ]
    lead, second, third, fourth = (number_in(answer) or "" for answer in answers)
    assert "" not in (lead, second, third, fourth)
    assert "авария" in answers[2]
    for number in (second, third, fourth):
        eventually(partial(stands, dispatcher, number, "joined"), 30, f"{number} joined")
    order = offered(dispatcher, lead)
    for number in (second, third, fourth):
        eventually(partial(without_crew, dispatcher, number), 20, f"{number} needs no crew")
    eventually(partial(hears, stage, residents[1], "авария"), 20, "told of joining")

    assert "отдельно" in stage.edges.text(residents[3], "Нет")
    assert offered(dispatcher, fourth)["assignment_id"] != order["assignment_id"]

    Crew(stage, order["crew_id"], order["assignment_id"]).work_through()
    for number in (lead, second, third):
        eventually(partial(stands, dispatcher, number, "closed"), 60, f"{number} closed")
    assert case(dispatcher, second)["timeline"]["result"] == "outage_over"
    for resident in residents[1:3]:
        eventually(partial(hears, stage, resident, "устранена"), 20, "told of the end")
    assert state(dispatcher, fourth) != "closed"
    assert facts(dispatcher, second, "assignment.progressed") == []
