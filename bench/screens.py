"""What two hundred dispatchers' screens cost, and how soon they show a change: live, beside asking for it.

``python -m bench.screens [--screens 200] [--rate 20] [--seconds 10] [--every 2] [--json FILE]``

One process of routing on private servers hears ``--rate`` crews' positions a second from the bus. First every
screen follows the live stream, then every screen asks for the crews each ``--every`` seconds with
``If-None-Match``. Delay: from the event put on the bus to its arrival at a screen. Cost: processor time of
the service, less what it needs for the same events with no screen at all.
"""

import argparse
import http.client
import json
import re
import selectors
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import psutil
from kombu import Connection
from rich.console import Console
from rich.table import Table

from scripts.servers import PostgreSQL, RabbitMQ
from shared import topology
from shared.clock import SystemClock
from shared.config import ROOT
from shared.envelope import CONTENT_TYPE
from shared.publisher import Outgoing, Publisher
from tests.support import contracts, database
from tests.support.routing import Routing, routing_services

CREWS = 60
_AT = re.compile(rb'"position":\{"lat":[^{}]*?"at":"([^"]+)"')
Watch = Callable[[threading.Event, list[float]], None]


@dataclass(frozen=True)
class Measured:
    """How ``screens`` screens did; delays in ms, processor in per cent of one core."""

    way: str
    screens: int
    p50_ms: float
    p99_ms: float
    seen: int
    cpu_percent: float
    rss_mb: float


class City:
    """Crews that move: each position is an event on the bus."""

    def __init__(self, routing: Routing) -> None:
        self._routing = routing
        self._crews = [str(uuid4()) for _ in range(CREWS)]
        self._sequence = 1000
        for crew in self._crews:
            routing.hear(routing.event("crews", "crew.changed", crew_id=crew))

    def move(self, rate: float, seconds: float) -> None:
        publisher = Publisher(self._routing.amqp_uri)
        started = time.monotonic()
        for number in range(int(rate * seconds)):
            time.sleep(max(0.0, started + number / rate - time.monotonic()))
            publisher.publish([self._position(self._crews[number % CREWS], number)])
        publisher.close()

    def _position(self, crew: str, number: int) -> Outgoing:
        self._sequence += 1
        place = {"lat": 43.2 + number % 100 / 1000, "lon": 76.9, "at": SystemClock().now().isoformat()}
        told = contracts.event("crews", "crew.position_changed", self._sequence, crew_id=crew, **place)
        return Outgoing(told.id, f"{told.source}.events", told.type, json.dumps(told.to_json()), CONTENT_TYPE)


def follow(routing: Routing, screens: int) -> Watch:
    """Screens on the live stream: one thread reads all their sockets."""

    def watch(over: threading.Event, delays: list[float]) -> None:
        with selectors.DefaultSelector() as selector, _streams(routing, screens) as streams:
            for stream in streams:
                selector.register(stream, selectors.EVENT_READ)
            while not over.is_set():
                for key, _ in selector.select(0.2):
                    _note(key.fileobj.recv(1 << 16), delays)  # type: ignore[union-attr]

    return watch


