"""Recognising words whole, by stem, with an ending, and with a slip of the fingers."""

import pytest

from services.triage.domain.lexicon import Lexicon
from services.triage.domain.text import fold

LEXICON = Lexicon(
    ["нет", "затопил*", "вод~", "электричеств*", "фонарь", "жарық", "дым~", "канализац*"],
    endings=["а", "ы", "ом", "ға"],
    ordinary=["пожарн*", "затопчи"],
)


def words(typed: str) -> set[str]:
    return set(LEXICON.recognise(fold(typed)).words)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("нет", {"нет"}),
        ("нету", set()),
        ("затопило", {"затопил*"}),
        ("вода", {"вод~"}),
        ("воды", {"вод~"}),
        ("вод", {"вод~"}),
        ("водка", set()),
        ("пожарный", set()),
    ],
)
def test_words_stems_and_endings(typed: str, expected: set[str]) -> None:
    assert words(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("фноарь", "фонарь"),
        ("жраық", "жарық"),
        ("затпоило", "затопил*"),
        ("элетричества", "электричеств*"),
        ("конализация", "канализац*"),
        ("канлизация", "канализац*"),
    ],
)
def test_slips_are_mended_and_say_so(typed: str, expected: str) -> None:
    found = LEXICON.recognise(fold(typed))
    assert found.words == {expected}
    assert found.corrected


@pytest.mark.parametrize("typed", ["домом", "сонарь", "фонара", "затопчи", "нте", "затор"])
def test_innocent_neighbours_are_not_mended(typed: str) -> None:
    assert words(typed) == set()


def test_ordinary_words_are_known_but_mean_nothing() -> None:
    assert LEXICON.knows(fold("пожарного"))
    assert not LEXICON.knows(fold("трямкс"))
