"""What a partner's dispatcher ticks reaches triage: every danger of a card is heard in both languages."""

import pytest

from services.intake.domain.partners import Casualties, Danger
from services.intake.usecases.cards import Card, words
from shared.config import ROOT
from shared.i18n import LANGUAGES, Catalog
from tests.unit.triage.shipped import decide

TEXTS = Catalog(ROOT / "services" / "intake" / "locale")
PLAIN = {"ru": "Нет воды", "kk": "Су жоқ"}
BY_THE_FAULT = {Danger.FIRE}
"""Triage has no hazard of this name: it is a fault of its own."""


def told(card: Card, language: str) -> str:
    return "\n".join(words(TEXTS, "112", card, language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("danger", [danger for danger in Danger if danger not in BY_THE_FAULT])
@pytest.mark.rule("6.7")
def test_a_ticked_danger_is_heard(danger: Danger, language: str) -> None:
    card = Card("1", 1, PLAIN[language], "", "", dangers=(danger,))
    decision = decide(told(card, language))
    assert danger.value in {hazard.value for hazard in decision.hazards}
    assert decision.category == "emergency"


@pytest.mark.parametrize("language", LANGUAGES)
def test_fire_is_heard(language: str) -> None:
    decision = decide(told(Card("1", 1, PLAIN[language], "", "", dangers=(Danger.FIRE,)), language))
    assert (decision.fault, decision.category) == ("fire", "emergency")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("people", [Casualties(injured=2), Casualties(dead=1), Casualties(trapped=2)])
def test_casualties_make_any_trouble_an_emergency(people: Casualties, language: str) -> None:
    card = Card("1", 1, PLAIN[language], "", "", casualties=people)
    assert decide(told(card, language)).category == "emergency"
