"""What hundreds of crews' positions cost: batches through memory, beside one request in one transaction.

``python -m bench.positions [--crews 400] [--every 5] [--seconds 40] [--json FILE]``

Each crew sends every ``--every`` seconds: first to ``POST /v1/me/positions`` a batch with a fix for every
second, then, in a second phase of the same run, only its newest fix to ``PUT /v1/me/position``, which is
what a service would do without the path through memory. Six crews in ten drive at 30 km/h, the others stand.
Processor time is that of the service, of PostgreSQL and of RabbitMQ, as a share of two cores; the sender's
own is not counted. Servers are private, under ``var/bench``.
"""

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import yaml
from rich.console import Console
from rich.table import Table

from demo.cast import identity
from scripts.servers import PostgreSQL, RabbitMQ
from shared.clock import SystemClock
from shared.config import ROOT
from tests.support.database import migrated, scalar
from tests.support.keys import token
from tests.support.processes import ServiceProcess

CORES = 2
SENDERS = 8
WARM_S = 5.0
METRES_A_DEGREE = 111_195
SPEED_M_S = 30 / 3.6
Processes = Mapping[str, Callable[[], list[int]]]
Send = Callable[["Walker"], tuple[str, str, dict[str, Any]]]


@dataclass(frozen=True)
class Measured:
    """One phase. Shares of two cores in percent; ``told`` counts events on the bus."""

    name: str
    requests: int
    failed: int
    fixes: int
    p50_ms: float
    p99_ms: float
    service: float
    postgresql: float
    rabbitmq: float
    transactions: int
    told: int

    @property
    def all(self) -> float:
        return self.service + self.postgresql + self.rabbitmq


class Walker:
    """One crew and where it is."""

    def __init__(self, index: int, dice: random.Random) -> None:
        self.crew_id = identity(f"bench-{index}")
        self.token = token(f"crew-{index}", ("crew",), self.crew_id, expires_in=timedelta(hours=2))
        self._lat, self._lon = 43.24 + dice.uniform(-0.05, 0.05), 76.91 + dice.uniform(-0.08, 0.08)
        self._drives, self._born = dice.random() < 0.6, time.time()

    def fix(self, seconds_ago: float = 0.0) -> dict[str, Any]:
        moved = (time.time() - seconds_ago - self._born) * SPEED_M_S if self._drives else 0.0
        at = SystemClock().now() - timedelta(seconds=seconds_ago)
        place = {"lat": self._lat + moved / METRES_A_DEGREE, "lon": self._lon}
        return {**place, "accuracy_m": 8.0, "at": at.isoformat()}


def batch(every: int) -> Send:
    """A fix for every second since the last batch."""

    def send(walker: Walker) -> tuple[str, str, dict[str, Any]]:
        fixes = [walker.fix(ago) for ago in range(every)]
        return "POST", "/v1/me/positions", {"sent_at": fixes[0]["at"], "fixes": fixes}

    return send


def newest(walker: Walker) -> tuple[str, str, dict[str, Any]]:
    """Where it is now."""
    return "PUT", "/v1/me/position", walker.fix()


class Fleet:
    """Sends for all crews from a few threads, each crew at its own moment of the period."""

    def __init__(self, port: int, walkers: list[Walker], every: float, send: Send) -> None:
        self._port, self._walkers, self._every, self._send = port, walkers, every, send
        self.waits: list[float] = []
        self.failed = 0
        self._stop = threading.Event()

    def run(self, seconds: float) -> None:
        threads = [threading.Thread(target=self._one, args=(n,)) for n in range(SENDERS)]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self._stop.set()
        for thread in threads:
            thread.join()

    def _one(self, number: int) -> None:
        mine = self._walkers[number::SENDERS]
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        begun, turn = time.monotonic(), 0
        while not self._stop.is_set():
            self._stop.wait(max(0.0, begun + turn * self._every / len(mine) - time.monotonic()))
            self._ask(connection, mine[turn % len(mine)])
            turn += 1

    def _ask(self, connection: http.client.HTTPConnection, walker: Walker) -> None:
        method, path, body = self._send(walker)
        headers = {"Authorization": f"Bearer {walker.token}", "Content-Type": "application/json"}
        started = time.perf_counter()
        connection.request(method, path, json.dumps(body), headers)
        answer = connection.getresponse()
        answer.read()
        self.waits.append(1000 * (time.perf_counter() - started))
        self.failed += answer.status >= 300


