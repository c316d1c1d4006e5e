"""The residents' pages, used as a browser without JavaScript uses them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO, Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import pytest

from services.intake.domain.hearing import Listener
from services.intake.domain.photos import MOST_PHOTOS, Picture
from services.intake.domain.standing import CrewReport, Deadline, Standing
from services.intake.domain.throttle import Throttle
from services.intake.schemas.images import clean_all
from services.intake.schemas.pages import Pages, style_path
from services.intake.schemas.web import TRAP
from services.intake.usecases.erasure import erase_by_phone
from shared.clock import FixedClock
from shared.config import ROOT
from shared.i18n import LANGUAGES, Catalog
from tests.support import contracts
from tests.support.fakes import NOON
from tests.unit.intake import photos
from tests.unit.intake.browser import Browser, Element, Page, in_process
from tests.unit.intake.examples import listener
from tests.unit.intake.fakes import FakeUnitOfWork
from tests.unit.triage.shipped import decide

GOOD = {"text": "Прорвало трубу, топит подвал", "address": "Абая 12", "phone": "8 701 000 00 01"}
CATALOG = Catalog(ROOT / "services" / "intake" / "locale")


@dataclass
class FakeWiring:
    """The pages' surroundings, with one store in memory."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))
    store: FakeUnitOfWork = field(init=False)
    pages: Pages = field(default_factory=lambda: Pages(CATALOG, ZoneInfo("Asia/Almaty")))
    web_throttle: Throttle = field(default_factory=lambda: Throttle(5, timedelta(minutes=10)))
    trusted_proxies: tuple[Any, ...] = ()
    listener: Listener = field(default_factory=listener)
    catalog: Catalog = CATALOG

    def __post_init__(self) -> None:
        self.store = FakeUnitOfWork(self.clock)

    def uow(self) -> FakeUnitOfWork:
        return self.store

    def pictures_in(self, files: Sequence[IO[bytes]]) -> list[Picture]:
        return clean_all(files)

    def title(self, error: Any, language: str) -> str:
        return self.catalog.text(language, f"error.{error.code}")


@pytest.fixture
def wiring() -> FakeWiring:
    return FakeWiring()


@pytest.fixture
def browser(wiring: FakeWiring) -> Browser:
    return Browser(in_process(wiring))


def requests_of(wiring: FakeWiring) -> list[Any]:
    return list(wiring.store.requests.rows.values())


# The form


@pytest.mark.rule("6.1")
@pytest.mark.rule("D-1.1-U1")
def test_a_complete_form_is_registered_and_leads_to_its_page(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **GOOD, entrance="2", flat="15", name="Айгуль")
    assert page.status == 200
    for shown in ("Заявка № 1001", "Принята", GOOD["text"], "проспект Абая, 12, подъезд 2, кв. 15"):
        assert shown in page.text
    (request,) = requests_of(wiring)
    assert (request.channel, request.language, request.number) == ("web", "ru", 1001)
    contact = wiring.store.contacts.by_ref(request.contact_ref)
    assert contact is not None
    assert (contact.phone, contact.name) == ("+77010000001", "Айгуль")
    for event in wiring.store.emitted:
        contracts.check("intake", event.type, event.data)
    assert wiring.store.types() == ["contact.known", "request.registered"]


def test_the_page_shows_no_number_and_no_name(browser: Browser) -> None:
    page = browser.submit(browser.open("/"), **GOOD, name="Айгуль")
    assert "Айгуль" not in page.html
    assert "7010000001" not in page.html.replace(" ", "")
    assert "+7 701 *** ** 01" in page.text


def test_a_form_sent_twice_is_one_request(browser: Browser, wiring: FakeWiring) -> None:
    form = browser.open("/")
    first, second = browser.submit(form, **GOOD), browser.submit(form, **GOOD)
    assert (first.url, first.text) == (second.url, second.text)
    assert len(requests_of(wiring)) == 1
    assert wiring.store.types().count("request.registered") == 1


