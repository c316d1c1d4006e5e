"""Server-Sent Events: hundreds of screens follow one service live, and resume where they were cut off.

A stream is opened by a worker like any other answer, then written by the greenlet that holds its connection:
an open screen costs no worker, no thread and no database connection. One loop per process reads what is new
and encodes it once; every screen takes it from there.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any, Protocol

import eventlet
from eventlet.event import Event
from prometheus_client import Gauge
from werkzeug.wrappers import Response

from shared import encoding
from shared.clock import Clock
from shared.errors import Invalid, Unavailable
from shared.http import Call

_RETRY = b"retry: 2000\n\n"  # ms until a browser connects again
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_open_streams = Gauge("streams_open", "Live streams that are open")


class TooManyStreams(Unavailable):
    """This process serves as many streams as it may; another replica, or a little later."""

    code = "too_many_streams"


@dataclass(frozen=True)
class Message:
    """One numbered piece of news. ``body`` makes its data for a language; ``tags`` say whom it concerns."""

    number: int
    event: str
    body: Callable[[str], Any]
    tags: frozenset[str] = frozenset()
    _frames: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    def frame(self, language: str) -> bytes:
        """The news as it goes over the wire, made once for each language."""
        if language not in self._frames:
            self._frames[language] = frame(self.event, self.number, self.body(language))
        return self._frames[language]


@dataclass(frozen=True)
class Batch:
    """All news up to ``position``."""

    position: int
    messages: list[Message]


class Source(Protocol):
    """Where a service's news come from."""

    def latest(self) -> int:
        """The number of the last news."""

    def after(self, position: int) -> Batch | None:
        """All news since ``position``; None if it is not known any more."""


Wants = Callable[[Message], bool]
"""Whether a screen is to get this."""


