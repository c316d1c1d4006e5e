"""The residents' pages of a running intake: forms over the real wire, photos, presses at the same time."""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from services.intake.domain.photos import LARGEST_BYTES, MOST_PHOTOS
from tests.integration.test_intake_service import NOWHERE, bearer, events, put_city
from tests.support import contracts
from tests.support.database import count
from tests.support.processes import ServiceProcess
from tests.unit.intake import photos
from tests.unit.intake.browser import Browser, File, Page

pytestmark = pytest.mark.servers
GOOD = {"text": "Прорвало трубу, топит подвал", "address": "Абая 12", "phone": "8 701 000 00 01"}


@pytest.fixture
def intake(service_database: Callable[[str], str], tmp_path: Path) -> Iterator[ServiceProcess]:
    """The service with an imported town and no broker in reach, behind a proxy of ours."""
    url = service_database("intake")
    put_city(url)
    environment = {
        "AVARIYKA_INTAKE_TRUSTED_PROXIES": "127.0.0.0/8",
        "AVARIYKA_INTAKE_WEB_REQUESTS_MOST": "8",
    }
    with ServiceProcess(["shared.run", "intake"], "intake", tmp_path, url, NOWHERE, environment) as process:
        yield process


@pytest.fixture
def browser(intake: ServiceProcess) -> Browser:
    return browser_at(intake, "203.0.113.5")


def browser_at(intake: ServiceProcess, address: str) -> Browser:
    def send(
        method: str, url: str, fields: Mapping[str, str], files: list[File], headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], str]:
        parts: list[Any] = [(name, (None, value)) for name, value in fields.items()]
        parts += [("photos", (name, content, "image/jpeg")) for name, content in files]
        answer = requests.request(
            method,
            intake.url + url,
            files=parts or None,
            headers={**headers, "X-Forwarded-For": f"198.51.100.1, {address}"},
            allow_redirects=False,
            timeout=60,
        )
        return answer.status_code, answer.headers, answer.content.decode("utf-8", "replace")

    return Browser(send)


def secret_of(page: Page) -> str:
    return page.url.partition("/s/")[2].partition("?")[0]


def test_a_form_with_photos_is_registered_without_a_broker(intake: ServiceProcess, browser: Browser) -> None:
    large = photos.jpeg((4000, 3000), point=photos.ABAY_12)
    page = browser.submit(browser.open("/"), files=[("a.jpg", large)], **GOOD, name="Айгуль", flat="15")
    assert "Заявка № 1001" in page.text
    assert "проспект Абая, 12, кв. 15" in page.text
    for event in events(intake):
        contracts.check("intake", event["type"], event["data"])
    (image,) = page.root.all("img")
    shown = requests.get(intake.url + image.get("src"), timeout=60)
    assert (shown.headers["Content-Type"], shown.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert max(int(image.get("width")), int(image.get("height"))) == 1600


def test_operators_see_the_photos_and_others_do_not(intake: ServiceProcess, browser: Browser) -> None:
    browser.submit(browser.open("/"), files=[("a.jpg", photos.jpeg(point=photos.ABAY_12))], **GOOD)
    (request_id,) = [e["subject"] for e in events(intake) if e["type"] == "request.registered"]
    listed = intake.get(f"/v1/requests/{request_id}/photos", headers=bearer()).json()["photos"]
    assert [(photo["width"], photo["height"], photo["lat"]) for photo in listed] == [(400, 300, 43.2402)]
    assert intake.get(listed[0]["url"], headers=bearer()).content[:2] == b"\xff\xd8"
    assert intake.get(listed[0]["url"]).status_code == 401
    assert intake.get(listed[0]["url"], headers=bearer(roles=("crew",))).status_code == 403
    nobody = f"/v1/photos/{request_id}"
    assert intake.get(nobody, headers=bearer()).json()["code"] == "photo_unknown"


def test_operators_read_what_a_resident_added(intake: ServiceProcess, browser: Browser) -> None:
    page = browser.submit(browser.open("/"), **GOOD)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: browser.submit(page, text="Код 15К, звоните 87015551122"), range(4)))
    (request_id,) = [e["subject"] for e in events(intake) if e["type"] == "request.registered"]
    (message,) = intake.get(f"/v1/requests/{request_id}/messages", headers=bearer()).json()["messages"]
    assert (message["channel"], message["text"]) == ("web", "Код 15К, звоните ***")
    assert [e["type"] for e in events(intake)].count("request.supplemented") == 1


def test_danger_added_later_is_registered_at_the_same_place(intake: ServiceProcess, browser: Browser) -> None:
    page = browser.submit(browser.open("/"), **GOOD)
    page = browser.submit(page, text="Вода у щитка", danger_electric="1", files=[("a.jpg", photos.jpeg())])
    assert "Заявка № 1002" in page.text
    assert len(list(page.root.all("img"))) == 1
    first, second = (e["data"] for e in events(intake) if e["type"] == "request.registered")
    assert (second["address"], second["contact_ref"]) == (first["address"], first["contact_ref"])