def test_another_trouble_from_an_old_page_is_asked_about_not_lost(
    browser: Browser, wiring: FakeWiring
) -> None:
    form = browser.open("/")
    browser.submit(form, **GOOD)
    page = browser.submit(form, **{**GOOD, "text": "Нет света во всём подъезде"})
    assert "уже отправлена заявка № 1001" in page.text
    assert page.fields()["text"] == "Нет света во всём подъезде"
    assert "1002" in browser.submit(page).text
    assert [request.number for request in requests_of(wiring)] == [1001, 1002]


def test_a_form_without_its_secret_is_taken_all_the_same(browser: Browser, wiring: FakeWiring) -> None:
    for secret in ("", "short", "../../x" * 6):
        assert browser.submit(browser.open("/"), **GOOD, key=secret).status == 200
    assert len(requests_of(wiring)) == 3


@pytest.mark.parametrize(
    ("left_out", "complaint"),
    [
        ("text", "Напишите, что случилось."),
        ("address", "Напишите адрес: улицу и номер дома."),
        ("phone", "Напишите номер телефона, по которому можно позвонить, например: +7 701 000 00 01."),
    ],
)
@pytest.mark.rule("D-1.1-U3")
def test_what_is_missing_is_said_at_its_field_and_the_rest_is_kept(
    browser: Browser, left_out: str, complaint: str
) -> None:
    page = browser.submit(browser.open("/"), **{**GOOD, left_out: ""}, flat="7", name="Айгуль")
    assert page.status == 422
    assert page.complaints == {left_out: complaint}
    assert "Ошибка: Сообщить об аварии" in page.html
    fields = page.fields()
    assert {name: fields[name] for name in GOOD} == {**GOOD, left_out: ""}
    assert (fields["flat"], fields["name"]) == ("7", "Айгуль")
    assert "№ 1001" in browser.submit(page, **GOOD).text


def test_who_gives_up_half_way_left_a_draft_for_an_operator(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **{**GOOD, "phone": "нет"})
    assert list(page.complaints) == ["phone"]
    (draft,) = requests_of(wiring)
    assert (draft.missing, draft.problem) == (("contact",), GOOD["text"])
    browser.submit(page, phone=GOOD["phone"])
    (request,) = requests_of(wiring)
    assert request.number == 1001


def test_an_unclear_address_comes_back_with_choices(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **{**GOOD, "address": "Садовая 5"})
    assert page.complaints == {"address": "Выберите верный адрес или напишите его точнее."}
    assert len(page.choices()) == 2
    assert page.choices()[1] == "Садовая улица, 5, Западный район"
    done = browser.submit(page, choice="2")
    assert "№ 1001" in done.text
    assert requests_of(wiring)[0].address.district == "west"


def test_a_choice_does_not_outlive_its_address(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **{**GOOD, "address": "Садовая 5"})
    browser.submit(page, choice="2", address="Абая 12")
    assert requests_of(wiring)[0].address.text == "проспект Абая, 12"


@pytest.mark.parametrize("choice", ["3", "0", "x", "-1", "99999999999"])
def test_a_choice_nobody_offered_is_asked_again(browser: Browser, choice: str) -> None:
    page = browser.submit(browser.open("/"), **{**GOOD, "address": "Садовая 5"})
    assert browser.submit(page, choice=choice).complaints.keys() == {"address"}


