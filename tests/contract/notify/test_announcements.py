"""One suite for homes and announcements in memory and in PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notify.domain.announcements import Announcement, Area, Home, Kind, Stage
from services.notify.domain.messages import Message, State
from services.notify.store import UnitOfWork
from services.notify.usecases.ports import Contact
from shared.clock import FixedClock
from shared.db import TransactionContext, make_engine
from tests.support.fakes import NOON
from tests.support.sealing import SEALER

Open = Callable[[], Any]
ID = UUID(int=77)
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[76.9, 43.2], [77.0, 43.2], [77.0, 43.3], [76.9, 43.3], [76.9, 43.2]]],
}
KNOWN = Announcement(
    ID, Kind.OUTAGE, {"ru": "а", "kk": "ә"}, Area({"osm-w1": ["2"]}, SQUARE), 10.0, "master-1", NOON
)


def settle(uow: Any, number: int, *, phone: int | None = None, allowed: bool = True, **place: Any) -> Home:
    contact = Contact(UUID(int=number), f"+7701{phone or number:07}", "ru", allowed, NOON)
    home = Home(contact.id, **{"building_id": "osm-w1", "entrance": "2", **place})
    uow.contacts.put(contact)
    uow.homes.put(home)
    return home


def test_an_announcement_comes_back_as_it_was_put_last(transactions: Open) -> None:
    moved = replace(KNOWN, recipients=5, cursor="9").moved(Stage.PLANNED, NOON)
    with transactions() as uow:
        assert uow.announcements.lock(ID) is None
        uow.announcements.put(KNOWN)
        uow.announcements.put(moved)
        uow.announcements.put(replace(KNOWN, id=UUID(int=78), created_at=NOON + timedelta(hours=1)))
        uow.commit()
    with transactions() as uow:
        assert uow.announcements.lock(ID) == moved
        assert [one.id.int for one in uow.announcements.recent(5)] == [78, 77]
        assert uow.announcements.claim(Stage.PLANNING).id.int == 78
        assert uow.announcements.claim(Stage.RUNNING) is None


def test_at_night_only_an_emergency_is_claimed(transactions: Open) -> None:
    urgent = replace(KNOWN, id=UUID(int=78), emergency=True, created_at=NOON + timedelta(hours=1))
    with transactions() as uow:
        uow.announcements.put(KNOWN)
        assert uow.announcements.claim(Stage.PLANNING, only_emergencies=True) is None
        uow.announcements.put(urgent)
        assert uow.announcements.claim(Stage.PLANNING, only_emergencies=True) == urgent
        assert uow.announcements.claim(Stage.PLANNING) == KNOWN


def test_homes_come_in_pages_without_who_must_not_be_written_to(transactions: Open) -> None:
    with transactions() as uow:
        homes = [settle(uow, number) for number in (1, 2, 3)]
        settle(uow, 4, allowed=False)
        homes.append(settle(uow, 5, building_id="osm-w9", lat=43.25, lon=76.95))
        first = uow.homes.page(KNOWN.area, "", 3)
        rest = uow.homes.page(KNOWN.area, first[-1][0], 3)
        assert [home for _, home in (*first, *rest)] == homes
        uow.homes.put(replace(homes[0], entrance="7"))
        uow.homes.forget(UUID(int=2))
        left = [home for _, home in uow.homes.page(KNOWN.area, "", 9)]
    assert [(home.contact_id.int, home.entrance) for home in left] == [(1, "7"), (3, "2"), (5, "2")]


def test_each_number_is_enlisted_once(transactions: Open) -> None:
    with transactions() as uow:
        uow.announcements.put(KNOWN)
        homes = [settle(uow, 1), settle(uow, 2), settle(uow, 3, phone=1)]
        assert uow.announcements.enlist(ID, []) == 0
        assert uow.announcements.enlist(ID, homes[:2]) == 2
        assert uow.announcements.enlist(ID, homes) == 0
        first = uow.announcements.next_recipients(ID, "", 1)
        rest = uow.announcements.next_recipients(ID, first[0][0], 5)
    assert {contact.int for _, contact in (*first, *rest)} == {1, 2}
    assert len(rest) == 1


def test_messages_of_an_announcement_have_its_words_and_come_after_all_others(transactions: Open) -> None:
    with transactions() as uow:
        uow.announcements.put(KNOWN)
        settle(uow, 1)
        message = Message.announced(uuid4(), ID, UUID(int=1), NOON)
        uow.messages.announce([message])
        uow.messages.announce([replace(message, id=uuid4())])
        uow.messages.announce([])
        assert sum(uow.announcements.fates(ID).values()) == 1
        (due,) = uow.messages.due(NOON, 5, NOON - timedelta(hours=4))
        assert (due.message, due.texts, due.recipient.phone) == (message, KNOWN.texts, "+77010000001")
        assert uow.announcements.waiting(ID) == 1
        assert uow.announcements.call_off(ID, NOON) == 1
        assert uow.announcements.fates(ID) == {State.SUPPRESSED.value: 1}
        assert uow.announcements.waiting(ID) == 0


def test_what_is_at_the_providers_door_is_not_called_off(transactions: Open) -> None:
    with transactions() as uow:
        uow.announcements.put(KNOWN)
        settle(uow, 1)
        uow.messages.add(
            Message.announced(uuid4(), ID, UUID(int=1), NOON).leased(NOON, timedelta(seconds=60))
        )
        assert uow.announcements.call_off(ID, NOON) == 0
        assert uow.messages.is_sending_to(UUID(int=1))


@pytest.mark.servers
def test_two_replicas_do_not_release_the_same_announcement(service_database: Callable[[str], str]) -> None:
    engine = make_engine(service_database("notify"), pool_size=3)
    context = TransactionContext(engine, FixedClock(NOON), "notify", lambda: None, SEALER)
    running = replace(KNOWN, stage=Stage.RUNNING)
    with UnitOfWork(context) as uow:
        uow.announcements.put(running)
        uow.commit()
    with UnitOfWork(context) as one, UnitOfWork(context) as other:
        assert one.announcements.claim(Stage.RUNNING) == running
        assert other.announcements.claim(Stage.RUNNING) is None
    engine.dispose()
