"""The sender's language, and what must not reach other services."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.language import LanguageReader
from services.intake.domain.privacy import MASK, mask_phones
from services.intake.schemas.lexicon import load_lexicon

READ = LanguageReader(load_lexicon())


@pytest.mark.rule("6.12")
@pytest.mark.parametrize(
    "text",
    [
        "Су жоқ",
        "су жок кошеде жарык жок",
        "uide su joq, qashan beresizder",
        "Uide ystyq su zhoq",
        "jylu joq, batareya salqyn",
        "kariz suyi agyp jatyr",
        "опять су жоқ, балалармен как жить???",
        "жарық жоқ со вчера, продукты портятся",
        "Лифт тағы сломался",
        "кубыр жарылды",
        "подъезде газ иісі бар",
    ],
)
def test_kazakh_is_heard_with_and_without_its_letters(text: str) -> None:
    guess = READ(text)
    assert (guess.language, guess.is_sure) == ("kk", True)


@pytest.mark.rule("6.12")
@pytest.mark.parametrize(
    "text",
    ["Нет воды", "Прорвало трубу, топит подвал", "nashem podezde net sveta", "лифт застрял", "топит соседи"],
)
def test_russian_is_heard_in_both_alphabets(text: str) -> None:
    guess = READ(text, usual="kk")
    assert (guess.language, guess.is_sure) == ("ru", True)


@pytest.mark.parametrize("text", ["12", "", "ok", "???"])
@pytest.mark.parametrize("usual", ["ru", "kk"])
def test_what_shows_no_language_is_in_the_usual_one(text: str, usual: str) -> None:
    guess = READ(text, usual)
    assert (guess.language, guess.is_sure) == (usual, False)


@pytest.mark.rule("D-1.1-U7")
@pytest.mark.parametrize(
    "number",
    ["87012345678", "+7 701 234 56 78", "8 (701) 234-56-78", "234-56-78", "+49 30 901820", "7012345678"],
)
def test_phone_numbers_are_masked(number: str) -> None:
    assert mask_phones(f"нет воды, звоните {number}, срочно") == f"нет воды, звоните {MASK}, срочно"


def test_a_mail_address_is_masked_like_a_number() -> None:
    assert mask_phones("пишите на a.b-c@mail.example.kz, срочно") == f"пишите на {MASK}, срочно"


@pytest.mark.parametrize(
    "text", ["Абая 12 кв 5", "с 18:30 до 19:00", "дом 31/1б, подъезд 2, этаж 5", "с 2026-11-24", "5 дней"]
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_phones(text) == text


@given(st.text(max_size=50), st.integers(min_value=7_000_000_0000, max_value=7_999_999_9999))
def test_no_eleven_digits_in_a_row_survive(text: str, number: int) -> None:
    assert str(number) not in mask_phones(f"{text} {number} {text}")
