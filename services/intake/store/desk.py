"""The operator's own part of a request as text, to be sealed."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.domain.desk import Desk, Intercom, Window
from shared.encoding import dumps


def packed(desk: Desk) -> str:
    """JSON of what differs from an empty form; empty text for an empty one."""
    values = {name: value for name, value in asdict(desk).items() if value != getattr(_EMPTY, name)}
    return dumps(values) if values else ""


def unpacked(text: str) -> Desk:
    values = json.loads(text) if text else {}
    return Desk(**{name: _READ.get(name, _as_it_is)(value) for name, value in values.items()})


def _window(value: dict[str, str]) -> Window:
    return Window(datetime.fromisoformat(value["start"]), datetime.fromisoformat(value["end"]))


def _as_it_is(value: Any) -> Any:
    return value


_EMPTY = Desk()
_READ: dict[str, Callable[[Any], Any]] = {
    "intercom": Intercom,
    "window": _window,
    "entered_at": datetime.fromisoformat,
    "copied_from": UUID,
}
