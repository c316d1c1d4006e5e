"""What must hold for any message: no danger lowered, nothing guessed in silence, no input breaks it."""

import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.triage.domain.model import Category, Hazard, Place
from tests.support.chance import examples
from tests.unit.triage.shipped import decide, engine, phrases, rules_alone, rules_of

NAMES = ("norms.yml", "more.yml", "everyday.yml", "spoken.yml")
TEXTS = [phrase["text"] for name in NAMES for phrase in phrases(name)]
SEEN = {text: rules_alone().classify(text) for text in TEXTS}
DANGERS = [text for text in TEXTS if set(SEEN[text].hazards) - {Hazard.HEALTH, Hazard.FROST_NO_HEAT}]
EMERGENCIES = [text for text in TEXTS if SEEN[text].category is Category.EMERGENCY]
any_text = st.one_of(st.text(), st.lists(st.sampled_from(TEXTS), max_size=4).map(" ".join))
VOWELS = "аеёиоуыэюяәөұүі"


@given(any_text)
@examples(80)
def test_no_text_breaks_it(text: str) -> None:
    decision = decide(text)
    assert 0.0 <= decision.confidence <= 1.0
    assert decision.reasons
    assert (decision.priority is None) == (decision.category is Category.CONSULTATION)


@pytest.mark.rule("6.7")
@given(any_text, st.sampled_from(EMERGENCIES))
@examples(80)
def test_a_danger_added_to_any_message_makes_it_an_emergency(text: str, danger: str) -> None:
    decision = decide(f"{text}. {danger}")
    assert decision.category is Category.EMERGENCY


@pytest.mark.rule("6.7")
@pytest.mark.parametrize("joint", [", ", " ", ". "])
def test_words_around_a_danger_do_not_hide_it(joint: str) -> None:
    neighbours = [
        (danger, TEXTS[(7 * at + 31 * turn) % len(TEXTS)])
        for at, danger in enumerate(DANGERS)
        for turn in range(3)
    ]
    for danger, other in neighbours:
        for text in (f"{danger}{joint}{other}", f"{other}{joint}{danger}"):
            assert decide(text).category is Category.EMERGENCY, text
            assert set(SEEN[danger].hazards) <= set(decide(text).hazards), text


def test_a_lesser_fault_in_another_clause_takes_nothing_away() -> None:
    assert decide("нет света, подъезд не моют месяц").fault == "power_none"
    assert decide("нет света в подъезде").fault == "staircase_light"


@given(any_text)
@examples(40)
def test_same_text_same_answer(text: str) -> None:
    assert decide(text) == engine().classify(text)


def upper(text: str) -> str:
    return text.upper()


def spaced(text: str) -> str:
    return f"  {text.replace(' ', '   ')} "


def accented(text: str) -> str:
    return "".join(letter + "\u0301" if letter in VOWELS else letter for letter in text)


@pytest.mark.parametrize("changed", [upper, spaced, accented])
def test_case_spaces_and_accents_do_not_matter(changed: Callable[[str], str]) -> None:
    for text in TEXTS:
        assert decide(changed(text)) == decide(text)


def test_accented_latin_letters_are_the_same_letters() -> None:
    assert rules_of(decide("úıde gáz iısi bar")) == rules_of(decide("uide gaz iisi bar"))


@pytest.mark.rule("6.7")
@pytest.mark.rule("M-1.3-U1")
@pytest.mark.parametrize(
    "text",
    [
        "запах газа",
        "Газ иісі",
        "gazom vonyaet",
        "загазованность в подвале",
        "газом не пахло, а теперь пахнет",
        "утечка газа",
        "нет воды и пахнет газом",
        "лампочка не горит и немного чувствуется газ",
    ],
)
def test_gas_smell_is_always_an_emergency(text: str) -> None:
    decision = decide(text)
    assert (decision.category, decision.priority, decision.fault) == ("emergency", "P1", "gas_smell")
    assert "gas" in decision.hazards


@pytest.mark.rule("6.7")
@pytest.mark.parametrize(
    "text", ["человек застрял в лифте", "лифтте адам қалып қойды", "застряли в лифте, помогите"]
)
def test_a_person_in_a_lift_is_always_an_emergency(text: str) -> None:
    decision = decide(text)
    assert (decision.category, decision.fault) == ("emergency", "lift_trapped")
    assert decision.hazards == ("people_trapped",)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("газом не пахнет", "gas.smell"),
        ("газ иісі жоқ", "gas.smell"),
        ("запаха газа нет", "gas.smell"),
        ("труба не течёт", "water.pipe_leak"),
        ("щиток не искрит", "power.panel_sparking"),
        ("лифт стоит, людей внутри нет", "lift.trapped"),
        ("вода есть, света нет", "water.none"),
        ("жарық бар, су жоқ", "power.none"),
    ],
)
def test_what_is_denied_does_not_speak(text: str, rule: str) -> None:
    assert rule not in rules_of(decide(text))


