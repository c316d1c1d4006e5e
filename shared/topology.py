"""What exists on the broker: exchanges, queues, delays, dead letters; all from ``contracts/topology.yml``.

Every process declares the whole of it before it publishes or consumes anything, so an event can never leave
before the queues of its readers exist. Names are contracts: a renamed queue is an orphan that fills for ever.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from kombu import Exchange, Queue

from shared.config import ROOT, SERVICES

CONTRACTS = ROOT / "contracts"
RETRY_DELAYS_MS = (1_000, 5_000, 30_000, 120_000, 600_000)


@dataclass(frozen=True)
class Subscription:
    """One reader of one event type."""

    source: str
    type: str
    reader: str

    @property
    def method(self) -> str:
        """The handler's name, by rule, so that a rename cannot orphan the queue unseen."""
        return f"on_{self.source}_{self.type.replace('.', '_')}"

    @property
    def queue_name(self) -> str:
        return f"evt-{self.source}-{self.type}--{self.reader}.{self.method}"

    @property
    def queue(self) -> Queue:
        return Queue(
            self.queue_name, exchange=event_exchange(self.source), routing_key=self.type, durable=True
        )


@cache
def subscriptions() -> tuple[Subscription, ...]:
    """Every (event, reader) pair of the suite."""
    contract = yaml.safe_load((CONTRACTS / "topology.yml").read_text(encoding="utf-8"))
    return tuple(
        Subscription(source, type_, reader)
        for source, types in contract.items()
        for type_, readers in types.items()
        for reader in readers
    )


def event_exchange(source: str) -> Exchange:
    return Exchange(f"{source}.events", type="topic", durable=True, auto_delete=False)


def delay_exchange_name(attempt: int) -> str:
    """Where a message waits before its ``attempt``-th redelivery (1 = first)."""
    return f"avariyka.delay.{RETRY_DELAYS_MS[attempt - 1]}"


def dead_letter_queue_name(service: str) -> str:
    return f"dead-letters.{service}"


def declare(channel: Any) -> None:
    """Declare everything on an open channel; safe to repeat."""
    for entity in _entities():
        entity(channel).declare()


def _entities() -> Iterable[Any]:
    yield from (event_exchange(service) for service in SERVICES)
    yield from (subscription.queue for subscription in subscriptions())
    yield from (Queue(dead_letter_queue_name(service), durable=True) for service in SERVICES)
    yield from (_delay_queue(delay) for delay in RETRY_DELAYS_MS)


def _delay_queue(delay_ms: int) -> Queue:
    """One queue per delay for everybody: a fixed TTL keeps it in order, and an expired message returns to the
    queue that its routing key names, through the default exchange."""
    name = f"avariyka.delay.{delay_ms}"
    return Queue(
        name,
        exchange=Exchange(name, type="fanout", durable=True, auto_delete=False),
        durable=True,
        queue_arguments={"x-message-ttl": delay_ms, "x-dead-letter-exchange": ""},
    )
