"""A resident's message becomes a crew on its way, through the public edges of the whole running suite."""

import random
import time
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from demo.alerting import MASTER_PHONE
from demo.cast import identity
from demo.edges import Client, Refused, now, number_in
from demo.play import Stage
from demo.residents import read_houses
from demo.site import pass_the_gate
from tests.support.database import count
from tests.support.suite import Suite
from tests.support.waiting import AT_ONCE_S, eventually

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def dispatcher(stage: Stage) -> Client:
    who = stage.login("dispatcher")
    return stage.edges.login("routing", "/v1/login", who.login, who.password)


@pytest.fixture(scope="module")
def house() -> str:
    return read_houses(random.Random(7))[0]


_phones = iter(range(10**6))


def phone() -> str:
    return f"+7701{next(_phones):07d}"


def case(dispatcher: Client, number: str) -> dict[str, Any]:
    """The request with its timeline; asked again where the journal did not give it in time."""
    found = dispatcher.get("routing", "/v1/requests", number=number)["requests"]
    assert found, f"{number} is not on the board yet"

    def whole() -> dict[str, Any]:
        shown: dict[str, Any] = dispatcher.get("routing", f"/v1/requests/{found[0]['request_id']}")
        assert not shown["partial"]
        return shown

    return eventually(whole, 20, "with its timeline")


def facts(dispatcher: Client, number: str, kind: str) -> list[dict[str, Any]]:
    entries = case(dispatcher, number)["timeline"]["entries"]
    return [entry["data"] for entry in entries if entry["type"] == kind]


def offered(dispatcher: Client, number: str) -> dict[str, Any]:
    def last() -> dict[str, Any]:
        return facts(dispatcher, number, "assignment.made")[-1]

    return eventually(last, 20, f"{number} is offered to a crew")


class Crew:
    """The crew that got an order, with its phone in hand."""

    def __init__(self, stage: Stage, crew_id: str, assignment_id: str) -> None:
        key = next(crew["key"] for crew in stage.cast.crews if identity(crew["key"]) == crew_id)
        who = stage.login(key)
        self._client = stage.edges.login("crews", "/v1/tokens", who.login, who.password)
        self._path = f"/v1/assignments/{assignment_id}"

    def order(self) -> dict[str, Any]:
        found: dict[str, Any] = eventually(lambda: self._get(), 10, "the order is on the phone")
        return found

    def do(self, verb: str, **more: Any) -> None:
        self._client.post("crews", f"{self._path}/{verb}", {"at": now(), **more}, key=str(uuid4()))

    def work_through(self) -> None:
        assignment_id = self.order()["assignment_id"]
        for verb in ("accept", "depart", "arrive"):
            self.do(verb)
        pass_the_gate(self._client, assignment_id)
        self.do("start")
        self.do("localise")
        self.do("complete", result="fixed")

    def _get(self) -> Any:
        try:
            return self._client.get("crews", self._path)
        except Refused as refused:
            raise LookupError(str(refused)) from refused


def told(stage: Stage, to: str) -> list[str]:
    return [message["body"] for message in stage.edges.outgoing() if message["to"] == to]


def test_a_message_becomes_a_crew_on_its_way_and_the_resident_knows(
    stage: Stage, dispatcher: Client, house: str
) -> None:
    resident = phone()
    answer = stage.edges.text(resident, f"Прорвало трубу, топит подвал, {house}")
    number = number_in(answer)
    assert number, answer
    offer = offered(dispatcher, number)
    assert (offer["category"], offer["system"]) == ("emergency", "water")
    Crew(stage, offer["crew_id"], offer["assignment_id"]).work_through()
    eventually(lambda: case(dispatcher, number)["timeline"]["state"] == "closed", 20, "closed")
    stages = [fact["stage"] for fact in facts(dispatcher, number, "assignment.progressed")]
    assert stages == ["accepted", "departed", "arrived", "working", "localised", "completed"]
    eventually(lambda: len(told(stage, resident)) >= 5, 20, "told at each stage")
    assert all(number in text for text in told(stage, resident))
    assert len(set(told(stage, resident))) == len(told(stage, resident)), "told twice"
    eventually(lambda: "Исправлено?" in told(stage, resident)[-1], 20, "asked whether it is fixed")
    not_fixed(stage, dispatcher, resident, number)


