"""Every phrase of the norms document and of our own collections, as a dispatcher would decide it."""

from typing import Any

import pytest

from tests.unit.triage.shipped import decide, phrases

NORMS = phrases("norms.yml")
MORE = phrases("more.yml")
EVERYDAY = phrases("everyday.yml") + phrases("spoken.yml")


@pytest.mark.rule("D-1.2-U1")
@pytest.mark.rule("D-1.2-U2")
@pytest.mark.parametrize("phrase", NORMS + MORE + EVERYDAY, ids=lambda phrase: str(phrase["id"]))
def test_phrase_is_decided_as_a_dispatcher_would(phrase: dict[str, Any]) -> None:
    decision = decide(phrase["text"])
    assert {
        "category": decision.category,
        "system": decision.system,
        "fault": decision.fault,
        "hazards": set(decision.hazards),
        "person": decision.needs_person,
        "lang": decision.language,
    } == {
        "category": phrase["category"],
        "system": phrase["system"],
        "fault": phrase["fault"],
        "hazards": set(phrase["hazards"]),
        "person": phrase.get("person", False),
        "lang": phrase["lang"],
    }, decision.reasons


def test_all_75_phrases_of_the_norms_document_are_there() -> None:
    numbered = {phrase["id"].rstrip("abcde") for phrase in NORMS}
    expected = {f"ru-{n}" for n in range(1, 46)} | {f"kk-{n}" for n in range(1, 31)}
    assert expected <= numbered


def test_context_alone_is_no_fault_but_goes_to_a_person() -> None:
    alone = [phrase for phrase in NORMS if phrase.get("note", "").startswith("context only")]
    assert len(alone) == 5
    for phrase in alone:
        decision = decide(phrase["text"])
        assert (decision.fault, decision.category, decision.needs_person) == ("unknown", "urgent", True)
