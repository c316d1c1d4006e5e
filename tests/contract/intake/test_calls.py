"""Calls and the call-back queue: one suite for the store in memory and the one in PostgreSQL."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.domain.callbacks import OPEN, Callback, CallbackState
from services.intake.domain.calls import Alarm, Call, Consent, Outcome, Recording, Wish
from services.intake.domain.requests import Channel, Contact, Request
from services.intake.store import UnitOfWork
from services.intake.usecases.callbacks import CallFilter
from shared.clock import FixedClock
from shared.db import TransactionContext, make_engine
from tests.support.sealing import SEALER
from tests.unit.intake.examples import NOON
from tests.unit.intake.fakes import FakeUnitOfWork

Open = Callable[[], Any]
CONTACT = Contact(uuid4(), "+77010000001", "ru", is_callable=True, sms_allowed=True)
REQUEST = Request(uuid4(), Channel.PHONE, "ru", NOON, NOON, contact_ref=CONTACT.ref)
RINGING = Call("CA1", "ru", NOON, NOON, contact_ref=CONTACT.ref)
TOLD = replace(
    RINGING,
    alarm=Alarm.GAS,
    consent=Consent.NOTICED,
    wish=Wish.MESSAGE,
    answered_at=NOON + timedelta(seconds=20),
    ended_at=NOON + timedelta(seconds=80),
    operator="desk",
    recording=Recording("RE1", "https://example.com/RE1", 60),
    transcription="нет воды, Иван",
    turn=4,
)
WAITING = Callback(
    uuid4(),
    "CA1",
    NOON,
    REQUEST.id,
    Outcome.DROPPED,
    NOON,
    NOON + timedelta(minutes=10),
    "ru-416.call-back",
    CONTACT.ref,
)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.servers)])
def transactions(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens transactions on one store, which knows one person, their request and their call."""
    if request.param == "fake":
        fake = FakeUnitOfWork()
        yield prepared(lambda: fake)
        return
    engine = make_engine(request.getfixturevalue("service_database")("intake"), pool_size=2)
    context = TransactionContext(engine, FixedClock(NOON), "intake", lambda: None, SEALER)
    yield prepared(lambda: UnitOfWork(context))
    engine.dispose()


def prepared(transactions: Open) -> Open:
    with transactions() as uow:
        uow.contacts.add(CONTACT, NOON)
        uow.requests.add(REQUEST)
        uow.calls.start(RINGING)
        uow.commit()
    return transactions


def test_a_call_comes_back_as_it_was_told(transactions: Open) -> None:
    with transactions() as uow:
        uow.calls.save(replace(TOLD, request_id=REQUEST.id))
        uow.commit()
    with transactions() as uow:
        assert uow.calls.get("CA1", lock=True) == replace(TOLD, request_id=REQUEST.id)
        assert uow.calls.get("CA2") is None


def test_a_call_begins_once(transactions: Open) -> None:
    with transactions() as uow:
        assert uow.calls.start(replace(RINGING, language="kk")) == RINGING


def test_a_reply_is_kept_for_its_step_and_turn(transactions: Open) -> None:
    with transactions() as uow:
        uow.calls.keep_reply("CA1", "menu", 1, "<Response/>")
        uow.commit()
    with transactions() as uow:
        assert uow.calls.reply_to("CA1", "menu", 1) == "<Response/>"
        assert uow.calls.reply_to("CA1", "menu", 2) is None
        assert uow.calls.reply_to("CA1", "address", 1) is None


def test_silent_calls_are_those_that_neither_ended_nor_were_answered(transactions: Open) -> None:
    with transactions() as uow:
        uow.calls.start(replace(TOLD, sid="CA2"))
        uow.calls.start(replace(RINGING, sid="CA3", heard_at=NOON + timedelta(minutes=5)))
        uow.commit()
    with transactions() as uow:
        assert [call.sid for call in uow.calls.silent(NOON + timedelta(minutes=1), 10)] == ["CA1"]
        assert len(uow.calls.silent(NOON + timedelta(minutes=9), 10)) == 2
        assert len(uow.calls.silent(NOON + timedelta(minutes=9), 1)) == 1


def test_calls_are_listed_by_what_is_asked(transactions: Open) -> None:
    later = replace(TOLD, sid="CA2", rang_at=NOON + timedelta(hours=1), request_id=REQUEST.id)
    with transactions() as uow:
        uow.calls.start(later)
        uow.commit()
    with transactions() as uow:

        def sids(**wanted: Any) -> list[str]:
            return [call.sid for call in uow.calls.listed(CallFilter(**wanted))]

        assert sids() == ["CA2", "CA1"]
        assert sids(limit=1) == ["CA2"]
        assert sids(request_id=REQUEST.id) == sids(outcome=Outcome.ANSWERED) == ["CA2"]
        assert sids(contact_ref=uuid4()) == []
        assert sids(going_on=True) == ["CA1"]
        assert sids(before=later.rang_at) == ["CA1"]
        assert sids(since=later.rang_at) == ["CA2"]


