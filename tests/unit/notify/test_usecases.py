"""The use-cases on a store and a provider in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.notify.domain.messages import SETTLING, Message, Receipt, Sms, State
from services.notify.domain.telling import Progress, Verdict
from services.notify.errors import (
    MessageOnItsWay,
    MessageRejected,
    OutcomeUnknown,
    ProviderBusy,
)
from services.notify.usecases import facts, sending
from services.notify.usecases.ports import Backlog, Contact, Job, Request
from shared.clock import FixedClock
from tests.support import contracts
from tests.support.fakes import NOON
from tests.unit.notify.fakes import POLICY, FakeProvider, FakeUnitOfWork, deliver, hear, write

REQUEST, CONTACT, ASSIGNMENT = UUID(int=1), UUID(int=2), UUID(int=3)
ANN = Contact(CONTACT, "+77010000001", "ru", sms_allowed=True, at=NOON)
MINUTE = timedelta(minutes=1)


class World:
    """One store, one provider, one clock."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOON)
        self.uow = FakeUnitOfWork(self.clock)
        self.provider = FakeProvider(self.clock)

    def knows(self, contact: Contact = ANN, channel: str = "sms") -> None:
        facts.note_contact(self.uow, contact)
        facts.note_request(self.uow, Request(REQUEST, "1042", CONTACT), channel, NOON)
        self.later(SETTLING)

    def hears(self, stage: str, minutes: int = 0, **changes: Any) -> None:
        at = NOON + minutes * MINUTE
        facts.tell_progress(
            self.uow, Progress(str(REQUEST), str(ASSIGNMENT), stage, at, **changes), NOON.tzinfo or _fail()
        )
        self.later(SETTLING)

    def verdict(self, **changes: Any) -> None:
        plain = Verdict(str(REQUEST), "emergency", "gas", "gas_smell", ["gas"], False, NOON)
        facts.tell_verdict(self.uow, replace(plain, **changes))

    def takes(self, limit: int = 10) -> list[Job]:
        return sending.take_due(self.uow, POLICY, write, limit)

    def sends(self) -> list[Message | None]:
        return [self.deliver(job) for job in self.takes()]

    def deliver(self, job: Job) -> Message | None:
        return deliver(job, self.uow, self.provider)

    def sends_all(self) -> None:
        while self.sends():
            pass

    def later(self, by: timedelta = MINUTE) -> None:
        self.clock.advance(by)

    @property
    def messages(self) -> list[Message]:
        return list(sending.list_messages(self.uow, REQUEST))

    @property
    def message(self) -> Message:
        [only] = self.messages
        return only

    @property
    def message_states(self) -> list[State]:
        return [message.state for message in self.messages]

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(event.data["template"], event.data["state"]) for event in self.uow.emitted]


def _fail() -> Any:
    raise AssertionError


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.rule("D-2.B-U4")
def test_the_resident_hears_each_stage_in_order(world: World) -> None:
    world.knows()
    for minute, stage in enumerate(["accepted", "departed", "arrived", "working", "localised"]):
        world.hears(stage, minute, eta_minutes=9 if stage == "departed" else None)
    world.hears("completed", 9, result="fixed")
    world.sends_all()
    assert world.provider.bodies == [
        "ru crew_accepted 1042",
        "ru crew_departed 1042 12:10",
        "ru crew_arrived 1042",
        "ru localised 1042",
        "ru completed_fixed 1042",
    ]
    assert {message.state for message in world.messages} == {State.SENT}


@pytest.mark.parametrize(
    ("reason", "template"),
    [
        ("preempted", "crew_called_away"),
        ("crew_silent", "crew_replaced"),
        ("crew_unavailable", "crew_replaced"),
        ("replanned", "crew_replaced"),
    ],
)
def test_who_was_promised_a_crew_hears_that_it_does_not_come(
    world: World, reason: str, template: str
) -> None:
    world.knows()
    world.hears("accepted")
    world.sends_all()
    for _ in range(2):
        facts.tell_withdrawal(world.uow, REQUEST, ASSIGNMENT, reason, NOON + MINUTE)
    world.later(SETTLING)
    world.sends_all()
    assert world.provider.bodies == ["ru crew_accepted 1042", f"ru {template} 1042"]


