"""Partners, their cards and what goes out to them, in memory and in PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.intake.domain.cards import KeptCard
from services.intake.domain.deliveries import LEASE, Delivery, Kind, Progress
from services.intake.domain.partners import Partner
from services.intake.domain.requests import Channel, Request
from services.intake.store import UnitOfWork
from shared.clock import FixedClock
from shared.db import TransactionContext, make_engine
from tests.contract.intake.conftest import Open
from tests.support.sealing import SEALER
from tests.unit.intake.examples import NOON

REQUEST = Request(uuid4(), Channel.PARTNER, "ru", NOON, NOON)
PARTNERS = [
    Partner("104", "Газ", "s2", NOON),
    Partner("112", "112", "s1", NOON, "https://p.example", their_key="k"),
]


def delivery(mark: str = "1", partner_id: str = "112", minutes: int = 0) -> Delivery:
    at = NOON + timedelta(minutes=minutes)
    return Delivery(uuid4(), partner_id, Kind.STATE, REQUEST.id, mark, '{"a":"су"}', at, at, "journal")


@pytest.fixture
def known(transactions: Open) -> Open:
    """The same with two partners and a draft."""
    with transactions() as uow:
        uow.requests.add(REQUEST)
        for partner in PARTNERS:
            uow.partners.put(partner)
        uow.commit()
    return transactions


def test_partners_come_back_and_change(known: Open) -> None:
    with known() as uow:
        assert uow.partners.every() == PARTNERS
        assert uow.partners.get("103") is None
        retired = replace(PARTNERS[1], secret="s3", retired_at=NOON)
        uow.partners.put(retired)
        uow.commit()
    with known() as uow:
        assert uow.partners.get("112") == retired


def test_every_revision_of_a_card_is_kept(known: Open) -> None:
    cards = [
        KeptCard("112", "c1", revision, REQUEST.id, f"f{revision}", '{"text":"су"}', NOON)
        for revision in (1, 2)
    ]
    with known() as uow:
        for card in cards:
            uow.cards.add(card)
        uow.commit()
    with known() as uow:
        assert uow.cards.revisions("112", "c1", lock=True) == cards
        assert uow.cards.of_request(REQUEST.id) == cards
        assert uow.cards.revisions("104", "c1") == uow.cards.of_request(uuid4()) == []
        uow.cards.forget(REQUEST.id)
        assert [card.content for card in uow.cards.of_request(REQUEST.id)] == ["", ""]


def test_the_same_is_not_added_twice(known: Open) -> None:
    with known() as uow:
        first = delivery()
        assert uow.deliveries.add(first)
        assert not uow.deliveries.add(delivery())
        assert uow.deliveries.add(delivery(partner_id="104"))
        assert uow.deliveries.get(first.id, lock=True) == first
        assert uow.deliveries.get(uuid4()) is None


def test_due_ones_are_taken_the_oldest_first_and_leased(known: Open) -> None:
    one, two = delivery("1"), delivery("2", minutes=1)
    later = NOON + timedelta(minutes=5)
    with known() as uow:
        for added in (two, one, delivery("3", "104", minutes=10)):
            uow.deliveries.add(added)
        assert uow.deliveries.partners_due(later) == ["112"]
        assert uow.deliveries.take("112", later) == one.taken(later)
        assert uow.deliveries.take("112", later) == two.taken(later)
        assert uow.deliveries.take("112", later) is None
        assert uow.deliveries.partners_due(later) == []
        again = uow.deliveries.take("112", later + LEASE)
        assert (again.id, again.attempts) == (one.id, 2)


def test_outcomes_are_kept_counted_and_listed(known: Open) -> None:
    one, two, three = (delivery(str(n), minutes=n) for n in range(3))
    with known() as uow:
        for added in (one, two, three):
            uow.deliveries.add(added)
        arrived = one.acknowledged(NOON, "K-7")
        failed = two.refused("http_400")
        uow.deliveries.save(arrived)
        uow.deliveries.save(failed)
        uow.commit()
    with known() as uow:
        assert uow.deliveries.of_request(REQUEST.id) == [arrived, failed, three]
        assert uow.deliveries.by_progress(Progress.FAILED, 10) == [failed]
        assert uow.deliveries.by_progress(Progress.DELIVERED, 0) == []
        assert uow.deliveries.counts() == {"waiting": 1, "failed": 1}
        uow.deliveries.forget(REQUEST.id)
        bodies = [kept.body for kept in uow.deliveries.of_request(REQUEST.id)]
        assert bodies == ["", "", three.body]


@pytest.mark.servers
def test_two_processes_never_take_the_same(service_database: Callable[[str], str]) -> None:
    engine = make_engine(service_database("intake"), pool_size=3)
    context = TransactionContext(engine, FixedClock(NOON), "intake", lambda: None, SEALER)
    with UnitOfWork(context) as uow:
        uow.requests.add(REQUEST)
        uow.partners.put(PARTNERS[1])
        for mark in ("1", "2"):
            uow.deliveries.add(delivery(mark))
        uow.commit()

    def take(uow: UnitOfWork) -> UUID | None:
        taken = uow.deliveries.take("112", NOON)
        return taken.id if taken is not None else None

    with UnitOfWork(context) as one, UnitOfWork(context) as other, UnitOfWork(context) as third:
        assert len({take(one), take(other)}) == 2
        assert take(third) is None
    engine.dispose()
