"""Signals, messages and corrections of a crew."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from services.crews.domain.messages import Message
from services.crews.domain.people import Position
from services.crews.domain.signals import SignalKind
from services.crews.usecases.commands import perform
from services.crews.usecases.feed import changes_since
from services.crews.usecases.notes import correct_order
from services.crews.usecases.orders import receive_order, show_order
from services.crews.usecases.talk import (
    acknowledge_signal,
    escalate_signals,
    raise_signal,
    receive_message,
    write_message,
)
from shared.clock import FixedClock
from tests.support import contracts
from tests.unit.crews.examples import ASSIGNMENT, CARD, CREW, NOON, command
from tests.unit.crews.fakes import FakeUnitOfWork

MINUTE = timedelta(minutes=1)
HERE = Position(43.24, 76.91, 12.5, NOON)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def uow(clock: FixedClock) -> FakeUnitOfWork:
    uow = FakeUnitOfWork(clock)
    receive_order(uow, CARD)
    return uow


def sos(uow: FakeUnitOfWork, position: Position | None = None, **details: Any) -> dict[str, Any]:
    work = partial(raise_signal, kind=SignalKind.SOS, position=position, note=details.pop("note", None))
    return perform(uow, command("sos", **details), work)


def told(uow: FakeUnitOfWork, type_: str) -> list[dict[str, Any]]:
    found = [dict(event.data) for event in uow.emitted if event.type == type_]
    for data in found:
        contracts.check("crews", type_, data)
    return found


def test_an_sos_needs_no_order_and_no_position(uow: FakeUnitOfWork) -> None:
    receipt = sos(uow, assignment_id=None)
    [signal] = told(uow, "crew.signalled")
    assert (signal["signal_id"], signal["kind"], signal["level"]) == (receipt["id"], "sos", 1)
    assert (signal["assignment_id"], signal["lat"]) == (None, None)


def test_an_sos_names_order_and_request_and_goes_onto_the_orders_notes(uow: FakeUnitOfWork) -> None:
    sos(uow, HERE, note="Обвал")
    [signal] = told(uow, "crew.signalled")
    assert (signal["request_id"], signal["lat"]) == (str(CARD.request_id), 43.24)
    assert [note.command for note in show_order(uow, CREW, ASSIGNMENT).notes] == ["sos"]


def test_an_sos_about_a_strangers_order_is_raised_all_the_same(uow: FakeUnitOfWork) -> None:
    sos(uow, assignment_id=uuid4())
    assert told(uow, "crew.signalled")[0]["assignment_id"] is None


def test_an_sos_takes_the_position_known_last(uow: FakeUnitOfWork) -> None:
    with uow:
        uow.duty.set_positions(CREW, HERE, HERE)
        uow.commit()
    sos(uow)
    assert told(uow, "crew.signalled")[0]["lat"] == HERE.lat


def test_pressed_again_it_is_the_same_signal_raised_anew(uow: FakeUnitOfWork, clock: FixedClock) -> None:
    first = sos(uow, HERE)
    clock.advance(MINUTE)
    there = Position(43.25, 76.92, None, clock.now())
    assert sos(uow, there)["id"] == sos(uow, HERE)["id"] == first["id"]
    assert [(s["repeats"], s["lat"]) for s in told(uow, "crew.signalled")] == [
        (0, 43.24),
        (1, 43.25),
        (2, 43.25),
    ]


def test_the_same_press_sent_twice_is_one(uow: FakeUnitOfWork) -> None:
    assert sos(uow, key="k") == sos(uow, key="k")
    assert len(told(uow, "crew.signalled")) == 1


def test_an_sos_rises_until_a_person_acknowledges_it(uow: FakeUnitOfWork, clock: FixedClock) -> None:
    receipt = sos(uow)
    clock.advance(timedelta(seconds=59))
    assert escalate_signals(lambda: uow, MINUTE) == 0
    for _ in range(2):
        clock.advance(MINUTE)
        assert escalate_signals(lambda: uow, MINUTE) == 1
    assert [signal["level"] for signal in told(uow, "crew.signalled")] == [1, 2, 3]
    [signal] = changes_since(uow, CREW, None, 10).signals
    acknowledge_signal(uow, CREW, signal.id, "dispatcher-1", clock.now(), "Едем")
    acknowledge_signal(uow, CREW, signal.id, "dispatcher-2", clock.now(), None)
    clock.advance(10 * MINUTE)
    assert escalate_signals(lambda: uow, MINUTE) == 0
    [shown] = changes_since(uow, CREW, 3, 10).signals
    assert (str(shown.id), shown.acknowledged_by, shown.answer) == (receipt["id"], "dispatcher-1", "Едем")


def test_after_a_person_took_it_on_the_next_press_is_a_new_signal(uow: FakeUnitOfWork) -> None:
    first = sos(uow)
    with uow:
        [signal] = uow.signals.open(CREW)
    acknowledge_signal(uow, CREW, signal.id, "dispatcher-1", NOON, None)
    assert sos(uow)["id"] != first["id"]


def test_help_is_told_but_does_not_rise(uow: FakeUnitOfWork, clock: FixedClock) -> None:
    work = partial(raise_signal, kind=SignalKind.OTHER_SERVICE, position=None, service="gas", note="Запах")
    perform(uow, command("signal"), work)
    [signal] = told(uow, "crew.signalled")
    assert (signal["kind"], signal["service"], signal["note"]) == ("other_service", "gas", "Запах")
    clock.advance(10 * MINUTE)
    assert escalate_signals(lambda: uow, MINUTE) == 0


def test_messages_go_both_ways_and_are_kept_once(uow: FakeUnitOfWork) -> None:
    perform(uow, command("message"), partial(write_message, text="Ждём ключи"))
    assert told(uow, "crew.wrote")[0]["request_id"] == str(CARD.request_id)
    answer = Message(uuid4(), CREW, ASSIGNMENT, False, "dispatcher-1", "У старшей, кв. 3", NOON, NOON)
    receive_message(uow, answer)
    receive_message(uow, answer)
    changes = changes_since(uow, CREW, None, 10)
    assert sorted(message.text for message in changes.messages) == ["Ждём ключи", "У старшей, кв. 3"]
    assert changes.cursor == 3


def test_a_correction_is_kept_with_the_order_and_told(uow: FakeUnitOfWork) -> None:
    perform(uow, command("correct", place="basement", note="Стояк"), correct_order)
    [told_] = told(uow, "assignment.corrected")
    assert (told_["place"], told_["fault"], told_["text"]) == ("basement", None, "Стояк")
    [note] = show_order(uow, CREW, ASSIGNMENT).notes
    assert note.entered == {"place": "basement", "note": "Стояк"}
