"""The event contracts as tests use them: schemas to check against, examples to start from."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import uuid4

from jsonschema import Draft202012Validator, FormatChecker

from shared.clock import SystemClock
from shared.envelope import Event
from shared.topology import CONTRACTS


@cache
def schema(source: str, type_: str) -> dict[str, Any]:
    path = CONTRACTS / "events" / source / f"{type_}.v1.schema.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def example(source: str, type_: str, **changes: Any) -> dict[str, Any]:
    """The contract's example data, with some fields changed."""
    path = CONTRACTS / "events" / source / f"{type_}.v1.example.json"
    return {**json.loads(path.read_text(encoding="utf-8")), **changes}


def check(source: str, type_: str, data: Mapping[str, Any]) -> None:
    """Fail if ``data`` is not what the contract of this event says."""
    Draft202012Validator(schema(source, type_), format_checker=FormatChecker()).validate(dict(data))


def event(source: str, type_: str, sequence: int = 1, **changes: Any) -> Event:
    """A whole event as it would arrive, from the contract's example with some fields changed."""
    data = example(source, type_, **changes)
    check(source, type_, data)
    subject = str(data.get("request_id") or data.get("crew_id") or data.get("organisation_id") or uuid4())
    return Event(
        id=str(uuid4()),
        source=source,
        type=type_,
        subject=subject,
        time=SystemClock().now(),
        data=data,
        sequence=sequence,
        correlation_id=str(uuid4()),
    )
