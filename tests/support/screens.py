"""A dispatcher's screen as the server sees it: it follows a stream of Server-Sent Events."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import requests


@dataclass(frozen=True)
class Told:
    """One event of the stream; ``number`` is its id. A sign of life has no event and no data."""

    number: int | None
    event: str
    data: Any


class Screen:
    """Opens the stream at once; reading waits at most ``patience_s`` for each piece of news."""

    def __init__(
        self, url: str, headers: Mapping[str, str], last: int | None = None, patience_s: float = 60.0
    ) -> None:
        resumed = {} if last is None else {"Last-Event-ID": str(last)}
        self.answer = requests.get(url, headers={**headers, **resumed}, stream=True, timeout=patience_s)
        self._events = read_events(self.answer.iter_lines(chunk_size=1))
        self.last = last

    def next(self) -> Told:
        told = next(self._events)
        self.last = told.number if told.number is not None else self.last
        return told

    def until(self, wanted: Callable[[Told], bool]) -> list[Told]:
        """Everything told until something ``wanted`` comes, that included."""
        found = [self.next()]
        while not wanted(found[-1]):
            found.append(self.next())
        return found

    def rest(self) -> list[Told]:
        """Everything until the server ends the stream."""
        return list(self._events)

    def close(self) -> None:
        self.answer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_events(lines: Iterator[bytes]) -> Iterator[Told]:
    """The events of a stream, as a browser would read them."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.decode().partition(":")
            fields[name] = value.strip()
        elif fields:
            number = int(fields["id"]) if "id" in fields else None
            if "data" in fields or number is not None:
                yield Told(number, fields.get("event", ""), json.loads(fields.get("data", "null")))
            fields = {}