def test_an_address_that_cannot_be_found_goes_to_an_operator_if_the_resident_says_so(
    browser: Browser, wiring: FakeWiring
) -> None:
    page = browser.submit(browser.open("/"), **{**GOOD, "address": "за гаражами у третьей трубы"})
    assert page.complaints == {"address": "Такого адреса не нашли: проверьте улицу и номер дома."}
    done = browser.submit(page, button="as_is")
    assert "Диспетчер позвонит вам" in done.text
    assert "за гаражами у третьей трубы" in done.text
    (draft,) = requests_of(wiring)
    assert (draft.is_draft, draft.needs_operator) == (True, True)
    assert wiring.store.types() == ["contact.known", "request.drafted", "request.drafted"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("danger", "hazard"),
    [
        ("gas", "gas"),
        ("electric", "flooding_live"),
        ("trapped", "people_trapped"),
        ("collapse", "collapse"),
    ],
)
def test_a_danger_that_was_ticked_is_understood_by_whoever_reads_the_request(
    wiring: FakeWiring, language: str, danger: str, hazard: str
) -> None:
    browser = Browser(in_process(wiring), language)
    browser.submit(browser.open("/"), **{**GOOD, "text": "12"}, **{f"danger_{danger}": "1"})
    told = wiring.store.emitted[-1].data["text"]
    assert hazard in listener().troubles(told).dangers
    assert hazard in decide(told).hazards
    assert decide(told).category == "emergency"


def test_a_tick_stays_while_the_form_comes_back(browser: Browser) -> None:
    page = browser.submit(browser.open("/"), **{**GOOD, "phone": ""}, danger_gas="1")
    assert {name for name in page.fields() if name.startswith("danger")} == {"danger_gas"}


def test_a_tick_alone_says_what_happened(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **{**GOOD, "text": ""}, danger_trapped="1")
    assert "№ 1001" in page.text
    assert requests_of(wiring)[0].problem == "В лифте застряли люди."


@pytest.mark.parametrize("field_name", ["text", "address", "phone", "name", "flat"])
def test_a_text_that_is_too_long_comes_back_whole(
    browser: Browser, wiring: FakeWiring, field_name: str
) -> None:
    long = "ж" * 4001
    page = browser.submit(browser.open("/"), **{**GOOD, field_name: long})
    assert page.complaints[field_name].startswith("Не длиннее")
    assert page.fields()[field_name] == long
    assert requests_of(wiring) == []


# Languages


@pytest.mark.rule("6.12")
def test_the_browser_chooses_the_language_and_the_resident_may_change_it(wiring: FakeWiring) -> None:
    send = in_process(wiring)
    assert next(Browser(send, "kk-KZ,ru;q=0.8").open("/").root.all("html")).get("lang") == "kk"
    page = Browser(send).open("/")
    switch = next(link for link in page.root.all("a") if link.text == "Қазақша")
    page = Browser(send).open(urljoin(page.url, switch.get("href")))
    assert "Апат туралы хабарлау" in page.text
    done = Browser(send).submit(page, **{**GOOD, "text": "12"})
    assert "№ 1001 өтінім" in done.text
    assert requests_of(wiring)[0].language == "kk"


def test_who_writes_kazakh_on_a_russian_page_is_answered_in_kazakh(
    browser: Browser, wiring: FakeWiring
) -> None:
    browser.submit(browser.open("/"), **{**GOOD, "text": "Құбыр жарылды"})
    assert requests_of(wiring)[0].language == "kk"


def test_another_language_half_way_loses_nothing(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **{**GOOD, "phone": ""})
    page = browser.submit(page, button="only_language", text="Прорвало две трубы")
    assert "Не болды" in page.text
    assert page.fields()["text"] == "Прорвало две трубы"
    assert page.complaints == {}


# Bots and floods


def test_who_fills_in_the_trap_presses_once_more(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **GOOD, **{TRAP: "http://buy.example"})
    assert requests_of(wiring) == []
    assert "ещё раз" in page.text
    assert "№ 1001" in browser.submit(page).text


def test_a_flood_is_bounded_and_danger_passes(browser: Browser, wiring: FakeWiring) -> None:
    for _ in range(5):
        browser.submit(browser.open("/"), **GOOD)
    page = browser.submit(browser.open("/"), **GOOD)
    assert (page.status, len(requests_of(wiring))) == (429, 5)
    assert page.fields()["text"] == GOOD["text"]
    assert "№ 1006" in browser.submit(page, danger_gas="1").text
    wiring.clock.advance(timedelta(minutes=10))
    assert "№ 1007" in browser.submit(browser.open("/"), **GOOD).text


