"""One suite for the outages in memory and those in PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from services.intake.domain.outages import Kind, Outage, OutageFilter, State
from services.intake.domain.requests import Channel, Contact, Request
from services.intake.domain.riders import House, HouseState, Left, Part, Rider
from services.intake.domain.troubles import Level
from tests.contract.intake.conftest import Open
from tests.unit.intake.examples import NOON, listener

HERE = House("osm-w1", "Абая, 12", 43.24, 76.945, "Абай, 12", ("1", "2"), ("5",))
THERE = House("osm-w2", "Абая, 20", 43.26, 76.9, state=HouseState.PRESUMED)
HOUR = timedelta(hours=1)


def outage(number: int = 1, **changes: Any) -> Outage:
    whole = Outage(
        id=uuid4(),
        number=number,
        kind=Kind.ACCIDENT,
        state=State.OPEN,
        symptoms=("no_water", "no_heat"),
        level=Level.HOUSE,
        started_at=NOON,
        created_at=NOON,
        updated_at=NOON,
        houses=(HERE, THERE),
        hazards=frozenset({"hot_water"}),
        cause="порыв",
        course="копают",
        tell={"ru": "подвоз воды", "kk": "су тасу"},
        ends_by=NOON + HOUR,
        organisation="Водоканал",
        author="dispatcher-1",
    )
    return replace(whole, **changes)


def registered(uow: Any, number: int) -> UUID:
    """A request for a rider to stand on."""
    contact = uow.contacts.add(Contact(uuid4(), f"+7701{number:07}", "ru", True, True), NOON)
    draft = Request(
        uuid4(), Channel.SMS, "ru", NOON, NOON, sender_ref=contact.ref, contact_ref=contact.ref, problem="су"
    )
    place = listener().resolver.resolve("Гоголя 2").choices[0].address
    request = replace(draft, address=place).registered(number, NOON)
    uow.requests.add(request)
    return request.id


def rider(uow: Any, number: int = 1, **changes: Any) -> Rider:
    whole = Rider(
        request_id=registered(uow, number),
        number=number,
        contact_ref=uuid4(),
        symptoms=("no_water",),
        level=Level.FLAT,
        hazards=frozenset(),
        only_ours=False,
        house="osm-w1",
        label="Абая, 12",
        label_kk="Абай, 12",
        entrance=None,
        flat="5",
        lat=43.24,
        lon=76.945,
        at=NOON,
    )
    kept = replace(whole, **changes)
    uow.riders.add(kept)
    return kept


def test_an_outage_comes_back_whole_and_under_its_next_version(transactions: Open) -> None:
    first = outage()
    with transactions() as uow:
        uow.outages.add(first)
        uow.commit()
    with transactions() as uow:
        assert uow.outages.get(first.id) == first
        assert uow.outages.get(first.id, lock=True) == first
        assert uow.outages.get(uuid4()) is None
        changed = replace(first, houses=(replace(THERE, state=HouseState.OFF),), cause="", ends_by=None)
        assert uow.outages.save(changed).version == 1
        uow.commit()
    with transactions() as uow:
        assert uow.outages.get(first.id) == replace(changed, version=1)


def test_who_joins_makes_no_new_version(transactions: Open) -> None:
    first = outage()
    with transactions() as uow:
        uow.outages.add(first)
        uow.outages.touch(first.id, NOON + HOUR)
        uow.commit()
    with transactions() as uow:
        assert uow.outages.get(first.id) == replace(first, last_joined_at=NOON + HOUR)


def test_live_outages_are_found_by_house_and_by_nearness(transactions: Open) -> None:
    first, second = outage(1), outage(2, state=State.SUSPECTED, houses=(THERE,))
    over = outage(3, state=State.CLOSED, ended_at=NOON)
    planned = outage(4, kind=Kind.PLANNED, houses=(HERE,))
    with transactions() as uow:
        for one in (first, second, over, planned):
            uow.outages.add(one)
        uow.commit()
    with transactions() as uow:
        assert [one.number for one in uow.outages.at_house("osm-w1")] == [1, 4]
        assert [one.number for one in uow.outages.at_house("osm-w2")] == [1, 2]
        near = uow.outages.near((43.26, 76.9005), 100, {"no_heat", "leak"})
        assert [one.number for one in near] == [1, 2]
        assert uow.outages.near((43.26, 76.9005), 100, {"leak"}) == []
        assert uow.outages.near((43.0, 76.9), 100, {"no_heat"}) == []


def test_feeds_replace_one_another_and_find_what_hangs_on_them(transactions: Open) -> None:
    first = outage(1, houses=(HERE,))
    with transactions() as uow:
        uow.outages.add(first)
        far = rider(uow, 1001, house="osm-w9", lat=44.0, at=NOON)
        uow.outages.put_feeds([("water", "osm-w1", "old")])
        assert uow.outages.put_feeds([("water", "osm-w1", "a"), ("water", "osm-w9", "a")]) == 2
        uow.commit()
    with transactions() as uow:
        assert uow.outages.feeds("water", ["osm-w1", "osm-w2"]) == {"osm-w1": "a"}
        assert uow.outages.feeds("heat", ["osm-w1"]) == {}
        assert [one.number for one in uow.outages.on_feed("water", "a", {"no_water"})] == [1]
        assert uow.outages.on_feed("water", "old", {"no_water"}) == []
        assert uow.riders.on_feed("water", "a", {"no_water"}, NOON) == [far]
        assert uow.riders.on_feed("water", "b", {"no_water"}, NOON) == []


def test_the_list_is_filtered_and_newest_first(transactions: Open) -> None:
    kept = [
        outage(1, symptoms=("lift_stopped",)),
        outage(2, kind=Kind.PLANNED, houses=(THERE,)),
        outage(3, state=State.CALLED_OFF, ended_at=NOON),
    ]
    with transactions() as uow:
        for one in kept:
            uow.outages.add(one)
        uow.commit()

    def listed(**wanted: Any) -> list[int]:
        with transactions() as uow:
            return [one.number for one in uow.outages.listed(OutageFilter(**wanted))]

    assert listed() == [3, 2, 1]
    assert listed(limit=2) == [3, 2]
    assert listed(before=3) == [2, 1]
    assert listed(states=(State.OPEN,)) == [2, 1]
    assert listed(kind=Kind.PLANNED) == [2]
    assert listed(symptom="lift_stopped") == [1]
    assert listed(house="osm-w1") == [3, 1]


def test_numbers_are_never_given_twice(transactions: Open) -> None:
    with transactions() as uow:
        assert [uow.outages.next_number() for _ in range(2)] == [1, 2]


def test_a_rider_comes_back_as_it_was_left(transactions: Open) -> None:
    first = outage()
    with transactions() as uow:
        uow.outages.add(first)
        alone = rider(uow, 1001)
        assert uow.riders.get(alone.request_id) == alone
        riding = alone.joined(first.id, Part.MEMBER, NOON)
        uow.riders.save(riding)
        assert uow.riders.get(alone.request_id, lock=True) == riding
        left = riding.left(Left.HAZARD, NOON + HOUR)
        uow.riders.save(replace(left, hazards=frozenset({"gas"}), symptoms=()))
        assert uow.riders.get(uuid4()) is None
        kept = uow.riders.get(alone.request_id)
    assert kept is not None
    assert (kept.left_because, kept.hazards, kept.symptom) == (Left.HAZARD, {"gas"}, "")


def test_open_riders_are_found_by_house_nearness_and_time(transactions: Open) -> None:
    with transactions() as uow:
        late = rider(uow, 1002, at=NOON + HOUR)
        early = rider(uow, 1001, flat="7")
        rider(uow, 1003, symptoms=("leak",))
        rider(uow, 1004)
        away = rider(uow, 1005, house="osm-w9", lat=43.2405)
        over = rider(uow, 1006)
        uow.riders.save(over.ended(Left.FINISHED, NOON))
        found = uow.riders.at_house("osm-w1", {"no_water"}, NOON)
        assert [one.number for one in found] == [early.number, 1004, late.number]
        assert [one.number for one in uow.riders.at_house("osm-w1", {"no_water"}, NOON + HOUR)] == [1002]
        near = uow.riders.near((43.2405, 76.945), 10, {"no_water"}, NOON)
        assert [one.number for one in near] == [away.number]


def test_members_of_an_outage_that_is_over_are_let_go_in_order(transactions: Open) -> None:
    live, over = outage(1), outage(2, state=State.CLOSED, ended_at=NOON)
    with transactions() as uow:
        uow.outages.add(live)
        uow.outages.add(over)
        for number, on in ((1003, over), (1001, live), (1002, over)):
            uow.riders.save(rider(uow, number).joined(on.id, Part.MEMBER, NOON))
        uow.commit()
    with transactions() as uow:
        assert [one.number for one in uow.riders.stranded(10)] == [1002, 1003]
        (first,) = uow.riders.stranded(1)
        uow.riders.save(first.ended(Left.SOLVED, NOON))
        assert [one.number for one in uow.riders.stranded(10)] == [1003]
        assert [one.number for one in uow.riders.riding(over.id)] == [1003]
        assert [one.number for one in uow.riders.members(over.id, 0, 10)] == [1002, 1003]
        assert [one.number for one in uow.riders.members(over.id, 1002, 10)] == [1003]
        assert dict(uow.riders.count([over.id, live.id])) == {over.id: 2, live.id: 1}
