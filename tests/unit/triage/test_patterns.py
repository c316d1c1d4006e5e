"""Patterns: what they ask for, how near, in which order, and what a denial takes away."""

import pytest

from services.triage.domain.lexicon import Lexicon
from services.triage.domain.patterns import BadPattern, Reading, parse, parse_term
from services.triage.domain.text import tokens

LISTS = {"water": parse_term("вода|воды|су", {}), "leak": parse_term("течет|дала+течь", {})}


def matches(
    pattern: str, message: str, reach: int | None = None, denied: int | None = None
) -> list[list[str]]:
    parsed = parse(pattern, LISTS, reach)
    reading = Reading(tokens(message), Lexicon(parsed.words, ["а", "у"], []))
    if denied is not None:
        reading.negate(denied, by=denied - 1)
    return [[reading.tokens[number].text for number in match] for match in reading.find(parsed)]


@pytest.mark.parametrize(
    ("pattern", "message", "found"),
    [
        ("нет @water", "нет воды", True),
        ("нет @water", "воды нет", True),
        ("нет @water", "нет совсем никакой воды", True),
        ("нет @water", "нет света", False),
        ("нет @water", "нет совсем ну вот никакой опять вообще воды", False),
        ("нет @water", "нет света. Мы ждём. Вода", False),
        ("не+горит", "не горит", True),
        ("не+горит", "не, горит", False),
        ("не+горит", "горит не", False),
        ("труб~ @leak", "труба дала течь", True),
        ("труб~ @leak", "дала труба течь", False),
        ("прорв* труб~|стояк|кран", "прорвало кран", True),
        ("а а", "а", False),
        ("а а", "а а", True),
        ("квартира #", "квартира 12", True),
    ],
)
def test_pattern_occurs_or_not(pattern: str, message: str, found: bool) -> None:
    assert bool(matches(pattern, message)) is found


def test_a_longer_reach_finds_what_is_far() -> None:
    assert matches("лифт люди", "лифт стоит. Уже час. Внутри люди") == []
    assert matches("лифт люди", "лифт стоит. Уже час. Внутри люди", reach=20) == [["лифт", "люди"]]


def test_the_nearest_word_is_taken() -> None:
    assert matches("нет @water", "су дом нет воды") == [["нет", "воды"]]


def test_a_denied_word_is_out_of_play_but_for_its_own_sequence() -> None:
    assert matches("труба течет", "труба не течет", denied=2) == []
    assert matches("труба не+течет", "труба не течет", denied=2) == [["труба", "не", "течет"]]


@pytest.mark.parametrize("written", ["", "во+", "@air", "a1", "во*да", "да**", "и*", "до-ма"])
def test_an_unreadable_pattern_says_why(written: str) -> None:
    with pytest.raises(BadPattern):
        parse(written, LISTS)
