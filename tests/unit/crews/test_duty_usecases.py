"""Shifts and positions as other services hear of them."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from services.crews.domain.fitness import Absence, AbsenceKind
from services.crews.domain.people import Position, Staff, Thinning
from services.crews.errors import CrewNotFound
from services.crews.usecases.duty import (
    Mate,
    ShiftWish,
    change_shift,
    describe_crew,
    note_position,
    people_now,
)
from shared.clock import FixedClock
from tests.support import contracts
from tests.unit.crews.examples import ANN, CREW, NOON, STAFF
from tests.unit.crews.fakes import FakeUnitOfWork
from tests.unit.crews.rostering import ben_alone

DAY = timedelta(hours=24)
THINNING = Thinning(step_m=150.0, every=timedelta(seconds=60))
HERE = Position(43.24, 76.91, 10.0, NOON)
ON, OFF = ShiftWish(on=True), ShiftWish(on=False)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def uow(clock: FixedClock) -> FakeUnitOfWork:
    uow = FakeUnitOfWork(clock)
    with uow:
        uow.staff.save(STAFF)
        uow.commit()
    return uow


def test_a_shift_is_told_once_as_the_contract_says(uow: FakeUnitOfWork, clock: FixedClock) -> None:
    change_shift(uow, CREW, ON, DAY)
    clock.advance(timedelta(minutes=1))
    change_shift(uow, CREW, ON, DAY)
    assert uow.types() == ["crew.shift_changed"]
    contracts.check("crews", "crew.shift_changed", uow.emitted[0].data)


def test_the_end_of_a_shift_names_its_beginning(uow: FakeUnitOfWork, clock: FixedClock) -> None:
    change_shift(uow, CREW, ON, DAY)
    clock.advance(timedelta(hours=8))
    change_shift(uow, CREW, OFF, DAY)
    told = uow.emitted[-1].data
    contracts.check("crews", "crew.shift_changed", told)
    assert (told["on_shift"], told["starts_at"], told["ends_at"]) == (
        False,
        NOON.isoformat(),
        (NOON + timedelta(hours=8)).isoformat(),
    )


def test_leaving_a_shift_that_never_was_tells_nothing(uow: FakeUnitOfWork) -> None:
    assert change_shift(uow, CREW, OFF, DAY) is None
    assert uow.emitted == []


def test_a_crew_nobody_knows_has_no_shift(uow: FakeUnitOfWork) -> None:
    with pytest.raises(CrewNotFound):
        change_shift(uow, uuid4(), ON, DAY)
    with pytest.raises(CrewNotFound):
        describe_crew(uow, uuid4())


def test_the_people_of_a_crew_are_those_of_its_shift_by_the_roster(uow: FakeUnitOfWork) -> None:
    assert people_now(uow, CREW) == [Mate("Первый", leader=True), Mate("Второй", leader=False)]
    with uow:
        away = Absence(uuid4(), ANN, AbsenceKind.SICK, NOON, None, "master-1")
        uow.staff.save(Staff({}, {}, {}, absences={away.id: away}))
        uow.commit()
    assert people_now(uow, CREW) == [Mate("Второй", leader=False)]
    with uow:
        uow.rosters.put_duty(ben_alone())
        uow.commit()
    assert people_now(uow, CREW) == [Mate("Второй", leader=True)]
    with pytest.raises(CrewNotFound):
        people_now(uow, uuid4())


@pytest.mark.rule("D-2.C-U4")
def test_a_crew_standing_still_is_told_of_once_a_minute(uow: FakeUnitOfWork, clock: FixedClock) -> None:
    for _ in range(25):
        note_position(uow, CREW, replace(HERE, at=clock.now()), THINNING)
        clock.advance(timedelta(seconds=5))
    assert uow.types() == ["crew.position_changed"] * 2
    contracts.check("crews", "crew.position_changed", uow.emitted[0].data)


def test_steps_too_short_to_tell_add_up(uow: FakeUnitOfWork, clock: FixedClock) -> None:
    for number in range(5):
        note_position(uow, CREW, Position(43.24 + number * 0.0005, 76.91, None, clock.now()), THINNING)
        clock.advance(timedelta(seconds=5))
    assert [told.data["lat"] for told in uow.emitted] == [43.24, 43.2415]
    assert uow.tables.positions[CREW][0].lat == pytest.approx(43.242)


def test_a_position_from_before_the_known_one_changes_nothing(uow: FakeUnitOfWork) -> None:
    note_position(uow, CREW, HERE, THINNING)
    old = Position(43.9, 76.1, None, NOON - timedelta(hours=1))
    assert not note_position(uow, CREW, old, THINNING)
    assert uow.tables.positions[CREW][0] == HERE


def test_a_clock_that_runs_ahead_does_not_get_ahead_of_ours(uow: FakeUnitOfWork) -> None:
    note_position(uow, CREW, replace(HERE, at=NOON + timedelta(days=1)), THINNING)
    assert uow.tables.positions[CREW][0].at == NOON
