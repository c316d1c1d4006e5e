"""One suite for the store in memory and the one in PostgreSQL: what tests of use-cases rely on is true."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

from services.crews.domain.feed import Change, Topic
from services.crews.domain.fitness import Absence, AbsenceKind, Equipment, Permit
from services.crews.domain.oncall import OnCallList, OnCallStep
from services.crews.domain.orders import Result, Stage, Step, advance
from services.crews.domain.people import Position, Shift, Staff
from services.crews.domain.safety import Reading, SafetyAnswers
from services.crews.domain.tracking import Site
from tests.contract.crews.conftest import Open
from tests.unit.crews.examples import (
    ANN,
    ASSIGNMENT,
    BEN,
    CARD,
    CREW,
    NOON,
    ORGANISATION,
    SEVEN,
    STAFF,
    order,
    step,
    walked,
)

GAS = OnCallList(
    uuid4(),
    ORGANISATION,
    "Газ",
    ("gas", "gas_smell"),
    (
        OnCallStep(5, person_id=ANN, note="первой"),
        OnCallStep(10, post="dispatcher"),
        OnCallStep(5, crew_id=CREW),
    ),
)


def test_what_was_not_committed_never_was(transactions: Open) -> None:
    with transactions() as uow:
        uow.orders.put(order())
        uow.orders.add_step(ASSIGNMENT, step(Stage.OFFERED))
    with transactions() as uow:
        assert uow.orders.get(ASSIGNMENT) is None
        assert uow.orders.steps(ASSIGNMENT) == []
        assert uow.feed.last(CREW) == 0


def test_an_order_comes_back_as_it_was_put(transactions: Open) -> None:
    given = order(hazards=("gas", "health"), place="well", reason="ближе всех", address={"text": "Абая, 12"})
    with transactions() as uow:
        uow.orders.lock(ASSIGNMENT)
        put = uow.orders.put(given)
        uow.commit()
    with transactions() as uow:
        assert uow.orders.get(ASSIGNMENT) == put == replace(given, change=1)


def test_an_order_put_again_moves_on_and_takes_the_next_change_number(transactions: Open) -> None:
    with transactions() as uow:
        first = uow.orders.put(order())
        second = uow.orders.put(advance(first, step(Stage.ACCEPTED)))
        uow.commit()
    with transactions() as uow:
        assert uow.orders.get(ASSIGNMENT) == second
        assert (second.stage, second.change) == (Stage.ACCEPTED, 2)


def test_changes_are_numbered_for_each_crew_on_its_own(transactions: Open) -> None:
    other_crew = uuid4()
    with transactions() as uow:
        uow.orders.put(order())
        other = uow.orders.put(order(assignment_id=uuid4(), crew_id=other_crew))
        uow.commit()
    with transactions() as uow:
        assert other.change == 1
        assert uow.orders.changed(other_crew, 0, 10) == [other]


def test_orders_are_listed_by_their_latest_change(transactions: Open) -> None:
    with transactions() as uow:
        one, two, three = [uow.orders.put(order(assignment_id=uuid4())) for _ in range(3)]
        declined = uow.orders.put(advance(one, step(Stage.DECLINED)))
        uow.commit()
    with transactions() as uow:
        assert uow.orders.changed(CREW, 0, 10) == [two, three, declined]
        assert uow.orders.changed(CREW, two.change, 1) == [three]
        assert uow.orders.changed(CREW, declined.change, 10) == []
        assert uow.orders.open(CREW) == [two, three]
        assert uow.feed.last(CREW) == declined.change == 4


def test_steps_come_back_in_the_order_in_which_they_were_recorded(transactions: Open) -> None:
    full = Step(
        Stage.WORKING,
        by="crew-7",
        at=NOON,
        recorded_at=NOON + timedelta(minutes=1),
        device_at=NOON - timedelta(minutes=3),
        reason="почему",
        note="что",
        result=Result.NO_ACCESS,
        readings=(Reading("gas", 0.5, "%LEL"), Reading("oxygen", 20.9, "%vol")),
        safety=SafetyAnswers(ventilation=True, ppe=False),
    )
    bare = Step(Stage.WITHDRAWN, by="system", at=NOON - timedelta(hours=1))
    with transactions() as uow:
        for recorded in (full, bare):
            uow.orders.add_step(ASSIGNMENT, recorded)
        uow.commit()
    with transactions() as uow:
        assert uow.orders.steps(ASSIGNMENT) == [full, bare]
        assert uow.orders.steps(CARD.request_id) == []
        assert uow.orders.histories([ASSIGNMENT, uuid4()]) == {ASSIGNMENT: [full, bare]}


def test_a_thing_is_in_the_feed_once_under_its_latest_number(transactions: Open) -> None:
    message = uuid4()
    with transactions() as uow:
        numbers = [
            uow.feed.touch(CREW, Topic.ORDER, ASSIGNMENT),
            uow.feed.touch(CREW, Topic.MESSAGE, message),
            uow.feed.touch(uuid4(), Topic.SHIFT, CREW),
            uow.feed.touch(CREW, Topic.ORDER, ASSIGNMENT),
        ]
        uow.commit()
    with transactions() as uow:
        assert numbers == [1, 2, 1, 3]
        changes = [Change(2, Topic.MESSAGE, message), Change(3, Topic.ORDER, ASSIGNMENT)]
        assert uow.feed.after(CREW, 0, 10) == changes
        assert (uow.feed.after(CREW, 2, 10), uow.feed.after(CREW, 0, 1)) == (changes[1:], changes[:1])
        assert uow.feed.last(CREW) == 3
        assert uow.feed.last_of([CREW, uuid4()]) == {CREW: 3}


def test_staff_comes_back_as_it_was_saved_and_is_replaced_by_id(staffed: Open) -> None:
    with staffed() as uow:
        assert uow.staff.everything() == STAFF
        assert uow.staff.crew(CREW) == SEVEN
        assert uow.staff.crew(uuid4()) is None
        uow.staff.save(
            Staff({}, {BEN: replace(STAFF.people[BEN], grade=3)}, {CREW: replace(SEVEN, leader=None)})
        )
        uow.commit()
    with staffed() as uow:
        assert uow.staff.everything().people[BEN].grade == 3
        assert uow.staff.crew(CREW) == replace(SEVEN, leader=None)


def test_a_crew_has_one_latest_shift(staffed: Open) -> None:
    running = Shift(on=True, starts_at=NOON, ends_at=None)
    ended = Shift(on=False, starts_at=NOON, ends_at=NOON + timedelta(hours=8))
    for shift in (running, ended):
        with staffed() as uow:
            uow.duty.set_shift(CREW, shift)
            uow.commit()
        with staffed() as uow:
            assert uow.duty.shift(CREW) == uow.duty.shift_now(CREW) == shift


def test_the_latest_position_is_kept_beside_the_one_told(staffed: Open) -> None:
    told = Position(43.2, 76.9, None, NOON)
    latest = Position(43.21, 76.91, 12.5, NOON + timedelta(seconds=5))
    with staffed() as uow:
        assert uow.duty.positions(CREW) is None
        uow.duty.set_positions(CREW, told, told)
        uow.duty.set_positions(CREW, latest, told)
        uow.commit()
    with staffed() as uow:
        assert uow.duty.positions(CREW) == (latest, told)
        assert uow.duty.position_now(CREW) == latest
        assert uow.duty.position_now(uuid4()) is None


def test_positions_of_many_crews_are_kept_at_once_and_strangers_are_left_out(staffed: Open) -> None:
    told = Position(43.2, 76.9, None, NOON)
    latest = Position(43.21, 76.91, 12.5, NOON + timedelta(seconds=5))
    eight = replace(SEVEN, id=UUID(int=8))
    with staffed() as uow:
        uow.staff.save(Staff({}, {}, {eight.id: eight}))
        uow.duty.set_positions(CREW, told, told)
        kept = uow.duty.put_positions(
            {CREW: (latest, told), eight.id: (told, told), UUID(int=9): (told, told)}
        )
        assert kept == {CREW, eight.id}
        assert uow.duty.put_positions({}) == set()
        uow.commit()
    with staffed() as uow:
        assert uow.duty.many_positions([CREW, eight.id, UUID(int=9)]) == {
            CREW: (latest, told),
            eight.id: (told, told),
        }


def test_a_site_is_where_a_crew_on_its_way_is_expected(transactions: Open) -> None:
    there = {"text": "Абая, 12", "lat": 43.25, "lon": 76.95}
    on_the_way = walked(order(address=there), [Stage.ACCEPTED, Stage.DEPARTED])
    with transactions() as uow:
        uow.orders.put(on_the_way)
        for other, where in ((Stage.ACCEPTED, there), (Stage.DEPARTED, {"text": "?", "lat": None})):
            stages = [Stage.ACCEPTED, Stage.DEPARTED][: 1 + (other is Stage.DEPARTED)]
            uow.orders.put(walked(order(assignment_id=uuid4(), address=where), stages))
        uow.commit()
    with transactions() as uow:
        assert uow.orders.sites([CREW]) == [Site(ASSIGNMENT, CREW, 43.25, 76.95)]
        assert uow.orders.sites([uuid4()]) == []
        seen = uow.orders.put(replace(on_the_way, arrival_seen_at=NOON))
        assert uow.orders.sites([CREW]) == []
        assert uow.orders.get(ASSIGNMENT) == seen


def test_permits_equipment_and_absences_come_back_as_they_were_saved(staffed: Open) -> None:
    ann = replace(
        STAFF.people[ANN],
        works_since=date(2015, 6, 1),
        permits=(Permit("welding", "17", date(2027, 1, 31)), Permit("height")),
    )
    pump = Equipment(uuid4(), ORGANISATION, "pump", "Помпа", "0042", CREW, date(2027, 3, 1))
    absence = Absence(uuid4(), ANN, AbsenceKind.SICK, NOON, None, "dispatcher-1", "грипп")
    with staffed() as uow:
        uow.staff.lock()
        uow.staff.save(Staff({}, {ANN: ann}, {}, {pump.id: pump}, {absence.id: absence}))
        uow.commit()
    with staffed() as uow:
        stored = uow.staff.everything()
        assert stored.people[ANN] == ann
        assert (stored.equipment, stored.absences) == ({pump.id: pump}, {absence.id: absence})
        uow.staff.save(Staff({}, {}, {}, on_call={GAS.id: GAS}))
        assert uow.staff.everything().on_call == {GAS.id: GAS}
        uow.staff.drop_absence(absence.id)
        assert uow.staff.everything().absences == {}


def test_what_was_told_of_a_crew_last_is_remembered(staffed: Open) -> None:
    with staffed() as uow:
        assert uow.staff.told() == {}
        uow.staff.note_told(CREW, {"grades": [5, 4]})
        uow.staff.note_told(CREW, {"grades": [4], "leader_grade": None})
        uow.commit()
    with staffed() as uow:
        assert uow.staff.told() == {CREW: {"grades": [4], "leader_grade": None}}
