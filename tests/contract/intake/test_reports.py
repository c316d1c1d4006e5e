"""Reports of Open311 in memory and in PostgreSQL."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.intake.domain.keys import ApiKey, Scope
from services.intake.domain.open311 import Report
from services.intake.domain.outages import State
from services.intake.domain.requests import Channel, Contact, Request
from services.intake.domain.standing import Standing
from tests.contract.intake.conftest import Open
from tests.contract.intake.test_outages import outage, rider
from tests.unit.intake.examples import NOON, listener

CONTACT = Contact(uuid4(), "+77010000001", "ru", is_callable=True, sms_allowed=True)
KEY = ApiKey(uuid4(), "city app", "d1", frozenset({Scope.OPEN311}), 120, NOON)
EVER = frozenset[str]()


def draft() -> Request:
    address = listener().resolver.resolve("Абая 12").candidates[0].address
    return Request(
        uuid4(), Channel.PARTNER, "ru", NOON, NOON, contact_ref=CONTACT.ref, problem="x", address=address
    )


def report(request_id: UUID, at: datetime = NOON, code: str = "other", key: str = "content:1") -> Report:
    return Report(request_id, code, KEY.id, key, "f1", at, "топит", "https://x.example/1", "account")


@pytest.fixture
def known(transactions: Open) -> Open:
    """The same with a contact, a key, requests 1001 and 1002, a day apart, and a draft."""
    with transactions() as uow:
        uow.contacts.add(CONTACT, NOON)
        uow.keys.add(KEY)
        for at, code in ((NOON, "other"), (NOON + timedelta(days=1), "manhole")):
            request = draft().registered(uow.requests.next_number(), at)
            uow.requests.add(request)
            uow.reports.add(report(request.id, at, code, key=f"content:{code}"))
        waiting = draft()
        uow.requests.add(waiting)
        uow.reports.add(report(waiting.id, NOON, "other", key="header:k"))
        uow.commit()
    return transactions


def test_a_report_comes_back_whole(known: Open) -> None:
    with known() as uow:
        (seen,) = uow.reports.registered((1001,))
        assert seen.report == report(seen.request.id, key="content:other")
        assert uow.reports.get(seen.request.id) == seen.report
        assert uow.reports.get(uuid4()) is None
        assert seen.standing is None


def test_the_end_of_a_live_outage_is_expected(known: Open) -> None:
    with known() as uow:
        (seen,) = uow.reports.registered((1001,))
        ends_by = NOON + timedelta(hours=3)
        known_outage = outage(ends_by=ends_by)
        uow.outages.add(known_outage)
        rider(uow, 5001, request_id=seen.request.id, outage_id=known_outage.id)
        assert [s.expected_at for s in uow.reports.registered((1001, 1002))] == [ends_by, None]
        uow.outages.save(replace(known_outage, state=State.CLOSED))
        assert uow.reports.registered((1001,))[0].expected_at is None


def test_what_was_written_is_forgotten(known: Open) -> None:
    with known() as uow:
        (seen,) = uow.reports.registered((1001,))
        uow.reports.forget(seen.request.id)
        uow.reports.forget(uuid4())
        uow.commit()
    with known() as uow:
        gone = uow.reports.get(seen.request.id)
        assert gone == replace(seen.report, description="", media_url="", account_id="")


def test_a_twin_is_of_the_same_key_and_recent(known: Open) -> None:
    before = NOON - timedelta(seconds=1)
    with known() as uow:
        assert uow.reports.twin(KEY.id, "header:k", before).request_id
        assert uow.reports.twin(KEY.id, "header:k", NOON) is None
        assert uow.reports.twin(KEY.id, "header:other", before) is None
        assert uow.reports.twin(uuid4(), "header:k", before) is None


def test_numbers_come_in_the_order_asked_and_drafts_never(known: Open) -> None:
    with known() as uow:
        assert [s.request.number for s in uow.reports.registered((1002, 1001, 5))] == [1002, 1001]
        assert uow.reports.registered(()) == []
        everything = uow.reports.search((), NOON, NOON + timedelta(days=2), EVER, 10)
        assert [s.request.number for s in everything] == [1002, 1001]


def test_a_search_is_by_code_time_and_status(known: Open) -> None:
    def found(
        codes: tuple[str, ...] = (), days: float = 2, statuses: frozenset[str] = EVER, limit: int = 10
    ) -> list[int]:
        with known() as uow:
            listed = uow.reports.search(codes, NOON, NOON + timedelta(days=days), statuses, limit)
            return [seen.request.number for seen in listed]

    with known() as uow:
        (first,) = uow.reports.registered((1001,))
        standing = Standing(first.request.id, "closed", NOON, 3, "repaired", overdue=True)
        uow.standings.put(standing)
        uow.commit()
    assert found(codes=("manhole", "ufo")) == [1002]
    assert found(days=0.5) == [1001]
    assert found(limit=1) == [1002]
    assert found(statuses=frozenset({"closed"})) == [1001]
    assert found(statuses=frozenset({"open"})) == [1002]
    assert found(statuses=frozenset({"open", "closed"})) == [1002, 1001]
    with known() as uow:
        assert uow.reports.registered((1001,)) == [replace(first, standing=standing)]
