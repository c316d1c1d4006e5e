"""Recording, closing and showing, on a store in memory."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.journal.domain.norms import NormBook
from services.journal.domain.states import State
from services.journal.errors import DelayReasonRequired, NotDone, RequestNotFound
from services.journal.schemas.events import entry
from services.journal.usecases.lives import (
    Closing,
    close_request,
    list_requests,
    record,
    show_timeline,
)
from shared.clock import FixedClock
from shared.db import AlreadyHandled
from shared.envelope import Event
from shared.idempotency import KeyReused
from tests.support import contracts
from tests.support.chance import examples
from tests.support.fakes import NOON
from tests.unit.journal.events import Wire
from tests.unit.journal.fakes import FakeUnitOfWork
from tests.unit.journal.lives import BOOK

LIFE = Wire(NOON).life()


def tell(uow: FakeUnitOfWork, *events: Event, norms: NormBook = BOOK) -> FakeUnitOfWork:
    """Deliver events as the bus does: a repetition is absorbed by the inbox."""
    for event in events:
        try:
            record(uow.because_of(event.id), entry(event), norms)
        except AlreadyHandled:
            continue
    return uow


def states_told(uow: FakeUnitOfWork) -> list[Any]:
    return [told.data["to_state"] for told in uow.emitted if told.type == "request.state_changed"]


def test_every_move_is_announced_as_the_contract_says() -> None:
    uow = tell(FakeUnitOfWork(), *LIFE)
    assert states_told(uow) == [
        "registered",
        "classified",
        "transferred",
        "acknowledged",
        "in_work",
        "localised",
        "done",
        "closed",
    ]
    for told in uow.emitted:
        contracts.check("journal", told.type, told.data)
        assert told.subject == told.data["request_id"]
    assert uow.emitted[-1].data["result"] == "fixed"
    assert uow.emitted[-1].data["from_state"] == "done"


@pytest.mark.rule("M-2.1-U1")
def test_every_event_is_one_entry_of_the_timeline() -> None:
    uow = tell(FakeUnitOfWork(), *LIFE)
    shown = show_timeline(uow, LIFE[0].subject, BOOK)
    assert [line.id for line in shown.entries] == [event.id for event in LIFE]
    assert {line.correlation_id for line in shown.entries} == {LIFE[0].correlation_id}
    assert shown.life.state is State.CLOSED


@examples(30)
@given(st.randoms(use_true_random=False))
def test_events_in_any_order_and_twice_give_the_same_journal(random: Any) -> None:
    shuffled = LIFE * 2
    random.shuffle(shuffled)
    uow = tell(FakeUnitOfWork(), *shuffled)
    shown = show_timeline(uow, LIFE[0].subject, BOOK)
    assert {line.id for line in shown.entries} == {event.id for event in LIFE}
    assert len(shown.entries) == len(LIFE)
    assert shown.life.state is State.CLOSED
    assert states_told(uow)[-1] == "closed"
    assert states_told(uow).count("closed") == 1
    assert {kept.clock.stopped_at is None for kept in shown.clocks} == {False}


def test_what_only_stands_on_the_timeline_touches_nothing_else() -> None:
    uow = tell(FakeUnitOfWork(), Wire(NOON).message())
    assert (len(uow.kept.entries), uow.kept.requests, uow.emitted) == (1, {}, [])


def test_facts_that_do_not_fit_are_kept_and_counted_until_they_do() -> None:
    clock = FixedClock(NOON)
    uow = FakeUnitOfWork(clock)
    registered, classified, transferred, *_ = LIFE
    tell(uow, registered, transferred)
    (step,) = uow.requests.open_steps([State.REGISTERED])
    assert (step.waiting_facts, step.waiting_since) == (1, NOON)
    clock.advance(timedelta(minutes=1))
    tell(uow, classified)
    (step,) = uow.requests.open_steps([State.TRANSFERRED])
    assert (step.waiting_facts, step.waiting_since) == (0, None)


def late_life() -> tuple[FakeUnitOfWork, str]:
    """Localised after its norm: the request is done, but overdue."""
    wire = Wire(NOON)
    events = [*wire.dispatched(), *(wire.stage(name) for name in ("accepted", "arrived", "working"))]
    wire.now += timedelta(hours=1)
    events += [wire.stage("localised"), wire.stage("completed", "fixed")]
    clock = FixedClock(wire.now + timedelta(minutes=5))
    return tell(FakeUnitOfWork(clock), *events), wire.request_id


@pytest.mark.rule("6.4")
@pytest.mark.rule("D-2.B-U3")
def test_an_overdue_request_is_closed_by_a_person_with_a_reason_only() -> None:
    uow, request_id = late_life()
    with pytest.raises(DelayReasonRequired):
        close_request(uow, request_id, Closing("dispatcher-1"), BOOK)
    wish = Closing("dispatcher-1", delay_reason="traffic", correlation_id="c-1")
    assert close_request(uow, request_id, wish, BOOK) is State.CLOSED
    told = uow.emitted[-1].data
    contracts.check("journal", "request.state_changed", told)
    assert (told["to_state"], told["overdue"], told["delay_reason"]) == ("closed", True, "traffic")
    line = show_timeline(uow, request_id, BOOK).entries[-1]
    assert (line.what, line.actor, line.reason) == ("request.closed", "dispatcher-1", "traffic")


def test_a_refused_closing_leaves_no_trace() -> None:
    uow, request_id = late_life()
    before = len(uow.kept.entries)
    with pytest.raises(DelayReasonRequired):
        close_request(uow, request_id, Closing("dispatcher-1"), BOOK)
    assert len(uow.kept.entries) == before
    assert states_told(uow)[-1] == "done"


def test_closing_twice_changes_nothing() -> None:
    uow = tell(FakeUnitOfWork(), *LIFE)
    assert close_request(uow, LIFE[0].subject, Closing("dispatcher-1"), BOOK) is State.CLOSED
    assert len(uow.kept.entries) == len(LIFE)


def test_the_same_closing_command_is_done_once_and_its_key_is_good_for_no_other() -> None:
    uow, request_id = late_life()
    wish = Closing("dispatcher-1", "traffic", key="k1", fingerprint="f1")
    entries = set()
    for _ in range(2):
        assert close_request(uow, request_id, wish, BOOK) is State.CLOSED
        entries.add(len(uow.kept.entries))
    assert len(entries) == 1
    with pytest.raises(KeyReused):
        close_request(uow, request_id, replace(wish, fingerprint="f2"), BOOK)


def test_what_is_not_done_or_not_known_is_not_closed() -> None:
    uow = tell(FakeUnitOfWork(), *LIFE[:4])
    with pytest.raises(NotDone):
        close_request(uow, LIFE[0].subject, Closing("dispatcher-1"), BOOK)
    with pytest.raises(RequestNotFound):
        close_request(uow, "00000000-0000-0000-0000-000000000000", Closing("dispatcher-1"), BOOK)
    assert len(uow.kept.requests) == 1


def test_an_unknown_request_has_no_timeline() -> None:
    with pytest.raises(RequestNotFound):
        show_timeline(FakeUnitOfWork(), "00000000-0000-0000-0000-000000000000", BOOK)


def test_requests_come_in_pages_newest_first() -> None:
    uow = FakeUnitOfWork()
    wires = [Wire(NOON) for _ in range(5)]
    for wire in wires:
        tell(uow, wire.registered())
    tell(uow, wires[0].classified())
    seen: list[str] = []
    before: int | None = None
    while True:
        page = list_requests(uow, None, 2, before)
        seen += [summary.request_id for summary in page.requests]
        if page.next_row is None:
            break
        before = page.next_row
    assert seen == [wire.request_id for wire in reversed(wires)]
    classified = list_requests(uow, State.CLASSIFIED, 10, None)
    assert [summary.request_id for summary in classified.requests] == [wires[0].request_id]


def test_a_cancellation_is_announced_with_the_channel_that_has_answered() -> None:
    wire = Wire(NOON)
    wish = wire.event("intake", "request.cancelled", "at", channel="sms", needs_person=False)
    uow = tell(FakeUnitOfWork(), wire.registered(), wish, wire.classified("planned", hazards=[]))
    told = uow.emitted[-1].data
    contracts.check("journal", "request.state_changed", told)
    assert (told["to_state"], told["channel"]) == ("cancelled", "sms")


def test_a_wish_that_needs_a_person_is_told_once_and_a_dispatcher_decides() -> None:
    wire = Wire(NOON)
    uow = tell(FakeUnitOfWork(), wire.registered(), wire.classified(hazards=["gas"]))
    for _ in range(2):
        tell(uow, wire.event("intake", "request.cancelled", "at", channel="sms"))
    asked = [told.data for told in uow.emitted if told.type == "request.cancellation_asked"]
    assert [data["reason"] for data in asked] == ["hazards"]
    contracts.check("journal", "request.cancellation_asked", asked[0])
    tell(uow, wire.event("routing", "request.cancelled", "at"))
    assert (states_told(uow)[-1], uow.emitted[-1].data["channel"]) == ("cancelled", None)


def test_what_is_not_fixed_is_announced_with_the_channel_that_has_answered() -> None:
    wire = Wire(NOON)
    uow = tell(
        FakeUnitOfWork(), wire.registered(), wire.classified("planned", hazards=[]), wire.transferred()
    )
    tell(uow, wire.made(), wire.stage("accepted"), wire.stage("working"), wire.stage("completed", "fixed"))
    assert states_told(uow)[-1] == "closed"
    tell(uow, wire.event("intake", "request.result_judged", "at", fixed=True))
    assert states_told(uow)[-1] == "closed"
    tell(uow, wire.event("intake", "request.result_judged", "at", fixed=False))
    told = uow.emitted[-1].data
    contracts.check("journal", "request.state_changed", told)
    assert (told["from_state"], told["to_state"], told["channel"]) == ("closed", "returned", "sms")


@pytest.mark.rule("6.9")
def test_the_running_deadlines_of_the_work_are_told_with_the_state() -> None:
    wire = Wire(NOON)
    uow = tell(FakeUnitOfWork(), wire.registered(), wire.classified(hazards=[]), wire.transferred())
    told = [told.data for told in uow.emitted if told.type == "request.state_changed"]
    assert told[0]["deadlines"] == []
    assert [deadline["clock"] for deadline in told[1]["deadlines"]] == ["arrive", "localise", "complete"]
    assert told[2]["deadlines"] == told[1]["deadlines"], "the promise of the transfer is not the applicant's"
    assert (told[2]["category"], told[2]["hazards"]) == ("emergency", [])
