"""``python -m shared.deadletters list|replay``: messages that could not be handled, and sending them back.

A dead letter keeps its whole body, the queue it came from, the reason and the number of attempts.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kombu import Connection

from shared.config import SERVICES
from shared.publisher import Outgoing, Publisher
from shared.topology import dead_letter_queue_name, declare


@dataclass(frozen=True)
class DeadLetter:
    """One message that its handler gave up on."""

    id: str
    queue: str
    reason: str
    attempts: int
    died_at: int
    event_type: str
    subject: str


def counts(amqp_uri: str) -> dict[str, int]:
    """How many dead letters each service has; raises OSError when the broker does not answer."""
    with Connection(amqp_uri, connect_timeout=2) as connection:
        declare(connection.default_channel)
        return {service: _count(connection.default_channel, service) for service in SERVICES}


def letters(amqp_uri: str, service: str) -> list[DeadLetter]:
    """All dead letters of a service, oldest first; they stay where they are."""
    with Connection(amqp_uri, connect_timeout=5) as connection:
        return [_read(message) for message in _held(connection.default_channel, service)]


def replay(amqp_uri: str, service: str, only: str | None = None) -> int:
    """Send dead letters back to the queues they came from, as first attempts; returns how many."""
    publisher = Publisher(amqp_uri)
    replayed = 0
    with Connection(amqp_uri, connect_timeout=5) as connection:
        for message in _held(connection.default_channel, service):
            letter = _read(message)
            if only not in (None, letter.id):
                continue
            copy = Outgoing(letter.id, "", letter.queue, message.body, message.content_type or "")
            if letter.id in publisher.publish([copy]):
                message.ack()
                replayed += 1
    publisher.close()
    return replayed


def _count(channel: Any, service: str) -> int:
    return int(channel.queue_declare(dead_letter_queue_name(service), passive=True).message_count)


def _held(channel: Any, service: str) -> Iterator[Any]:
    """Take every letter unacknowledged: what nobody acknowledges returns when the channel closes."""
    declare(channel)
    for _ in range(_count(channel, service)):
        message = channel.basic_get(dead_letter_queue_name(service))
        if message is None:
            return
        yield channel.message_to_python(message)


def _read(message: Any) -> DeadLetter:
    body = _lenient(message.body)
    headers = message.headers or {}
    return DeadLetter(
        id=str(message.properties.get("message_id", "")),
        queue=headers.get("x-queue", ""),
        reason=headers.get("x-reason", ""),
        attempts=int(headers.get("x-attempts", 0)),
        died_at=int(headers.get("x-died-at", 0)),
        event_type=str(body.get("type", "?")),
        subject=str(body.get("subject", "?")),
    )


def _lenient(body: Any) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (TypeError, ValueError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def main() -> None:
    parser = argparse.ArgumentParser(prog="avariyka dead-letters", description=__doc__)
    parser.add_argument("action", choices=["list", "replay"])
    parser.add_argument("--service", choices=SERVICES, help="only this service (default: all)")
    parser.add_argument("--id", help="only this message (replay)")
    options = parser.parse_args()
    uri = os.environ.get("AVARIYKA_AMQP_URI")
    if not uri:
        sys.exit("set AVARIYKA_AMQP_URI to the broker, or use ./avariyka dead-letters")
    for service in [options.service] if options.service else SERVICES:
        _run(options.action, uri, service, options.id)


def _run(action: str, uri: str, service: str, only: str | None) -> None:
    if action == "replay":
        _say(f"{service}: {replay(uri, service, only)} sent back")
        return
    for letter in letters(uri, service):
        tries = f"attempts={letter.attempts}"
        _say(f"{service} {letter.id} {letter.event_type} {letter.subject} {tries} {letter.reason}")


def _say(line: str) -> None:
    print(line)  # noqa: T201 - a command line speaks on stdout


if __name__ == "__main__":
    main()
