"""The crews' app in a real browser on a phone's screen, against the service, its database and the bus."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, expect

from scripts.servers import PostgreSQL
from tests.support import database
from tests.support.browser import chromium, phone
from tests.support.crew_phone import CrewPhone
from tests.support.crewing import CREW, LOGIN, ORGANISATION, CrewsProcess
from tests.support.keys import token
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers
WALK = ["offered", "accepted", "departed", "arrived", "working", "localised", "completed"]


@pytest.fixture(scope="module")
def crews(
    postgres: PostgreSQL, clean_broker: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CrewsProcess]:
    """The service with one crew on shift, for all tests of this module."""
    postgres.start()
    url = database.migrated(postgres.admin_url, "crews")
    service = CrewsProcess(tmp_path_factory.mktemp("crews"), url, clean_broker)
    service.seed()
    with service:
        yield service
    database.drop(postgres.admin_url, url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


Phone = Callable[..., CrewPhone]


@pytest.fixture
def new_phone(browser: Browser, crews: CrewsProcess) -> Iterator[Phone]:
    """``new_phone("kk")`` → a phone with the app open; no error of a page may go unseen."""
    made: list[CrewPhone] = []

    def make(language: str = "ru", **how: Any) -> CrewPhone:
        made.append(CrewPhone(phone(browser, language, **how), crews.url, language))
        return made[-1]

    yield make
    for one in made:
        one.page.context.close()
    assert [failure for one in made for failure in one.failures] == []


@pytest.fixture
def crew(new_phone: Phone) -> CrewPhone:
    """A phone on which the crew is logged in and which can do without network."""
    one = new_phone()
    one.log_in()
    one.is_installed()
    return one


def steps(crews: CrewsProcess, assignment_id: str) -> list[dict[str, Any]]:
    bearer = token(LOGIN, ("crew",), CREW, ORGANISATION)
    headers = {"Authorization": f"Bearer {bearer}"}
    answer = requests.get(f"{crews.url}/v1/assignments/{assignment_id}", headers=headers, timeout=10)
    found: list[dict[str, Any]] = answer.json()["steps"]
    return found


def stages(crews: CrewsProcess, assignment_id: str) -> list[str]:
    return [step["stage"] for step in steps(crews, assignment_id)]


def reached(crews: CrewsProcess, assignment_id: str, walk: list[str]) -> None:
    eventually(lambda: stages(crews, assignment_id) == walk, what=f"the service has {walk}")


@pytest.mark.rule("D-2.B-U2")
def test_a_crew_does_a_whole_job_with_the_app(crew: CrewPhone, crews: CrewsProcess) -> None:
    order = crews.offer(place="basement", hazards=["gas"])
    crew.take(order)
    crew.sees("hazard.gas")
    crew.sees("confined.basement")
    for key in ("verb.accept", "verb.depart", "verb.arrive", "verb.start"):
        crew.press(key)
    crew.pass_gate()
    crew.localise("Перекрыт стояк")
    crew.complete()
    crew.sees("step.completed")
    reached(crews, order, WALK)
    told = {step["stage"]: step for step in steps(crews, order)}
    assert told["working"]["safety"] == {"ventilation": True, "ppe": True}
    assert told["working"]["readings"] == [{"kind": "gas", "value": 0.0, "unit": "%LEL"}]
    assert (told["localised"]["note"], told["completed"]["result"]) == ("Перекрыт стояк", "fixed")


def test_a_job_goes_on_without_network_through_a_reload_and_arrives_once(
    crew: CrewPhone, crews: CrewsProcess
) -> None:
    order = crews.offer(place="basement")
    crew.take(order)
    crew.press("verb.accept")
    crew.press("verb.depart")
    reached(crews, order, WALK[:3])
    crew.lose_network()
    crew.press("verb.arrive")
    crew.press("verb.start")
    crew.pass_gate()
    expect(crew.waits()).to_have_count(2)
    crew.page.reload()
    expect(crew.waits()).to_have_count(2)
    crew.press("verb.localise")
    crew.page.fill("[name=note]", "Перекрыт ввод")
    crew.restart()
    crew.take(order)
    crew.press("verb.localise")
    expect(crew.page.locator("[name=note]")).to_have_value("Перекрыт ввод")
    crew.press("verb.localise")
    crew.complete()
    expect(crew.waits()).to_have_count(4)
    assert stages(crews, order) == WALK[:3]
    crew.find_network()
    reached(crews, order, WALK)
    expect(crew.waits()).to_have_count(0)
    told = steps(crews, order)
    assert told[5]["note"] == "Перекрыт ввод"
    assert [step["device_at"] for step in told[1:]] == sorted(step["device_at"] for step in told[1:])
    assert all(step["device_at"] < step["at"] for step in told[3:])


def test_what_was_withdrawn_meanwhile_is_said_and_what_was_entered_is_kept(
    crew: CrewPhone, crews: CrewsProcess
) -> None:
    order = crews.offer()
    crew.take(order)
    crew.press("verb.accept")
    reached(crews, order, WALK[:2])
    crew.lose_network()
    crew.press("verb.depart")
    crew.press("verb.arrive")
    crews.withdraw(order)
    reached(crews, order, ["offered", "accepted", "withdrawn"])
    crew.find_network()
    crew.sees("error.assignment_withdrawn")
    crew.sees("step.withdrawn")
    crew.press("app.understood")
    crew.page.get_by_role("status").tap()
    crew.sees("waiting.set_aside")
    expect(crew.page.locator(".history li")).to_have_count(2)


def test_a_phone_is_paired_by_a_code_and_stays_in_when_its_token_runs_out(
    new_phone: Phone, crews: CrewsProcess
) -> None:
    crew = new_phone()
    crew.pair("1234 5678")
    crew.sees("error.pairing_code_invalid")
    crew.pair(pairing_code(crews))
    crew.sees("app.on_shift")
    order = crews.offer()
    crew.take(order)
    crew.change_session(access_token=expired())
    crew.press("verb.accept")
    reached(crews, order, WALK[:2])


def test_a_session_that_ended_stops_sending_and_never_working(crew: CrewPhone, crews: CrewsProcess) -> None:
    order = crews.offer()
    crew.take(order)
    crew.change_session(access_token=expired(), refresh_token="put out by the dispatcher")
    crew.press("verb.accept")
    crew.press("verb.depart")
    expect(crew.waits()).to_have_count(2)
    crew.page.get_by_label(crew.say("app.back")).tap()
    crew.page.get_by_role("link", name=crew.say("app.login_again")).tap()
    crew.log_in("a wrong one")
    crew.sees("error.bad_credentials")
    crew.log_in()
    reached(crews, order, WALK[:3])


def pairing_code(crews: CrewsProcess) -> str:
    headers = {"Authorization": f"Bearer {token()}"}
    answer = crews.post("/v1/pairing-codes", json={"crew_id": CREW}, headers=headers)
    code: str = answer.json()["code"]
    return code


def expired() -> str:
    return token(LOGIN, ("crew",), CREW, ORGANISATION, expires_in=timedelta(minutes=-5))