@pytest.mark.parametrize(("departs", "times"), [(False, 1), (True, 2)])
def test_that_no_crew_comes_is_news_again_only_after_another_set_out(
    world: World, departs: bool, times: int
) -> None:
    """The second crew accepted, which is told once, and was called away as well."""
    world.knows()
    world.hears("accepted")
    facts.tell_withdrawal(world.uow, REQUEST, ASSIGNMENT, "preempted", NOON + MINUTE)
    world.hears("accepted", 2)
    if departs:
        world.hears("departed", 3)
    facts.tell_withdrawal(world.uow, REQUEST, UUID(int=2), "preempted", NOON + 4 * MINUTE)
    assert [message.template for message in world.messages].count("crew_called_away") == times


def test_the_same_words_twice_in_a_row_are_no_news(world: World) -> None:
    """One crew set out and was called away, which later news overtook; the next has as far to go."""
    world.knows()
    world.hears("departed", 1)
    world.sends_all()
    world.hears("departed", 2)
    world.sends_all()
    assert world.provider.bodies == ["ru crew_departed_no_time 1042"]
    assert [message.error_code for message in world.messages] == [None, "said_just_now"]
    world.hears("arrived", 3)
    world.hears("departed", 4)
    world.sends_all()
    assert world.provider.bodies[1:] == ["ru crew_arrived 1042", "ru crew_departed_no_time 1042"]


@pytest.mark.parametrize("reason", ["no_response", "dispatcher", "request_cancelled", "joined_outage", "new"])
def test_other_withdrawals_are_the_dispatchers_business(world: World, reason: str) -> None:
    world.knows()
    world.hears("accepted")
    facts.tell_withdrawal(world.uow, REQUEST, ASSIGNMENT, reason, NOON + MINUTE)
    assert [message.template for message in world.messages] == ["crew_accepted"]


def test_who_was_promised_nobody_hears_nothing_of_it(world: World) -> None:
    world.knows()
    facts.tell_withdrawal(world.uow, REQUEST, ASSIGNMENT, "preempted", NOON)
    assert world.messages == []


def test_each_end_of_a_message_is_announced_by_the_contract(world: World) -> None:
    world.knows()
    world.hears("accepted")
    world.sends()
    [event] = world.uow.emitted
    assert (event.type, event.subject) == ("message.progressed", str(world.message.id))
    contracts.check("notify", "message.progressed", event.data)
    assert (event.data["state"], event.data["attempt"], event.data["parts"]) == ("sent", 1, 1)


@pytest.mark.parametrize("channel", ["phone", "web", "written", "partner"])
def test_who_did_not_write_by_sms_gets_the_number(world: World, channel: str) -> None:
    world.knows(channel=channel)
    world.sends()
    assert world.provider.bodies == ["ru registered 1042"]


def test_a_fact_is_told_once_however_often_it_comes(world: World) -> None:
    world.knows()
    for _ in range(3):
        world.hears("arrived")
        world.verdict()
        world.sends_all()
    assert sorted(world.provider.bodies) == ["ru advice_gas 1042", "ru crew_arrived 1042"]


def test_news_may_come_before_the_request_and_its_contact(world: World) -> None:
    world.verdict()
    world.hears("accepted", 1)
    assert world.takes() == []
    facts.note_request(world.uow, Request(REQUEST, "1042", CONTACT), "phone", NOON)
    assert world.takes() == []
    facts.note_contact(world.uow, ANN)
    world.later(SETTLING)
    world.sends_all()
    assert world.provider.bodies == ["ru advice_gas 1042", "ru registered 1042", "ru crew_accepted 1042"]


def test_news_that_later_news_has_overtaken_is_not_told(world: World) -> None:
    world.knows()
    world.hears("arrived", 5)
    world.sends()
    world.hears("departed", 2, eta_minutes=9)
    world.sends()
    assert world.provider.bodies == ["ru crew_arrived 1042"]
    assert world.told == [("crew_arrived", "sent"), ("crew_departed", "suppressed")]
    assert {message.template: message.error_code for message in world.messages} == {
        "crew_arrived": None,
        "crew_departed": "overtaken",
    }


def test_status_messages_wait_for_each_other_advice_waits_for_nobody(world: World) -> None:
    world.knows()
    world.provider.failures = [ProviderBusy()]
    world.hears("accepted", 0)
    world.hears("departed", 1)
    world.sends()
    world.verdict(decided_at=NOON + 2 * MINUTE)
    world.sends_all()
    assert world.provider.bodies == ["ru advice_gas 1042"]
    world.later()
    world.sends_all()
    assert world.provider.bodies[1:] == ["ru crew_accepted 1042", "ru crew_departed_no_time 1042"]


