"""Announcements to whole areas: whom they mean, at what pace, each number once whatever happens."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.notify.domain.announcements import MOVES, Announcement, Area, Home, Kind, Stage
from services.notify.domain.messages import State
from services.notify.errors import AnnouncementMoveNotAllowed, BadArea, NobodyThere, UnknownAnnouncement
from services.notify.schemas.announcements import NewAnnouncement, announcement_card, read_subscribers
from services.notify.usecases import announcing, sending
from services.notify.usecases.announcing import Subscriber, Tally
from services.notify.usecases.ports import Contact
from shared.clock import FixedClock
from tests.support.fakes import NOON
from tests.unit.notify.fakes import POLICY, FakeProvider, FakeUnitOfWork, deliver

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[76.9, 43.2], [77.0, 43.2], [77.0, 43.3], [76.9, 43.3], [76.9, 43.2]]],
}
BOW_TIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
ID = UUID(int=77)
TEXTS = {"ru": "Воды не будет с 10:00 до 14:00", "kk": "Су 10:00-ден 14:00-ге дейін болмайды"}


def announcement(**changes: Any) -> Announcement:
    wanted: dict[str, Any] = {"area": Area({"osm-w1": ()}), "rate": 10.0, **changes}
    return Announcement(ID, Kind.PLANNED_WORKS, TEXTS, by="master-1", created_at=NOON, **wanted)


def subscriber(number: int, building: str = "osm-w1", phone: int | None = None, **changes: Any) -> Subscriber:
    contact = Contact(
        UUID(int=number), f"+7701{phone or number:07}", changes.pop("language", "ru"), True, NOON
    )
    return Subscriber(contact, Home(contact.id, building, **changes))


class World:
    """One store, one clock, one provider."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOON)
        self.uow = FakeUnitOfWork(self.clock)
        self.provider = FakeProvider(self.clock)

    def subscribe(self, *subscribers: Subscriber) -> None:
        announcing.subscribe(self.uow, subscribers)

    def plan(self, wanted: Announcement, page: int = 100) -> Announcement:
        announcing.announce(self.uow, wanted)
        while announcing.list_recipients(self.uow, page):
            pass
        return self.known

    @property
    def known(self) -> Announcement:
        return announcing.show(self.uow, ID).announcement

    def send(self, limit: int = 100) -> None:
        for job in sending.take_due(self.uow, POLICY, lambda *_: "other", limit):
            deliver(job, self.uow, self.provider)

    def sent(self) -> list[str]:
        return [sms.phone for sms, _, _ in self.provider.sent]


@pytest.fixture
def world() -> World:
    return World()


def test_an_area_means_houses_entrances_and_whoever_lives_in_the_polygon() -> None:
    homes = [
        Home(UUID(int=1), "osm-w1", "1"),
        Home(UUID(int=2), "osm-w1", "2"),
        Home(UUID(int=3), "osm-w2"),
        Home(UUID(int=4), "osm-w3", lat=43.25, lon=76.95),
        Home(UUID(int=5), "osm-w3", lat=43.25, lon=77.95),
    ]
    meant = Area({"osm-w1": ("2",), "osm-w2": ()}, SQUARE).among(homes)
    assert [home.contact_id.int for home in meant] == [2, 3, 4]


@pytest.mark.parametrize(
    ("polygon", "why"),
    [
        (None, "nowhere"),
        ({"type": "Polygon"}, "not_geojson"),
        ({"type": "Point", "coordinates": [1, 1]}, "not_a_polygon"),
        (BOW_TIE, "crosses_itself"),
        ({"type": "Polygon", "coordinates": [[[500, 0], [501, 0], [501, 1], [500, 0]]]}, "not_degrees"),
    ],
)
def test_a_place_that_is_none_is_refused(polygon: dict[str, Any] | None, why: str) -> None:
    with pytest.raises(BadArea) as refused:
        Area({}, polygon)
    assert refused.value.details == {"why": why}


@pytest.mark.parametrize("here", Stage)
@pytest.mark.parametrize("there", Stage)
def test_only_the_moves_of_the_machine_are_made(here: Stage, there: Stage) -> None:
    known = announcement(stage=here)
    if there is here:
        assert known.moved(there, NOON) == known
    elif there in MOVES[here]:
        assert known.moved(there, NOON).stage is there
    else:
        with pytest.raises(AnnouncementMoveNotAllowed):
            known.moved(there, NOON)


def test_recipients_are_listed_page_by_page_each_number_once(world: World) -> None:
    world.subscribe(*(subscriber(n) for n in range(1, 6)), subscriber(9, phone=3), subscriber(10, "osm-w2"))
    planned = world.plan(announcement(), page=2)
    assert (planned.stage, planned.recipients, planned.told) == (Stage.PLANNED, 5, 0)


def test_an_announcement_for_nobody_does_not_start(world: World) -> None:
    world.plan(announcement(starts_itself=True))
    assert world.known.stage is Stage.PLANNED
    with pytest.raises(NobodyThere):
        announcing.move(world.uow, ID, Stage.RUNNING)


def test_the_rate_holds_however_often_it_is_asked(world: World) -> None:
    world.subscribe(*(subscriber(n) for n in range(1, 101)))
    world.plan(announcement(starts_itself=True))
    released = []
    for _ in range(20):
        world.clock.advance(timedelta(seconds=0.25))
        released.append(announcing.release(world.uow, 200))
        world.send()
    assert sum(released) == 50
    assert max(released) <= 3