class Meters:
    """Processor time of the servers, transactions of the database, events told."""

    def __init__(self, service: ServiceProcess, processes: Processes) -> None:
        self._service, self._processes = service, processes
        self._before = self._read()
        self._started = time.monotonic()

    def since(self) -> dict[str, float]:
        """Percent of two cores for each server, and how many of the rest."""
        wall = time.monotonic() - self._started
        used = {name: now - self._before[name] for name, now in self._read().items()}
        return {n: 100 * v / (wall * CORES) if n in self._processes else v for n, v in used.items()}

    def _read(self) -> dict[str, float]:
        url = self._service.database_url
        commits = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
        told = {
            "transactions": float(scalar(url, commits)),
            "told": float(scalar(url, "SELECT count(*) FROM outbox WHERE type LIKE 'crew.position%'")),
        }
        return {**{name: sum(map(_processor_s, pids())) for name, pids in self._processes.items()}, **told}


def _processor_s(pid: int) -> float:
    """Seconds of processor time so far; nothing of a process that has ended."""
    try:
        spent = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(spent.user + spent.system)


def phase(name: str, service: ServiceProcess, processes: Processes, asked: argparse.Namespace) -> Measured:
    """One way of telling positions, measured after it is warm."""
    walkers = [Walker(index, random.Random(index)) for index in range(asked.crews)]
    send, fixes = (batch(asked.every), asked.every) if name == "batches" else (newest, 1)
    Fleet(service.port, walkers, asked.every, send).run(WARM_S)
    fleet, meters = Fleet(service.port, walkers, asked.every, send), Meters(service, processes)
    fleet.run(asked.seconds)
    used, waits = meters.since(), sorted(fleet.waits)
    return Measured(
        name=name,
        requests=len(waits),
        failed=fleet.failed,
        fixes=len(waits) * fixes,
        p50_ms=statistics.median(waits),
        p99_ms=waits[int(0.99 * len(waits))],
        service=used["service"],
        postgresql=used["postgresql"],
        rabbitmq=used["rabbitmq"],
        transactions=int(used["transactions"]),
        told=int(used["told"]),
    )


def run(name: str, postgres: PostgreSQL, rabbit: RabbitMQ, asked: argparse.Namespace) -> Measured:
    """A phase on a service and a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        home, url = Path(folder), migrated(postgres.admin_url, "crews")
        seed(asked.crews, home, url)
        with ServiceProcess(["shared.run", "crews"], "crews", home, url, rabbit.uri) as service:
            servers = {"postgresql": postgres.pids, "rabbitmq": rabbit.pids}
            processes: Processes = {"service": lambda: [service.pid], **servers}
            return phase(name, service, processes, asked)


def show(results: list[Measured]) -> None:
    table = Table(title="Positions of crews; processor time in percent of two cores")
    for heading in (
        "path",
        "requests",
        "failed",
        "fixes",
        "p50 ms",
        "p99 ms",
        "service",
        "PostgreSQL",
        "RabbitMQ",
        "all",
        "transactions",
        "events",
    ):
        table.add_column(heading, justify="right")
    for one in results:
        counts = [str(number) for number in (one.requests, one.failed, one.fixes)]
        figures = (one.p50_ms, one.p99_ms, one.service, one.postgresql, one.rabbitmq, one.all)
        shown = [f"{figure:.1f}" for figure in figures]
        table.add_row(one.name, *counts, *shown, str(one.transactions), str(one.told))
    Console(width=150).print(table)


def seed(crews: int, home: Path, url: str) -> None:
    """One organisation with so many crews."""
    people = [{"key": f"p{i}", "name": f"Слесарь {i}", "grade": 5} for i in range(crews)]
    troops = [
        {
            "key": f"bench-{i}",
            "id": identity(f"bench-{i}"),
            "name": f"Бригада {i}",
            "specialisations": ["water"],
            "members": [f"p{i}"],
            "base": {"lat": 43.24, "lon": 76.91},
        }
        for i in range(crews)
    ]
    organisation = {"key": "bench", "id": identity("bench"), "name": "Служба", "kind": "dispatch"}
    told = {"organisations": [{**organisation, "people": people, "crews": troops}]}
    path = home / "seed.yml"
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    environment = {**os.environ, "AVARIYKA_CREWS_DATABASE_URL": url}
    seeding = [sys.executable, "-m", "services.crews.commands", "seed", str(path)]
    subprocess.run(seeding, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crews", type=int, default=400)
    parser.add_argument("--every", type=int, default=5, help="seconds between two batches of a crew")
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    root = ROOT / "var" / "bench"
    postgres, rabbit = PostgreSQL(root), RabbitMQ(root)
    with postgres.alive(), rabbit.alive():
        results = [run(name, postgres, rabbit, asked) for name in ("batches", "one by one")]
    show(results)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(one) for one in results], indent=2))


if __name__ == "__main__":
    main()
