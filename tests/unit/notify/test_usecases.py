"""The use-cases on a store and a provider in memory."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.notify.domain.messages import SETTLING, State
from services.notify.errors import (
    MessageOnItsWay,
    ProviderBusy,
)
from services.notify.usecases import facts, sending
from services.notify.usecases.ports import Backlog, Request
from tests.support import contracts
from tests.support.fakes import NOON
from tests.unit.notify.world import ANN, ASSIGNMENT, CONTACT, MINUTE, REQUEST, World


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
