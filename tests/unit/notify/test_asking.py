"""A receipt that never came: the provider is asked, ever more rarely, and its word counts as one."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from services.notify.domain.messages import State
from services.notify.errors import ProviderBusy
from services.notify.usecases import asking, untold
from tests.unit.notify.fakes import POLICY
from tests.unit.notify.world import World

MINUTE = timedelta(minutes=1)


def sent() -> World:
    """One message is with the provider, and nothing was heard of it since."""
    world = World()
    world.knows()
    world.hears("arrived")
    world.sends()
    assert world.message.state is State.SENT
    return world


def asks(world: World) -> int:
    silent = asking.take_silent(world.uow, POLICY, 10)
    for message in silent:
        asking.ask(message, lambda: world.uow, world.provider)
    return len(silent)


def provider_knows(world: World, state: State) -> None:
    sms, receipt, at = world.provider.sent.pop()
    world.provider.sent.append((sms, replace(receipt, state=state, error_code="twilio_30006"), at))


def test_what_did_not_arrive_becomes_a_call_though_its_receipt_was_lost() -> None:
    world = sent()
    provider_knows(world, State.FAILED)
    assert asks(world) == 0, "a receipt may still come"
    world.later(POLICY.lease + POLICY.ask_after)
    assert asks(world) == 1
    assert [one.message.error_code for one in untold.list_calls(world.uow, 10)] == ["twilio_30006"]
    world.later(timedelta(hours=1))
    assert asks(world) == 0


def test_what_arrived_is_known_to_have_arrived() -> None:
    world = sent()
    provider_knows(world, State.DELIVERED)
    world.later(POLICY.lease + POLICY.ask_after)
    asks(world)
    assert (world.message.state, world.told[-1]) == (State.DELIVERED, ("crew_arrived", "delivered"))


def test_who_says_nothing_new_is_asked_ever_more_rarely_and_not_for_ever() -> None:
    world, asked = sent(), []
    for minute in range(24 * 60):
        if asks(world):
            asked.append(minute)
        world.later()
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert 4 <= len(asked) <= 8
    assert pauses == sorted(pauses)
    assert asked[-1] < POLICY.ask_until / MINUTE


def test_a_provider_that_cannot_be_asked_now_is_asked_later() -> None:
    world = sent()
    provider_knows(world, State.DELIVERED)
    world.provider.find_failures.append(ProviderBusy("down"))
    world.later(POLICY.lease + POLICY.ask_after)
    assert asks(world) == 1
    assert world.message_states == [State.SENT]
    world.later(timedelta(hours=1))
    assert asks(world) == 1
    assert world.message_states == [State.DELIVERED]