def ask(routing: Routing, screens: int, every_s: float) -> Watch:
    """Screens that ask again and again: a thread of its own for every ten."""

    def watch(over: threading.Event, delays: list[float]) -> None:
        groups = [
            threading.Thread(target=_poll, args=(routing, over, delays, every_s, n))
            for n in range(screens // 10)
        ]
        for group in groups:
            group.start()
        for group in groups:
            group.join()

    return watch


def measure(
    way: str, routing: Routing, city: City, watch: Watch | None, screens: int, options: argparse.Namespace
) -> Measured:
    over, delays = threading.Event(), list[float]()
    watcher = threading.Thread(target=watch or (lambda *_: None), args=(over, delays))
    watcher.start()
    time.sleep(2.0)  # every screen is open
    process = psutil.Process(routing.pid)
    before, started = process.cpu_times(), time.monotonic()
    delays.clear()
    city.move(options.rate, options.seconds)
    time.sleep(0.5)
    after, took = process.cpu_times(), time.monotonic() - started
    over.set()
    watcher.join()
    busy = (after.user + after.system - before.user - before.system) / took * 100
    p50, p99 = _percentiles(delays)
    return Measured(way, screens, p50, p99, len(delays), round(busy, 1), round(routing.resident_mb(), 1))


def _note(piece: bytes, delays: list[float]) -> None:
    now = SystemClock().now()
    delays += [
        (now - datetime.fromisoformat(at.decode())).total_seconds() * 1000 for at in _AT.findall(piece)
    ]


@contextmanager
def _streams(routing: Routing, screens: int) -> Iterator[list[socket.socket]]:
    head = "".join(f"{name}: {value}\r\n" for name, value in routing.headers().items())
    said = f"GET /v1/stream HTTP/1.1\r\nHost: bench\r\n{head}\r\n".encode()
    opened = []
    for _ in range(screens):
        stream = socket.create_connection(("127.0.0.1", routing.port), timeout=10)
        stream.sendall(said)
        opened.append(stream)
    yield opened
    for stream in opened:
        stream.close()


def _poll(routing: Routing, over: threading.Event, delays: list[float], every_s: float, group: int) -> None:
    connections = [http.client.HTTPConnection("127.0.0.1", routing.port, timeout=10) for _ in range(10)]
    newest = [b""] * 10
    time.sleep(every_s * group / 20)
    while not over.is_set():
        started = time.monotonic()
        for number, connection in enumerate(connections):
            connection.request("GET", "/v1/crews", headers=routing.headers())
            page = connection.getresponse().read()
            fresh = [at for at in _AT.findall(page) if at > newest[number]]
            newest[number] = max([*fresh, newest[number]])
            now = SystemClock().now()
            delays += [(now - datetime.fromisoformat(at.decode())).total_seconds() * 1000 for at in fresh]
        over.wait(max(0.0, started + every_s - time.monotonic()))


def _percentiles(delays: list[float]) -> tuple[float, float]:
    if len(delays) < 2:
        return 0.0, 0.0
    cuts = statistics.quantiles(delays, n=100)
    return round(cuts[49], 1), round(cuts[98], 1)


def show(found: list[Measured]) -> None:
    table = Table(*("way", "screens", "p50 ms", "p99 ms", "news seen", "processor %", "memory MB"))
    for one in found:
        table.add_row(*(str(value) for value in asdict(one).values()))
    Console().print(table)
    alone, live, asked = found
    extra = (live.cpu_percent - alone.cpu_percent, asked.cpu_percent - alone.cpu_percent)
    print(f"processor for the screens: live {extra[0]:.1f} %, asking {extra[1]:.1f} % of one core;", end=" ")
    print(f"delay: asking / live = {asked.p50_ms / max(live.p50_ms, 0.1):.0f}")


def run(options: argparse.Namespace) -> list[Measured]:
    """Alone, live, asking: one after the other on the same service."""
    root = ROOT / "var" / "bench"
    postgres, rabbit = PostgreSQL(root), RabbitMQ(root)
    with postgres.alive(), rabbit.alive(), tempfile.TemporaryDirectory() as home:
        with Connection(rabbit.uri) as connection:
            topology.declare(connection.default_channel)
        url = database.migrated(postgres.admin_url, "routing")
        with routing_services(url, rabbit.uri, Path(home)) as make:
            return _in_turn(make(), options)


def _in_turn(routing: Routing, options: argparse.Namespace) -> list[Measured]:
    city, screens = City(routing), options.screens
    ways: list[tuple[str, Watch | None, int]] = [
        ("no screen", None, 0),
        ("live", follow(routing, screens), screens),
        (f"asking every {options.every:g} s", ask(routing, screens, options.every), screens),
    ]
    return [measure(way, routing, city, watch, many, options) for way, watch, many in ways]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--screens", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--every", type=float, default=2.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = run(options)
    show(found)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in found], indent=2))


if __name__ == "__main__":
    main()
