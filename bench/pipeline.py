"""How fast a resident's message becomes an offer to a crew, beside the bare framework in the same run.

``python -m bench.pipeline [--rate 20] [--seconds 20] [--burst 400] [--json FILE]``

Two phases, each on fresh databases with as many idle crews as requests: a steady rate (latency) and a burst
(throughput). The clock runs from the send of the signed webhook to the arrival of ``assignment.made``
on the bus. The baseline sends the same load through four bare nameko processes: HTTP in, three events, no
database, no outbox. Servers are private, under ``var/bench``.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import requests
import yaml
from kombu import Connection, Consumer, Queue
from rich.console import Console
from rich.table import Table

from demo.cast import identity
from demo.edges import Edges, number_in
from demo.play import Stage, city_files
from demo.residents import read_houses
from scripts.servers import PostgreSQL, RabbitMQ
from shared.config import ROOT
from shared.topology import event_exchange
from tests.support.database import one_for_each_service
from tests.support.processes import free_port
from tests.support.suite import Suite

SENDERS = 16
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Measured:
    """One phase. Seconds."""

    name: str
    requests: int
    arrived: int
    per_s: float
    p50_ms: float
    p99_ms: float


class Tap:
    """Listens for offers on the bus and notes when each arrived."""

    def __init__(self, amqp_uri: str) -> None:
        self.arrived: dict[str, float] = {}
        self._connection = Connection(amqp_uri)
        queue = Queue(
            "", event_exchange("routing"), routing_key="assignment.made", exclusive=True, durable=False
        )
        self._consumer = Consumer(
            self._connection.default_channel, [queue], on_message=self._note, no_ack=True, accept=None
        )
        self._consumer.consume()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(5)
        self._connection.release()

    def _note(self, message: object) -> None:
        number = json.loads(message.body)["data"]["number"]  # type: ignore[attr-defined]
        self.arrived.setdefault(number, time.time())

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._connection.drain_events(timeout=0.2)
            except TimeoutError:
                continue


def measure(
    name: str, send: Callable[[int], str], count: int, rate: float, tap: Callable[[], dict[str, float]]
) -> Measured:
    """Send ``count`` messages at ``rate`` a second (0: as fast as answered) and wait for their arrivals."""
    sent: dict[str, float] = {}
    begun = time.time()

    def one(index: int) -> None:
        if rate:
            time.sleep(max(0.0, begun + index / rate - time.time()))
        at = time.time()
        sent[send(index)] = at

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(one, range(count)))
    deadline = time.time() + PATIENCE_S
    while len(arrived := tap()) < count and time.time() < deadline:
        time.sleep(0.05)
    waits = sorted(1000 * (arrived[key] - sent[key]) for key in sent if key in arrived)
    took = max(arrived.values()) - begun
    return Measured(
        name, count, len(waits), len(waits) / took, statistics.median(waits), waits[int(0.99 * len(waits))]
    )


def suite_phase(name: str, count: int, rate: float, postgres: PostgreSQL, rabbit: RabbitMQ) -> Measured:
    with tempfile.TemporaryDirectory() as home:
        suite = Suite(Path(home), one_for_each_service(postgres.admin_url), rabbit.uri)
        try:
            stage = suite.start(seed=lambda stage: _seed(stage, Path(home), count + 50))
            tap = Tap(rabbit.uri)
            houses, warm = _warm_up(stage.edges)
            _until(lambda: len(tap.arrived) == len(warm))
            for number in warm:
                tap.arrived.pop(number)
            result = measure(name, lambda i: _text(stage.edges, houses, i), count, rate, lambda: tap.arrived)
            tap.close()
            return result
        finally:
            suite.stop()


def bare_phase(name: str, count: int, rate: float, rabbit: RabbitMQ) -> Measured:
    with _bare(rabbit.uri) as (entry, last):
        session = requests.Session()
        keys: list[str] = []

        def send(index: int) -> str:
            key = str(index)
            session.post(
                f"{entry}/in", json={"key": key, "sent_at": time.time()}, timeout=30
            ).raise_for_status()
            keys.append(key)
            return key

        for index in range(20):
            send(-1 - index)
        _until(lambda: len(requests.get(f"{last}/arrivals", timeout=10).json()) == 20)
        requests.post(f"{last}/forget", timeout=10).raise_for_status()
        return measure(name, send, count, rate, lambda: requests.get(f"{last}/arrivals", timeout=10).json())


def _warm_up(edges: Edges) -> tuple[list[str], list[str]]:
    """Houses that the registry knows for sure, and the numbers of the requests that showed it."""
    known: dict[str, str] = {}

    def try_houses() -> bool:
        for index, house in enumerate(read_houses(random.Random(1))[:40]):
            if house not in known:
                with suppress(RuntimeError):
                    known[house] = _text(edges, [house], -1 - index - 40 * len(known))
        return len(known) >= 20

    _until(try_houses)
    return list(known), list(known.values())


def _text(edges: Edges, houses: list[str], index: int) -> str:
    phone = f"+7705{index + 100_000:07d}"
    # Each a trouble of its own flat: what residents of one house share would ride on one crew.
    house, flat = houses[index % len(houses)], index % 9000 + 1
    answer = edges.text(phone, f"Топят соседи сверху, с потолка течёт вода, {house}, кв {flat}")
    number = number_in(answer)
    if number is None:
        raise RuntimeError(f"no number in: {answer}")
    return number


def _seed(stage: Stage, home: Path, crews: int) -> None:
    """One organisation for everything, with as many idle crews as the phase needs, spread over the city."""
    dice = random.Random(2)
    members = [{"key": f"p{i}", "name": f"Слесарь {i}", "grade": 5} for i in range(crews)]
    troops = [
        {
            "key": f"bench-{i}",
            "id": identity(f"bench-{i}"),
            "name": f"Бригада {i}",
            "specialisations": [
                "water",
                "sewer",
                "heat",
                "power",
                "gas",
                "lift",
                "structure",
                "yard",
                "other",
            ],
            "members": [f"p{i}"],
            "leader": f"p{i}",
            "base": {"lat": 43.24 + dice.uniform(-0.05, 0.05), "lon": 76.91 + dice.uniform(-0.08, 0.08)},
            "shift": {"hours": 12},
        }
        for i in range(crews)
    ]
    organisation = {"key": "bench", "id": identity("bench"), "name": "Служба", "kind": "dispatch"}
    _command(stage, home, "crews", {"organisations": [{**organisation, "people": members, "crews": troops}]})
    every = ["water", "sewer", "heat", "power", "gas", "lift", "structure", "yard", "dispatch", "other"]
    competence = {"organisation_id": identity("bench"), "systems": every, "zones": "everywhere"}
    _command(stage, home, "routing", {"competences": [competence]})
    stage.command("services.intake.commands", "import-city", *city_files(), "--city", "almaty")


def _command(stage: Stage, home: Path, service: str, seed: dict[str, object]) -> None:
    path = home / f"{service}.yml"
    path.write_text(yaml.safe_dump(seed, allow_unicode=True), encoding="utf-8")
    stage.command(f"services.{service}.commands", "seed", str(path))


@contextmanager
def _bare(amqp_uri: str) -> Iterator[tuple[str, str]]:
    ports = {f"bare{stage}": free_port() for stage in range(4)}
    environment = {**os.environ, "AVARIYKA_AMQP_URI": amqp_uri} | {
        f"BENCH_{stage.upper()}_BIND": f"127.0.0.1:{port}" for stage, port in ports.items()
    }
    processes = []
    for stage in reversed(ports):
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.bare", stage],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        process.stdout.readline()
        processes.append(process)
    try:
        yield f"http://127.0.0.1:{ports['bare0']}", f"http://127.0.0.1:{ports['bare3']}"
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def _until(done: Callable[[], bool]) -> None:
    deadline = time.time() + PATIENCE_S
    while not done():
        if time.time() > deadline:
            raise TimeoutError("the warm-up did not arrive")
        time.sleep(0.1)


def show(results: list[Measured]) -> None:
    table = Table(title="Webhook → offer on the bus")
    for heading in ("phase", "requests", "arrived", "requests/s", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    for row in results:
        table.add_row(
            row.name,
            str(row.requests),
            str(row.arrived),
            f"{row.per_s:.1f}",
            f"{row.p50_ms:.0f}",
            f"{row.p99_ms:.0f}",
        )
    console = Console()
    console.print(table)
    steady, burst, bare_steady, bare_burst = results
    console.print(f"suite / bare framework: throughput {burst.per_s / bare_burst.per_s:.2f}, ", end="")
    console.print(f"p50 at the steady rate {steady.p50_ms / bare_steady.p50_ms:.1f} times")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=float, default=20.0, help="requests a second in the steady phase")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the steady phase")
    parser.add_argument("--burst", type=int, default=400, help="requests of the burst phase")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    count = int(options.rate * options.seconds)
    root = ROOT / "var" / "bench"
    postgres, rabbit = PostgreSQL(root), RabbitMQ(root)
    with postgres.alive(), rabbit.alive():
        results = [
            suite_phase(f"suite, {options.rate:g}/s", count, options.rate, postgres, rabbit),
            suite_phase("suite, burst", options.burst, 0, postgres, rabbit),
            bare_phase(f"bare nameko, {options.rate:g}/s", count, options.rate, rabbit),
            bare_phase("bare nameko, burst", options.burst, 0, rabbit),
        ]
    show(results)
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in results], indent=2) + "\n")


if __name__ == "__main__":
    main()