# The page of a request


def stand(wiring: FakeWiring, state: str, sequence: int = 4, **more: Any) -> None:
    """The journal says how the first request stands."""
    at = NOON + timedelta(hours=1)
    with wiring.store as uow:
        uow.standings.put(Standing(requests_of(wiring)[0].id, state, at, sequence, **more))
        uow.commit()


def secret_of(page: Page) -> str:
    return page.url.partition("/s/")[2].partition("?")[0]


def test_the_page_follows_the_official_state(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **GOOD)
    stand(wiring, "in_work")
    shown = browser.open(page.url).text
    assert "Бригада работает" in shown
    assert "24 ноября, 18:00" in shown


def test_the_page_tells_by_when_somebody_comes(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **GOOD)
    due = Deadline("arrive", NOON + timedelta(minutes=40))
    stand(wiring, "transferred", deadlines=(due,))
    assert "План: бригада приедет до 24 ноября, 17:40" in browser.open(page.url).text
    with wiring.store as uow:
        id_ = requests_of(wiring)[0].id
        report = CrewReport(id_, "departed", NOON + timedelta(hours=2), NOON + timedelta(hours=3))
        uow.standings.put_crew(report)
        uow.commit()
    shown = browser.open(page.url).text
    assert "Бригада едет" in shown
    assert "Бригада будет около 24 ноября, 20:00" in shown


def test_who_is_late_says_so(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **GOOD)
    stand(wiring, "transferred", overdue=True)
    assert "Задерживаемся, диспетчер это видит." in browser.open(page.url).text


def test_an_unknown_link_says_nothing(browser: Browser) -> None:
    browser.submit(browser.open("/"), **GOOD)
    for secret in ("x" * 43, "1001", "%27%20OR%201=1", "ж"):
        page = browser.open(f"/s/{secret}")
        assert page.status == 404
        assert "Такой заявки нет" in page.text
        assert "1001" not in page.text.replace("101", "")


@pytest.mark.rule("D-1.1-U7")
def test_only_a_digest_of_the_link_is_kept(browser: Browser, wiring: FakeWiring) -> None:
    secret = browser.submit(browser.open("/"), **GOOD).url.partition("/s/")[2].partition("?")[0]
    assert len(secret) >= 22, "128 bits"
    assert secret not in repr(wiring.store.links.rows)
    assert len(wiring.store.links.rows) == 1


# Photos


def shown_photos(page: Page) -> list[str]:
    return [image.get("src") for image in page.root.all("img")]


def test_photos_are_kept_with_the_request_and_shown_to_whoever_has_the_link(
    browser: Browser, wiring: FakeWiring
) -> None:
    files = [("a.jpg", photos.jpeg()), ("b.png", photos.jpeg((20, 20), kind="PNG"))]
    page = browser.submit(browser.open("/"), files=files, **GOOD)
    first, second = shown_photos(page)
    assert browser.open(first).headers["Content-Type"] == "image/jpeg"
    assert "sandbox" in browser.open(first).headers["Content-Security-Policy"]
    other = browser.submit(browser.open("/"), **GOOD).url.partition("?")[0]
    assert browser.open(f"{other}/photos/{second.rpartition('/')[2]}").status == 404


def test_a_bad_photo_does_not_hold_up_the_request(browser: Browser, wiring: FakeWiring) -> None:
    files = [("a.jpg", photos.SVG), ("b.jpg", photos.BOMB), ("c.jpg", photos.jpeg())]
    page = browser.submit(browser.open("/"), files=files, **GOOD)
    assert "№ 1001" in page.text
    assert "Не удалось приложить фото: 2." in page.text
    assert len(shown_photos(page)) == 1


