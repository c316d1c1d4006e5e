"""Whom no message reached is called: who, what to say, by whom, how it went."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.messages import Receipt, State
from services.notify.domain.untold import (
    AGAIN_AFTER,
    MOST_TRIES,
    TAKEN_FOR,
    WAITING,
    CallResult,
    CallState,
    CallToMake,
)
from services.notify.errors import CallNotTaken, CallSettled, CallTaken, MessageRejected, UnknownCall
from services.notify.schemas.untold import CallShape, call_card
from services.notify.usecases import facts, untold
from services.notify.usecases.ports import Untold, Urgency
from shared.errors import AvariykaError
from tests.support import contracts
from tests.support.fakes import NOON
from tests.unit.notify.fakes import hear
from tests.unit.notify.world import ANN, REQUEST, World

OPERATOR, OTHER = "operator-1", "operator-2"


def waiting(world: World) -> list[Untold]:
    return list(untold.list_calls(world.uow, 10))


def undelivered(*stages: str, category: str | None = None) -> World:
    """What is sent to Ann does not arrive."""
    world = World()
    world.knows()
    if category is not None:
        facts.note_urgency(world.uow, Urgency(REQUEST, category, NOON))
    for minute, stage in enumerate(stages):
        world.hears(stage, minute)
        for job in world.takes():
            sent = world.deliver(job)
            assert sent is not None
            assert sent.provider_sid is not None
            failed = Receipt(sent.provider_sid, State.FAILED, "twilio_30006")
            hear(world.uow, failed)
    return world


def test_an_undelivered_message_becomes_a_call_with_what_to_say() -> None:
    world = undelivered("arrived")
    [one] = waiting(world)
    card = call_card(one)
    assert CallShape().validate(CallShape().dump(card)) == {}
    assert (card["to"], card["text"], card["why"]) == ("+7701***0001", "ru crew_arrived 1042", "twilio_30006")
    assert (card["request_number"], card["urgent"], card["state"]) == ("1042", False, CallState.OPEN)


def test_a_number_that_takes_no_sms_becomes_a_call() -> None:
    world = World()
    world.knows()
    world.provider.failures.append(MessageRejected("twilio_21614"))
    world.hears("arrived")
    world.sends()
    assert [one.message.error_code for one in waiting(world)] == ["twilio_21614"]


def test_who_never_could_be_tried_is_called_with_the_same_words() -> None:
    world = World()
    world.knows()
    world.hears("arrived")
    world.later(timedelta(hours=5))
    assert world.takes() == []
    [one] = waiting(world)
    assert (one.message.error_code, one.message.body) == ("gave_up", "ru crew_arrived 1042")


def test_who_said_stop_or_has_no_number_is_not_called() -> None:
    world = World()
    world.knows(replace(ANN, sms_allowed=False))
    world.hears("arrived")
    assert world.takes() == []
    nobody = World()
    nobody.hears("arrived")
    nobody.later(timedelta(hours=5))
    assert nobody.takes() == []
    assert waiting(world) == waiting(nobody) == []


def test_of_several_that_failed_the_last_is_said() -> None:
    world = undelivered("departed", "arrived")
    assert [one.message.template for one in waiting(world)] == ["crew_arrived"]


def test_a_later_message_that_arrives_makes_the_call_needless() -> None:
    world = undelivered("departed")
    world.hears("arrived", 5)
    [sent] = world.sends()
    assert sent is not None
    assert sent.provider_sid is not None
    hear(world.uow, Receipt(sent.provider_sid, State.DELIVERED))
    assert waiting(world) == []


def test_one_operator_calls_and_sees_the_number() -> None:
    world = undelivered("arrived")
    [one] = waiting(world)
    taken = untold.take_call(world.uow, one.call.id, OPERATOR)
    assert call_card(taken, OPERATOR)["to"] == "+77010000001"
    assert call_card(taken, OTHER)["to"] == call_card(taken)["to"] == "+7701***0001"
    assert untold.take_call(world.uow, one.call.id, OPERATOR).call == taken.call, "again changes nothing"
    with pytest.raises(CallTaken):
        untold.take_call(world.uow, one.call.id, OTHER)
    with pytest.raises(CallNotTaken):
        untold.end_call(world.uow, one.call.id, OTHER, CallResult.TOLD, None)
    world.later(TAKEN_FOR)
    assert untold.take_call(world.uow, one.call.id, OTHER).call.taken_by == OTHER


def test_that_it_was_told_goes_on_the_timeline_once() -> None:
    world = undelivered("arrived")
    [one] = waiting(world)
    untold.take_call(world.uow, one.call.id, OPERATOR)
    ended = untold.end_call(world.uow, one.call.id, OPERATOR, CallResult.TOLD, "поняла")
    assert (ended.call.state, ended.call.note) == (CallState.TOLD, "поняла")
    assert untold.end_call(world.uow, one.call.id, OPERATOR, CallResult.TOLD, "поняла") == ended
    told = [event.data for event in world.uow.emitted if event.data["channel"] == "voice"]
    contracts.check("notify", "message.progressed", told[0])
    assert [(data["state"], data["template"]) for data in told] == [(State.DELIVERED, "crew_arrived")]
    assert waiting(world) == []
    with pytest.raises(CallSettled):
        untold.take_call(world.uow, one.call.id, OTHER)


def test_nobody_answers_three_times() -> None:
    world = undelivered("arrived")
    [one] = waiting(world)
    for _ in range(MOST_TRIES):
        untold.take_call(world.uow, one.call.id, OPERATOR)
        ended = untold.end_call(world.uow, one.call.id, OPERATOR, CallResult.NO_ANSWER, None)
        world.later(AGAIN_AFTER)
    assert (ended.call.state, ended.call.tries) == (CallState.UNREACHED, MOST_TRIES)


def test_an_unknown_call_is_refused() -> None:
    with pytest.raises(UnknownCall):
        untold.take_call(World().uow, UUID(int=9), OPERATOR)


@pytest.mark.parametrize(("category", "alarms"), [("emergency", 1), ("planned", 0), (None, 0)])
def test_untold_danger_is_an_alarm(category: str | None, alarms: int) -> None:
    world = undelivered("arrived", category=category)
    alarm = untold.measure_alarm(world.uow)
    assert alarm.waiting == alarms
    assert (alarm.oldest is not None) == bool(alarms)


def test_advice_comes_first_and_is_overtaken_by_nothing() -> None:
    world = undelivered("departed")
    world.verdict()
    world.provider.failures.append(MessageRejected("twilio_21614"))
    world.sends()
    world.provider.failures.append(MessageRejected("twilio_21614"))
    world.hears("arrived", 5)
    world.sends()
    assert [one.message.template for one in waiting(world)] == ["advice_gas", "crew_arrived"]


MOVES = st.lists(
    st.tuples(st.sampled_from(["take", *CallResult]), st.sampled_from([OPERATOR, OTHER]), st.integers(0, 20)),
    max_size=12,
)


@given(MOVES)
def test_whatever_operators_do_a_call_ends_once_and_is_in_one_pair_of_hands(moves: list[Any]) -> None:
    call, now = CallToMake(UUID(int=1), REQUEST, False, NOON, NOON, NOON), NOON
    for verb, who, minutes in moves:
        now += timedelta(minutes=minutes)
        before = call
        try:
            call = call.taken(who, now) if verb == "take" else call.ended(who, verb, None, now)
        except AvariykaError:
            assert call is before
        assert_consistent(before, call, now)


def assert_consistent(before: CallToMake, call: CallToMake, now: datetime) -> None:
    assert call.version == before.version + (call != before)
    assert (call.ended_at is not None) == (call.state not in WAITING)
    assert call.tries <= MOST_TRIES
    if before.state not in WAITING:
        assert call == before
    if before.state is CallState.TAKEN and call.state is CallState.TAKEN and call.taken_by != before.taken_by:
        assert before.taken_at is not None
        assert now >= before.taken_at + TAKEN_FOR
