"""What the self-audit asks outside: the answers of peers, and the memory of who fell silent."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from services.journal.clients import HttpPeers, NullPeers, Outside, peers_of
from services.journal.domain.audit import Silence, Vitals
from shared.clock import FixedClock
from shared.config import Misconfigured
from tests.support.fakes import NOON
from tests.support.processes import free_port

READY = {
    "service": "intake",
    "status": "ready",
    "database": "ok",
    "broker": "ok",
    "outbox": {"pending": 3, "oldest_age_s": 31.5},
    "messages": {"waiting": 2, "oldest_age_s": 40.0},
}
UNREADY = {"service": "intake", "status": "unready", "database": "down", "broker": "ok"}


class Answers(BaseHTTPRequestHandler):
    """A service that says what its path's first word tells it to."""

    said: Mapping[str, tuple[int, bytes]] = {
        "/ready": (200, json.dumps(READY).encode()),
        "/sick/ready": (503, json.dumps(UNREADY).encode()),
        "/odd/ready": (200, b"<html>"),
        "/list/ready": (200, b"[]"),
    }

    def do_GET(self) -> None:
        status, body = self.said.get(self.path, (404, b"{}"))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_peers_tell_their_vitals_whatever_their_status(base: str) -> None:
    urls = {"well": base, "sick": f"{base}/sick"}
    assert HttpPeers(urls).vitals() == {
        "well": Vitals(True, 3, 31.5, 2, 40.0),
        "sick": Vitals(False),
    }


def test_whoever_does_not_answer_properly_is_silent(base: str) -> None:
    urls = {
        "gone": f"http://127.0.0.1:{free_port()}",
        "odd": f"{base}/odd",
        "list": f"{base}/list",
        "other": f"{base}/other",
    }
    assert HttpPeers(urls, timeout_s=1).vitals() == dict.fromkeys(urls)


def test_peers_are_named_in_one_setting() -> None:
    assert isinstance(peers_of("intake=http://a:1, triage=http://b:2/"), HttpPeers)
    assert isinstance(peers_of(""), NullPeers)
    assert NullPeers().vitals() == {}


@pytest.mark.parametrize("setting", ["intake", "intake=", "intake=a:1", "=,x"])
def test_peers_that_cannot_be_asked_are_refused(setting: str) -> None:
    with pytest.raises(Misconfigured):
        peers_of(setting)


class Moods:
    """Peers and dead letters that answer or not, as the test says."""

    def __init__(self) -> None:
        self.answers: dict[str, Vitals | None] = {"notify": Vitals(True)}
        self.letters: dict[str, int] | None = {"notify": 1}

    def vitals(self) -> Mapping[str, Vitals | None]:
        return self.answers

    def counts(self) -> Mapping[str, int] | None:
        return self.letters


def test_silence_is_counted_from_the_last_answer() -> None:
    clock, moods = FixedClock(NOON), Moods()
    outside = Outside(moods, moods, lambda: {"journal": Vitals(True)}, clock)
    clock.advance(timedelta(seconds=20))
    seen = outside.look()
    assert seen.peers == {"notify": Vitals(True), "journal": Vitals(True)}
    assert seen.dead_letters == {"notify": 1}
    heard = clock.now()
    clock.advance(timedelta(seconds=20))
    moods.answers["notify"], moods.letters = None, None
    assert outside.look().peers["notify"] == Silence(heard)
    assert outside.look().dead_letters == Silence(heard)


def test_who_never_answered_is_silent_since_the_asking_began() -> None:
    clock, moods = FixedClock(NOON), Moods()
    moods.answers = {"crews": None}
    outside = Outside(moods, moods, dict, clock)
    clock.advance(timedelta(seconds=20))
    assert outside.look().peers == {"crews": Silence(NOON)}