class Hub:
    """Hands the news of one process out to its streams. Call ``pump`` in a loop, ``close`` at the end."""

    def __init__(
        self,
        source: Source,
        clock: Clock,
        *,
        heartbeat_s: float = 15.0,
        pace_s: float = 0.05,
        most_streams: int = 500,
        keep: int = 2000,
    ) -> None:
        self._source, self._clock = source, clock
        self._heartbeat_s, self._pace_s, self._most_streams = heartbeat_s, pace_s, most_streams
        self._recent: deque[Message] = deque(maxlen=keep)
        self._taken = 0  # how many messages ever went into ``_recent``
        self._position: int | None = None
        self._news = Event()
        self._streams = 0
        self._pumped_at = 0.0
        self._closed = False

    @property
    def is_watched(self) -> bool:
        return self._streams > 0

    @property
    def _reached(self) -> int:
        """How far the news are here; asked of the source the first time."""
        if self._position is None:
            self._position = self._source.latest()
        return self._position

    def pump(self) -> None:
        """Take what is new and wake the streams; while nobody looks, only note how far the news are."""
        eventlet.sleep(max(0.0, self._pumped_at + self._pace_s - time.monotonic()))
        self._pumped_at = time.monotonic()
        if self.is_watched and self._position is not None:
            self._take(self._source.after(self._position))
            return
        latest = self._source.latest()
        if (
            not self.is_watched or self._position is None
        ):  # else somebody came meanwhile, and counts from there
            self._position = latest

    def close(self) -> None:
        """End every stream; whoever listened connects again, to another replica."""
        self._closed = True
        self._wake()

    def stream(self, call: Call, wants: Wants = lambda _: True) -> Response:
        """The answer to a ``GET``: news from now on, or from where ``Last-Event-ID`` says, until the caller's
        token expires. Raises Invalid, TooManyStreams."""
        if self._streams >= self._most_streams or self._closed:
            raise TooManyStreams
        last = _last_event_id(call)
        listener = _Listener(call.language, wants, self._lasts_for(call), self._taken)
        self._count(+1)
        try:
            opening = self._opening(listener, last)
        except BaseException:
            self._count(-1)
            raise
        call.request.environ["eventlet.minimum_write_chunk_size"] = 1  # it would gather 4 KB first
        news = self._follow(listener, opening)
        response = Response(news, content_type="text/event-stream", headers=_HEADERS)
        response.call_on_close(lambda: self._count(-1))
        return response

    def _opening(self, listener: "_Listener", last: int | None) -> bytes:
        """What comes first: ``ready``, or what was missed, or ``reset`` when nobody knows what was missed."""
        listener.position = self._reached
        if last is None:
            return _RETRY + frame("ready", listener.position, {"position": listener.position})
        missed = self._source.after(last)
        if missed is None:
            return _RETRY + _reset(listener.position)
        listener.position = last
        return _RETRY + listener.frames(missed.messages, missed.position)

    def _follow(self, listener: "_Listener", opening: bytes) -> Iterator[bytes]:
        yield opening
        while not self._closed and time.monotonic() < listener.until:
            if news := self._next(listener):
                listener.heard_at = time.monotonic()
                yield news

    def _next(self, listener: "_Listener") -> bytes:
        """What is new for a listener; else, when it has been quiet for long, a sign of life."""
        if listener.place == self._taken:
            self._wait(listener)
        if time.monotonic() > listener.heard_at + self._heartbeat_s and listener.place == self._taken:
            return f":\nid: {listener.position}\n\n".encode()
        missed = self._taken - listener.place
        listener.place = self._taken
        if missed > len(self._recent):
            listener.position = self._reached
            return _reset(listener.position)
        fresh = islice(self._recent, len(self._recent) - missed, None)
        return listener.frames(list(fresh), self._reached)

    def _take(self, batch: Batch | None) -> None:
        """Put news where the streams find them; if nobody knows what was missed, every stream starts anew."""
        messages = batch.messages if batch is not None else []
        self._position = batch.position if batch is not None else self._source.latest()
        if batch is None:
            self._recent.clear()
        self._recent.extend(messages)
        self._taken += len(messages) if batch is not None else 1
        if messages or batch is None:
            self._wake()

    def _wait(self, listener: "_Listener") -> None:
        until = min(listener.heard_at + self._heartbeat_s, listener.until)
        with eventlet.Timeout(max(0.001, until - time.monotonic()), False):
            self._news.wait()

    def _wake(self) -> None:
        news, self._news = self._news, Event()
        news.send()

    def _count(self, change: int) -> None:
        self._streams += change
        _open_streams.set(self._streams)

    def _lasts_for(self, call: Call) -> float:
        """Until when, on the monotonic clock."""
        expires_at = call.actor.expires_at
        left = timedelta(days=1) if expires_at is None else expires_at - self._clock.now()
        return time.monotonic() + left.total_seconds()


class _Listener:
    """One open stream: how far it has been told, by number and by place among the recent messages."""

    def __init__(self, language: str, wants: Wants, until: float, place: int) -> None:
        self.language, self.wants, self.until, self.place = language, wants, until, place
        self.position = 0
        self.heard_at = time.monotonic()

    def frames(self, messages: list[Message], position: int) -> bytes:
        """Those of the messages that it wants and has not had."""
        wanted = [found for found in messages if found.number > self.position and self.wants(found)]
        self.position = max(self.position, position)
        return b"".join(message.frame(self.language) for message in wanted)


def frame(event: str, number: int, data: Any) -> bytes:
    """One event on the wire."""
    return f"id: {number}\nevent: {event}\ndata: {encoding.dumps(data)}\n\n".encode()


def _reset(position: int) -> bytes:
    """Says that news were missed: whoever gets it reads everything anew."""
    return frame("reset", position, {"position": position})


def _last_event_id(call: Call) -> int | None:
    given = call.request.headers.get("Last-Event-ID") or call.request.args.get("last_event_id")
    if given is None or given == "":
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise Invalid(errors={"last_event_id": ["Not a valid integer."]})
    return int(given)