def test_what_happened_first_is_told_first_though_it_comes_a_moment_later(world: World) -> None:
    world.knows()
    clock = world.clock.now()
    facts.tell_state(world.uow, REQUEST, "closed", NOON + 2 * MINUTE)
    assert world.takes() == []
    world.hears("arrived", 1)
    assert world.clock.now() == clock + SETTLING
    world.sends_all()
    assert world.provider.bodies == ["ru crew_arrived 1042", "ru closed 1042"]


def test_urgent_messages_go_first(world: World) -> None:
    world.knows(channel="phone")
    world.later()
    world.verdict()
    [first] = world.takes(limit=1)
    assert first.message.template == "advice_gas"


def test_who_said_stop_hears_nothing_and_the_dispatcher_sees_it(world: World) -> None:
    world.knows(replace(ANN, sms_allowed=False), channel="phone")
    world.verdict()
    world.sends_all()
    assert world.provider.bodies == []
    assert sorted(world.told) == [("advice_gas", "suppressed"), ("registered", "suppressed")]
    assert {message.error_code for message in world.messages} == {"stopped_by_resident"}
    for event in world.uow.emitted:
        contracts.check("notify", "message.progressed", event.data)


def test_the_last_word_on_a_contact_counts(world: World) -> None:
    world.knows(replace(ANN, language="kk", at=NOON + MINUTE))
    facts.note_contact(world.uow, replace(ANN, sms_allowed=False))
    world.hears("arrived")
    world.sends()
    assert world.provider.bodies == ["kk crew_arrived 1042"]


def test_closing_is_no_news_after_the_crew_has_finished(world: World) -> None:
    world.knows()
    world.hears("completed", 1)
    facts.tell_state(world.uow, REQUEST, "closed", NOON + 2 * MINUTE)
    world.sends_all()
    assert world.provider.bodies == ["ru completed_fixed 1042"]


def test_closing_is_no_news_before_the_crews_report_has_come(world: World) -> None:
    world.knows()
    facts.tell_state(world.uow, REQUEST, "closed", NOON + MINUTE, result="fixed")
    world.hears("completed", 1)
    world.sends_all()
    assert world.provider.bodies == ["ru completed_fixed 1042"]


@pytest.mark.parametrize("state", ["closed", "cancelled", "rejected", "deferred"])
def test_an_official_state_without_a_crew_is_told(world: World, state: str) -> None:
    world.knows()
    facts.tell_state(world.uow, REQUEST, state, NOON)
    world.later(SETTLING)
    world.sends()
    assert world.provider.bodies == [f"ru {state} 1042"]


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


def test_the_backlog_names_what_waits_and_since_when(world: World) -> None:
    world.hears("accepted")
    world.later()
    world.hears("arrived", 1)
    assert sending.measure_backlog(world.uow) == Backlog(2, NOON)


def test_a_forgotten_resident_is_not_written_to(world: World) -> None:
    world.knows()
    world.hears("arrived")
    [sent] = world.sends()
    assert sent is not None
    world.hears("localised", 1)
    facts.forget_contact(world.uow, CONTACT, world.clock.now())
    world.sends_all()
    told = {one.template: one for one in sending.list_messages(world.uow, REQUEST)}
    assert (told["crew_arrived"].phone, told["crew_arrived"].body) == (None, None)
    assert (told["localised"].state, told["localised"].error_code) == (
        State.SUPPRESSED,
        "stopped_by_resident",
    )
    assert len(world.provider.sent) == 1


def test_forgetting_waits_for_a_message_that_is_on_its_way(world: World) -> None:
    world.knows()
    world.hears("arrived")
    [job] = world.takes()
    with pytest.raises(MessageOnItsWay):
        facts.forget_contact(world.uow, CONTACT, NOON)
    world.deliver(job)
    facts.forget_contact(world.uow, CONTACT, NOON)
    assert world.provider.sent


@pytest.mark.parametrize("state", ["cancelled", "returned"])
def test_who_asked_for_it_by_sms_has_had_the_answer_there(world: World, state: str) -> None:
    world.knows()
    facts.tell_state(world.uow, REQUEST, state, NOON, channel="sms")
    world.later(SETTLING)
    assert world.takes() == []