def test_a_request_has_so_many_photos_and_no_more(browser: Browser, wiring: FakeWiring) -> None:
    files = [(f"{side}.jpg", photos.jpeg((side, side))) for side in range(10, 10 + 2 * (MOST_PHOTOS + 1), 2)]
    page = browser.submit(browser.open("/"), files=files, **GOOD)
    assert len(shown_photos(page)) == MOST_PHOTOS
    assert "Не удалось приложить фото: 1." in page.text


def test_photos_wait_with_the_draft_while_the_form_comes_back(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(
        browser.open("/"), files=[("a.jpg", photos.jpeg())], **{**GOOD, "address": "Садовая 5"}
    )
    assert "Уже приложено: 1." in page.text
    done = browser.submit(page, choice="1", files=[("a.jpg", photos.jpeg()), ("b.jpg", photos.jpeg((9, 9)))])
    assert len(shown_photos(done)) == 2, "the same photo once"


def test_photos_that_were_not_kept_are_asked_for_again(browser: Browser) -> None:
    page = browser.submit(browser.open("/"), files=[("a.jpg", photos.jpeg())], phone=GOOD["phone"])
    assert page.complaints["photos"] == "Выберите фото ещё раз: браузер не отправит их сам."


def test_the_place_of_a_photo_is_offered_if_no_address_was_typed(
    browser: Browser, wiring: FakeWiring
) -> None:
    files = [("a.jpg", photos.jpeg(point=photos.ABAY_12)), ("b.jpg", photos.jpeg((9, 9), point=(51.0, 71.0)))]
    page = browser.submit(browser.open("/"), files=files, **{**GOOD, "address": ""})
    assert page.complaints["address"].startswith("Судя по фото, это здесь.")
    assert page.choices() == ["проспект Абая, 12, Восточный район"]
    assert "№ 1001" in browser.submit(page, choice="1").text
    assert requests_of(wiring)[0].address.building_id == "osm-w1"


def test_what_is_typed_goes_before_where_a_photo_was_taken(browser: Browser, wiring: FakeWiring) -> None:
    files = [("a.jpg", photos.jpeg(point=photos.ABAY_12))]
    browser.submit(browser.open("/"), files=files, **{**GOOD, "address": "Гоголя 10"})
    assert requests_of(wiring)[0].address.text == "улица Гоголя, 10"


# What a resident adds


def test_words_and_photos_are_added_to_a_request(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **GOOD)
    page = browser.submit(page, text="Код домофона 15К", files=[("a.jpg", photos.jpeg())])
    assert "Добавлено: диспетчер это увидит." in page.text
    assert "Код домофона 15К" in page.text
    assert len(shown_photos(page)) == 1
    told = wiring.store.emitted[-1]
    assert (told.type, told.data["photos"]) == ("request.supplemented", 1)
    contracts.check("intake", told.type, told.data)


def test_an_addition_sent_twice_is_one(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **GOOD)
    for _ in range(2):
        browser.submit(page, text="Код домофона 15К")
    assert wiring.store.types().count("request.supplemented") == 1


def test_nothing_added_is_said(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.submit(browser.open("/"), **GOOD))
    assert "Напишите, что добавить, или выберите фото." in page.text
    assert "request.supplemented" not in wiring.store.types()


def test_danger_that_comes_later_is_a_request_of_its_own(browser: Browser, wiring: FakeWiring) -> None:
    first = browser.submit(browser.open("/"), **GOOD, flat="15")
    page = browser.submit(first, text="Вода дошла до щитка", danger_electric="1")
    assert "Заявка № 1002" in page.text
    assert "Это новая заявка" in page.text
    assert secret_of(page) != secret_of(first)
    one, other = requests_of(wiring)
    assert (other.address, other.contact_ref, other.details) == (one.address, one.contact_ref, one.details)
    assert other.problem.endswith("Это дополнение к заявке № 1001.")
    assert "flooding_live" in listener().troubles(other.problem).dangers
    again = browser.submit(first, text="Вода дошла до щитка", danger_electric="1")
    assert (len(requests_of(wiring)), "№ 1001" in again.text) == (2, True)


def test_what_comes_after_the_work_is_over_is_a_new_request(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **GOOD)
    stand(wiring, "closed")
    assert "Случилось снова?" in browser.open(page.url).text
    assert "№ 1002" in browser.submit(page, text="Опять течёт").text


def test_what_is_added_to_a_draft_is_part_of_it(browser: Browser, wiring: FakeWiring) -> None:
    asked = browser.submit(browser.open("/"), **{**GOOD, "address": "за гаражами"})
    page = browser.submit(browser.submit(asked, button="as_is"), text="У зелёных ворот")
    (draft,) = requests_of(wiring)
    assert draft.problem == f"{GOOD['text']}\nУ зелёных ворот"
    assert "У зелёных ворот" in page.text


@pytest.mark.rule("6.8")
def test_danger_that_is_told_in_words_need_not_be_ticked(browser: Browser, wiring: FakeWiring) -> None:
    first = browser.submit(browser.open("/"), **GOOD)
    browser.submit(first, text="Теперь ещё искрит щиток")
    assert len(requests_of(wiring)) == 2


def test_additions_are_bounded_as_requests_are(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **GOOD)
    for text in "abcde":
        last = browser.submit(browser.open(page.url), text=text)
    assert "слишком много сообщений" in last.text
    assert wiring.store.types().count("request.supplemented") == 4


@pytest.mark.rule("D-1.1-U7")
def test_who_is_forgotten_leaves_no_photo_no_words_and_no_link(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), files=[("a.jpg", photos.jpeg())], **GOOD)
    page = browser.submit(page, text="Код домофона 15К")
    stand(wiring, "closed")
    erase_by_phone(wiring.store, "+77010000001")
    assert browser.open(page.url).status == 404
    assert wiring.store.photos.rows == {}
    assert [row["body"] for row in wiring.store.messages.rows.values()] == [""]


