"""Positions on their way from devices to the database and the others; arrivals seen by them."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from services.crews.domain.orders import Stage
from services.crews.domain.people import Position, Staff, Thinning
from services.crews.domain.tracking import Arrivals, Fence, Site, Tracker
from services.crews.usecases.commands import perform
from services.crews.usecases.orders import receive_order, report_stage, show_order
from services.crews.usecases.positions import propose_arrival, record_arrival, write_positions
from shared.clock import FixedClock
from tests.support import contracts
from tests.unit.crews.examples import ASSIGNMENT, CARD, CREW, GATE, NOON, SEVEN, STAFF, command, step
from tests.unit.crews.fakes import FakeUnitOfWork

SECOND = timedelta(seconds=1)
THINNING = Thinning(step_m=150.0, every=timedelta(seconds=60))
EIGHT, NOBODY = UUID(int=8), UUID(int=9)
FENCE = Fence(radius_m=80.0, accuracy_m=60.0, dwell=30 * SECOND)
SITE = Site(ASSIGNMENT, CREW, 43.24, 76.91)


def at(seconds: float, lat: float = 43.24, accuracy_m: float | None = 10.0) -> Position:
    return Position(lat, 76.91, accuracy_m, NOON + seconds * SECOND)


@pytest.fixture
def uow() -> FakeUnitOfWork:
    uow = FakeUnitOfWork(FixedClock(NOON + 600 * SECOND))
    with uow:
        uow.staff.save(STAFF)
        uow.staff.save(Staff({}, {}, {EIGHT: replace(SEVEN, id=EIGHT)}))
        uow.commit()
    return uow


def test_the_newest_fix_counts_in_whatever_order_batches_come() -> None:
    tracker = Tracker()
    tracker.note(CREW, [at(5), at(9), at(7)])
    tracker.note(CREW, [at(6)])
    taken = tracker.take()
    assert taken == {CREW: at(9)}
    assert tracker.take() == {}


def test_what_could_not_be_written_comes_back_unless_something_newer_came() -> None:
    tracker = Tracker()
    for crew_id in (CREW, EIGHT):
        tracker.note(crew_id, [at(1)])
    taken = tracker.take()
    tracker.note(CREW, [at(2)])
    tracker.give_back(taken)
    assert tracker.take() == {CREW: at(2), EIGHT: at(1)}


@pytest.mark.rule("D-2.C-U4")
def test_many_crews_are_written_at_once_and_told_in_one_event(uow: FakeUnitOfWork) -> None:
    write_positions(uow, {CREW: at(0), EIGHT: at(0), NOBODY: at(0)}, THINNING)
    [told] = uow.emitted
    contracts.check("crews", told.type, told.data)
    assert {moved["crew_id"] for moved in told.data["positions"]} == {str(CREW), str(EIGHT)}
    write_positions(uow, {CREW: at(5), EIGHT: at(5, lat=43.25)}, THINNING)
    assert [moved["crew_id"] for moved in uow.emitted[-1].data["positions"]] == [str(EIGHT)]
    write_positions(uow, {CREW: at(10)}, THINNING)
    assert len(uow.emitted) == 2
    assert uow.tables.positions[CREW] == (at(10), at(0))


def test_what_is_older_than_what_is_written_changes_nothing(uow: FakeUnitOfWork) -> None:
    write_positions(uow, {CREW: at(10)}, THINNING)
    write_positions(uow, {CREW: at(3, lat=43.9)}, THINNING)
    assert uow.tables.positions[CREW][0] == at(10)
    assert len(uow.emitted) == 1


def test_a_crew_has_arrived_when_it_stood_near_long_enough_by_exact_fixes() -> None:
    arrivals = Arrivals(FENCE)

    def seen(position: Position) -> bool:
        return bool(arrivals.watch([SITE], {CREW: position}))

    assert not seen(at(0))
    assert not seen(at(20, lat=43.25)), "drove past"
    assert not seen(at(25))
    assert not seen(at(40, accuracy_m=500.0)), "could be anywhere"
    assert not seen(at(45))
    assert not seen(at(60))
    assert arrivals.watch([SITE], {CREW: at(75)}) == [(SITE, at(45).at)]
    assert not seen(at(80)), "told once"


@pytest.fixture
def departed(uow: FakeUnitOfWork) -> FakeUnitOfWork:
    receive_order(uow, replace(CARD, address={"text": "Абая, 12", "lat": 43.24, "lon": 76.91}))
    for verb, stage in (("accept", Stage.ACCEPTED), ("depart", Stage.DEPARTED)):
        perform(uow, command(verb), partial(report_stage, step=step(stage), gate=GATE))
    return uow


def test_an_arrival_is_proposed_to_the_crew_once_and_only_on_the_way(departed: FakeUnitOfWork) -> None:
    [site] = write_positions(departed, {CREW: at(700)}, THINNING)
    propose_arrival(departed, site, at(650).at)
    change = departed.tables.orders[ASSIGNMENT].change
    propose_arrival(departed, site, at(680).at)
    shown = show_order(departed, CREW, ASSIGNMENT).order
    assert (shown.stage, shown.arrival_seen_at, shown.change) == (Stage.DEPARTED, at(650).at, change)
    assert write_positions(departed, {CREW: at(705)}, THINNING) == []
    perform(departed, command("arrive"), partial(report_stage, step=step(Stage.ARRIVED), gate=GATE))
    assert show_order(departed, CREW, ASSIGNMENT).order.arrival_seen_at is None


def test_an_arrival_is_recorded_as_the_geofences_and_once(departed: FakeUnitOfWork) -> None:
    [site] = write_positions(departed, {CREW: at(700)}, THINNING)
    for _ in range(2):
        record_arrival(departed, site, at(590).at, at(600).at)
    known = show_order(departed, CREW, ASSIGNMENT)
    assert (known.order.stage, known.steps[-1].by) == (Stage.ARRIVED, "geofence")
    told = [event for event in departed.emitted if event.type == "assignment.progressed"]
    assert [event.data["by"] for event in told] == ["crew-7", "crew-7", "geofence"]
    contracts.check("crews", "assignment.progressed", told[-1].data)
