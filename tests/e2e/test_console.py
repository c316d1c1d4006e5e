"""The dispatchers' console in a real browser: live board, card, a decision, both languages."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import chromium
from tests.support.keys import token
from tests.support.routing import REQUEST, Routing, request, routing_services

pytestmark = pytest.mark.servers
WIDE = {"width": 1360, "height": 900}


@pytest.fixture
def routing(service_database: Callable[[str], str], amqp_uri: str, tmp_path: Path) -> Iterator[Routing]:
    with routing_services(service_database("routing"), amqp_uri, tmp_path) as make:
        yield make()


@pytest.fixture
def page(routing: Routing) -> Iterator[Page]:
    """The console of a dispatcher who is logged in; an error of the page fails the test."""
    session = json.dumps({"access_token": token("dispatcher-1", ("senior_dispatcher",))})
    with chromium() as browser:
        context = browser.new_context(viewport=WIDE, locale="ru-RU")  # type: ignore[arg-type]
        context.add_init_script(f"sessionStorage.setItem('avariyka.console', {session!r})")
        opened = context.new_page()
        mistakes: list[str] = []
        opened.on("pageerror", lambda error: mistakes.append(str(error)))
        opened.goto(f"{routing.url}/console")
        yield opened
        context.close()
        assert mistakes == []


def test_a_dispatcher_sees_a_request_come_and_sends_a_crew(
    routing: Routing, page: Page, tmp_path: Path
) -> None:
    expect(page.locator(".live")).to_have_text("на связи")
    expect(page.locator("#board")).to_have_text("Открытых заявок нет")
    request(routing)
    row = page.locator("#board tbody tr")
    expect(row).to_contain_text("ждёт бригаду")
    expect(page.locator(".alarms li").first).to_contain_text("№")
    row.click()
    card = page.locator(f'[data-card="{REQUEST}"]')
    expect(card).to_contain_text("Решить")
    page.screenshot(path=tmp_path / "waiting.png")
    crew = str(uuid4())
    routing.has_crew(crew)
    expect(row).to_contain_text("предложена")
    expect(page.locator("svg.map path")).to_have_count(1)
    card.get_by_role("textbox", name="Причина").fill("жители просят позже")
    card.get_by_role("button", name="Снять с бригады").click()
    expect(row).to_contain_text("ждёт бригаду")
    card.get_by_role("button", name="житель").click()
    expect(card).to_contain_text("дозвонились")
    page.get_by_role("button", name="Қазақша").click()
    expect(page.locator("h1")).to_have_text("Диспетчер пульті")
    expect(row).to_contain_text("бригада күтуде")
    page.screenshot(path=tmp_path / "kazakh.png")


def test_whoever_is_not_logged_in_is_asked_to(page: Page) -> None:
    page.get_by_role("button", name="Выйти").click()
    page.get_by_role("textbox", name="Логин").fill("nobody")
    page.get_by_label("Пароль").fill("wrong")
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_role("alert")).not_to_be_empty()
