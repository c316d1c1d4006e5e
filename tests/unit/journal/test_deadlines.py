"""Escalation: near and missed, each once."""

from datetime import timedelta

import pytest

from services.journal.usecases.deadlines import escalate
from services.journal.usecases.lives import show_timeline
from shared.clock import FixedClock
from tests.support import contracts
from tests.support.fakes import NOON
from tests.unit.journal.events import Wire
from tests.unit.journal.fakes import FakeUnitOfWork
from tests.unit.journal.lives import BOOK
from tests.unit.journal.test_lives import tell


def dispatched() -> tuple[FakeUnitOfWork, FixedClock, Wire]:
    """An emergency with a crew on the way: 30 min to arrive and to localise, 4 h to complete."""
    clock, wire = FixedClock(NOON), Wire(NOON)
    events = [*wire.dispatched(), wire.stage("accepted")]
    return tell(FakeUnitOfWork(clock), *events), clock, wire


def raised(uow: FakeUnitOfWork) -> list[tuple[str, str]]:
    told = [event.data for event in uow.emitted if event.type == "deadline.escalated"]
    return sorted((data["clock"], data["level"]) for data in told)


def test_nothing_is_raised_in_time() -> None:
    uow, clock, _ = dispatched()
    clock.advance(timedelta(minutes=20))
    assert escalate(uow) == 0
    assert raised(uow) == []


def test_a_deadline_is_raised_when_near_and_when_missed_once_each() -> None:
    uow, clock, _ = dispatched()
    clock.advance(timedelta(minutes=25))
    assert [escalate(uow), escalate(uow)] == [2, 0]
    assert raised(uow) == [("arrive", "approaching"), ("localise", "approaching")]
    clock.advance(timedelta(minutes=6))
    assert [escalate(uow), escalate(uow)] == [2, 0]
    assert raised(uow)[1::2] == [("arrive", "missed"), ("localise", "missed")]


def test_after_a_long_silence_only_the_miss_is_raised() -> None:
    uow, clock, _ = dispatched()
    clock.advance(timedelta(minutes=40))
    assert escalate(uow) == 2
    assert {level for _, level in raised(uow)} == {"missed"}
    assert escalate(uow) == 0


def test_what_was_reached_in_time_is_not_raised() -> None:
    uow, clock, wire = dispatched()
    tell(uow, wire.stage("arrived"), wire.stage("working"), wire.stage("localised"))
    clock.advance(timedelta(minutes=40))
    assert escalate(uow) == 0


def test_a_moved_deadline_is_a_new_one() -> None:
    uow, clock, wire = dispatched()
    clock.advance(timedelta(minutes=40))
    escalate(uow)
    wire.now = clock.now()
    tell(uow, wire.withdrawn("dispatcher"))
    clock.advance(timedelta(minutes=2))
    escalate(uow)
    assert ("acknowledge", "missed") in raised(uow)


def test_an_escalation_follows_its_contract_and_stands_on_the_timeline() -> None:
    uow, clock, wire = dispatched()
    clock.advance(timedelta(minutes=31))
    escalate(uow)
    for event in uow.emitted:
        contracts.check("journal", event.type, event.data)
    lines = show_timeline(uow, wire.request_id, BOOK).entries
    assert [line.what for line in lines[-2:]] == ["deadline.escalated.missed"] * 2
    assert lines[-1].correlation_id == wire.story


@pytest.mark.parametrize("batch", [1, 3])
def test_a_batch_takes_no_more_than_its_size(batch: int) -> None:
    uow, clock, _ = dispatched()
    clock.advance(timedelta(hours=5))
    taken = []
    while count := escalate(uow, batch):
        taken.append(count)
    assert sum(taken) == 3
    assert max(taken) <= batch