def test_a_denial_does_not_silence_its_neighbour() -> None:
    assert "water.none" in rules_of(decide("вода не течёт"))
    assert "gas.smell" in rules_of(decide("не сильно, но пахнет газом"))
    assert "gas.smell" in rules_of(decide("запах газа нет воды"))


def test_what_nobody_recognises_is_urgent_and_goes_to_a_person() -> None:
    decision = decide("абракадабра шмабракадабра")
    assert (decision.category, decision.system, decision.fault) == ("urgent", "other", "unknown")
    assert decision.needs_person
    assert rules_of(decision) == {"unknown.not_recognised"}


def test_a_question_is_a_consultation_only_if_it_is_nothing_else() -> None:
    assert decide("Подскажите, когда приедет мастер?").category is Category.CONSULTATION
    assert decide("Когда почините трубу, она течёт?").fault == "pipe_leak"
    assert decide("Когда приедете, у бабушки давление, она лежачая").category is Category.URGENT
    mumbled = "когда приедете " + " ".join(f"трям{letter}ксвыр" for letter in "абвгдежз")
    assert (decide(mumbled).fault, decide(mumbled).needs_person) == ("unknown", True)


def test_a_consultation_has_no_priority() -> None:
    assert decide("когда исправят?").priority is None


def test_the_narrower_fault_wins_and_the_wider_is_silent() -> None:
    decision = decide("нет горячей воды")
    assert decision.fault == "water_hot_none"
    assert "water.none" not in rules_of(decision)


def test_an_emergency_never_gives_way_to_a_narrower_lesser_fault() -> None:
    decision = decide("искрит лампочка в подъезде, не горит")
    assert (decision.category, decision.fault) == ("emergency", "panel_sparking")


def test_of_several_faults_the_most_urgent_leads_and_all_are_reasons() -> None:
    decision = decide("не горит лампочка в подъезде, в подвале прорвало трубу, нет воды")
    assert (decision.category, decision.priority) == ("emergency", "P1")
    assert {"water.basement_flood", "water.none", "power.staircase_light"} <= rules_of(decision)


def test_circumstances_raise_what_they_make_worse() -> None:
    assert decide("нет света").category is Category.URGENT
    assert decide("нет света во всём доме").category is Category.EMERGENCY
    assert decide("нет отопления, мороз").hazards == ("frost_no_heat",)
    assert decide("нет отопления, маленькие дети").category is Category.EMERGENCY
    assert decide("лампочку поменяйте, тут дети").category is Category.URGENT


def test_a_place_that_the_caller_knows_counts_more_than_words() -> None:
    decision = engine().classify("прорвало трубу во дворе", place=Place.WELL)
    assert decision.place is Place.WELL
    assert ("place.given", ("well",)) in [(reason.rule, reason.evidence) for reason in decision.reasons]
    assert engine().classify("прорвало трубу во дворе", place=Place.OTHER).place is Place.YARD


@pytest.mark.rule("6.6")
def test_confined_spaces_are_told_first() -> None:
    assert decide("во дворе в колодце течёт вода").place is Place.WELL
    assert decide("из подъезда видно, что затопило подвал").place is Place.BASEMENT


def test_the_language_given_is_kept_and_else_recognised() -> None:
    assert engine().classify("нет воды", language="kk").language == "kk"
    assert decide("su joq").language == "kk"
    assert decide("net vody").language == "ru"


def test_reasons_name_the_words_as_typed() -> None:
    reasons = {reason.rule: reason.evidence for reason in decide("Прорвало ТРУБУ в подвале").reasons}
    assert reasons["water.pipe_burst"] == ("прорвало", "трубу")
    assert reasons["place.basement"] == ("подвале",)


def test_a_mended_word_makes_less_sure() -> None:
    assert decide("затпоило подвал").confidence < decide("затопило подвал").confidence


def calls_made(work: Callable[[], Any]) -> int:
    count = 0

    def profile(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "piece",
    ["нет воды ", "не ", "газ ", "a", "течёт труба прорвало кран, ", "лифт люди застрял ", "нет" * 3, "!?. "],
)
def test_effort_grows_in_proportion_to_length(piece: str) -> None:
    """Counted in function calls, not seconds: twice the text is about twice the work."""

    def effort(size: int) -> int:
        text = piece * (size // len(piece))
        return calls_made(lambda: decide(text))

    decide(piece * 3)
    assert effort(8_000) < 2.6 * effort(4_000) + 1000
