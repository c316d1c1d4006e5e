"""Forms of Russian words, chains of Kazakh suffixes, bounded numbers."""

import pytest

from services.triage.clients.morphology import Morphology
from services.triage.domain.lexicon import Lexicon
from services.triage.domain.patterns import Reading, parse
from services.triage.domain.text import fold, tokens

MORPHOLOGY = Morphology()


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("висеть", "висящий"),
        ("висеть", "висят"),
        ("течь", "текла"),
        ("берёза", "березой"),
        ("упасть", "упало"),
    ],
)
def test_a_word_has_all_its_forms(word: str, form: str) -> None:
    assert fold(form) in {fold(known) for known in MORPHOLOGY.forms(word)}


@pytest.mark.parametrize("word", ["висят", "құбыр", "пппп", ""])
def test_what_is_no_dictionary_form_of_russian_has_none(word: str) -> None:
    assert MORPHOLOGY.forms(word) == frozenset()


LEXICON = Lexicon(
    ["құбыр~", "висеть^", "#12", "#", "нет"],
    endings=["а"],
    ordinary=[],
    forms={"висеть": MORPHOLOGY.forms("висеть")},
    suffixes=["лар", "ымыз", "дан", "ның", "ы"],
)


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("құбыр", True),
        ("құбырлар", True),
        ("құбырларымыздан", True),
        ("qubyrlarymyzdan", True),
        ("құбырсыз", False),
        ("құбырланды", False),
        ("висящие", True),
        ("Висели", True),
        ("виселица", False),
    ],
)
def test_stems_take_chains_of_suffixes_and_words_their_forms(typed: str, known: bool) -> None:
    assert bool(LEXICON.recognise(fold(typed)).words) is known


def test_a_long_form_is_known_with_a_slip() -> None:
    assert LEXICON.recognise(fold("вистящие")).corrected


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("#12 градус", "9 градус", True),
        ("#12 градус", "12 градус", True),
        ("#12 градус", "13 градус", False),
        ("#12 градус", "99999999999999999999 градус", False),
        ("# градус", "18 градус", True),
        ("плюс+#12", "+9", True),
        ("плюс+#12", "1+9", False),
        ("плюс+#12", "+19", False),
        ("минус+#", "-30", True),
    ],
)
def test_numbers_may_be_bounded(pattern: str, text: str, found: bool) -> None:
    parsed = parse(pattern, {})
    reading = Reading(tokens(text), Lexicon(parsed.words, [], []))
    assert bool(list(reading.find(parsed))) is found