def test_a_request_is_called_off_once_however_often_that_is_said(
    intake: ServiceProcess, browser: Browser
) -> None:
    page = browser.submit(browser.open("/"), **{**GOOD, "text": "Капает кран"})
    asked = browser.open(f"{page.url.partition('?')[0]}/cancel")
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda _: browser.submit(asked), range(4)))
    assert all("Отменяем заявку" in page.text for page in pages)
    assert [e["type"] for e in events(intake)].count("request.cancelled") == 1


def test_a_button_pressed_many_times_at_once_is_one_request(intake: ServiceProcess, browser: Browser) -> None:
    form = browser.open("/")
    files = [("a.jpg", photos.jpeg())]
    with ThreadPoolExecutor(6) as pool:
        pages = list(pool.map(lambda _: browser.submit(form, files=files, **GOOD), range(6)))
    assert {secret_of(page) for page in pages} == {form.fields()["key"]}
    assert all("№ 1001" in page.text for page in pages)
    assert count(intake.database_url, "requests") == count(intake.database_url, "photos") == 1


def test_an_unclear_address_is_asked_about_over_the_wire(intake: ServiceProcess, browser: Browser) -> None:
    page = browser.submit(browser.open("/"), **{**GOOD, "address": "Садовая 5"})
    assert (page.status, len(page.choices())) == (422, 2)
    assert "№ 1001" in browser.submit(page, choice="2").text


def test_files_beyond_all_measure_are_refused_with_a_page(intake: ServiceProcess, browser: Browser) -> None:
    page = browser.submit(
        browser.open("/"), files=[("a.jpg", b"\0" * ((MOST_PHOTOS + 1) * LARGEST_BYTES))], **GOOD
    )
    assert (page.status, page.headers["Content-Type"]) == (413, "text/html; charset=utf-8")
    assert "Вернитесь на страницу назад" in page.text
    assert count(intake.database_url, "requests") == 0
    assert intake.get("/live").status_code == 200


def test_one_photo_that_is_too_large_does_not_hold_up_the_request(browser: Browser) -> None:
    page = browser.submit(browser.open("/"), files=[("a.jpg", b"\0" * (LARGEST_BYTES + 1))], **GOOD)
    assert "№ 1001" in page.text
    assert "Не удалось приложить фото: 1." in page.text


def test_callers_are_told_apart_behind_our_proxy(intake: ServiceProcess, browser: Browser) -> None:
    for _ in range(8):
        browser.submit(browser.open("/"), **GOOD)
    assert browser.submit(browser.open("/"), **GOOD).status == 429
    neighbour = browser_at(intake, "203.0.113.6")
    assert neighbour.submit(neighbour.open("/"), **GOOD).status == 200


@pytest.mark.rule("D-1.1-U7")
def test_neither_the_log_nor_the_database_knows_the_secret_of_a_link(
    intake: ServiceProcess, browser: Browser
) -> None:
    page = browser.submit(browser.open("/"), **GOOD, name="Айгуль")
    browser.open(page.url)
    browser.open(f"{page.url.partition('?')[0]}/photos/{'0' * 8}-0000-0000-0000-{'0' * 12}")
    log = intake.log.read_text(encoding="utf-8")
    for hidden in (secret_of(page), "7010000001", "Айгуль", "Прорвало"):
        assert hidden not in log
    assert count(intake.database_url, "links", f"digest LIKE '%{secret_of(page)}%'") == 0
    assert secret_of(page) not in json.dumps(events(intake))
    assert secret_of(page) not in intake.get("/metrics").text


def test_an_unknown_page_of_a_request_is_a_page(intake: ServiceProcess) -> None:
    answer = requests.get(f"{intake.url}/s/nothing", headers={"Accept-Language": "kk"}, timeout=60)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "Мұндай өтінім жоқ" in answer.text


def test_others_are_answered_while_photos_are_opened(intake: ServiceProcess, browser: Browser) -> None:
    """Opening photos is native work of a second or so; the service goes on meanwhile. What the machine itself
    holds up for once is tried again; a service that stands still does so every time."""
    heavy = photos.jpeg((6000, 4000), progressive=True, quality=95)
    files = [(f"{n}.jpg", heavy + bytes([n])) for n in range(MOST_PHOTOS)]

    def nobody_waits_for_all_of_it() -> bool:
        waits, form = [], browser.open("/")
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(browser.submit, form, files=files, **GOOD)
            while not sent.done():
                waits.append(intake.get("/live").elapsed.total_seconds())
        assert "Заявка №" in sent.result().text
        return len(waits) > 3 and max(waits) < 0.5 * sum(waits)

    assert any(nobody_waits_for_all_of_it() for _ in range(4))
