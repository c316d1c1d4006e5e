"""One suite for the store in memory and the one in PostgreSQL: what tests of use-cases rely on is true."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from services.triage import usecases
from services.triage.domain.corrections import Corrected, Correction, FaultFound, Judged
from services.triage.domain.model import Category
from services.triage.store import UnitOfWork
from tests.support.fakes import NOON
from tests.support.stores import fake_and_real
from tests.unit.triage.fakes import FakeUnitOfWork
from tests.unit.triage.shipped import decide, phrases

Open = Callable[[], usecases.UnitOfWork]


transactions = fake_and_real("triage", FakeUnitOfWork, UnitOfWork)


def test_decisions_come_back_as_they_went_in(transactions: Open) -> None:
    decided = {uuid4(): decide(phrase["text"]) for phrase in phrases("more.yml")[:20]}
    with transactions() as uow:
        assert all(uow.decisions.add(request_id, decision) for request_id, decision in decided.items())
        uow.commit()
    with transactions() as uow:
        assert {request_id: uow.decisions.get(request_id) for request_id in decided} == decided
        assert uow.decisions.get(uuid4()) is None


def test_the_first_decision_of_a_request_stays(transactions: Open) -> None:
    request_id, first = uuid4(), decide("нет воды")
    for decision, kept in ((first, True), (decide("запах газа"), False), (replace(first), False)):
        with transactions() as uow:
            assert uow.decisions.add(request_id, decision) is kept
            uow.commit()
    with transactions() as uow:
        assert uow.decisions.get(request_id) == first


def test_corrections_come_back_in_the_order_they_were_made(transactions: Open) -> None:
    first = Correction(uuid4(), Category.URGENT, Category.EMERGENCY, "щитовая рядом", "dispatcher-1", NOON)
    second = replace(first, category=Category.PLANNED, at=NOON + timedelta(minutes=1))
    with transactions() as uow:
        uow.corrections.add(second)
        uow.corrections.add(first)
        uow.corrections.add(replace(first, request_id=uuid4()))
        uow.commit()
    with transactions() as uow:
        assert uow.corrections.of(first.request_id) == [first, second]
        assert uow.corrections.of(uuid4()) == []


def test_a_decision_knows_when_it_was_made(transactions: Open) -> None:
    request_id = uuid4()
    with transactions() as uow:
        assert uow.decisions.decided_at(request_id) is None
        uow.decisions.add(request_id, decide("нет воды"))
        uow.commit()
    with transactions() as uow:
        assert uow.decisions.decided_at(request_id) == NOON


def test_corrections_since_a_time_come_with_what_had_been_decided(transactions: Open) -> None:
    decided = decide("течёт труба")
    known = Correction(uuid4(), Category.URGENT, Category.EMERGENCY, "щитовая рядом", "dispatcher-1", NOON)
    unknown = replace(known, request_id=uuid4(), at=NOON + timedelta(minutes=1))
    with transactions() as uow:
        uow.decisions.add(known.request_id, decided)
        for correction in (unknown, known, replace(known, at=NOON - timedelta(days=1))):
            uow.corrections.add(correction)
        uow.commit()
    with transactions() as uow:
        assert uow.corrections.since(NOON) == [
            Corrected(known, decided.fault, tuple(why.rule for why in decided.reasons)),
            Corrected(unknown, None, ()),
        ]


def test_the_latest_fault_found_of_a_request_comes_with_the_fault_decided(transactions: Open) -> None:
    decided = decide("течёт труба")
    first = FaultFound(uuid4(), "sewer_blocked", "crew-7", NOON)
    second = replace(first, fault="riser_leak", at=NOON + timedelta(minutes=2))
    unknown = replace(first, request_id=uuid4(), at=NOON + timedelta(minutes=1))
    with transactions() as uow:
        uow.decisions.add(first.request_id, decided)
        for found in (second, unknown, first, replace(unknown, request_id=uuid4(), at=NOON - timedelta(1))):
            uow.faults_found.add(found)
        uow.commit()
    with transactions() as uow:
        assert uow.faults_found.of(first.request_id) == [first, second]
        assert uow.faults_found.since(NOON) == [Judged(unknown, None), Judged(second, decided.fault)]


def test_without_commit_nothing_stays(transactions: Open) -> None:
    request_id = uuid4()
    with transactions() as uow:
        uow.decisions.add(request_id, decide("нет воды"))
        uow.corrections.add(Correction(request_id, Category.URGENT, Category.PLANNED, "x", "y", NOON))
    with transactions() as uow:
        assert uow.decisions.get(request_id) is None
        assert uow.corrections.of(request_id) == []
