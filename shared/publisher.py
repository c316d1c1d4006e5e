"""Publishing that is sure: persistent, mandatory, confirmed by the broker, many in flight at once."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from amqp import Message as AmqpMessage
from amqp.exceptions import AMQPError
from kombu import Connection
from kombu.exceptions import OperationalError

from shared import topology
from shared.errors import Unavailable

_PERSISTENT = 2


class BrokerUnavailable(Unavailable):
    """The broker did not take the messages in time; those not confirmed must be published again."""

    code = "broker_unavailable"


@dataclass(frozen=True)
class Outgoing:
    """One message to put on the bus; ``id`` tells confirmed ones apart."""

    id: str
    exchange: str
    routing_key: str
    body: str | bytes
    content_type: str
    headers: Mapping[str, Any] = field(default_factory=dict)


class Publisher:
    """One connection to the broker, opened when first needed, dropped after any doubt."""

    def __init__(self, amqp_uri: str, timeout_s: float = 5.0) -> None:
        self._uri = amqp_uri
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._connection: Any = None
        self._channel: Any = None

    def publish(self, messages: Sequence[Outgoing]) -> set[str]:
        """Put ``messages`` on the bus; returns the ids which the broker has taken **and** routed to a queue.

        Raises :class:`BrokerUnavailable` when it cannot tell; nothing then counts as published.
        """
        with self._lock:
            try:
                return _Flight(self._open_channel()).send(messages, self._timeout_s)
            except (OSError, AMQPError, OperationalError) as broken:
                self._drop()
                raise BrokerUnavailable(f"{type(broken).__name__}: {broken}") from broken
            except BaseException:
                # A timeout or kill in mid-publish leaves the channel in doubt.
                self._drop()
                raise

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _open_channel(self) -> Any:
        if self._channel is None:
            with Connection(self._uri, connect_timeout=self._timeout_s, heartbeat=0) as parameters:
                self._connection = parameters.transport.establish_connection()
            self._channel = self._connection.channel()
            topology.declare(self._channel)
            self._channel.confirm_select()
        return self._channel

    def _drop(self) -> None:
        # Without the closing handshake: the broker may be gone, and nobody should wait for its goodbye.
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            connection.collect()


class _Flight:
    """The confirms of one batch. The broker returns an unroutable message before it confirms it."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel
        self._waiting: dict[int, str] = {}
        self._taken: set[str] = set()
        self._returned: set[str] = set()

    def send(self, messages: Sequence[Outgoing], timeout_s: float) -> set[str]:
        self._listen()
        first_tag = getattr(self._channel, "avariyka_next_tag", 1)
        for tag, message in enumerate(messages, start=first_tag):
            self._waiting[tag] = message.id
            self._channel._basic_publish(
                _encode(message), exchange=message.exchange, routing_key=message.routing_key, mandatory=True
            )
        self._channel.avariyka_next_tag = first_tag + len(messages)
        while self._waiting:
            self._channel.connection.drain_events(timeout=timeout_s)
        return self._taken - self._returned

    def _listen(self) -> None:
        self._channel.events["basic_ack"] = {self._on_ack}
        self._channel.events["basic_nack"] = {self._on_nack}
        self._channel.events["basic_return"] = {self._on_return}

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._taken.update(self._settle(tag, multiple))

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple)

    def _on_return(self, _error: Exception, _exchange: str, _routing_key: str, message: Any) -> None:
        self._returned.add(message.properties["message_id"])

    def _settle(self, tag: int, multiple: bool) -> list[str]:
        tags = [waiting for waiting in self._waiting if waiting <= tag] if multiple else [tag]
        return [self._waiting.pop(settled) for settled in tags if settled in self._waiting]


def _encode(message: Outgoing) -> AmqpMessage:
    return AmqpMessage(
        message.body,
        message_id=message.id,
        content_type=message.content_type,
        content_encoding="utf-8",
        delivery_mode=_PERSISTENT,
        application_headers=dict(message.headers),
    )
