"""Attempts, doubts and receipts, on a store and a provider in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from services.notify.domain.messages import Message, Receipt, Sms, State
from services.notify.errors import (
    MessageRejected,
    OutcomeUnknown,
    ProviderBusy,
)
from services.notify.usecases import sending
from tests.support import contracts
from tests.support.fakes import NOON
from tests.unit.notify.fakes import POLICY, FakeProvider, hear
from tests.unit.notify.world import MINUTE, World


@pytest.fixture
def world() -> World:
    return World()


def test_a_refusal_for_now_is_tried_again_after_a_pause(world: World) -> None:
    world.knows()
    world.hears("arrived")
    world.provider.failures = [ProviderBusy()]
    [after] = world.sends()
    assert after is not None
    assert (after.state, after.error_code) == (State.QUEUED, "sms_provider_busy")
    assert after.due_at == world.clock.now() + POLICY.first_pause
    assert world.sends() == [], "not before the pause is over"
    assert world.told == []
    world.later()
    world.sends()
    assert world.message.attempt == 2
    assert world.told == [("crew_arrived", "sent")]


def test_a_refusal_for_ever_fails_with_the_providers_code(world: World) -> None:
    world.knows()
    world.hears("arrived")
    world.provider.failures = [MessageRejected("twilio_21610")]
    world.sends_all()
    assert (world.message.state, world.message.error_code) == (State.FAILED, "twilio_21610")
    assert world.told == [("crew_arrived", "failed")]


def test_patience_ends_and_the_dispatcher_sees_it(world: World) -> None:
    world.knows()
    world.hears("arrived")
    world.provider.failures = [ProviderBusy()] * 9
    for _ in range(POLICY.max_attempts + 1):
        world.sends()
        world.later()
    assert (world.message.state, world.message.error_code) == (State.FAILED, "gave_up")
    assert len(world.provider.failures) == 9 - POLICY.max_attempts
    assert world.told == [("crew_arrived", "failed")]


@pytest.mark.parametrize("taken", [True, False])
def test_when_the_outcome_is_unknown_the_provider_is_asked_before_sending_again(
    world: World, taken: bool
) -> None:
    world.knows()
    world.hears("arrived")
    world.provider.failures, world.provider.taken_all_the_same = [OutcomeUnknown()], taken
    world.sends()
    assert world.message.state is State.QUEUED
    world.later()
    [job] = world.takes()
    assert job.check_first
    world.deliver(job)
    assert world.provider.bodies == ["ru crew_arrived 1042"], "once in either case"
    assert (world.message.state, world.message.provider_sid) == (State.SENT, world.provider.sent[0][1].sid)


def test_a_crash_between_provider_and_commit_tells_nobody_twice(world: World) -> None:
    world.knows()
    world.hears("arrived")
    [job] = world.takes()
    world.provider.send(job.message.sms)  # and here the process dies
    world.later(POLICY.lease / 2)
    assert world.takes() == [], "the lease still runs"
    world.later(POLICY.lease)
    world.sends()
    assert len(world.provider.sent) == 1
    assert world.message.state is State.SENT


def test_a_message_known_to_be_another_is_not_adopted(world: World) -> None:
    """Two requests with one text to one number would be two messages."""
    world.knows()
    world.hears("arrived")
    world.sends()
    twin = replace(
        world.message,
        id=UUID(int=99),
        fact="other",
        state=State.QUEUED,
        provider_sid=None,
        unsure_since=NOON,
        due_at=NOON,
        occurred_at=NOON + MINUTE,
    )
    with world.uow as uow:
        uow.messages.add(twin)
        uow.commit()
    world.sends()
    assert world.provider.bodies == ["ru crew_arrived 1042"] * 2


def test_in_doubt_and_too_late_it_is_looked_for_but_never_sent(world: World) -> None:
    world.knows()
    world.hears("arrived")
    world.takes()
    world.later(POLICY.give_up_after + MINUTE)
    world.sends()
    assert world.provider.sent == []
    assert (world.message.state, world.message.error_code) == (State.FAILED, "gave_up")


def test_a_provider_that_cannot_be_asked_keeps_the_doubt(world: World) -> None:
    world.knows()
    world.hears("arrived")
    [job] = world.takes()
    world.provider.send(job.message.sms)
    world.later(2 * POLICY.lease)
    world.provider.find_failures = [ProviderBusy()]
    world.sends()
    assert (world.message.state, world.message.unsure_since) == (State.QUEUED, job.message.unsure_since)
    world.later()
    world.sends()
    assert (world.message.state, len(world.provider.sent)) == (State.SENT, 1)


def test_news_for_a_request_that_never_became_known_fails_openly(world: World) -> None:
    world.hears("arrived")
    world.later(POLICY.give_up_after + MINUTE)
    world.sends_all()
    assert (world.message.state, world.message.error_code) == (State.FAILED, "contact_unknown")
    contracts.check("notify", "message.progressed", world.uow.emitted[0].data)


def test_the_provider_is_never_called_inside_a_transaction(world: World) -> None:
    class Watching(FakeProvider):
        def send(self, sms: Sms) -> Receipt:
            assert not world.uow.open
            return super().send(sms)

        def find(self, sms: Sms, since: datetime) -> Sequence[Receipt]:
            assert not world.uow.open
            return super().find(sms, since)

    world.provider = Watching(world.clock)
    world.knows()
    world.hears("arrived")
    world.takes()
    world.later(2 * POLICY.lease)
    world.sends()
    assert len(world.provider.sent) == 1


def sent(world: World) -> Message:
    world.knows()
    world.hears("arrived")
    world.sends()
    return world.message


def receive(world: World, sid: str, state: State, message_id: UUID | None = None) -> bool:
    return hear(world.uow, Receipt(sid, state), message_id)


def test_a_receipt_of_delivery_is_kept_and_told(world: World) -> None:
    message = sent(world)
    receive(world, str(message.provider_sid), State.DELIVERED)
    assert world.message.state is State.DELIVERED
    assert world.told == [("crew_arrived", "sent"), ("crew_arrived", "delivered")]


def test_receipts_repeated_and_out_of_order_change_nothing(world: World) -> None:
    sid = str(sent(world).provider_sid)
    for state in (State.DELIVERED, State.SENT, State.DELIVERED, State.FAILED):
        receive(world, sid, state)
    assert world.message.state is State.DELIVERED
    assert world.told == [("crew_arrived", "sent"), ("crew_arrived", "delivered")]


def test_a_receipt_may_come_before_our_own_commit(world: World) -> None:
    world.knows()
    world.hears("arrived")
    [job] = world.takes()
    sid = world.provider.send(job.message.sms).sid
    receive(world, sid, State.DELIVERED, job.message.id)
    assert (world.message.state, world.message.provider_sid) == (State.DELIVERED, sid)
    world.later(2 * POLICY.lease)
    assert world.sends() == []


def test_an_attempt_that_a_receipt_has_settled_says_nothing_more(world: World) -> None:
    world.knows()
    world.hears("arrived")
    [job] = world.takes()
    receive(world, f"SM{0:032x}", State.DELIVERED, job.message.id)
    assert world.deliver(job) is None
    assert world.message.state is State.DELIVERED


def test_an_attempt_whose_lease_another_worker_has_taken_over_says_nothing(world: World) -> None:
    world.knows()
    world.hears("arrived")
    [slow] = world.takes()
    world.later(2 * POLICY.lease)
    [quick] = world.takes()
    assert world.deliver(quick) is not None
    world.provider.failures = [ProviderBusy()]
    assert world.deliver(slow) is None
    assert world.message.state is State.SENT


def test_a_receipt_for_what_we_never_sent_is_refused(world: World) -> None:
    message = sent(world)
    assert not receive(world, "SM" + "f" * 32, State.DELIVERED)
    assert not receive(world, "SM" + "f" * 32, State.DELIVERED, message.id)
    assert not receive(world, "SM" + "f" * 32, State.DELIVERED, UUID(int=77))


def test_receipts_that_come_together_are_taken_one_after_the_other(world: World) -> None:
    message = sent(world)
    sid, stranger = str(message.provider_sid), "SM" + "f" * 32
    said = [(sid, State.SENT), (sid, State.DELIVERED), (stranger, State.DELIVERED), (sid, State.FAILED)]
    told = [sending.Told(Receipt(one, state), message.id) for one, state in said]
    assert sending.receive_receipts(world.uow, told) == [True, True, False, True]
    assert world.message.state is State.DELIVERED
    assert world.told == [("crew_arrived", "sent"), ("crew_arrived", "delivered")]


def test_of_a_message_not_settled_yet_the_first_id_told_counts(world: World) -> None:
    world.knows()
    world.hears("arrived")
    [job] = world.takes()
    ours, other = f"SM{0:032x}", "SM" + "f" * 32
    said = [(ours, State.SENT), (other, State.FAILED), (ours, State.DELIVERED)]
    told = [sending.Told(Receipt(sid, state), job.message.id) for sid, state in said]
    assert sending.receive_receipts(world.uow, told) == [True, False, True]
    assert (world.message.state, world.message.provider_sid) == (State.DELIVERED, ours)


def test_attempts_that_end_together_are_each_kept(world: World) -> None:
    world.knows()
    world.hears("arrived")
    world.verdict()
    jobs = world.takes()
    world.provider.failures = [ProviderBusy()]
    attempted = [sending.attempt(job, lambda: world.uow, world.provider, POLICY) for job in jobs]
    receive(world, f"SM{9:032x}", State.DELIVERED, jobs[1].message.id)
    settled = sending.settle(world.uow, attempted)
    assert [one and one.state for one in settled] == [State.QUEUED, None]