def not_fixed(stage: Stage, dispatcher: Client, resident: str, number: str) -> None:
    """The resident answers the question with a no: a dispatcher has the request again."""
    before = told(stage, resident)
    answer = stage.edges.text(resident, "2")
    assert "вернули диспетчеру" in answer
    eventually(lambda: case(dispatcher, number)["state"] == "returned", 20, "back at the dispatcher")
    assert case(dispatcher, number)["timeline"]["state"] == "returned"
    assert stage.edges.text(resident, "нет") == answer, "said again it is no news"
    assert [judged["fixed"] for judged in facts(dispatcher, number, "request.result_judged")] == [False]
    assert told(stage, resident) == before, "the answer was the answer"


def test_the_answer_comes_in_the_senders_language(stage: Stage, house: str) -> None:
    answer = stage.edges.text(phone(), f"Құбыр жарылды, су ағып жатыр, {house}")
    assert number_in(answer)
    assert any(letter in answer for letter in "әғқңөұүһі"), answer


@pytest.mark.rule("D-1.1-U3")
def test_a_missing_address_is_asked_for_then_the_request_is_registered(stage: Stage, house: str) -> None:
    resident = phone()
    question = stage.edges.text(resident, "Прорвало трубу, топит подвал")
    assert number_in(question) is None
    assert number_in(stage.edges.text(resident, house))


@pytest.mark.rule("6.7")
def test_gas_is_an_emergency_and_the_resident_gets_advice(
    stage: Stage, dispatcher: Client, house: str
) -> None:
    resident = phone()
    number = number_in(stage.edges.text(resident, f"Сильный запах газа в подъезде, {house}"))
    assert number
    decision = eventually(lambda: facts(dispatcher, number, "request.classified")[-1], 20, "classified")
    assert (decision["category"], decision["hazards"]) == ("emergency", ["gas"])
    eventually(lambda: told(stage, resident), 20, "safety advice")
    told_of = partial(facts, dispatcher, number, "alert.progressed")
    eventually(lambda: "told" in [line["what"] for line in told_of()], 30, f"everybody told: {told_of()}")
    lines = [(line["addressee"], line["receiver"]) for line in told_of() if line["what"] == "acknowledged"]
    assert sorted(lines) == [("104", "key"), ("master", "key")]
    assert all(line["fallback"] is None for line in told_of()), "the master is the one on call"
    rung = {call["to"] for call in stage.edges.calls() if " ".join(number) in call["spoken"][0]}
    assert MASTER_PHONE in rung


@pytest.mark.rule("6.2")
def test_a_dispatcher_overrides_urgency_with_a_reason(stage: Stage, dispatcher: Client, house: str) -> None:
    number = number_in(stage.edges.text(phone(), f"Крыша протекает, {house}"))
    assert number
    request_id = eventually(lambda: case(dispatcher, number), 20, "on the board")["request_id"]
    eventually(lambda: facts(dispatcher, number, "request.classified"), 20, "classified")
    with pytest.raises(Refused) as refused:
        dispatcher.post("routing", f"/v1/requests/{request_id}/urgency", {"category": "emergency"})
    assert refused.value.status == 400
    change = {"category": "emergency", "reason": "Вода идёт в щитовую"}
    dispatcher.post("routing", f"/v1/requests/{request_id}/urgency", change)
    kept = eventually(lambda: facts(dispatcher, number, "request.urgency_overridden"), 20, "on the timeline")
    assert kept[-1]["reason"] == "Вода идёт в щитовую"
    assert facts(dispatcher, number, "request.classified"), "the proposal is kept beside it"


