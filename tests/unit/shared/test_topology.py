"""Names on the broker are contracts: a changed one is an orphaned queue or a lost event (design §4)."""

import pytest

from shared import topology
from shared.config import SERVICES
from shared.topology import CONTRACTS, RETRY_DELAYS_MS, Subscription

REGISTERED = Subscription("intake", "request.registered", "triage")


def test_a_subscription_is_named_by_rule() -> None:
    assert REGISTERED.method == "on_intake_request_registered"
    assert REGISTERED.queue_name == "evt-intake-request.registered--triage.on_intake_request_registered"


def test_its_queue_is_durable_and_bound_to_the_teller() -> None:
    queue = REGISTERED.queue
    assert (queue.name, queue.durable, queue.auto_delete) == (REGISTERED.queue_name, True, False)
    assert (queue.exchange.name, queue.exchange.type, queue.exchange.durable) == (
        "intake.events",
        "topic",
        True,
    )
    assert queue.routing_key == "request.registered"


def test_the_queues_are_those_written_down() -> None:
    written = (CONTRACTS / "queues.txt").read_text().split()
    assert sorted(subscription.queue_name for subscription in topology.subscriptions()) == sorted(written)
    assert len(set(written)) == len(written) > 0


def test_nobody_reads_what_it_tells() -> None:
    own = [one for one in topology.subscriptions() if one.source == one.reader]
    assert own == []


def test_every_teller_and_reader_is_a_service() -> None:
    known = set(SERVICES)
    assert {one.source for one in topology.subscriptions()} <= known
    assert {one.reader for one in topology.subscriptions()} <= known


def test_retries_wait_one_second_to_ten_minutes() -> None:
    names = [topology.delay_exchange_name(attempt) for attempt in range(1, len(RETRY_DELAYS_MS) + 1)]
    assert names == [f"avariyka.delay.{ms}" for ms in (1_000, 5_000, 30_000, 120_000, 600_000)]


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_its_dead_letters(service: str) -> None:
    assert topology.dead_letter_queue_name(service) == f"dead-letters.{service}"


class Channel:
    """Writes down what is declared on it."""

    def __init__(self) -> None:
        self.queues: dict[str, dict[str, object]] = {}
        self.exchanges: set[str] = set()
        self.bound: set[tuple[str, str, str]] = set()

    def exchange_declare(self, exchange: str, **_: object) -> None:
        self.exchanges.add(exchange)

    def queue_declare(
        self, queue: str, arguments: dict[str, object] | None, **_: object
    ) -> tuple[str, int, int]:
        self.queues[queue] = arguments or {}
        return queue, 0, 0

    def queue_bind(self, queue: str, exchange: str, routing_key: str, **_: object) -> None:
        assert exchange in self.exchanges
        self.bound.add((queue, exchange, routing_key))

    def prepare_queue_arguments(self, arguments: dict[str, object], **_: object) -> dict[str, object]:
        return arguments


@pytest.fixture
def channel() -> Channel:
    declared = Channel()
    topology.declare(declared)
    return declared


def test_everything_is_declared_by_everybody(channel: Channel) -> None:
    assert len(channel.queues) == len(topology.subscriptions()) + len(SERVICES) + len(RETRY_DELAYS_MS)
    assert {f"{service}.events" for service in SERVICES} <= channel.exchanges
    for one in topology.subscriptions():
        assert (one.queue_name, f"{one.source}.events", one.type) in channel.bound


def test_an_expired_delay_returns_through_the_default_exchange(channel: Channel) -> None:
    for delay_ms in RETRY_DELAYS_MS:
        arguments = channel.queues[f"avariyka.delay.{delay_ms}"]
        assert arguments == {"x-message-ttl": delay_ms, "x-dead-letter-exchange": ""}


def test_declaring_twice_declares_the_same(channel: Channel) -> None:
    before = dict(channel.queues)
    topology.declare(channel)
    assert channel.queues == before
