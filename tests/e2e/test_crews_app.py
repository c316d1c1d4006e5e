"""The crews' app in a real browser on a phone's screen, against the service, its database and the bus."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Route, expect

from scripts.servers import PostgreSQL
from services.crews.schemas.config import Policies
from shared.config import Settings
from tests.support import app_code, contracts, database
from tests.support.browser import PHONE, SMALLEST, chromium, phone
from tests.support.crew_phone import CrewPhone
from tests.support.crew_truth import (
    ask,
    changes,
    confirmed,
    expired,
    pairing_code,
    reached,
    shift,
    stages,
    steps,
)
from tests.support.crewing import CREW, CrewsProcess
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
    """``new_phone("kk")`` → a phone with the app open; no error of a page may go unseen.

    A crew that had work is without it afterwards.
    """
    made: list[CrewPhone] = []

    def make(language: str = "ru", **how: Any) -> CrewPhone:
        made.append(CrewPhone(phone(browser, language, **how), crews.url, language))
        return made[-1]

    yield make
    for one in made:
        one.page.context.close()
    crews.withdraw_all()
    assert [failure for one in made for failure in one.failures] == []


@pytest.fixture
def crew(new_phone: Phone) -> CrewPhone:
    """A phone on which the crew is logged in and which can do without network."""
    one = new_phone()
    one.log_in()
    one.is_installed()
    return one


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
    crew.press("verb.suspend")
    crew.page.check("[value=no_access]")
    crew.press("verb.suspend")
    crews.withdraw(order)
    reached(crews, order, ["offered", "accepted", "withdrawn"])
    crew.find_network()
    crew.sees("error.assignment_withdrawn")
    crew.sees("step.withdrawn")
    crew.press("app.understood")
    crew.page.get_by_role("status").tap()
    crew.sees("waiting.set_aside")
    expect(crew.page.locator(".history li")).to_have_count(2)
    eventually(
        lambda: ask(crews, f"/v1/assignments/{order}")["notes"], what="the dispatcher has what was entered"
    )


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


def test_an_answer_that_was_lost_on_the_way_is_asked_for_again_and_counts_once(
    crew: CrewPhone, crews: CrewsProcess
) -> None:
    order = crews.offer()
    crew.take(order)
    taken: list[str] = []
    lost = [True]

    def swallow(route: Route) -> None:
        taken.append(route.request.headers["idempotency-key"])
        if not any(lost):
            route.continue_()
            return
        if len(taken) == 1:
            route.fetch()  # the service does it, its answer never comes
        route.abort()

    crew.page.route("**/accept", swallow)
    crew.press("verb.accept")
    crew.press("verb.depart")
    expect(crew.waits()).to_have_count(2)
    lost.clear()
    expect(crew.waits()).to_have_count(0)
    reached(crews, order, WALK[:3])
    assert len(taken) > 1
    assert len(set(taken)) == 1


@pytest.mark.rule("6.6")
def test_a_gate_that_would_not_open_is_said_on_the_spot_also_without_network(
    crew: CrewPhone, crews: CrewsProcess
) -> None:
    order = crews.offer(place="well")
    crew.take(order)
    crew.lose_network()
    for key in ("verb.accept", "verb.depart", "verb.arrive", "verb.start"):
        crew.press(key)
    crew.press("verb.start")
    said = crew.page.get_by_role("alert")
    expect(said).to_contain_text(crew.say("gate.missing"))
    expect(said.get_by_role("listitem")).to_have_count(7)  # every item of the script, not the floor alone
    crew.pass_gate("15,5")
    expect(crew.page.get_by_role("alert").filter(has_text="15,5")).to_be_visible()
    crew.pass_gate("0,5")
    expect(crew.waits()).to_have_count(4)
    crew.find_network()
    reached(crews, order, WALK[:5])


def test_a_crew_confirms_its_planned_shift_leaves_and_comes_back(
    new_phone: Phone, crews: CrewsProcess
) -> None:
    planned = crews.plan_shift()
    alarm = eventually(lambda: changes(crews)["signals"], 40, "the shift is an alarm")
    assert [signal["kind"] for signal in alarm] == ["unconfirmed_shift"]
    crew = new_phone()
    crew.log_in()
    crew.is_installed()
    crew.sees("duty.unconfirmed")
    crew.press("duty.confirm")
    crew.sees("duty.confirmed")
    eventually(lambda: confirmed(crews, planned), what="the service knows that the crew is there")
    crews.hear(contracts.event("routing", "signal.acknowledged", signal_id=alarm[0]["id"], crew_id=CREW))
    crew.press("app.end_shift")
    crew.sees("app.not_on_shift")
    eventually(lambda: not shift(crews)["on"], what="the service knows that the shift is over")
    crew.lose_network()
    crew.press("app.begin_shift")
    crew.sees("app.on_shift")
    crew.sees("app.will_be_sent")
    crew.find_network()
    eventually(lambda: shift(crews)["on"], what="the crew is back")


def test_an_sos_that_cannot_go_out_says_so_and_goes_before_everything_else(
    crew: CrewPhone, crews: CrewsProcess
) -> None:
    order = crews.offer()
    crew.take(order)
    crew.lose_network()
    crew.press("verb.accept")
    crew.page.get_by_role("link", name="SOS").tap()
    crew.press("help.sos")
    crew.sees("help.call_112")
    crew.find_network()
    crew.sees("help.unacknowledged")
    expect(crew.page.locator("main")).not_to_contain_text(crew.say("help.call_112"))
    [signal] = eventually(lambda: changes(crews)["signals"], what="the service has the signal")
    assert (signal["kind"], signal["assignment_id"]) == ("sos", order)
    crews.hear(contracts.event("routing", "signal.acknowledged", signal_id=signal["id"], crew_id=CREW))
    expect(crew.page.locator(".heard")).to_be_visible()


@pytest.mark.rule("F45-1.1-U3")
def test_an_emergency_takes_a_crew_from_its_site_only_when_that_is_safe(
    crew: CrewPhone, crews: CrewsProcess
) -> None:
    held = crews.offer(category="planned", place="well", number="1041")
    crew.take(held)
    for key in ("verb.accept", "verb.depart", "verb.arrive", "verb.start"):
        crew.press(key)
    crew.pass_gate()
    crew.sees("leave.runs.people_inside")
    burst = crews.offer()
    crew.take(burst)
    crew.sees("leave.instead", number="1041")
    crew.press("verb.decline")
    crew.page.check("[value=cannot_leave]")
    crew.press("verb.decline")
    reached(crews, burst, ["offered", "declined"])
    said = eventually(lambda: ask(crews, f"/v1/assignments/{held}")["notes"], what="that is kept")
    assert [one["entered"]["can"] for one in said] == [False]
    crew.take(held)
    crew.lose_network()
    crew.press("leave.can")
    crew.press("leave.can")
    crew.sees("leave.not_all")
    crew.page.get_by_text(crew.say("hold.people_inside")).tap()
    crew.press("leave.can")
    crew.sees("leave.may")
    crew.sees("app.will_be_sent")
    crew.find_network()
    eventually(lambda: len(ask(crews, f"/v1/assignments/{held}")["notes"]) == 2, what="it has arrived")
    second = crews.offer()
    crew.take(second)
    crew.press("verb.accept")
    reached(crews, second, WALK[:2])


def test_a_push_wakes_the_phone_in_its_language(new_phone: Phone, crews: CrewsProcess) -> None:
    crew = new_phone("kk", permissions=["notifications"])
    crew.log_in()
    crew.is_installed()
    crew.push({"kind": "offer", "id": str(uuid4())})
    shown = eventually(crew.notifications, what="a notification")
    assert shown == [crew.say("push.offer")]


@pytest.mark.rule("207-VIII")
def test_what_is_written_and_signed_without_network_is_one_document_in_the_end(
    crew: CrewPhone, crews: CrewsProcess
) -> None:
    order = crews.offer(place="flat")
    crew.take(order)
    crew.press("verb.accept")
    reached(crews, order, WALK[:2])
    crew.lose_network()
    crew.write_down("material", code="clamp", quantity="2")
    crew.write_down("reading", what="pressure bar", value="4,5", place="ввод")
    crew.correct(place="basement", note="Течёт за стеной")
    crew.sees("confined.basement")  # the safety gate asks for it from now on, here as at the service
    crew.draft("accident_act", happened_at="2026-11-24T10:00", place="кв. 14", cause="Лопнул шланг")
    crew.sign("harmed", "Ахметов Ә. Қ.")
    crew.go(f"order/{order}")
    crew.photograph()
    crew.film()
    states = crew.page.locator("figcaption")
    expect(states).to_have_text([crew.say("photos.waiting")] * 2)
    crew.page.reload()
    expect(states).to_have_text([crew.say("photos.waiting")] * 2)
    crew.find_network()
    expect(states).to_have_text([crew.say("photos.sent")] * 2)
    crew.open_paper("kk")
    expect(crew.paper()).to_contain_text("Лопнул шланг")
    expect(crew.paper()).to_contain_text("Авариялық жағдай")
    [document] = ask(crews, f"/v1/assignments/{order}/documents")["documents"]
    assert (document["state"], document["missing_parties"]) == ("signing", ["causer", "chair"])
    facts = document["facts"]
    assert [(one["code"], one["quantity"]) for one in facts["materials"]] == [("clamp", 2.0)]
    assert [(one["kind"], one["value"]) for one in facts["readings"]] == [("pressure", 4.5)]
    assert sorted((one["kind"], one["purpose"]) for one in facts["media"]) == [
        ("photo", "before"),
        ("video", "before"),
    ]
    assert ask(crews, f"/v1/assignments/{order}")["notes"][0]["entered"]["place"] == "basement"
    assert "basement" not in ask(crews, f"/v1/assignments/{order}")["place"]
    crew.lose_network()
    crew.page.reload()
    expect(crew.paper()).to_contain_text("Лопнул шланг")


@pytest.mark.rule("6.11")
def test_a_video_plays_from_the_phone_without_network_and_then_from_the_service(
    crew: CrewPhone, crews: CrewsProcess, new_phone: Phone
) -> None:
    order = crews.offer()
    crew.take(order)
    crew.press("verb.accept")
    reached(crews, order, WALK[:2])
    crew.lose_network()
    crew.film()
    state = crew.page.locator("figcaption")
    expect(state).to_have_text(crew.say("photos.waiting"))
    crew.watch()
    crew.go(f"order/{order}")
    crew.find_network()
    expect(state).to_have_text(crew.say("photos.sent"))
    crew.restart()
    crew.take(order)
    crew.watch()
    assert crew.page.locator("video").evaluate("(film) => film.src").startswith(f"{crews.url}/app/media/")
    noted = "act = 'media_read' AND by = 'crew-7'"
    assert database.count(crews.database_url, "access_acts", noted) > 0
    other = new_phone()
    other.log_in()
    other.is_installed()
    other.take(order)
    other.watch()  # it was taken with another phone
    crew.lose_network()
    crew.go(f"order/{order}")
    crew.page.locator("a.film").tap()
    crew.sees("photos.not_now")


def test_dispatcher_and_crew_write_to_each_other(crew: CrewPhone, crews: CrewsProcess) -> None:
    crews.hear(contracts.event("routing", "crew.messaged", crew_id=CREW, text="Ключ у консьержа"))
    crew.page.get_by_role("link", name=crew.say("app.new_message", text="Ключ у консьержа")).tap()
    crew.press("help.write")
    crew.page.fill("[name=text]", "Поняли")
    crew.press("help.send")
    expect(crew.page.locator("main")).to_contain_text("Поняли")
    eventually(lambda: any(one["from_crew"] for one in changes(crews)["messages"]), what="it has arrived")


def test_every_page_fits_the_smallest_phone_in_kazakh_and_every_target_is_large(
    new_phone: Phone, crews: CrewsProcess
) -> None:
    order = crews.offer(place="chamber", hazards=["gas", "electric_shock"], fault="water_on_electrics")
    crew = new_phone("kk", size=SMALLEST)
    crew.log_in()
    crew.sees("app.on_shift")
    pages = ["", "settings", "waiting", "login", "help", "need", "write", f"order/{order}"]
    forms = ["decline", "suspend", "start", "localise", "complete", "correct", "documents", "leave"]
    notes = ["material", "work", "reading", "defect", "diagnostic", "danger"]
    crew.go(f"order/{order}/draft/work_act")
    crew.press("papers.make")
    crew.sees("papers.will_say")
    paper = crew.page.url.partition("#/")[2]
    papers = [f"order/{order}/draft/accident_act", paper, f"{paper}/edit", f"{paper}/sign/resident"]
    for path in [*pages, *(f"order/{order}/{page}" for page in forms + notes), *papers]:
        crew.go(path)
        for theme in ("light", "dark", "contrast"):
            crew.wear(theme)
            assert crew.faults_of_layout() == [], (path, theme)
        crew.page.set_viewport_size(PHONE)
        assert crew.faults_of_layout() == [], (path, "a wider screen")
        crew.page.set_viewport_size(SMALLEST)


def test_a_new_version_waits_until_no_job_is_under_way(crew: CrewPhone, crews: CrewsProcess) -> None:
    order = crews.offer()
    crew.take(order)
    crew.press("verb.accept")
    reached(crews, order, WALK[:2])
    crews.kill()
    crews.environment["AVARIYKA_CREWS_AIR_LIMITS"] = "[{kind: gas, unit: '%LEL', highest: 5}]"
    crews.start()
    before = crew.page.evaluate("document.querySelector('script').src")
    crew.page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
    crew.go("")
    crew.sees("app.update_later")
    crews.withdraw(order)
    crew.press("app.update_now")
    crew.sees("app.on_shift")
    expect(crew.page.locator("script")).not_to_have_attribute("src", before.partition(crews.url)[2])


def test_the_apps_state_machine_is_the_services(new_phone: Phone) -> None:
    orders, may_become = app_code.every_order()
    assert new_phone().page.evaluate(app_code.MAY_BECOME, orders) == may_become


@pytest.mark.rule("F45-1.1-U3")
def test_the_app_keeps_a_crew_where_the_service_does(new_phone: Phone) -> None:
    stays, held = app_code.every_stay()
    assert new_phone().page.evaluate(app_code.HOLDS, stays) == held


@pytest.mark.rule("6.6")
def test_the_app_asks_of_every_danger_what_the_service_asks(new_phone: Phone) -> None:
    sites, asked = app_code.every_site(Policies.of(Settings.load("crews")).gate)
    assert new_phone().page.evaluate(app_code.ASKED, sites) == asked


def test_what_arrives_meets_what_is_kept_as_it_should(new_phone: Phone) -> None:
    found = new_phone().page.evaluate(app_code.merging())
    assert found == {name: wanted for name, (_, wanted) in app_code.MERGES.items()}
