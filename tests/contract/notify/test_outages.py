"""One suite for rides, outages and notices in memory and in PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from services.notify.domain.bulletins import Bulletin
from services.notify.domain.messages import Message
from services.notify.domain.outages import Notice, Outage, Ride
from services.notify.domain.telling import Telling
from services.notify.usecases.ports import Contact, Request
from tests.support.fakes import NOON

Open = Callable[[], Any]
OUTAGE = UUID(int=17)
TELLING = Telling("outage_time", "17@2", NOON, {"outage": "17", "until": "19:00"})


def ride(number: int, **changes: Any) -> Ride:
    known = Ride(UUID(int=number), OUTAGE, "17", "no_power", 1, NOON, ends_by=NOON + timedelta(hours=1))
    return replace(known, **changes)


def put_request(uow: Any, number: int, contact: int) -> None:
    uow.contacts.put(Contact(UUID(int=contact), f"+7701{contact:07}", "ru", True, NOON))
    uow.requests.put(Request(UUID(int=number), str(number), UUID(int=contact)))


def test_the_newest_word_on_a_ride_stands(transactions: Open) -> None:
    with transactions() as uow:
        assert uow.rides.get(UUID(int=1)) is None
        assert uow.rides.put(ride(1, sequence=2))
        assert not uow.rides.put(ride(1, sequence=2, active=False))
        assert not uow.rides.put(ride(1, sequence=1, active=False))
        assert uow.rides.get(UUID(int=1)) == ride(1, sequence=2)
        assert uow.rides.put(ride(1, sequence=3, active=False))
        uow.commit()
    with transactions() as uow:
        assert uow.rides.get(UUID(int=1)) == ride(1, sequence=3, active=False)


def test_contacts_come_in_pages_each_with_one_of_their_requests(transactions: Open) -> None:
    with transactions() as uow:
        for number, contact in ((1, 103), (2, 101), (3, 102), (4, 101), (5, 104)):
            put_request(uow, number, contact)
            uow.rides.put(ride(number, active=number != 5))
        uow.rides.put(ride(6))
        put_request(uow, 7, 105)
        uow.rides.put(ride(7, outage_id=uuid4()))
        first = uow.rides.next_contacts(OUTAGE, None, 2)
        rest = uow.rides.next_contacts(OUTAGE, first[-1][0], 2)
    assert [(contact.int, request.int) for contact, request in first] == [(101, 2), (102, 3)]
    assert [(contact.int, request.int) for contact, request in rest] == [(103, 1)]


def test_who_has_heard_a_fact_under_another_request_is_not_the_first(transactions: Open) -> None:
    with transactions() as uow:
        for number, contact in ((1, 101), (2, 101), (3, 102)):
            put_request(uow, number, contact)
        uow.messages.add(Message.queued(uuid4(), UUID(int=1), TELLING, NOON))
        told = (TELLING.template, TELLING.fact)
        assert not uow.rides.is_first_to_hear(UUID(int=2), *told)
        assert uow.rides.is_first_to_hear(UUID(int=3), *told)
        assert uow.rides.is_first_to_hear(UUID(int=2), TELLING.template, "another")


def test_an_outage_comes_back_as_it_was_put_last(transactions: Open) -> None:
    first = Outage(OUTAGE, "17", 1, "open", "no_power", NOON, tell={"ru": "а", "kk": "ә"})
    with transactions() as uow:
        assert uow.outages.lock(OUTAGE) is None
        uow.outages.put(first)
        uow.outages.put(replace(first, version=2, ends_by=NOON))
        uow.commit()
    with transactions() as uow:
        assert uow.outages.lock(OUTAGE) == replace(first, version=2, ends_by=NOON)


def test_notices_are_told_in_order_page_by_page_until_all_have_heard(transactions: Open) -> None:
    with transactions() as uow:
        assert uow.outages.claim_notice() is None
        uow.outages.announce(Notice(0, OUTAGE, TELLING))
        uow.outages.announce(Notice(0, OUTAGE, replace(TELLING, fact="17@3")))
        uow.commit()
    with transactions() as uow:
        first = uow.outages.claim_notice()
        assert (first.telling, first.after_contact) == (TELLING, None)
        uow.outages.advance(first, UUID(int=5))
        uow.commit()
    with transactions() as uow:
        again = uow.outages.claim_notice()
        assert (again.id, again.after_contact) == (first.id, UUID(int=5))
        uow.outages.advance(again, None)
        uow.commit()
    with transactions() as uow:
        assert uow.outages.claim_notice().telling.fact == "17@3"


def test_a_bulletin_keeps_what_was_public_before(transactions: Open) -> None:
    first = Bulletin(
        OUTAGE,
        "17",
        1,
        "accident",
        "suspected",
        "house",
        ["no_power"],
        ["а"],
        False,
        {},
        NOON,
        None,
        None,
        NOON,
    )
    second = replace(first, version=2, state="open", tell={"ru": "а"})
    third = replace(second, version=3, dangerous=True, changed_at=NOON + timedelta(minutes=5))
    with transactions() as uow:
        assert uow.bulletins.get(OUTAGE) is None
        for bulletin in (first, second, third):
            uow.bulletins.put(bulletin)
        uow.bulletins.put(replace(second, outage_id=UUID(int=18)))
        assert uow.bulletins.get(OUTAGE) == replace(third, before=second.issue)
        assert [one.outage_id.int for one in uow.bulletins.active(5)] == [17, 18]
        uow.bulletins.put(replace(third, state="closed"))
        assert [one.outage_id.int for one in uow.bulletins.active(5)] == [18]
