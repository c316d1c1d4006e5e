"""Rules and model together: dangers are only added, doubt goes to a person and never down."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.triage.domain.engine import LONGEST_READ, Engine
from services.triage.domain.model import Category, Decision, Hazard
from tests.support.chance import examples
from tests.unit.triage.shipped import decide, engine, phrases, rules_alone, rules_of

RULES_ONLY = rules_alone()
NAMES = ("norms.yml", "more.yml", "everyday.yml", "spoken.yml")
TEXTS = [phrase["text"] for name in NAMES for phrase in phrases(name)]
any_text = st.one_of(st.text(), st.lists(st.sampled_from(TEXTS), max_size=3).map(" ".join))


@given(any_text)
@examples(80)
def test_the_model_never_takes_a_danger_or_an_emergency_from_the_rules(text: str) -> None:
    by_rules, with_model = RULES_ONLY.classify(text), decide(text)
    assert set(by_rules.hazards) <= set(with_model.hazards)
    if by_rules.category is Category.EMERGENCY:
        assert with_model.category is Category.EMERGENCY


@given(any_text)
@examples(80)
def test_what_is_likelier_urgent_is_never_below_it_and_doubt_asks_for_a_person(text: str) -> None:
    decision = decide(text)
    if "model.fault" in rules_of(decision) and decision.category.rank < Category.URGENT.rank:
        assert _likely_above(decision) <= 0.5
        assert decision.needs_person or decision.confidence >= 0.6


def _likely_above(decision: Decision) -> float:
    """How likely the alternatives are that are more urgent than what was decided."""
    faults = engine().book.faults
    others = [
        one for one in decision.alternatives if faults[one.fault].category.rank > decision.category.rank
    ]
    return sum(one.probability for one in others)


def test_what_no_rule_knows_the_model_names_with_its_words() -> None:
    decision = decide("соскребите наклейки с почтовых ящиков")
    assert "model.fault" in rules_of(decision)
    assert decision.category is Category.PLANNED
    assert decision.model_version == engine().statistics.version  # type: ignore[union-attr]
    assert decision.alternatives[0].fault == decision.fault


def test_a_danger_only_the_model_sees_raises_and_asks_for_a_person() -> None:
    text = "кабина встала, мы внутри сидим"
    assert RULES_ONLY.classify(text).hazards == ()
    assert decide(text).hazards == (Hazard.PEOPLE_TRAPPED,)
    assert decide(text).category is Category.EMERGENCY


@pytest.mark.parametrize(
    "text", ["газом не пахнет", "газ иісі жоқ", "запаха газа нет", "газом у нас не пахнет"]
)
def test_a_denied_danger_is_none(text: str) -> None:
    assert decide(text).hazards == ()


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("крышка люка не полностью закрывает его, дети могут упасть", Hazard.OPEN_MANHOLE),
        ("снег с крыши не убирается, сход на головы людей", Hazard.COLLAPSE),
        ("газом не пахнет, но висит оборванный провод", Hazard.ELECTRIC_SHOCK),
    ],
)
def test_a_denial_takes_away_only_the_danger_it_denies(text: str, danger: Hazard) -> None:
    decision = decide(text)
    assert danger in decision.hazards
    assert Hazard.GAS not in decision.hazards


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("лифт не работает", "lift_people_inside"),
        ("нет отопления", "freezing_inside"),
        ("течёт труба под раковиной", "water_at_live"),
        ("пахнет газом на лестнице", "gas_in_basement"),
        ("воняет в подъезде канализацией", "gas_smells"),
        ("нет света", "medical_device"),
    ],
)
def test_it_asks_what_would_change_the_decision(text: str, asked: str) -> None:
    assert asked in decide(text).questions


def test_it_does_not_ask_what_is_said_already() -> None:
    assert "lift_people_inside" not in decide("человек застрял в лифте").questions
    assert "gas_in_basement" not in decide("пахнет газом в подвале").questions
    assert "freezing_inside" not in decide("нет отопления, мороз, батареи ледяные").questions


@given(any_text)
@examples(40)
def test_a_yes_to_any_question_asked_would_change_the_decision(text: str) -> None:
    decision = decide(text)
    for name in decision.questions:
        question = engine().book.questions[name]
        lifts = question.at_least is not None and question.at_least.rank > decision.category.rank
        moves = question.place is not None and question.place is not decision.place
        assert lifts or moves or question.hazards - set(decision.hazards)


@pytest.mark.rule("6.9")
def test_each_fault_starts_a_norm_that_the_journal_has() -> None:
    import yaml

    from shared.config import ROOT

    norms = yaml.safe_load((ROOT / "services/journal/data/norms.yml").read_text(encoding="utf-8"))
    known = {norm["id"] for norm in norms["norms"]}
    started = {fault.handling.norm for fault in engine().book.faults.values()}
    assert started - {None} <= known
    assert decide("прорвало трубу").norm == "ru-416.localise"
    assert decide("когда исправят?").norm is None


def test_a_message_beyond_measure_is_read_at_both_ends_and_shown_to_a_person() -> None:
    filler = "очень много слов " * (LONGEST_READ // 10)
    for text in (f"пахнет газом {filler}", f"{filler} пахнет газом"):
        decision = decide(text)
        assert (decision.fault, decision.needs_person) == ("gas_smell", True)
        assert "text.too_long" in rules_of(decision)


def test_a_model_that_knows_other_faults_than_the_catalogue_is_heard_for_those_it_shares() -> None:
    book = engine().book
    fewer = replace(book, faults={key: fault for key, fault in book.faults.items() if key != "facade"})
    decision = Engine(fewer, engine().statistics).classify("граффити на фасаде")
    assert "facade" not in {one.fault for one in decision.alternatives} | {decision.fault}


def test_fear_without_a_recognised_danger_asks_for_a_person() -> None:
    calm, afraid = decide("не убирают двор"), decide("не убирают двор, боимся ходить")
    assert (calm.needs_person, afraid.needs_person) == (False, True)
    assert calm.category is afraid.category
