"""The dispatchers' console in a real browser, against routing, its database and the bus."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from playwright.sync_api import Browser, Page, Route, expect

from services.routing.schemas.console import HOME, texts
from shared.clock import SystemClock
from tests.support.browser import PATIENCE_MS, chromium
from tests.support.keys import token
from tests.support.routing import REQUEST, Make, Routing, request, routing_services

pytestmark = pytest.mark.servers
CREW = str(uuid4())
SIZES = {"wide": {"width": 1400, "height": 900}, "narrow": {"width": 400, "height": 800}}


@pytest.fixture
def make(service_database: Callable[[str], str], amqp_uri: str, tmp_path: Path) -> Iterator[Make]:
    with routing_services(service_database("routing"), amqp_uri, tmp_path) as start:
        yield start


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def advising() -> str:
    """The section ``sending`` with a dispatcher's word asked for before an emergency is sent on."""
    sending = yaml.safe_load((HOME / "config.yml").read_text(encoding="utf-8"))["sending"]
    return json.dumps({**sending, "mode": {**sending["mode"], "emergency": "advise"}})


def console(browser: Browser, routing: Routing, failures: list[str], language: str = "ru") -> Page:
    """The console as one sees it who has just logged in; whatever a page complains of is kept."""
    context = browser.new_context(viewport=SIZES["wide"], locale=language)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    session = json.dumps({"access_token": token("dispatcher-1", ("dispatcher",))})
    context.add_init_script(
        f"sessionStorage.setItem('avariyka.console', {json.dumps(session)});"
        f"localStorage.setItem('avariyka.language', '{language}');"
    )
    page = context.new_page()
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(f"{routing.url}/console")
    expect(page.locator(".live")).to_have_text(texts(language)["console.live"])
    return page


def fits(page: Page) -> None:
    """Nothing stands out of the screen, on a desk and on a phone, and nothing is left without words."""
    for size in SIZES.values():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), size
    page.set_viewport_size(SIZES["wide"])  # type: ignore[arg-type]
    assert "{" not in page.locator("body").inner_text()


def reports(routing: Routing, stage: str) -> None:
    shown = routing.shown()["assignment"]
    about = {name: shown[name] for name in ("assignment_id", "crew_id")}
    told = {"request_id": REQUEST, "stage": stage, "at": SystemClock().now().isoformat(), **about}
    routing.hear(routing.event("crews", "assignment.progressed", **told))


@pytest.mark.rule("D-1.3-U4")
def test_a_dispatcher_sees_an_alarm_decides_and_it_leaves_the_board(make: Make, browser: Browser) -> None:
    routing, failures = make(AVARIYKA_ROUTING_SENDING=advising()), list[str]()
    page = console(browser, routing, failures)
    words = texts("ru")
    routing.has_crew(CREW, name="Водоканал-2")
    request(routing)
    alarm = page.locator("[data-alarm=advice]")
    expect(alarm).to_contain_text("ждёт вашего решения")
    alarm.click()
    option = page.locator(f"[data-option='{CREW}']")
    expect(option.locator(".way")).to_have_text(words["way.now"])
    fits(page)
    option.get_by_role("button", name=words["console.assign"]).click()
    expect(alarm).to_have_count(0)
    line = page.locator(f"tr[data-request='{REQUEST}']")
    expect(line).to_contain_text("Водоканал-2")

    signal = {"kind": "sos", "crew_id": CREW, "request_id": REQUEST}
    routing.hear(routing.event("crews", "crew.signalled", **signal))
    sos = page.locator(".call.sos")
    expect(sos).to_contain_text("Водоканал-2")
    expect(page).to_have_title(words["console.sos"].format(n=1))
    fits(page)
    page.get_by_role("button", name="Қазақша").click()
    words = texts("kk")
    expect(page).to_have_title(words["console.sos"].format(n=1))
    line.click()
    expect(option.locator(".way")).to_have_text(words["way.now"])
    fits(page)
    sos.get_by_role("button", name=words["console.take_on"]).click()
    expect(sos).to_have_count(0)
    assert routing.told("signal.acknowledged", 1, "crews")[0].data["by"] == "dispatcher-1"

    page.locator("#queues summary").click()
    expect(page.locator(f"[data-crew='{CREW}']")).to_contain_text(words["stage.offered"])
    for stage in ("accepted", "completed"):
        reports(routing, stage)
    routing.hear(routing.event("journal", "request.state_changed", to_state="closed"))
    expect(line).to_have_count(0)
    expect(page.locator(f"[data-crew='{CREW}']")).to_contain_text(words["console.free"])
    assert failures == []


@pytest.mark.rule("D-2.C-U4")
def test_a_dispatcher_writes_with_a_crew_joins_an_outage_and_finds_the_other_desk(
    make: Make, browser: Browser
) -> None:
    routing, failures = make(AVARIYKA_ROUTING_LINKS='{"desk": "/desk"}'), list[str]()
    page = console(browser, routing, failures, "kk")
    words = texts("kk")
    expect(page.locator("header nav a")).to_have_text([words["console.link.desk"]])
    routing.has_crew(CREW, name="Водоканал-2")
    request(routing)
    line = page.locator(f"tr[data-request='{REQUEST}']")
    expect(line).to_contain_text("Водоканал-2")

    routing.hear(routing.event("crews", "crew.wrote", crew_id=CREW, text="Кілт кімде?"))
    unread = page.locator(f"[data-unread='{CREW}']")
    expect(unread).to_contain_text("Водоканал-2")
    unread.get_by_role("button").click()
    expect(unread).to_have_count(0)
    talk = page.locator("#talk")
    expect(talk).to_contain_text("Кілт кімде?")
    line.click()
    page.locator("[data-card]").get_by_role("button", name=words["console.write"]).click()
    talk.locator("textarea").fill("Кезекшіде")
    talk.get_by_role("button", name=words["console.send"]).click()
    expect(talk.locator(".ours")).to_contain_text("Кезекшіде")
    (sent,) = routing.told("crew.messaged", 1, "crews")
    assert (sent.data["text"], sent.data["request_id"]) == ("Кезекшіде", REQUEST)
    talk.locator("textarea").fill("жарты сөз")
    routing.hear(routing.event("crews", "crew.wrote", message_id=str(uuid4()), crew_id=CREW, text="Рақмет"))
    expect(talk).to_contain_text("Рақмет")
    expect(talk.locator("textarea")).to_have_value("жарты сөз")
    talk.get_by_role("button", name=words["console.shut"]).click()
    routing.hear(routing.event("crews", "crew.wrote", message_id=str(uuid4()), crew_id=CREW, text="Келдік"))
    expect(unread).to_have_count(1)

    outage = routing.event("intake", "outage.changed", state="open")
    routing.hear(outage)
    expect(page.locator("[data-outage]")).to_have_count(1)
    line.click()
    asked: list[Any] = []

    def intake(route: Route) -> None:
        asked.append(route.request.post_data_json)
        route.fulfill(status=200, json={})

    page.route("**/join", intake)
    page.get_by_role("button", name=words["console.join"], exact=True).click()
    fits(page)
    assert asked == [{"outage_id": outage.data["outage_id"]}]
    joined = {"request_id": REQUEST, "outage_id": outage.data["outage_id"], "outage_number": "A-7"}
    routing.hear(routing.event("intake", "request.joined", **joined))
    expect(line).to_contain_text("A-7")
    line.click()
    expect(page.get_by_role("button", name=words["console.split"])).to_be_visible()
    fits(page)
    assert failures == []