# Calling off


def cancel(browser: Browser, page: Page) -> Page:
    """Follow the link on the page of a request and say yes."""
    link = next(a for a in browser.open(page.url).root.all("a") if a.text == "Отменить заявку")
    return browser.submit(browser.open(link.get("href")))


def test_a_request_is_called_off_by_its_link(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **{**GOOD, "text": "Капает кран"})
    asked = browser.open(f"{page.url.partition('?')[0]}/cancel")
    assert "Отменить заявку № 1001?" in asked.text
    assert "request.cancelled" not in wiring.store.types(), "asking is not yet calling off"
    page = cancel(browser, page)
    assert "Отменяем заявку" in page.text
    told = wiring.store.emitted[-1]
    assert (told.type, told.data["channel"], told.data["needs_person"]) == ("request.cancelled", "web", False)
    contracts.check("intake", told.type, told.data)
    assert "Вы просили отменить эту заявку." in browser.open(page.url).text
    browser.submit(asked)
    assert wiring.store.types().count("request.cancelled") == 1


def test_danger_is_not_called_off_by_a_click(browser: Browser, wiring: FakeWiring) -> None:
    page = cancel(browser, browser.submit(browser.open("/"), **GOOD, danger_gas="1"))
    assert "Вам позвонит диспетчер." in page.text
    assert wiring.store.emitted[-1].data["needs_person"] is True


def test_what_is_over_cannot_be_called_off(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **GOOD)
    asked = browser.open(f"{page.url.partition('?')[0]}/cancel")
    stand(wiring, "closed")
    assert "Отменить заявку" not in browser.open(page.url).text
    assert "Отменять нечего" in browser.submit(asked).text
    assert "request.cancelled" not in wiring.store.types()


def test_a_draft_is_dropped_at_a_word(browser: Browser, wiring: FakeWiring) -> None:
    asked = browser.submit(browser.open("/"), **{**GOOD, "text": "Капает кран", "address": "за гаражами"})
    cancel(browser, browser.submit(asked, button="as_is"))
    (draft,) = requests_of(wiring)
    assert draft.is_dropped