def test_figures(transactions: Open) -> None:
    dropped = replace(RINGING, sid="CA3", ended_at=NOON + timedelta(seconds=40))
    with transactions() as uow:
        uow.calls.start(replace(TOLD, sid="CA2"))
        uow.calls.start(dropped)
        uow.calls.start(replace(dropped, sid="CA4", wish=Wish.CALLBACK))
        uow.calls.start(replace(TOLD, sid="CA5", rang_at=NOON - timedelta(days=1)))
        uow.callbacks.add(WAITING)
        uow.commit()
    with transactions() as uow:
        figures = uow.calls.figures(NOON, NOON + timedelta(minutes=11), timedelta(seconds=30))
    assert (figures.calls, figures.answered, figures.answered_in_norm) == (4, 1, 1)
    assert (figures.dropped, figures.callbacks, figures.messages) == (1, 1, 0)
    assert (figures.waited_p50_s, figures.waited_p95_s) == (40, 40)
    assert (figures.to_call_back, figures.overdue) == (1, 1)
    with transactions() as uow:
        nothing = uow.calls.figures(NOON + timedelta(days=1), NOON, timedelta(seconds=30))
    assert (nothing.calls, nothing.waited_p50_s) == (0, None)


def test_what_a_person_said_is_forgotten(transactions: Open) -> None:
    with transactions() as uow:
        uow.calls.save(TOLD)
        uow.calls.start(replace(TOLD, sid="CA2", contact_ref=None))
        uow.calls.keep_reply("CA1", "menu", 1, "<Response/>")
        uow.calls.forget(CONTACT.ref)
        uow.commit()
    with transactions() as uow:
        assert uow.calls.get("CA1") == replace(TOLD, transcription="", recording=None)
        assert uow.calls.get("CA2").transcription == TOLD.transcription
        assert uow.calls.reply_to("CA1", "menu", 1) is None


def test_a_place_in_the_queue_comes_back(transactions: Open) -> None:
    changed = replace(
        WAITING,
        alarm=Alarm.LIFT,
        calls=2,
        state=CallbackState.CLAIMED,
        claimed_by="anna",
        claimed_at=NOON,
        attempts=1,
        not_before=NOON,
    )
    with transactions() as uow:
        uow.callbacks.add(WAITING)
        assert uow.callbacks.open_of(CONTACT.ref) == WAITING
        uow.callbacks.save(changed)
        uow.commit()
    with transactions() as uow:
        assert uow.callbacks.get(WAITING.id, lock=True) == changed
        uow.callbacks.save(changed.settled(CallbackState.DONE, NOON))
        assert uow.callbacks.open_of(CONTACT.ref) is None
        assert uow.callbacks.get(uuid4()) is None


def test_alarms_first_then_the_earliest_due_then_who_is_tried_later(transactions: Open) -> None:
    nobody = replace(WAITING, contact_ref=None)
    late = replace(nobody, id=uuid4(), due_at=NOON)
    alarm = replace(nobody, id=uuid4(), alarm=Alarm.GAS, due_at=NOON + timedelta(hours=1))
    again = replace(nobody, id=uuid4(), due_at=NOON, not_before=NOON + timedelta(minutes=5))
    over = replace(nobody, id=uuid4(), state=CallbackState.DONE)
    with transactions() as uow:
        for callback in (WAITING, late, alarm, again, over):
            uow.callbacks.add(callback)
        uow.commit()
    with transactions() as uow:
        found = uow.callbacks.listed(OPEN, NOON, 10)
        assert [callback.id for callback, _ in found] == [alarm.id, late.id, WAITING.id, again.id]
        assert {call.sid for _, call in found} == {"CA1"}
        assert [c.id for c, _ in uow.callbacks.listed(frozenset({CallbackState.DONE}), NOON, 10)] == [over.id]


def test_the_last_place_of_a_person(transactions: Open) -> None:
    with transactions() as uow:
        assert uow.requests.last_place_of(CONTACT.ref) is None


def test_whoever_called_lately_is_not_idle(transactions: Open) -> None:
    soon = NOON + timedelta(days=1)
    with transactions() as uow:
        assert uow.contacts.idle(soon, UUID(int=0), 10) == [CONTACT.ref]
        uow.calls.start(replace(RINGING, sid="CA2", rang_at=soon))
        assert uow.contacts.idle(soon, UUID(int=0), 10) == []