def test_a_withdrawn_order_goes_to_another_crew(stage: Stage, dispatcher: Client, house: str) -> None:
    number = number_in(stage.edges.text(phone(), f"Засор канализации, воняет, {house}"))
    assert number
    first = offered(dispatcher, number)
    path = f"/v1/requests/{first['request_id']}/withdraw"
    dispatcher.post("routing", path, {"reason": "Бригада нужна на пожаре"})

    def next_crew() -> bool:
        return bool(offered(dispatcher, number)["crew_id"] != first["crew_id"])

    eventually(next_crew, 30, "another crew has it")


def test_an_operators_form_gives_a_number_at_once(stage: Stage, dispatcher: Client, house: str) -> None:
    body = {"phone": phone(), "text": "Лифт застрял, в кабине люди", "address": {"text": house}}
    form = {**body, "language": "ru", "applicant": "person", "channel": "phone"}
    started = time.monotonic()
    taken = stage.operator().post("intake", "/v1/requests", form, key=str(uuid4()))
    assert (taken["status"], time.monotonic() - started < AT_ONCE_S) == ("registered", True)
    offer = offered(dispatcher, taken["number"])
    assert (offer["system"], offer["hazards"]) == ("lift", ["people_trapped"])


def test_a_resident_asks_how_it_stands_and_calls_it_off(
    stage: Stage, suite: Suite, dispatcher: Client, house: str
) -> None:
    resident = phone()
    number = number_in(stage.edges.text(resident, f"Течёт кран на кухне, {house}"))
    assert number
    offer = offered(dispatcher, number)
    known = f"request_id = '{offer['request_id']}' AND deadlines <> '[]'"
    eventually(lambda: count(suite.databases["intake"], "standings", known), 20, "the deadline is known")
    assert "План" in stage.edges.text(resident, f"статус {number}")
    assert number in stage.edges.text(resident, f"отмена {number}")
    eventually(lambda: case(dispatcher, number)["timeline"]["state"] == "cancelled", 20, "cancelled")
    withdrawn = eventually(lambda: facts(dispatcher, number, "assignment.withdrawn")[-1], 20, "withdrawn")
    assert (withdrawn["reason"], withdrawn["assignment_id"]) == ("request_cancelled", offer["assignment_id"])
    crew = Crew(stage, offer["crew_id"], offer["assignment_id"])
    eventually(lambda: crew.order()["stage"] == "withdrawn", 20, "the crew sees it withdrawn")
    assert "Отменена" in stage.edges.text(resident, f"статус {number}")
    assert [said for said in told(stage, resident) if "отменена" in said.lower()] == [], "answered already"


@pytest.mark.rule("6.7")
def test_a_request_with_danger_is_not_called_off_by_a_message(
    stage: Stage, dispatcher: Client, house: str
) -> None:
    resident = phone()
    number = number_in(stage.edges.text(resident, f"Сильный запах газа в квартире, {house}"))
    assert number
    offered(dispatcher, number)
    assert "диспетчер" in stage.edges.text(resident, f"отмена {number}")

    def asked() -> dict[str, Any]:
        alarms = dispatcher.get("routing", "/v1/alarms")["alarms"]
        found = [a for a in alarms if (a["code"], a["number"]) == ("cancellation_asked", number)]
        return dict(found[0])

    request_id = eventually(asked, 20, "a dispatcher sees the wish")["request_id"]
    assert case(dispatcher, number)["timeline"]["state"] != "cancelled"
    decision = {"decision": "cancel", "reason": "Житель перекрыл газ, служба 104 проверила"}
    dispatcher.post("routing", f"/v1/requests/{request_id}/cancellation", decision)
    eventually(lambda: case(dispatcher, number)["timeline"]["state"] == "cancelled", 20, "decided")
