"""What dispatchers do with outages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from marshmallow import ValidationError

from services.intake.domain.outages import MOVES, Kind, Outage, OutageFilter, State
from services.intake.domain.requests import Request
from services.intake.domain.riders import House, HouseState, Left, Part
from services.intake.errors import (
    AlreadyRiding,
    ForbiddenOutageMove,
    NotRiding,
    OutageChanged,
    OutageNotFound,
    RequestNotFound,
    UnknownSymptom,
)
from services.intake.schemas import outages as wire
from services.intake.usecases import outages
from services.intake.usecases.forms import Command
from services.intake.usecases.outages import Plan, Seen
from tests.unit.intake.examples import NOON, listener
from tests.unit.intake.town import BOOK, Town

pytestmark = pytest.mark.rule("6.8")
ABAYA_12 = House("osm-w1", "проспект Абая, 12", 43.2402, 76.945)
GOGOLYA_2 = House("osm-w8", "улица Гоголя, 2", 43.2602, 76.947)
ACCIDENT = Plan(Kind.ACCIDENT, ("no_cold_water",), (ABAYA_12,))


class Desk(Town):
    """The same town with a dispatcher."""

    def do(self, work: Callable[[Any], Seen], key: str | None = None) -> Outage:
        command = Command("dispatcher-1", key, "x")
        seen: Seen = outages.once(self.uow, command, work, lambda seen: seen)
        return seen.outage

    def enter(self, plan: Plan = ACCIDENT) -> Outage:
        return self.do(lambda uow: outages.open_outage(uow, BOOK, plan, "dispatcher-1"))

    def change(self, outage: Outage, **changes: Any) -> Outage:
        version = changes.pop("version", outage.version)
        return self.do(lambda uow: outages.change_outage(uow, BOOK, outage.id, version, changes))

    def join(self, outage: Outage, request: Request) -> Outage:
        return self.do(lambda uow: outages.join_request(uow, BOOK, outage.id, request.id, "dispatcher-1"))

    def split(self, outage: Outage, request: Request) -> Outage:
        return self.do(lambda uow: outages.split_request(uow, BOOK, outage.id, request.id, "dispatcher-1"))

    def close(self, outage: Outage) -> Outage:
        return self.do(lambda uow: outages.close_outage(uow, BOOK, outage.id, outage.version, "fixed"))

    def call_off(self, outage: Outage) -> Outage:
        return self.do(lambda uow: outages.call_off_outage(uow, BOOK, outage.id, outage.version, "ошибка"))

    def current(self, outage: Outage) -> Outage:
        return self.uow.outages.rows[outage.id]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_residents_of_an_outage_that_a_dispatcher_opened_join_from_the_first(desk: Desk) -> None:
    outage = desk.enter()
    member = desk.text("Нет холодной воды, Абая 12")
    assert desk.rides_with(member) == outage.id
    assert desk.told("outage.changed")[0]["author"] == "dispatcher-1"


def test_who_had_reported_it_joins_and_the_first_has_the_crew(desk: Desk) -> None:
    first = desk.text("Нет холодной воды, Абая 12, кв 1")
    second = desk.text("Нет воды, Абая 12, кв 2")
    other = desk.text("Лифт стоит, Абая 12, кв 3")
    danger = desk.text("Нет воды, в подвале искрит, Абая 12, кв 4")
    outage = desk.enter()
    assert outage.lead_request_id == first.id
    assert desk.rides_with(second) == outage.id
    assert desk.rides_with(other) is None
    assert desk.rides_with(danger) is None


def test_what_the_machine_had_found_there_becomes_part_of_it(desk: Desk) -> None:
    for flat in range(3):
        desk.text(f"Нет холодной воды, Абая 12, кв {flat}")
    found = desk.only
    outage = desk.enter()
    assert desk.current(found).state is State.CALLED_OFF
    assert desk.current(found).reason == f"merged:{outage.number}"
    assert {rider.outage_id for rider in desk.uow.riders.rows.values()} == {outage.id}
    assert [r.part for r in desk.uow.riders.riding(outage.id)] == [Part.LEAD, Part.MEMBER, Part.MEMBER]


def test_before_a_planned_outage_nobody_joins_during_it_everybody_does(desk: Desk) -> None:
    start = NOON + timedelta(hours=2)
    planned = desk.enter(
        Plan(
            Kind.PLANNED,
            ("no_hot_water",),
            (ABAYA_12,),
            start,
            start + timedelta(hours=4),
            tell={"ru": "Опрессовка сетей.", "kk": "Желілерді сынау."},
        )
    )
    assert desk.rides_with(desk.text("Нет горячей воды, Абая 12")) is None
    during = desk.text("Нет горячей воды, Абая 12, кв 9", later=150)
    assert desk.rides_with(during) == planned.id
    assert "Плановое отключение № 1" in desk.answer
    assert "Опрессовка сетей." in desk.answer
    assert "Устраним до 18:00" in desk.answer
    assert desk.told("request.registered", during)[0]["lead_request_id"] is None


def test_one_house_may_be_in_two_outages_at_once(desk: Desk) -> None:
    water, power = desk.enter(), desk.enter(Plan(Kind.ACCIDENT, ("no_power",), (ABAYA_12,)))
    assert desk.rides_with(desk.text("Нет холодной воды, Абая 12, кв 5")) == water.id
    assert desk.rides_with(desk.text("Нет света, Абая 12, кв 5")) == power.id


def test_only_the_entrances_of_the_scope_are_hit(desk: Desk) -> None:
    second = House("osm-w1", "Абая, 12", 43.2402, 76.945, entrances=("2",))
    outage = desk.enter(Plan(Kind.ACCIDENT, ("no_power",), (second,)))
    assert desk.rides_with(desk.text("Нет света, Абая 12, подъезд 1, кв 3")) is None
    assert desk.rides_with(desk.text("Нет света, Абая 12, подъезд 2, кв 40")) == outage.id


def test_a_wider_scope_takes_in_who_waits_there(desk: Desk) -> None:
    outage = desk.enter()
    elsewhere = desk.text("Нет холодной воды, Гоголя 2")
    changed = desk.change(outage, houses=(ABAYA_12, GOGOLYA_2), cause="порыв")
    assert desk.rides_with(elsewhere) == outage.id
    assert (desk.current(outage).cause, len(changed.houses)) == ("порыв", 2)


def test_a_restored_house_lets_its_people_go_and_the_others_ride_on(desk: Desk) -> None:
    outage = desk.enter(Plan(Kind.ACCIDENT, ("no_power",), (ABAYA_12, GOGOLYA_2)))
    here, there = desk.text("Нет света, Абая 12"), desk.text("Нет света, Гоголя 2")
    restored = House("osm-w1", "Абая, 12", 43.2402, 76.945, state=HouseState.RESTORED)
    desk.change(desk.current(outage), houses=(restored, GOGOLYA_2))
    assert desk.told("request.ride_ended", here)[0]["result"] == "restored"
    assert desk.rider(there).rides
    assert desk.rides_with(desk.text("Нет света, Абая 12, кв 8")) is None


def test_a_change_from_an_old_picture_is_refused_and_the_same_again_is_none(desk: Desk) -> None:
    outage = desk.enter()
    changed = desk.change(outage, cause="порыв")
    assert changed.version == outage.version + 1
    assert desk.change(changed, cause="порыв").version == changed.version
    with pytest.raises(OutageChanged):
        desk.change(outage, cause="другое")


def test_a_dispatcher_joins_what_words_did_not_show_and_splits_it_again(desk: Desk) -> None:
    outage = desk.enter()
    request = desk.text("Всё плохо, приезжайте скорее, Гоголя 2")
    desk.join(outage, request)
    assert desk.told("request.joined", request)[0]["by"] == "dispatcher-1"
    assert "osm-w8" in desk.current(outage).house_by_key
    with pytest.raises(AlreadyRiding):
        desk.join(outage, request)
    desk.split(outage, request)
    assert desk.rider(request).left_because is Left.DISPATCHER
    with pytest.raises(NotRiding):
        desk.split(outage, request)


def test_when_the_one_in_front_is_split_off_the_next_one_is_in_front(desk: Desk) -> None:
    first = desk.text("Нет холодной воды, Абая 12, кв 1")
    second = desk.text("Нет холодной воды, Абая 12, кв 2")
    outage = desk.enter()
    assert desk.split(outage, first).lead_request_id == second.id
    assert desk.told("request.split", first) == [], "it never was joined: its crew goes on"


def test_closed_by_a_dispatcher_everybody_is_let_go(desk: Desk) -> None:
    outage = desk.enter()
    members = [desk.text(f"Нет холодной воды, Абая 12, кв {flat}") for flat in range(3)]
    desk.close(desk.current(outage))
    assert desk.let_go() == 3
    assert [told["request_id"] for told in desk.told("request.ride_ended")] == [str(m.id) for m in members]
    with pytest.raises(ForbiddenOutageMove):
        desk.close(desk.current(outage))
    with pytest.raises(ForbiddenOutageMove):
        desk.change(desk.current(outage), cause="поздно")


def test_called_off_everybody_is_worked_on_alone(desk: Desk) -> None:
    outage = desk.enter()
    member = desk.text("Нет холодной воды, Абая 12, кв 1")
    desk.call_off(desk.current(outage))
    desk.let_go()
    assert desk.told("request.split", member)[0]["reason"] == "called_off"


def test_a_copy_is_a_new_outage_with_times_of_its_own(desk: Desk) -> None:
    old = desk.close(desk.enter(Plan(Kind.PLANNED, ("no_heat",), (ABAYA_12,), cause="опрессовка")))
    times = Plan(Kind.PLANNED, (), (), NOON + timedelta(days=1), NOON + timedelta(days=2))
    copy = desk.do(lambda uow: outages.copy_outage(uow, BOOK, old.id, times, "dispatcher-2"))
    assert (copy.cause, copy.state, copy.author) == ("опрессовка", State.OPEN, "dispatcher-2")
    assert (copy.number, copy.started_at) == (old.number + 1, NOON + timedelta(days=1))


def test_the_same_command_again_opens_nothing_new(desk: Desk) -> None:
    def enter(uow: Any) -> Seen:
        return outages.open_outage(uow, BOOK, ACCIDENT, "dispatcher-1")

    command = Command("dispatcher-1", "key-1", "x")
    cards = [outages.once(desk.uow, command, enter, wire.outage_card) for _ in range(2)]
    assert cards[0] == cards[1]
    assert len(desk.outages) == 1


def test_the_list_says_who_leads_how_many_ride_and_what_is_late(desk: Desk) -> None:
    first = desk.text("Нет холодной воды, Абая 12, кв 1")
    desk.text("Нет холодной воды, Абая 12, кв 2")
    desk.enter(Plan(Kind.ACCIDENT, ("no_cold_water",), (ABAYA_12,), ends_by=NOON + timedelta(minutes=30)))
    desk.clock.advance(timedelta(hours=1))
    (seen,) = outages.list_outages(desk.uow, OutageFilter(states=(State.OPEN,)))
    assert (seen.lead_number, seen.requests, seen.overdue) == (first.number, 2, True)
    assert [rider.number for rider in outages.list_members(desk.uow, seen.outage.id, 0, 10)] == [1001, 1002]


def test_what_does_not_exist_is_said_so(desk: Desk) -> None:
    outage = desk.enter()
    with pytest.raises(OutageNotFound):
        outages.show_outage(desk.uow, uuid4())
    with pytest.raises(UnknownSymptom):
        desk.enter(Plan(Kind.ACCIDENT, ("no_luck",), (ABAYA_12,)))
    for verb in (desk.join, desk.split):
        with pytest.raises(RequestNotFound):
            verb(outage, desk.text("здравствуйте, алло"))


@pytest.mark.parametrize("present", list(State))
def test_what_the_table_of_states_does_not_have_raises(present: State, desk: Desk) -> None:
    outage = desk.enter()
    for wanted in set(State) - MOVES[present]:
        broken = Outage(**{**{n: getattr(outage, n) for n in outage.__slots__}, "state": present})
        with pytest.raises(ForbiddenOutageMove):
            broken.moved(wanted, NOON)


def test_houses_are_named_by_id_or_address_and_the_unknown_ones_are_pointed_at() -> None:
    def named(**wanted: Any) -> dict[str, Any]:
        return dict(wire.HouseInput().load(wanted))

    resolver = listener().resolver
    both = wire.houses_of([named(building="osm-w1"), named(address="Гоголя 2", entrances=["3"])], resolver)
    assert [(house.key, house.entrances) for house in both] == [("osm-w1", ()), ("osm-w8", ("3",))]
    with pytest.raises(ValidationError) as refused:
        wire.houses_of([named(building="osm-w1"), named(address="улица Которой Нет 5")], resolver)
    assert refused.value.messages_dict == {"houses": {1: {"address": ["No such house."]}}}


@pytest.mark.parametrize(("text", "version"), [('"7"', 7), ('W/"7"', 7), ("7", 7), ("*", None), (None, None)])
def test_the_version_in_if_match_is_read(text: str | None, version: int | None) -> None:
    assert wire.version_of(text) == version
