"""``python -m scripts.apidocs``: the suite's contracts as documents for others' tools, under ``contracts/``.

``asyncapi.yml`` (AsyncAPI 3.0) says which service tells which event to whom, from ``topology.yml`` and the
schemas in ``events/``; ``openapi/<service>.yml`` is what each service serves at ``/openapi.json``. A test
holds the files against what would be written now.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from shared import __version__, openapi
from shared.config import SERVICES
from shared.envelope import CONTENT_TYPE
from shared.service import service_class_of
from shared.topology import CONTRACTS, Subscription, event_exchange, subscriptions

_HEADER = "# Made by python -m scripts.apidocs; change the code or the schemas, then run it again.\n"
_ENVELOPE = {
    "type": "object",
    "description": "CloudEvents 1.0, structured mode",
    "required": ["specversion", "id", "source", "type", "subject", "time", "dataschema", "sequence", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "description": "one per event; readers act once per id"},
        "source": {"type": "string", "description": "/avariyka/<service>"},
        "type": {"type": "string"},
        "subject": {"type": "string", "description": "id of the aggregate the fact is about"},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"type": "string", "description": "urn:avariyka:<service>:<type>:v<version>"},
        "sequence": {"type": "integer", "minimum": 1, "description": "per aggregate and service"},
        "correlationid": {"type": "string", "description": "one story across services"},
        "causationid": {"type": ["string", "null"], "description": "the event that led to this one"},
    },
}


def documents() -> Iterator[tuple[Path, str]]:
    """Every document with the file it belongs in."""
    yield CONTRACTS / "asyncapi.yml", _written(asyncapi())
    for service in SERVICES:
        yield CONTRACTS / "openapi" / f"{service}.yml", _written(openapi.document(service_class_of(service)))


def asyncapi() -> dict[str, Any]:
    """The bus as AsyncAPI 3.0: a channel for each event type, sent by its teller, received by its readers."""
    events = [
        (source, type_, [one.reader for one in readers])
        for (source, type_), readers in groupby(subscriptions(), lambda one: (one.source, one.type))
    ]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Avariyka: events between the services",
            "version": __version__,
            "description": "Facts, each told at least once; every reader has a durable queue of its own.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {_name(source, type_): _channel(source, type_) for source, type_, _ in events},
        "operations": dict(_operations(events)),
        "components": {
            "schemas": {"envelope": _ENVELOPE},
            "messages": {_name(source, type_): _message(source, type_) for source, type_, _ in events},
        },
    }


def _name(source: str, type_: str) -> str:
    return f"{source}.{type_}"


def _channel(source: str, type_: str) -> dict[str, Any]:
    name, exchange = _name(source, type_), event_exchange(source)
    return {
        "address": type_,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": exchange.name, "type": exchange.type, "durable": exchange.durable},
            }
        },
    }


def _operations(events: list[tuple[str, str, list[str]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for source, type_, readers in events:
        channel = {"$ref": f"#/channels/{_name(source, type_)}"}
        yield f"{source}.tells.{type_}", {"action": "send", "channel": channel}
        for reader in readers:
            queue = Subscription(source, type_, reader).queue_name
            description = f"{reader} reads it from its queue {queue}"
            yield (
                f"{reader}.reads.{_name(source, type_)}",
                {"action": "receive", "channel": channel, "description": description},
            )


def _message(source: str, type_: str) -> dict[str, Any]:
    described = CONTRACTS / "events" / source
    schema = json.loads((described / f"{type_}.v1.schema.json").read_text(encoding="utf-8"))
    example = json.loads((described / f"{type_}.v1.example.json").read_text(encoding="utf-8"))
    data = {key: value for key, value in schema.items() if not key.startswith("$")}
    return {
        "name": type_,
        "title": schema["title"],
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/envelope"},
                {"type": "object", "properties": {"data": data}},
            ]
        },
        "examples": [{"payload": {"data": example}}],
    }


def _written(document: Mapping[str, Any]) -> str:
    plain = json.loads(json.dumps(document))  # each place has a copy of its own: YAML then needs no anchors
    return _HEADER + yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=110)


def main() -> None:
    for path, text in documents():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(CONTRACTS.parent))


if __name__ == "__main__":
    main()
