"""The bus as the other services use it: events put on it, and taken out of a reader's queue."""

import json

from kombu import Connection

from shared.envelope import CONTENT_TYPE, Event
from shared.publisher import Outgoing, Publisher
from shared.topology import Subscription
from tests.support import contracts
from tests.support.waiting import eventually


def publish(amqp_uri: str, *events: Event) -> None:
    """Put events on the bus as their producers would."""
    publisher = Publisher(amqp_uri)
    batch = [
        Outgoing(told.id, f"{told.source}.events", told.type, json.dumps(told.to_json()), CONTENT_TYPE)
        for told in events
    ]
    assert publisher.publish(batch) == {told.id for told in events}
    publisher.close()


def take(amqp_uri: str, producer: str, type_: str, reader: str, total: int) -> list[Event]:
    """``total`` events of a type out of a reader's queue and no more, each checked against its contract."""
    queue = Subscription(producer, type_, reader).queue_name
    found: list[Event] = []
    with Connection(amqp_uri) as connection:
        channel = connection.default_channel

        def next_one() -> bool:
            message = channel.basic_get(queue, no_ack=True)
            if message is not None:
                found.append(Event.from_json(json.loads(message.body)))
            return len(found) == total

        eventually(next_one, what=f"{total} {type_} for {reader}")
        assert channel.basic_get(queue, no_ack=True) is None, "more than expected"
    for event in found:
        contracts.check(producer, type_, event.data)
    return found


def waiting(amqp_uri: str, producer: str, type_: str, reader: str) -> list[Event]:
    """What waits in a reader's queue now, each event checked against its contract."""
    queue = Subscription(producer, type_, reader).queue_name
    found: list[Event] = []
    with Connection(amqp_uri) as connection:
        while (message := connection.default_channel.basic_get(queue, no_ack=True)) is not None:
            found.append(Event.from_json(json.loads(message.body)))
    for event in found:
        contracts.check(producer, type_, event.data)
    return found
