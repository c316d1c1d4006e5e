"""Handing news out to many listeners: complete, once each, resumed, never waiting for the slow."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import eventlet
import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from shared.auth import Actor
from shared.clock import FixedClock
from shared.errors import Invalid
from shared.http import Call
from shared.sse import Batch, Hub, Message, TooManyStreams
from tests.support.fakes import NOON
from tests.support.screens import Told, read_events


class News:
    """A source in a list; what is older than ``kept_from`` is forgotten."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.kept_from = 1
        self.encoded = 0

    def add(self, text: str, tags: frozenset[str] = frozenset()) -> None:
        def body(language: str) -> Any:
            self.encoded += 1
            return {"text": text, "language": language}

        self.messages.append(Message(len(self.messages) + 1, "news", body, tags))

    def latest(self) -> int:
        return len(self.messages)

    def after(self, position: int) -> Batch | None:
        known = self.kept_from - 1 <= position <= len(self.messages)
        return Batch(len(self.messages), self.messages[position:]) if known else None


def call(last: str | None = None, expires_in: float = 3600.0, language: str = "ru") -> Call:
    headers = [] if last is None else [("Last-Event-ID", last)]
    request = Request(EnvironBuilder("/v1/stream", headers=headers).get_environ())
    actor = Actor("dispatcher-1", expires_at=NOON + timedelta(seconds=expires_in))
    return Call(request, actor, language, "c0ffee00")


@pytest.fixture
def news() -> News:
    return News()


@pytest.fixture
def hub(news: News) -> Hub:
    made = Hub(news, FixedClock(NOON), heartbeat_s=0.02, pace_s=0.0, most_streams=3, keep=5)
    made.pump()
    return made


def heard(answer: Response) -> Iterator[Told]:
    return read_events(line for piece in answer.iter_encoded() for line in piece.split(b"\n"))


Listen = Callable[..., Iterator[Told]]


@pytest.fixture
def listen(hub: Hub) -> Listen:
    def opened(last: str | None = None, **kwargs: Any) -> Iterator[Told]:
        wants = kwargs.pop("wants", lambda _: True)
        return heard(hub.stream(call(last, **kwargs), wants))

    return opened


def texts(told: Iterator[Told], many: int) -> list[Any]:
    found: list[Any] = []
    while len(found) < many:
        one = next(told)
        found += [one.data["text"]] if one.event == "news" else []
    return found


def test_a_new_listener_learns_where_the_news_stand_and_hears_what_follows(
    hub: Hub, news: News, listen: Listen
) -> None:
    news.add("before")
    hub.pump()
    told = listen()
    assert next(told) == Told(1, "ready", {"position": 1})
    news.add("after")
    hub.pump()
    assert texts(told, 1) == ["after"]


def test_what_happens_while_a_listener_comes_is_not_lost(hub: Hub, news: News, listen: Listen) -> None:
    told = listen()
    news.add("meanwhile")  # nobody has read a word of the stream yet
    hub.pump()
    assert next(told).event == "ready"
    assert texts(told, 1) == ["meanwhile"]


def test_a_round_that_began_before_the_first_listener_came_skips_nothing(hub: Hub, news: News) -> None:
    """``pump`` looks how far the news are while nobody listens; somebody comes in the middle of that."""
    found = news.latest

    def slow() -> int:
        listeners.append(hub.stream(call()))
        news.add("in between")
        return found()

    listeners: list[Any] = []
    news.latest = slow  # type: ignore[method-assign]
    hub.pump()
    news.latest = found  # type: ignore[method-assign]
    hub.pump()
    assert texts(heard(listeners[0]), 1) == ["in between"]


def test_resuming_brings_what_was_missed_and_nothing_twice(hub: Hub, news: News, listen: Listen) -> None:
    for number in range(4):
        news.add(str(number))
    told = listen("2")
    news.add("4")
    hub.pump()
    assert texts(told, 3) == ["2", "3", "4"]


@pytest.mark.parametrize("last", ["1", "99"])
def test_what_nobody_remembers_is_a_reset(hub: Hub, news: News, listen: Listen, last: str) -> None:
    for number in range(4):
        news.add(str(number))
    hub.pump()
    news.kept_from = 3
    assert next(listen(last)) == Told(4, "reset", {"position": 4})


def test_a_slow_listener_is_told_to_start_anew_and_holds_nobody_up(
    hub: Hub, news: News, listen: Listen
) -> None:
    slow, quick = listen(), listen()
    assert [next(slow).event, next(quick).event] == ["ready", "ready"]
    for number in range(7):
        news.add(str(number))
        hub.pump()
        assert texts(quick, 1) == [str(number)]
    assert next(slow) == Told(7, "reset", {"position": 7})
    news.add("fresh")
    hub.pump()
    assert texts(slow, 1) == ["fresh"]


def test_a_quiet_stream_shows_life_and_how_far_it_is(hub: Hub, news: News, listen: Listen) -> None:
    told = listen(wants=lambda message: "mine" in message.tags)
    assert next(told).event == "ready"
    news.add("not mine")
    hub.pump()
    assert next(told) == Told(1, "", None), "resumed from here, it misses nothing and reads nothing again"


def test_news_are_encoded_once_for_each_language(hub: Hub, news: News, listen: Listen) -> None:
    listeners = [listen(), listen(), listen(language="kk")]
    for told in listeners:
        next(told)
    news.add("pipe")
    hub.pump()
    assert [next(told).data["language"] for told in listeners] == ["ru", "ru", "kk"]
    assert news.encoded == 2


def test_the_waiting_hear_at_once(hub: Hub, news: News, listen: Listen) -> None:
    told = listen()
    next(told)
    hearing = eventlet.spawn(texts, told, 1)
    eventlet.sleep(0)
    news.add("now")
    hub.pump()
    with eventlet.Timeout(60):
        assert hearing.wait() == ["now"]


def test_a_stream_ends_with_its_token_and_with_the_service(hub: Hub, listen: Listen) -> None:
    assert next(listen(expires_in=-1)).event == "ready"
    assert [told.event for told in listen(expires_in=-1)] == ["ready"]
    told = listen()
    next(told)
    hub.close()
    assert [one for one in told if one.event] == []
    with pytest.raises(TooManyStreams):
        hub.stream(call())


def test_more_streams_than_a_process_may_serve_are_refused_until_one_closes(hub: Hub) -> None:
    opened = [hub.stream(call()) for _ in range(3)]
    with pytest.raises(TooManyStreams):
        hub.stream(call())
    opened[0].close()
    hub.stream(call())


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "٣", "9" * 19])
def test_a_strange_last_event_id_is_refused_and_holds_no_place(hub: Hub, last: str) -> None:
    for _ in range(5):
        with pytest.raises(Invalid):
            hub.stream(call(last))
    assert not hub.is_watched


def test_a_source_that_lost_its_past_makes_everybody_start_anew(hub: Hub, news: News, listen: Listen) -> None:
    told = listen()
    next(told)
    news.add("1")
    hub.pump()
    texts(told, 1)
    news.messages.clear()  # restored from a backup
    hub.pump()
    assert next(told) == Told(0, "reset", {"position": 0})
