"""One spelling for every way of typing a word."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.triage.domain.text import fold, tokens


@pytest.mark.parametrize(
    "spellings",
    [
        ["жарық", "ЖАРЫҚ", "жарык", "zharyq", "jaryk", "jaryq"],
        ["жоқ", "жок", "joq", "jok", "zhoq", "zhok"],
        ["ыстық", "ystyq", "ыстык"],
        ["үйде", "уйде", "uide", "uyde"],
        ["подъезде", "подезде", "под'езде", "подьезде", "podezde"],
        ["течёт", "течет", "ТЕЧЁТ", "те́чет"],
        ["канализация", "kanalizatsiya"],
        ["свет", "cвeт", "svet"],
        ["нет", "неееет", "net"],
        ["щиток", "shitok", "shchitok"],
        ["ағып", "agyp", "ağyp"],
        ["шам", "şam", "sham"],
    ],
)
def test_spellings_of_a_word_fold_to_one(spellings: list[str]) -> None:
    assert len({fold(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("льёт", "лет"), ("бьёт", "бет"), ("газ", "глаз"), ("су", "суд"), ("кран", "крыша")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_changes_nothing_more(word: str) -> None:
    assert fold(fold(word)) == fold(word)


def test_words_keep_their_distance_across_commas_and_sentences() -> None:
    places = [token.place for token in tokens("нет света, вода есть. Спасибо")]
    assert [right - left for left, right in pairwise(places)] == [1, 3, 1, 6]


def test_numbers_are_one_word_and_frost_has_its_minus() -> None:
    assert [token.folded for token in tokens("дом 24Д, -25 и 14-21")] == [
        "дом", "#", "д", "минус", "#", "и", "#", "#",
    ]  # fmt: skip


def test_words_are_kept_as_typed_for_the_reasons() -> None:
    assert [token.text for token in tokens("Га́з ПАХНЕТ №5 👍")] == ["газ", "пахнет", "5"]
