"""Deciding once, telling once, keeping what dispatchers change."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.triage.domain.corrections import Correction
from services.triage.domain.model import Category
from services.triage.schemas import AssignmentCorrected
from services.triage.usecases import (
    Explanation,
    classify_request,
    corrections_since,
    explain_request,
    facts,
    faults_found_since,
    keep_correction,
    keep_fault_found,
)
from shared.errors import NotFound
from tests.support import contracts
from tests.support.fakes import NOON
from tests.unit.triage.fakes import FakeUnitOfWork
from tests.unit.triage.shipped import decide, engine, phrases

REQUEST = UUID("5f0c2f8e-6d1b-4a52-9b8e-2f3c1a7d9e01")


def correction(**changes: object) -> Correction:
    made = {
        "request_id": REQUEST,
        "category_before": Category.URGENT,
        "category": Category.EMERGENCY,
        "reason": "Вода идёт в щитовую",
        "by": "dispatcher-1",
        "at": NOON,
    }
    return Correction(**(made | changes))  # type: ignore[arg-type]


@pytest.mark.rule("6.2")
@pytest.mark.rule("D-1.2-U5")
def test_a_registered_request_is_decided_kept_and_told() -> None:
    uow = FakeUnitOfWork()
    classify_request(uow, engine(), REQUEST, "Прорвало трубу, топит подвал", "ru")
    (told,) = uow.emitted
    contracts.check("triage", "request.classified", told.data)
    assert (told.type, told.subject) == ("request.classified", str(REQUEST))
    assert (told.data["category"], told.data["priority"], told.data["place"]) == (
        "emergency",
        "P1",
        "basement",
    )
    kept = uow.decisions.get(REQUEST)
    assert kept is not None
    assert kept.rules_version == told.data["rules_version"] == engine().book.version
    assert [reason.rule for reason in kept.reasons] == [reason["rule"] for reason in told.data["reasons"]]


def test_the_first_decision_stays_and_is_told_once() -> None:
    uow = FakeUnitOfWork()
    classify_request(uow, engine(), REQUEST, "нет воды", "ru")
    classify_request(uow, engine(), REQUEST, "запах газа", "ru")
    kept = uow.decisions.get(REQUEST)
    assert kept is not None
    assert kept.fault == "water_none"
    assert uow.types() == ["request.classified"]


@pytest.mark.parametrize("name", ["norms.yml", "more.yml"])
def test_whatever_is_decided_keeps_the_contract(name: str) -> None:
    for phrase in phrases(name):
        uow = FakeUnitOfWork()
        classify_request(uow, engine(), uuid4(), phrase["text"], phrase["lang"])
        contracts.check("triage", "request.classified", uow.emitted[0].data)


@pytest.mark.rule("D-1.2-U5")
def test_a_correction_is_kept_beside_the_decision_with_its_reason() -> None:
    uow = FakeUnitOfWork()
    classify_request(uow, engine(), REQUEST, "течёт труба", "ru")
    keep_correction(uow, correction())
    keep_correction(uow, correction(category=Category.PLANNED, at=NOON - timedelta(minutes=1)))
    kept = uow.decisions.get(REQUEST)
    assert kept is not None
    assert kept.category is Category.URGENT
    assert [one.category for one in uow.corrections.of(REQUEST)] == ["planned", "emergency"]
    assert uow.corrections.of(REQUEST)[1].reason == "Вода идёт в щитовую"


def test_a_correction_may_come_before_the_request() -> None:
    uow = FakeUnitOfWork()
    keep_correction(uow, correction())
    classify_request(uow, engine(), REQUEST, "течёт труба", "ru")
    assert uow.corrections.of(REQUEST) == [correction()]
    assert uow.types() == ["request.classified"]


def test_a_fault_found_on_site_is_kept_beside_the_decision() -> None:
    uow = FakeUnitOfWork()
    decided = classify_request(uow, engine(), REQUEST, "течёт труба", "ru")
    found = AssignmentCorrected().load(contracts.example("crews", "assignment.corrected"))
    keep_fault_found(uow, found)
    assert explain_request(uow, REQUEST) == Explanation(decided, NOON, [], [found])
    (judged,) = faults_found_since(uow, found.at)
    assert (judged.found.fault, judged.decided) == ("riser_leak", decided.fault)


def test_facts_are_exactly_the_fields_of_the_contract() -> None:
    told = facts(decide("запах газа"), NOON)
    assert set(told) | {"request_id"} == set(contracts.schema("triage", "request.classified")["properties"])


@pytest.mark.rule("D-1.2-U2")
def test_what_an_operator_has_answered_is_a_consultation() -> None:
    uow = FakeUnitOfWork()
    decision = classify_request(uow, engine(), REQUEST, "когда дадут горячую воду?", "ru", answered=True)
    assert (decision.category, decision.needs_person, decision.priority) == (
        Category.CONSULTATION,
        False,
        None,
    )
    assert decision.reasons[-1].rule == "operator.answered"
    contracts.check("triage", "request.classified", uow.emitted[-1].data)


@pytest.mark.parametrize("text", ["запах газа в подъезде", "прорвало трубу, топит подвал"])
def test_no_answer_on_the_telephone_talks_a_danger_away(text: str) -> None:
    decision = classify_request(FakeUnitOfWork(), engine(), REQUEST, text, "ru", answered=True)
    assert decision == engine().classify(text, "ru")
    assert decision.category is Category.EMERGENCY


@pytest.mark.rule("D-1.2-U5")
def test_a_decision_is_explained_with_its_corrections() -> None:
    uow = FakeUnitOfWork()
    decided = classify_request(uow, engine(), REQUEST, "запах газа", "ru")
    keep_correction(uow, correction())
    explained = explain_request(uow, REQUEST)
    assert explained == Explanation(decided, NOON, [correction()], [])
    with pytest.raises(NotFound):
        explain_request(uow, uuid4())


def test_corrections_are_listed_from_a_time_on() -> None:
    uow = FakeUnitOfWork()
    classify_request(uow, engine(), REQUEST, "течёт труба", "ru")
    keep_correction(uow, correction(at=NOON - timedelta(days=2)))
    keep_correction(uow, correction())
    (found,) = corrections_since(uow, NOON - timedelta(days=1))
    assert (found.correction, found.fault) == (correction(), "pipe_leak")
