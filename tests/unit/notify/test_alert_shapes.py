"""Alert lists as they are sent and shipped, the words of Twilio and crews, numbers read aloud."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from marshmallow import ValidationError

from services.notify.clients.oncall import people_of
from services.notify.domain.alert_attempts import State
from services.notify.domain.speech import Speaker
from services.notify.errors import BadAlertList
from services.notify.schemas import alerts as shapes
from services.notify.schemas.alert_lists import ListBody, ListShape, list_of, read_shipped
from services.notify.schemas.alert_words import read_speakers
from shared.errors import Unavailable
from shared.i18n import LANGUAGES, Catalog
from tests.support import contracts
from tests.support.fakes import NOON
from tests.unit.notify.test_texts import LOCALE

ONE = {"code": "104", "names": {"ru": "Газ", "kk": "Газ"}, "numbers": ["8 (727) 258-11-04"]}


def body(**changes: Any) -> dict[str, Any]:
    step = {"mode": "everyone", "addressees": [{**ONE, **changes}]}
    return {"names": {"ru": "Газ", "kk": "Газ"}, "steps": [step]}


def complaints(sent: dict[str, Any]) -> Any:
    with pytest.raises(ValidationError) as refused:
        ListBody().load(sent)
    return refused.value.messages


def test_numbers_are_kept_as_any_network_dials_them_and_a_list_comes_back_as_it_was_sent() -> None:
    sent = ListBody().load(body())
    kept = list_of("gas", sent, "master-1", NOON)
    assert kept.steps[0].addressees[0].numbers == ("+77272581104",)
    shown = ListShape().dump(kept)
    assert ListBody(unknown="exclude").load(shown) == sent


@pytest.mark.parametrize("number", ["104", "101", "дежурный", "", "+7"])
def test_what_no_provider_dials_is_refused_in_the_editors_language(number: str) -> None:
    (wrong,) = complaints(body(numbers=[number]))["steps"][0]["addressees"][0]["numbers"][0]
    texts = Catalog(LOCALE)
    assert all("+77271112233" in texts.translated(language, wrong) for language in LANGUAGES)


def test_what_is_wrong_with_a_list_is_said_where_it_is() -> None:
    assert "kk" in complaints(body(names={"ru": "Газ"}))["steps"][0]["addressees"][0]["names"]
    assert "means" in complaints(body(means="manual"))["steps"][0]["addressees"][0]
    twice = body()
    twice["steps"][0]["addressees"] *= 2
    assert complaints(twice)["steps"][0]["addressees"] == ["The same code twice in one step."]
    assert "steps" in complaints({**body(), "steps": []})
    assert "wait_s" in complaints({**body(), "steps": [{**body()["steps"][0], "wait_s": 1}]})["steps"][0]


@pytest.mark.rule("M-1.1-U1")
def test_the_lists_that_ship_name_the_services_and_no_number() -> None:
    shipped = read_shipped()
    codes = {one.code for known in shipped.values() for step in known.steps for one in step.addressees}
    services = {"103", "104", "112", "akimat", "central_dispatch", "management", "lift_service"}
    assert services <= codes
    numbers = [one.numbers for known in shipped.values() for step in known.steps for one in step.addressees]
    assert not any(numbers)


@pytest.mark.parametrize(
    "broken",
    ["events: {gas: {}}", "addressees: {}\nevents: {gas: {steps: [{addressees: [{code: x}]}]}}", "["],
)
def test_a_file_of_lists_that_is_wrong_says_where(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "alerts.yml"
    path.write_text(broken)
    with pytest.raises(BadAlertList, match=r"alerts\.yml"):
        read_shipped(path)
    path.write_text(yaml.safe_dump({"addressees": {}, "events": {"gas": {**body(), "steps": []}}}))
    with pytest.raises(BadAlertList, match="gas"):
        read_shipped(path)


@pytest.mark.parametrize(
    ("told", "state", "reason"),
    [
        ({"CallStatus": "in-progress"}, State.ANSWERED, None),
        ({"CallStatus": "completed"}, State.UNACKNOWLEDGED, "not_acknowledged"),
        ({"CallStatus": "busy"}, State.BUSY, None),
        ({"CallStatus": "no-answer"}, State.NO_ANSWER, None),
        ({"CallStatus": "canceled"}, State.DROPPED, None),
        ({"CallStatus": "in-progress", "AnsweredBy": "machine_start"}, State.MACHINE, "machine_start"),
        ({"CallStatus": "in-progress", "AnsweredBy": "human"}, State.ANSWERED, None),
        ({"CallStatus": "ringing"}, None, None),
    ],
)
def test_twilios_word_on_a_call(told: dict[str, str], state: State | None, reason: str | None) -> None:
    form = {"CallSid": "CA" + "0" * 32, "attempt_id": str(uuid4()), **told}
    assert shapes.call_state(shapes.CallWord().load(form)) == (state, reason)


def test_a_crews_signal_says_where_it_is() -> None:
    told = shapes.CrewSignalled().load(contracts.example("crews", "crew.signalled"))
    subject = shapes.subject_of_signal(told)
    here = {"lat": "43.23890", "lon": "76.92640"}
    assert subject.facts == {"note": "Обвал в траншее", "crew": "Бригада 7", **here}
    assert subject.signal_id == told["signal_id"]
    nowhere = shapes.subject_of_signal({**told, "lat": None, "note": None, "crew_name": None})
    assert nowhere.facts == {}


def test_the_place_is_street_and_house_else_what_was_written() -> None:
    address = contracts.example("intake", "request.registered")["address"]
    assert shapes.place_of(uuid4(), address).address == "улица Абая, 12"
    assert shapes.place_of(uuid4(), {"text": "у базара", "street": "x", "house": None}).address == "у базара"
    assert shapes.place_of(uuid4(), None).address == ""


def test_people_on_call_are_those_available_each_once() -> None:
    ann, bob = str(uuid4()), str(uuid4())
    call = {"available": True, "people": [{"id": ann}, {"id": bob}]}
    away = {"available": False, "people": [{"id": str(uuid4())}]}
    found = people_of({"calls": [away, call, call]})
    assert [str(one) for one in found] == [ann, bob]
    with pytest.raises(Unavailable):
        people_of({"error": "x"})


def test_long_numbers_are_read_figure_by_figure() -> None:
    assert Speaker("ru-RU").spelt("дом 12, заявка 1042") == "дом 12, заявка 1 0 4 2"
    kazakh = read_speakers({})["kk"]
    assert kazakh.spelt("Өтінім 10") == "Ётиним бир нёл"