def test_a_form_that_was_called_off_begins_anew(browser: Browser, wiring: FakeWiring) -> None:
    form = browser.submit(browser.open("/"), **{**GOOD, "text": "Капает кран", "address": "за гаражами"})
    cancel(browser, browser.submit(form, button="as_is"))
    page = browser.submit(form, address="Абая 12")
    assert "№ 1001" in browser.submit(page).text


# «Is it fixed?»


@pytest.mark.rule("D-2.B-U4")
def test_not_fixed_is_said_with_a_button_once_however_often_it_is_pressed(
    browser: Browser, wiring: FakeWiring
) -> None:
    page = browser.submit(browser.open("/"), **GOOD)
    assert "Исправлено?" not in page.text
    wiring.clock.advance(timedelta(hours=2))
    stand(wiring, "closed")
    asked = browser.open(page.url.partition("?")[0])
    assert "Исправлено?" in asked.text
    answered = browser.submit(asked, at="judge", fixed="no")
    assert "Поняли: не исправлено. Заявку вернули диспетчеру." in answered.text
    browser.submit(asked, at="judge", fixed="no")
    told = [event for event in wiring.store.emitted if event.type == "request.result_judged"]
    assert [(one.data["fixed"], one.data["channel"]) for one in told] == [(False, "web")]
    contracts.check("intake", told[0].type, told[0].data)
    stand(wiring, "returned", 5)
    assert "исправлено" not in browser.open(page.url.partition("?")[0]).text


def test_who_said_that_it_is_fixed_may_still_say_that_it_is_not(browser: Browser, wiring: FakeWiring) -> None:
    page = browser.submit(browser.open("/"), **GOOD)
    wiring.clock.advance(timedelta(hours=2))
    stand(wiring, "closed")
    asked = browser.open(page.url.partition("?")[0])
    answered = browser.submit(asked, at="judge", fixed="yes")
    assert "Спасибо! Отметили: исправлено." in answered.text
    assert "Вы ответили: исправлено." in answered.text
    assert "Да, исправлено" not in answered.text
    assert "не исправлено" in browser.submit(answered, at="judge", fixed="no").text
    assert wiring.store.types().count("request.result_judged") == 2


def test_nothing_is_judged_before_the_end_of_the_work_or_weeks_after_it(
    browser: Browser, wiring: FakeWiring
) -> None:
    page = browser.submit(browser.open("/"), **GOOD)
    wiring.clock.advance(timedelta(hours=2))
    stand(wiring, "closed")
    asked = browser.open(page.url.partition("?")[0])
    stand(wiring, "in_work", 5)
    assert "Ответить уже нельзя" in browser.submit(asked, at="judge", fixed="no").text
    stand(wiring, "closed", 6)
    assert "Исправлено?" in browser.submit(asked, at="judge", fixed="maybe").text
    wiring.clock.advance(timedelta(days=15))
    late = browser.open(page.url.partition("?")[0])
    assert "Исправлено?" not in late.text
    assert "Ответить уже нельзя" in browser.submit(asked, at="judge", fixed="no").text
    assert "request.result_judged" not in wiring.store.types()


# Outages


def test_a_request_that_rides_on_another_says_so_and_may_be_split_off(
    browser: Browser, wiring: FakeWiring
) -> None:
    neighbours = {**GOOD, "text": "Нет холодной воды во всём доме"}
    browser.submit(browser.open("/"), **neighbours, flat="1")
    page = browser.submit(browser.open("/"), **{**neighbours, "phone": "8 701 000 00 02"}, flat="15")
    assert "Об этом уже сообщили" in page.text
    assert "Присоединена к массовой аварии" in page.text
    page = browser.submit(page)
    assert "направим специалиста отдельно" in page.text
    assert "У меня другое" not in page.text
    assert "request.split" in wiring.store.types()


