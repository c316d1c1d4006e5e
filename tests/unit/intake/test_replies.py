"""Texts to residents: natural length in SMS parts, both languages, nothing left untranslated."""

import re
from dataclasses import replace

import pytest

from services.intake.domain.addresses import Candidate
from services.intake.domain.conversation import Answer
from services.intake.domain.replies import render
from shared.config import ROOT
from shared.i18n import LANGUAGES, Catalog
from tests.unit.intake.examples import listener

LOCALE = ROOT / "services" / "intake" / "locale"
CATALOG = Catalog(LOCALE)
_MSGID = re.compile(r'^msgid "(.+)"$', re.MULTILINE)

LONG = replace(
    listener().resolver.resolve("Сатпаева 76а").candidates[0].address,
    text="улица Ахмета Байтурсынова, 116/120к1",
    text_kk="Ахмет Байтұрсынұлы көшесі, 116/120к1",
)
CANDIDATE = Candidate(LONG, 1.0, (), (0, 1), "Бостандыкский район", "Бостандық ауданы")


def sms_parts(text: str) -> int:
    """Parts of a message in UCS-2: 70 units alone, 67 in each of several (Twilio's and GSM's rule)."""
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= 70 else -(-units // 67)


@pytest.mark.rule("6.12")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("answer", "parts"),
    [
        (Answer("sms.registered", {"number": 1001, "address": LONG}), 2),
        (Answer("sms.ask_address"), 1),
        (Answer("sms.ask_address_and_problem"), 1),
        (Answer("sms.ask_house", {"street": CANDIDATE}), 2),
        (Answer("sms.ask_problem", {"address": LONG}), 1),
        (Answer("sms.ask_contact"), 1),
        (Answer("sms.ask_choice", {"choices": (CANDIDATE,) * 3}), 4),
        (Answer("sms.operator_will_call"), 2),
        (Answer("sms.already_registered", {"number": 1001}), 2),
    ],
)
def test_answers_stay_within_few_sms_parts(answer: Answer, parts: int, language: str) -> None:
    assert sms_parts(render(CATALOG, language, answer)) <= parts


def test_a_usual_registration_is_one_sms() -> None:
    usual = listener().resolver.resolve("Абая 12").candidates[0]
    answer = Answer("sms.registered", {"number": 10423, "address": usual})
    assert [sms_parts(render(CATALOG, language, answer)) for language in LANGUAGES] == [1, 1]


def test_choices_alike_are_told_apart_by_their_district() -> None:
    answer = Answer(
        "sms.ask_choice", {"choices": (CANDIDATE, replace(CANDIDATE, district_ru="Медеуский район"))}
    )
    lines = render(CATALOG, "ru", answer).splitlines()
    assert (lines[1].endswith("Бостандыкский район"), lines[2].endswith("Медеуский район")) == (True, True)


def test_both_catalogues_have_the_same_texts() -> None:
    russian, kazakh = (
        _MSGID.findall((LOCALE / language / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8"))
        for language in LANGUAGES
    )
    assert russian == kazakh
    assert [msgid for msgid in russian if not CATALOG.has("ru", msgid)] == []
