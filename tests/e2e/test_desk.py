"""The desk of notify in a real browser: a resident is called, an alert is seen through."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.twilio_messages import Behaviour
from demo.twilio_stand_in import StandIn
from services.notify.schemas.desk import texts
from tests.support.browser import PATIENCE_MS, chromium
from tests.support.keys import token
from tests.support.notify import ARRIVED, PHONE, Story, states
from tests.support.processes import ServiceProcess
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers
SIZES = {"wide": {"width": 1400, "height": 900}, "narrow": {"width": 400, "height": 800}}


def desk(browser: Browser, service: ServiceProcess, failures: list[str], role: str, language: str) -> Page:
    """The desk as one sees it who has logged in; whatever the page complains of is kept."""
    context = browser.new_context(viewport=SIZES["wide"], locale=language)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    session = json.dumps({"access_token": token(f"{role}-1", (role,)), "roles": [role]})
    context.add_init_script(
        f"sessionStorage.setItem('avariyka.console', {json.dumps(session)});"
        f"localStorage.setItem('avariyka.language', '{language}');"
    )
    page = context.new_page()
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(f"{service.url}/desk")
    expect(page.locator(".live")).to_have_text(texts(language)["desk.live"])
    return page


def fits(page: Page, shot: Path) -> None:
    """Nothing stands out of the screen, on a desk and on a phone, and nothing is left without words."""
    for name, size in SIZES.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), size
        page.screenshot(path=shot.with_suffix(f".{name}.png"), full_page=True)
    page.set_viewport_size(SIZES["wide"])  # type: ignore[arg-type]
    assert "{" not in page.locator("body").inner_text()


@pytest.mark.rule("M-1.1-U4")
def test_an_operator_calls_whom_no_message_reached_and_a_dispatcher_sees_an_alert_through(
    notify: ServiceProcess, stand_in: StandIn, story: Story, tmp_path: Path
) -> None:
    """No number of 104 ships, so the alert needs a person at once."""
    stand_in.behave(Behaviour(callbacks=("sent", "undelivered")))
    failures: list[str] = []
    ru, kk = texts("ru"), texts("kk")
    with notify, chromium() as browser:
        story.publish(*story.known(), story.stage("arrived"))
        eventually(lambda: states(notify) == "failed")
        page = desk(browser, notify, failures, "operator", "ru")
        call = page.locator("[data-call]")
        expect(call).to_contain_text("+7701***0001")
        expect(call).to_contain_text(ARRIVED)
        expect(page.locator("#alerts")).to_be_hidden()
        call.get_by_role("button", name=ru["desk.take"]).click()
        expect(call.locator(".number")).to_have_text(PHONE)
        fits(page, tmp_path / "calls")
        call.get_by_role("button", name=ru["result.told"]).click()
        expect(page.locator("#calls")).to_contain_text(ru["desk.all_told"])

        story.publish(story.classified(hazards=["gas"], system="gas", fault="gas_smell"))
        page = desk(browser, notify, failures, "dispatcher", "kk")
        alert = page.locator("[data-alert]")
        expect(alert).to_contain_text(kk["error.no_number"])
        page.locator("#lists summary").click()
        expect(page.locator("[data-list=gas]")).to_contain_text(kk["desk.no_number"])
        fits(page, tmp_path / "alerts")
        for person in ("104", "master"):
            untold = alert.locator(f"[data-untold='{person}']")
            untold.get_by_role("textbox").fill("Петрова")
            untold.get_by_role("button").click()
            expect(untold).to_have_count(0)
        page.locator("#past summary").click()
        expect(alert.locator("tbody")).to_contain_text("Петрова")
        fits(page, tmp_path / "told")

        page = desk(browser, notify, failures, "senior_dispatcher", "ru")
        page.locator("#lists summary").click()
        gas = page.locator("[data-list=gas]")
        number = gas.get_by_role("textbox").first
        number.fill("104")
        gas.get_by_role("button").click()
        expect(gas.get_by_role("alert")).to_have_text(ru["desk.bad_number"])
        number.fill("+7 (727) 258-11-04, +77272581105")
        gas.get_by_role("button").click()
        expect(number).to_have_value("+77272581104, +77272581105")
        fits(page, tmp_path / "lists")
    assert failures == []
