"""Reliable handling of events on nameko: done → ack, try later → delayed retry, hopeless → dead letter.

nameko 2.14 acknowledges an event whose handler raised (the event is lost) and its requeue option spins. This
subclass of its event handler settles each message by what the handler did. Attempts are counted in a header.
"""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import uuid4

import kombu.serialization
from amqp.exceptions import AMQPError
from kombu import Connection
from marshmallow import ValidationError
from nameko.events import EventHandler
from nameko.exceptions import ContainerBeingKilled
from nameko.messaging import QueueConsumer
from nameko.rpc import ReplyListener, RpcConsumer
from prometheus_client import Counter

from shared import topology
from shared.db import AlreadyHandled
from shared.envelope import CONTENT_TYPE, Event
from shared.errors import Permanent, Retryable
from shared.logs import get_logger
from shared.publisher import BrokerUnavailable, Outgoing, Publisher
from shared.topology import Subscription

_NOTICE_STOP_WITHIN_S = 0.2
ATTEMPT_HEADER = "x-attempt"
_PAUSE_BEFORE_REQUEUE_S = 1.0

kombu.serialization.register("cloudevents", json.dumps, json.loads, CONTENT_TYPE, "utf-8")
kombu.serialization.enable_insecure_serializers(["cloudevents"])

_CONNECTION_GONE = (OSError, AMQPError)
_handled = Counter("events_handled_total", "Messages settled, by outcome", ["handler", "outcome"])
_log = get_logger(__name__)


class WrongHandlerName(Exception):
    """A handler's method is not named by the rule, or contracts/topology.yml does not know it as a reader."""