# Safety


ATTACKS = [
    '"><script>alert(1)</script>',
    "' onfocus=alert(1) autofocus '",
    "{{ 7 * 7 }}",
    "</textarea><img src=x>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_typed_stays_text(browser: Browser, attack: str) -> None:
    for page in (
        browser.submit(
            browser.open("/"), **dict.fromkeys(("text", "address", "entrance", "phone", "name"), attack)
        ),
        browser.submit(browser.open("/"), **{**GOOD, "text": attack, "flat": attack[:10], "name": attack}),
    ):
        elements = list(page.root.all())
        assert not [element for element in elements if element.tag in ("script", "img")]
        assert not [e for e in elements if any(name.startswith("on") for name in e.attributes)]
        assert attack in page.root.text or attack in str([element.attributes for element in elements])


def every_page(browser: Browser, language: str) -> dict[str, Page]:
    first = browser.open(f"/?lang={language}")
    unclear = browser.submit(first, **{**GOOD, "address": "Садовая 5"})
    return {
        "form": first,
        "empty": browser.submit(first),
        "choices": unclear,
        "registered": browser.submit(unclear, choice="1"),
        "drafted": browser.submit(
            browser.submit(browser.open(f"/?lang={language}"), **{**GOOD, "address": "там"}), button="as_is"
        ),
        "unknown": browser.open(f"/s/nothing?lang={language}"),
    }


def test_every_page_is_sent_with_the_headers_that_keep_it_safe(browser: Browser) -> None:
    for page in every_page(browser, "ru").values():
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert "noindex" in page.headers["X-Robots-Tag"]


def test_the_style_sheet_may_be_kept_for_ever(browser: Browser) -> None:
    style = browser.open(style_path())
    assert "immutable" in style.headers["Cache-Control"]
    assert browser.open("/assets/0123456789abcdef.css").status == 404


# For everyone


Check = Callable[[Element], list[str]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_can_be_used_by_everyone(browser: Browser, language: str) -> None:
    for name, page in every_page(browser, language).items():
        for check in (
            languages_are_told,
            headings_are_in_order,
            controls_are_labelled,
            references_lead_somewhere,
        ):
            assert check(page.root) == [], f"{name}: {check.__name__}"
        assert next(page.root.all("html")).get("lang") == language
        assert len(list(page.root.all("script"))) == 0
        assert "web." not in page.text, "every text is translated"
        assert "state." not in page.text


def languages_are_told(root: Element) -> list[str]:
    """The word for a language is in that language."""
    words = {"Русский": "ru", "Қазақша": "kk"}
    return [e.text for e in root.all("a", "b", "button") if words.get(e.text, e.get("lang")) != e.get("lang")]


def headings_are_in_order(root: Element) -> list[str]:
    """One h1; after it no level is skipped."""
    levels = [int(element.tag[1]) for element in root.all("h1", "h2", "h3")]
    return [] if levels.count(1) == 1 and set(levels) <= {1, 2} else [str(levels)]


def controls_are_labelled(root: Element) -> list[str]:
    labelled = {label.get("for") for label in root.all("label") if label.text.strip()}
    controls = [c for c in root.all("input", "textarea") if c.get("type") != "hidden"]
    buttons = [button.get("name") for button in root.all("button", "a") if not button.text.strip()]
    return buttons + [control.get("name") for control in controls if control.get("id") not in labelled]


def references_lead_somewhere(root: Element) -> list[str]:
    ids = [element.get("id") for element in root.all() if element.get("id")]
    assert len(ids) == len(set(ids)), "an id is one element's"
    wanted = [
        reference
        for element in root.all()
        for name in ("for", "aria-describedby", "aria-labelledby")
        for reference in element.get(name).split()
    ]
    wanted += [a.get("href")[1:] for a in root.all("a") if a.get("href").startswith("#")]
    return [reference for reference in wanted if reference not in ids]
