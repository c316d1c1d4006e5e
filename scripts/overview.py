"""``./avariyka status``: each process with port, version and restarts, and what waits for it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kombu import Connection
from kombu.exceptions import OperationalError
from rich import box
from rich.console import Console
from rich.table import Table

from scripts import environment, memory, ports, programs
from scripts.environment import SERVICES, STAND_IN
from scripts.errors import Failure
from scripts.plan import Plan
from scripts.servers import QueueDepth, RabbitMQ
from scripts.suite import readiness
from scripts.supervisor import restarts_file

_READER = re.compile(r"--(?P<reader>\w+)\.|^rpc-(?P<server>\w+)$")
_DEAD = "dead-letters."


@dataclass(frozen=True)
class Waiting:
    """Messages that wait for one service. ``unacked`` is None if the broker does not tell us."""

    ready: int = 0
    unacked: int | None = 0
    dead: int = 0

    def __add__(self, other: "Waiting") -> "Waiting":
        known = self.unacked is not None and other.unacked is not None
        unacked = (self.unacked or 0) + (other.unacked or 0) if known else None
        return Waiting(self.ready + other.ready, unacked, self.dead + other.dead)


@dataclass(frozen=True)
class Line:
    """One process of the suite."""

    name: str
    running: bool
    ready: str
    port: int | None = None
    pid: int | None = None
    version: str | None = None
    restarts: int = 0
    queues: Waiting | None = None
    outbox_pending: int | None = None
    outbox_oldest_age_s: float | None = None


def overview(var: Path) -> list[Line]:
    """Every process of the suite as it is now."""
    plan = Plan.load(var) or Plan({}, (), stand_in=False)
    restarts = memory.read(restarts_file(var))
    lines = [_supervisor(var), *_servers(var, plan)]
    if plan.settings:
        waiting = _waiting(var, plan)
        lines += [_service(var, plan, name, waiting) for name in SERVICES]
    if plan.stand_in:
        lines.append(_stand_in(var, plan))
    return [replace(line, restarts=restarts.get(line.name, 0)) for line in lines]


def as_json(lines: list[Line]) -> dict[str, Any]:
    return {"up": all(line.ready == "yes" for line in lines), "processes": [asdict(line) for line in lines]}


def show(lines: list[Line]) -> None:
    """The table for a person; it fits 80 columns while all is well."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    table.add_column("process", no_wrap=True)
    table.add_column("state")
    for heading in ("port", "version", "restarts", "queue", "taken", "dead", "unsent", "oldest"):
        table.add_column(heading, justify="right", no_wrap=True)
    for line in lines:
        table.add_row(*_row(line))
    Console().print(table)


def waiting_by_service(depths: list[QueueDepth]) -> dict[str, Waiting]:
    """Depths of the queues, added up by the service that reads them."""
    found: dict[str, Waiting] = {}
    for depth in depths:
        name, waiting = _owner(depth)
        found[name] = found.get(name, Waiting()) + waiting
    return found


def _owner(depth: QueueDepth) -> tuple[str, Waiting]:
    if depth.name.startswith(_DEAD):
        return depth.name.removeprefix(_DEAD), Waiting(dead=depth.ready)
    match = _READER.search(depth.name)
    reader = (match["reader"] or match["server"]) if match else ""
    return reader, Waiting(depth.ready, depth.unacked)


def _row(line: Line) -> list[str]:
    queues = line.queues
    counts = (queues.ready, queues.unacked, queues.dead) if queues else (None, None, None)
    known = (line.name, _state(line), line.port, line.version, line.restarts)
    age = line.outbox_oldest_age_s
    values = (*known, *counts, line.outbox_pending, None if age is None else f"{age:.0f} s")
    return ["–" if value is None else str(value) for value in values]


def _state(line: Line) -> str:
    if not line.running:
        return "[red]down[/red]"
    return "[green]ready[/green]" if line.ready == "yes" else f"[yellow]not ready{line.ready[2:]}[/yellow]"


def _supervisor(var: Path) -> Line:
    pids = programs.supervisor(var).pids()
    return Line(programs.SUPERVISOR, bool(pids), _yes(bool(pids)), pid=min(pids, default=None))


def _servers(var: Path, plan: Plan) -> list[Line]:
    return [
        Line(server.name.lower(), server.running(), _yes(server.running()), server.port())
        for server in plan.private_servers(var)
    ]


def _service(var: Path, plan: Plan, name: str, waiting: Mapping[str, Waiting]) -> Line:
    pids = programs.program(name, var).pids()
    url = environment.urls(plan.settings)[name]
    facts = readiness(url) if pids else {}
    outbox = facts.get("outbox", {})
    return Line(
        name=name,
        running=bool(pids),
        ready=_readiness(facts),
        port=int(url.rpartition(":")[2]),
        pid=min(pids, default=None),
        version=facts.get("version"),
        queues=waiting.get(name),
        outbox_pending=outbox.get("pending"),
        outbox_oldest_age_s=outbox.get("oldest_age_s"),
    )


def _readiness(facts: Mapping[str, Any]) -> str:
    if facts.get("status") == "ready":
        return "yes"
    down = [part for part in ("database", "broker") if facts.get(part) == "down"]
    return f"no: {' and '.join(down)} down" if down else "no"


def _stand_in(var: Path, plan: Plan) -> Line:
    pids = programs.program(STAND_IN, var).pids()
    port = int(plan.settings["AVARIYKA_TWILIO_API_URL"].rpartition(":")[2])
    ready = bool(pids) and ports.answers(port)
    return Line(STAND_IN, bool(pids), _yes(ready), port, min(pids, default=None))


def _waiting(var: Path, plan: Plan) -> dict[str, Waiting]:
    """Queue depths by service; nothing while the broker does not answer."""
    try:
        if "rabbitmq" in plan.servers:
            return waiting_by_service(RabbitMQ(var).queues())
        return waiting_by_service(_passive_depths(plan.settings["AVARIYKA_AMQP_URI"]))
    except (Failure, OSError, OperationalError):
        return {}


def _passive_depths(amqp_uri: str) -> list[QueueDepth]:
    """Depths of the known queues of a foreign broker, asked for over AMQP."""
    from shared import topology

    names = [subscription.queue_name for subscription in topology.subscriptions()]
    names += [topology.dead_letter_queue_name(service) for service in SERVICES]
    with Connection(amqp_uri, connect_timeout=3) as connection:
        return [_passive(connection.channel, name) for name in names]


def _passive(channel: Callable[[], Any], name: str) -> QueueDepth:
    answer = channel().queue_declare(name, passive=True)
    return QueueDepth(name, answer.message_count, None, answer.consumer_count)


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"
