"""Every text a resident may read: it exists, its parameters fit, and its length does not grow unseen."""

import re
from string import ascii_letters, digits
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.alert_attempts import Attempt
from services.notify.domain.alert_lists import Means
from services.notify.domain.alerts import Alert, Subject
from services.notify.domain.sms import parts
from services.notify.domain.telling import ACCEPTED, ADVICE, OF_OUTAGES, TEMPLATES
from services.notify.schemas.alert_lists import read_shipped
from services.notify.schemas.alert_words import AlertWords, Links
from services.notify.wiring import writer
from shared.config import ROOT
from shared.i18n import LANGUAGES, Catalog
from tests.support.fakes import NOON
from tests.support.sealing import SEALER

LOCALE = ROOT / "services" / "notify" / "locale"
TEXTS = Catalog(LOCALE)
WRITE = writer(TEXTS, help_phone="109")
# A template that is not named here fits into one part in both languages. Growth costs money: decide on it.
PARTS = {
    **dict.fromkeys(ADVICE, (2, 2)),
    "completed_no_fault_found": (2, 2),
    "completed_no_access": (2, 2),
    "rejected": (2, 2),
    "consultation": (2, 2),
    "joined": (2, 2),
    "joined_planned": (2, 2),
    "consultation_billing": (2, 2),
}
LONGEST_NUMBER = "123456"
BASE64 = f"{ascii_letters}{digits}-_"


def text(language: str, template: str) -> str:
    params = {"time": "18:15"} if template == "crew_departed" else {}
    if template in ACCEPTED[1:]:
        params = {"time": "27.11 18:15"}
    if template in OF_OUTAGES:
        params = {
            "outage": "1234",
            "symptom": "no_cold_water",
            "until": "18:15",
            "tell_ru": "Ок",
            "tell_kk": "Әә",
        }
    return WRITE(language, template, LONGEST_NUMBER, params)


@pytest.mark.rule("6.12")
@pytest.mark.parametrize("template", TEMPLATES)
def test_parts_of_each_template_are_as_recorded(template: str) -> None:
    counted = tuple(parts(text(language, template)) for language in LANGUAGES)
    assert counted == PARTS.get(template, (1, 1))


@pytest.mark.rule("6.12")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_each_template_has_words_and_the_request_number(language: str, template: str) -> None:
    said = text(language, template)
    assert TEXTS.has(language, f"sms.{template}")
    assert f"№{LONGEST_NUMBER}" in said
    assert "{" not in said


@pytest.mark.parametrize("template", TEMPLATES)
def test_languages_are_not_mixed_up(template: str) -> None:
    assert text("ru", template) != text("kk", template)
    assert re.search("[әғқңөұүһі]", text("kk", template).lower())


def test_the_catalogues_hold_no_text_that_nobody_sends() -> None:
    for language in LANGUAGES:
        catalogue = (LOCALE / language / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
        assert set(re.findall(r'msgid "sms\.(\w+)"', catalogue)) == set(TEMPLATES)


@pytest.mark.rule("6.7")
@pytest.mark.parametrize("language", LANGUAGES)
def test_gas_advice_names_the_gas_service(language: str) -> None:
    assert "104" in text(language, "advice_gas")


def test_no_two_templates_say_the_same() -> None:
    """A lost answer of the provider is found again by number and exact text."""
    for language in LANGUAGES:
        said = [text(language, template) for template in TEMPLATES]
        assert len(set(said)) == len(said)


def alert_of(event: str, means: Means) -> tuple[Alert, Attempt]:
    wanted, place = read_shipped()[event], {"lat": "43.2389", "lon": "76.9264"}
    facts = {"address": "улица Кабанбай Батыра, 160", "number": LONGEST_NUMBER, **place}
    begun = Alert.started(UUID(int=1), wanted, "key", Subject(facts=facts), "system", NOON)
    return begun, Attempt(UUID(int=2), 0, "master", 1, means, NOON, NOON)


@pytest.mark.rule("6.12")
@pytest.mark.parametrize("event", read_shipped())
def test_an_alert_is_said_whole_in_both_languages(event: str) -> None:
    words = AlertWords(TEXTS, "АДС", "https://map.invalid/{lat}/{lon}", Links(SEALER, "https://n.invalid"))
    for language, number in (("ru", "Заявка 123456."), ("kk", "Өтінім 123456.")):
        alert, attempt = alert_of(event, Means.VOICE)
        said = words(alert, attempt, language)
        assert all(part in said for part in (alert.names[language], "Кабанбай Батыра, 160", number))
        written = words(*alert_of(event, Means.SMS), language)
        assert "https://map.invalid/43.2389/76.9264" in written
        assert parts(written) <= 4
        link = written.split()[-1]
        assert words.links.read(link.rsplit("/", 1)[1]) == attempt.id
    assert words.links.read("no-link-of-ours") is words.links.read("A" * 30) is None


@given(attempt_id=st.uuids(), place=st.integers(0, 29) | st.just(29))
def test_a_link_with_any_letter_changed_is_not_ours(attempt_id: UUID, place: int) -> None:
    """Also where base64 reads the same bytes: in the spare bits of the end, and past letters not its own."""
    links = Links(SEALER, "https://n.invalid")
    token = links.of(attempt_id).rsplit("/", 1)[1]
    spellings = (token[:place] + letter + token[place + 1 :] for letter in BASE64)
    assert [spelling for spelling in spellings if links.read(spelling)] == [token]
    assert links.read(f"{token[:place]}!!!!{token[place:]}") is None