def test_it_never_runs_far_ahead_of_the_sender(world: World) -> None:
    world.subscribe(*(subscriber(n) for n in range(1, 201)))
    world.plan(announcement(starts_itself=True))
    for _ in range(60):
        world.clock.advance(timedelta(seconds=1))
        announcing.release(world.uow, 200)
    assert announcing.show(world.uow, ID).fates == {"queued": 51}


def test_everybody_hears_it_in_their_language_and_then_it_is_done(world: World) -> None:
    world.subscribe(subscriber(1), subscriber(2, language="kk"), subscriber(3, language="en"))
    world.plan(announcement(starts_itself=True))
    for _ in range(3):
        world.clock.advance(timedelta(seconds=1))
        announcing.release(world.uow, 200)
        world.send()
    assert [sms.body for sms, _, _ in world.provider.sent] == [TEXTS["ru"], TEXTS["kk"], TEXTS["ru"]]
    assert (world.known.stage, world.known.told) == (Stage.DONE, 3)
    assert world.uow.emitted == []  # the journal is not told of each


def test_called_off_nothing_more_leaves(world: World) -> None:
    world.subscribe(*(subscriber(n) for n in range(1, 21)))
    world.plan(announcement(starts_itself=True))
    world.clock.advance(timedelta(seconds=1))
    announcing.release(world.uow, 200)
    world.send(limit=4)
    called_off = announcing.move(world.uow, ID, Stage.CANCELLED)
    world.clock.advance(timedelta(seconds=10))
    assert announcing.release(world.uow, 200) == 0
    world.send()
    assert called_off.fates == {"sent": 4, "suppressed": 6}
    assert len(world.sent()) == 4


def test_whoever_said_stop_after_the_listing_hears_nothing(world: World) -> None:
    world.subscribe(subscriber(1), subscriber(2))
    world.plan(announcement(starts_itself=True))
    stopped = Contact(UUID(int=1), "+77010000001", "ru", False, NOON + timedelta(seconds=1))
    with world.uow:
        world.uow.contacts.put(stopped)
        world.uow.commit()
    world.clock.advance(timedelta(seconds=2))
    announcing.release(world.uow, 200)
    world.send()
    assert world.sent() == ["+77010000002"]


@given(
    steps=st.lists(st.sampled_from(["tick", "crash", "send", "pause", "resume", "list"]), max_size=60),
    people=st.integers(1, 12),
    shared=st.integers(0, 3),
)
def test_whatever_happens_each_number_is_told_once_and_nobody_is_forgotten(
    steps: Sequence[str], people: int, shared: int
) -> None:
    world = World()
    world.subscribe(*(subscriber(n) for n in range(1, people + 1)))
    world.subscribe(*(subscriber(100 + n, phone=1) for n in range(shared)))
    announcing.announce(world.uow, announcement(starts_itself=True))
    for step in steps:
        _take(world, step)
    for _ in range(60):
        for step in ("list", "resume", "tick", "send"):
            _take(world, step)
    told = Counter(world.sent())
    assert set(told.values()) == {1}
    assert len(told) == people
    assert world.known.stage is Stage.DONE
    assert {message.state for message in world.uow.stored.messages.values()} == {State.SENT}


def _take(world: World, step: str) -> None:
    if step == "tick":
        world.clock.advance(timedelta(seconds=0.5))
        announcing.release(world.uow, 3)
    elif step == "crash":  # a transaction that is never committed
        stored = world.uow.stored.copy()
        announcing.release(world.uow, 3)
        announcing.list_recipients(world.uow, 2)
        world.uow.stored = stored
    elif step == "send":
        world.send(limit=2)
    elif step == "list":
        announcing.list_recipients(world.uow, 2)
    elif world.known.stage in (Stage.RUNNING, Stage.PAUSED):
        announcing.move(world.uow, ID, Stage.PAUSED if step == "pause" else Stage.RUNNING)


def test_announced_again_it_stays_as_it_is(world: World) -> None:
    world.subscribe(subscriber(1))
    planned = world.plan(announcement())
    assert announcing.announce(world.uow, announcement(rate=1.0)).announcement == planned
    assert announcing.list_announcements(world.uow, 5) == [Tally(planned, {})]
    with pytest.raises(UnknownAnnouncement):
        announcing.show(world.uow, UUID(int=1))


def test_the_card_counts_the_parts_of_each_text() -> None:
    card = announcement_card(Tally(announcement(recipients=3), {"sent": 2}))
    assert (card["parts"], card["messages"]) == ({"ru": 1, "kk": 1}, {"sent": 2})


@pytest.mark.parametrize("changes", [{"buildings": []}, {"texts": {}}, {"texts": {"en": "x"}}, {"rate": 0}])
def test_an_announcement_that_says_nothing_or_nowhere_is_refused(changes: dict[str, Any]) -> None:
    wish = {"kind": "outage", "texts": TEXTS, "buildings": [{"building_id": "osm-w1"}]}
    assert NewAnnouncement().load(wish)["buildings"]
    with pytest.raises(ValidationError):
        NewAnnouncement().load({**wish, **changes})


def test_a_list_of_residents_is_read_and_its_first_bad_line_named() -> None:
    head = "phone,building_id,language,entrance,lat,lon,sms_allowed\n"
    first, second = read_subscribers(
        [head, "+77010000001,osm-w1,kk,2,43.2,76.9,1\n", "+77010000002,osm-w2,,,,,\n"]
    )
    assert (first.language, first.entrance, first.lat, second.language, second.sms_allowed) == (
        "kk",
        "2",
        43.2,
        "ru",
        True,
    )
    with pytest.raises(ValidationError) as bad:
        list(read_subscribers([head, "+77010000001,osm-w1,,,,,\n", "12,osm-w2,,,,,\n"]))
    assert list(bad.value.messages_dict) == ["line 3"]