class SteadyQueueConsumer(QueueConsumer):
    """nameko's consumer, but it comes back soon after a broker restart, and a socket that breaks while
    acknowledging does not end the process: the broker gives the message again anyway."""

    def establish_connection(self) -> Connection:
        connection = self.create_connection()
        connection.ensure_connection(
            self.on_connection_error, interval_start=0.2, interval_step=0.3, interval_max=2
        )
        return connection

    def consume(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        # How long an idle consumer takes to see that it should stop: a second in the library.
        found: Iterator[Any] = super().consume(*args, safety_interval=_NOTICE_STOP_WITHIN_S, **kwargs)
        return found

    def ack_message(self, message: Any) -> None:
        with suppress(*_CONNECTION_GONE):
            super().ack_message(message)

    def requeue_message(self, message: Any) -> None:
        with suppress(*_CONNECTION_GONE):
            super().requeue_message(message)


# The same steadiness for RPC: nameko offers no other place to put it.
RpcConsumer.queue_consumer = SteadyQueueConsumer()
ReplyListener.queue_consumer = SteadyQueueConsumer()


class ReliableQueueConsumer(SteadyQueueConsumer):
    """A connection for events alone. A message that cannot be decoded is kept as a dead letter where the
    library would acknowledge and forget it."""

    accept = ("cloudevents",)

    def setup(self) -> None:
        self.publisher = Publisher(self.amqp_uri)

    def establish_connection(self) -> Connection:
        connection = super().establish_connection()
        topology.declare(connection.default_channel)
        return connection

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        reason = f"undecodable: {type(exc).__name__}: {exc}"
        self.settle_dead(message, reason, _queue_of(message.delivery_info, self.container.service_name))

    def settle_retry(self, message: Any, queue: str, attempt: int) -> None:
        self._move(message, topology.delay_exchange_name(attempt), queue, {ATTEMPT_HEADER: attempt})

    def settle_dead(self, message: Any, reason: str, queue: str) -> None:
        headers = {
            "x-queue": queue,
            "x-reason": reason[:500],
            "x-attempts": message.headers.get(ATTEMPT_HEADER, 0) + 1,
            "x-died-at": int(time.time()),
        }
        service = self.container.service_name
        self._move(message, "", topology.dead_letter_queue_name(service), headers)
        _log.error("event_dead_lettered", queue=queue, reason=reason)

    def _move(self, message: Any, exchange: str, routing_key: str, headers: dict[str, Any]) -> None:
        """Publish a copy with confirm, then acknowledge; when the broker will not take it, give it back."""
        identity = str(message.properties.get("message_id") or uuid4())
        copy = Outgoing(identity, exchange, routing_key, message.body, message.content_type or "", headers)
        try:
            if identity not in self.publisher.publish([copy]):
                raise BrokerUnavailable(f"not routed: {exchange or 'default'} {routing_key}")
        except BrokerUnavailable as failure:
            _log.warning("event_given_back", reason=str(failure))
            time.sleep(_PAUSE_BEFORE_REQUEUE_S)
            self.requeue_message(message)
        else:
            self.ack_message(message)


class ReliableEventHandler(EventHandler):
    """Entry point for one event type; the method receives an :class:`Event`."""

    queue_consumer = ReliableQueueConsumer()

    def __init__(self, source: str, event_type: str, **kwargs: Any) -> None:
        kwargs.setdefault("expected_exceptions", (Exception,))
        super().__init__(source, event_type, **kwargs)

    def setup(self) -> None:
        subscription = Subscription(self.source_service, self.event_type, self.container.service_name)
        if self.method_name != subscription.method or subscription not in topology.subscriptions():
            raise WrongHandlerName(
                f"{self.method_name}: expected {subscription.method} in contracts/topology.yml"
            )
        self.queue = subscription.queue
        self.queue_consumer.register_provider(self)

    def handle_message(self, body: Any, message: Any) -> None:
        try:
            event = Event.from_json(body)
        except Permanent as broken:
            self._bury(message, broken)
            return
        try:
            self.container.spawn_worker(
                self,
                (event,),
                {},
                context_data={"correlation_id": event.correlation_id},
                handle_result=partial(self.handle_result, message),
            )
        except ContainerBeingKilled:
            self.queue_consumer.requeue_message(message)

    def handle_message_processed(self, message: Any, _result: Any = None, exc_info: Any = None) -> None:
        failure = exc_info[1] if exc_info else None
        if failure is None or isinstance(failure, AlreadyHandled):
            self._count("done" if failure is None else "repeated")
            self.queue_consumer.ack_message(message)
        elif isinstance(failure, Permanent | ValidationError):
            self._bury(message, failure)
        else:
            self._try_later(message, failure)

    def _try_later(self, message: Any, failure: BaseException) -> None:
        attempt = int(message.headers.get(ATTEMPT_HEADER, 0)) + 1
        if attempt > len(topology.RETRY_DELAYS_MS):
            self._bury(message, failure)
            return
        self._count("retried")
        delay_ms = topology.RETRY_DELAYS_MS[attempt - 1]
        _log.warning(
            "event_retried_later",
            handler=self.method_name,
            attempt=attempt,
            delay_ms=delay_ms,
            reason=_describe(failure),
            exc_info=None if isinstance(failure, Retryable) else failure,
        )
        self.queue_consumer.settle_retry(message, self.queue.name, attempt)

    def _bury(self, message: Any, failure: BaseException) -> None:
        self._count("dead")
        self.queue_consumer.settle_dead(message, _describe(failure), self.queue.name)

    def _count(self, outcome: str) -> None:
        _handled.labels(self.method_name, outcome).inc()


on = ReliableEventHandler.decorator


def _queue_of(delivery_info: dict[str, Any], reader: str) -> str:
    """The queue a message came from: the default exchange names it, an event exchange implies it."""
    exchange, routing_key = delivery_info["exchange"], delivery_info["routing_key"]
    if not exchange:
        return str(routing_key)
    return Subscription(exchange.removesuffix(".events"), routing_key, reader).queue_name


def _describe(failure: BaseException) -> str:
    return f"{type(failure).__name__}: {failure}"
