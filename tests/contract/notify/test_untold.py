"""One suite for calls to make in memory and in PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from services.notify.domain.messages import Message
from services.notify.domain.telling import Telling
from services.notify.domain.untold import CallResult, CallState, CallToMake
from services.notify.usecases.ports import Backlog, Request, Urgency
from tests.support.fakes import NOON

Open = Callable[[], Any]
REQUEST, CONTACT = UUID(int=1), UUID(int=2)
MINUTE = timedelta(minutes=1)


def failed(uow: Any, minute: int, request_id: UUID = REQUEST, **changes: Any) -> CallToMake:
    """A call because of a message of this minute."""
    telling = Telling("localised", str(minute), NOON + minute * MINUTE)
    message = replace(Message.queued(uuid4(), request_id, telling, NOON), phone="+77010000001", body="Текст")
    uow.messages.add(message)
    at = message.occurred_at
    call = CallToMake(message.id, request_id, False, at, since=at, due_at=at)
    uow.calls_to_make.add(replace(call, **changes))
    return replace(call, **changes)


def test_a_call_comes_back_as_it_was_saved_with_what_to_say(transactions: Open) -> None:
    with transactions() as uow:
        uow.requests.put(Request(REQUEST, "1042", CONTACT))
        call = failed(uow, 0)
        uow.calls_to_make.add(replace(call, urgent=True))
        assert uow.calls_to_make.lock(call.id) == call
        moved = call.taken("operator-1", NOON).ended("operator-1", CallResult.NO_ANSWER, "гудки", NOON)
        uow.calls_to_make.save(moved)
        uow.commit()
    with transactions() as uow:
        found = uow.calls_to_make.find(call.id)
        assert (found.call, found.request_number, found.category) == (moved, "1042", None)
        assert (found.message.phone, found.message.body) == ("+77010000001", "Текст")
        assert uow.calls_to_make.find(UUID(int=9)) is uow.calls_to_make.lock(UUID(int=9)) is None


def test_of_a_requests_status_messages_the_latest_is_called_about(transactions: Open) -> None:
    with transactions() as uow:
        first, advice = failed(uow, 0), failed(uow, 1, urgent=True)
        second = failed(uow, 2)
        other = failed(uow, 0, UUID(int=8))
        waiting = [one.call.id for one in uow.calls_to_make.waiting(10)]
        assert waiting == [advice.id, other.id, second.id]
        assert uow.calls_to_make.lock(first.id).state is CallState.OVERTAKEN
        uow.calls_to_make.overtake(REQUEST, NOON + 3 * MINUTE, NOON)
        assert [one.call.id for one in uow.calls_to_make.waiting(10)] == [advice.id, other.id]
        assert len(uow.calls_to_make.waiting(1)) == 1


def test_danger_comes_first_and_is_counted(transactions: Open) -> None:
    with transactions() as uow:
        assert uow.calls_to_make.alarming() == Backlog(0, None)
        failed(uow, 0)
        burst = UUID(int=8)
        uow.urgencies.put(Urgency(burst, "emergency", NOON))
        danger = failed(uow, 5, burst)
        assert uow.calls_to_make.waiting(1)[0].call.id == danger.id
        assert uow.calls_to_make.alarming() == Backlog(1, NOON + 5 * MINUTE)


def test_who_was_forgotten_is_not_called(transactions: Open) -> None:
    with transactions() as uow:
        uow.requests.put(Request(REQUEST, "1042", CONTACT))
        failed(uow, 0, urgent=True)
        uow.messages.forget(CONTACT)
        assert uow.calls_to_make.waiting(10) == []
        assert uow.calls_to_make.alarming() == Backlog(0, None)
