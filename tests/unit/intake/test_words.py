"""Folding, stemming, tokens: the same name in two languages and three alphabets is one key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.tokens import MAX_TOKENS, Kind, Tokeniser
from services.intake.schemas.lexicon import load_lexicon

LEXICON = load_lexicon()
TOKENISE = Tokeniser(LEXICON)


@pytest.mark.parametrize(
    "spellings",
    [
        ("Абая", "Абаю", "Абай", "Abaya", "Abay"),
        ("Жамбыл", "Джамбыл", "Zhambyl", "Jambyl"),
        ("Гоголя", "Гоголь", "Gogolya"),
        ("Ташкентская", "Ташкентской", "Ташкентскую"),
        ("Наурызбая", "Наурызбай"),
        ("Тәуелсіздік", "тауелсиздик", "Tauelsizdik"),
        ("Мақатаев", "Макатаева"),
        ("жоқ", "жок", "joq", "zhoq", "jok"),
    ],
)
def test_spellings_of_one_word_meet(spellings: tuple[str, ...]) -> None:
    assert len({LEXICON.stem(LEXICON.fold(word)) for word in spellings}) == 1


@pytest.mark.parametrize(
    ("house", "key"),
    [
        ("24Д", "24d"),
        ("24-Д", "24d"),
        ("24D", "24d"),
        ('52 "Б"', "52b"),
        ("7 к1", "7k1"),
        ("7к1", "7k1"),
        ("7 корпус 1", "7k1"),
        ("31/1б", "31/1b"),
        ("12 / 2", "12/2"),
        ("129 А", "129a"),
    ],
)
def test_house_forms(house: str, key: str) -> None:
    assert TOKENISE.houses.key(house) == key
    assert [(token.kind, token.key) for token in TOKENISE(f"дом {house},")][1:] == [(Kind.NUMBER, key)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("12 в подвале", ["12"]),
        ("АБАЯ 12 В ПОДВАЛЕ", ["12"]),
        ("12 кв 5", ["12", "5"]),
        ("с 18:30 нет воды", []),
        ("звоните 8 701 234 56 78", []),
        ("с 24.11.2026", []),
        ("счёт 100500", []),
    ],
)
def test_what_is_a_house_like_number(text: str, numbers: list[str]) -> None:
    assert [token.key for token in TOKENISE(text) if token.kind is Kind.NUMBER] == numbers


def test_ordinals_and_dashes_are_told() -> None:
    twentieth = TOKENISE("20-я линия")[0]
    assert (twentieth.key, twentieth.ordinal) == ("20", True)
    assert [token.dashed for token in TOKENISE("14-21")] == [False, True]


@given(st.text(max_size=300))
def test_any_text_is_tokenised_in_its_order(text: str) -> None:
    tokens = TOKENISE(text)
    assert len(tokens) <= MAX_TOKENS
    starts = [token.start for token in tokens]
    assert starts == sorted(starts)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)


@given(st.text(alphabet="абвгдежзийклмнопрстуфхцчшщъыьэюяәғқңөұүһіabcdefghijklmnopqrstuvwxyz", max_size=30))
def test_folding_is_settled_after_one_pass_of_stems(word: str) -> None:
    key = LEXICON.fold(word)
    assert len(LEXICON.stem(key)) <= len(key)
    assert LEXICON.fold(word.upper()) == key
