"""The planner on vehicle routing problems with known best answers: skills, several depots, time windows.

``python -m bench.vrp [--instances FOLDER ...] [--seconds 10] [--rounds 100000] [--seeds 1] [--json FILE]``

Each ``FOLDER`` holds instances in VRPLIB form (``.vrp``) with the best solution known (``.sol``), as
PyVRP/Instances has them under SDVRPTW (which vehicle may serve whom), MDVRPTW (several depots) and VRPTW.
What the planner has no idea of (prizes, several trips of one vehicle) is left out and said. The windows
become norms that nobody may miss, the distance is the only price. The planner knows no longest duration of a
route: ``over`` counts the routes that are longer than the instance allows, and where it is not 0 the cost is
no fair comparison. Baseline: the first plan, before any round of improvement. Times are processor time.
"""

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from services.routing.domain.planning import Plan, Rules, Situation, Task, Vehicle, improve
from services.routing.domain.words import Category

START = datetime(2026, 1, 1, tzinfo=UTC)
FOLDER = Path("SDVRPTW")
_NOTHING = dict.fromkeys(Category, 0.0)
DISTANCE_ONLY = Rules(waits=_NOTHING, told_price=0.0, margin=0.0, never=timedelta(days=30))
_SCALES = {"SDVRPTW": 1000.0, "MDVRPTW": 1000.0, "VRPTW": 10.0}
"""Best known costs are distances times this; under VRPTW the distances are cut to a tenth."""


@dataclass(frozen=True)
class Instance:
    """One problem. Arrays by node; a vehicle has a depot (node), a capacity and the nodes it may serve."""

    name: str
    kind: str
    places: NDArray[np.float64]
    demand: NDArray[np.float64]
    service: NDArray[np.float64]
    window: NDArray[np.float64]
    capacity: NDArray[np.float64]
    depot: NDArray[np.int64]
    allowed: Sequence[frozenset[int]]
    longest: float
    best: float

    @property
    def clients(self) -> list[int]:
        return [node for node in range(len(self.places)) if node not in set(self.depot.tolist())]


@dataclass(frozen=True)
class Solved:
    """Distances; ``over`` routes longer than allowed, ``unserved`` clients without a vehicle in time."""

    name: str
    kind: str
    seed: int
    clients: int
    vehicles: int
    best: float
    first: float
    ours: float
    gap: float
    unserved: int
    over: int
    seconds: float


def read(path: Path) -> Instance:
    """An instance and the cost of its best solution."""
    text = path.read_text("utf-8")
    heads = dict(re.findall(r"^([A-Z_]+)\s*:\s*(.+)$", text, re.M))
    rows, kind = _sections(text), heads["TYPE"].strip()
    many, vehicles = int(heads["DIMENSION"]), int(heads["VEHICLES"])
    depots = [int(row[1]) - 1 for row in rows.get("VEHICLES_DEPOT", [])] or [0] * vehicles
    everybody = [float(node) for node in range(1, many + 1)]
    allowed = [row[1:] for row in rows.get("VEHICLES_ALLOWED_CLIENTS", [])] or [everybody] * vehicles
    best = re.search(r"Cost:?\s*([\d.]+)", path.with_suffix(".sol").read_text("utf-8"))
    assert best is not None
    service = [row[1] for row in rows.get("SERVICE_TIME", [])] or [float(heads["SERVICE_TIME"])] * many
    return Instance(
        path.stem,
        kind,
        np.array([row[1:3] for row in rows["NODE_COORD"]]),
        np.array([row[1] for row in rows["DEMAND"]]),
        np.array(service),
        np.array([row[1:3] for row in rows["TIME_WINDOW"]]),
        np.array([row[1] for row in rows["CAPACITY"]]) if "CAPACITY" in rows else _alike(heads, vehicles),
        np.array(depots),
        [frozenset(int(node) - 1 for node in row) for row in allowed],
        float(heads.get("VEHICLES_MAX_DURATION", "inf")),
        float(best.group(1)) / (1.0 if kind == "VRPTW" else _SCALES[kind]),
    )


def kind_of(path: Path) -> str:
    """The problem an instance poses, by its head."""
    found = re.search(r"^TYPE\s*:\s*(\S+)", path.read_text("utf-8"), re.M)
    return found.group(1) if found else "?"


def _alike(heads: dict[str, str], vehicles: int) -> NDArray[np.float64]:
    return np.full(vehicles, float(heads.get("CAPACITY", "inf")))


def _sections(text: str) -> dict[str, list[list[float]]]:
    found = re.findall(r"^([A-Z_]+)_SECTION\s*\n((?:[ \t]*-?[\d.][^\n]*\n?)*)", text, re.M)
    return {name: [_numbers(line) for line in body.splitlines()] for name, body in found}


def _numbers(line: str) -> list[float]:
    return [float(word) for word in line.split()]


def situation(instance: Instance) -> Situation:
    """The problem as the planner is told it: a distance of one is a second."""
    clients, depots = instance.clients, instance.depot
    far = np.hypot(*np.moveaxis(instance.places[:, None] - instance.places[None, :], -1, 0))
    if instance.kind == "VRPTW":
        far = np.floor(far * _SCALES["VRPTW"]) / _SCALES["VRPTW"]
    tasks = [_task(instance, node) for node in clients]
    vehicles = [_vehicle(instance, number) for number in range(len(depots))]
    may = np.array([[node in allowed for node in clients] for allowed in instance.allowed])
    to_task = far[np.ix_(depots, np.array(clients))]
    return Situation(START, tasks, vehicles, may, to_task, far[np.ix_(clients, clients)], home=to_task)


def _task(instance: Instance, node: int) -> Task:
    opens, closes = instance.window[node]
    return Task(
        UUID(int=node),
        Category.EMERGENCY,
        float(instance.places[node, 0]),
        float(instance.places[node, 1]),
        takes=timedelta(seconds=float(instance.service[node])),
        opened_at=START - timedelta(seconds=1),
        due_at=_at(closes),
        not_before=_at(opens),
        load=float(instance.demand[node]),
    )


def _vehicle(instance: Instance, number: int) -> Vehicle:
    depot = int(instance.depot[number])
    return Vehicle(
        UUID(int=number),
        float(instance.places[depot, 0]),
        float(instance.places[depot, 1]),
        START,
        _at(instance.window[depot, 1]),
        capacity=float(instance.capacity[number]),
    )


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=float(seconds))


def solve(instance: Instance, seed: int, options: argparse.Namespace) -> Solved:
    """The planner's answer beside the best known one."""
    told = situation(instance)
    first = improve(told, DISTANCE_ONLY, rounds=0, seed=seed)
    started = time.process_time()
    plan = improve(
        told,
        DISTANCE_ONLY,
        rounds=options.rounds,
        seed=seed,
        heat=options.heat,
        spent=lambda: (time.process_time() - started) / options.seconds,
    )
    spent = time.process_time() - started
    ours = plan.worth.travel_s
    unserved = len(plan.unplanned) + plan.worth.emergencies_late
    over = sum(took > instance.longest + 1e-6 for took in _durations(instance, plan))
    size = (len(told.tasks), len(told.vehicles))
    costs = (instance.best, first.worth.travel_s, ours, ours / instance.best - 1)
    return Solved(instance.name, instance.kind, seed, *size, *costs, unserved, over, spent)


def _durations(instance: Instance, plan: Plan) -> list[float]:
    """How long each route takes when the vehicle leaves as late as its first client allows."""
    durations = []
    for number, queue in enumerate(plan.queues):
        if queue.stops:
            depot = instance.places[instance.depot[number]]
            ways = [np.hypot(*(instance.places[queue.stops[at].request_id.int] - depot)) for at in (0, -1)]
            took = (queue.stops[-1].finishes_at - queue.stops[0].arrives_at).total_seconds()
            durations.append(float(took + sum(ways)))
    return durations


def show(solved: Sequence[Solved]) -> Table:
    lengths = ("best known", "first plan", "ours")
    table = Table("kind", "instance", "clients", "vehicles", *lengths, "gap", "unserved", "over", "s")
    for row in solved:
        size = (str(row.clients), str(row.vehicles))
        found = (f"{length:,.1f}" for length in (row.best, row.first, row.ours))
        judged = (f"{row.gap:+.1%}", str(row.unserved), str(row.over), f"{row.seconds:.1f}")
        table.add_row(row.kind, row.name, *size, *found, *judged)
    fair = [row.gap for row in solved if not row.over and not row.unserved] or [float("nan")]
    table.caption = (
        f"of {len(fair)} fair comparisons: mean gap {np.mean(fair):+.1%}, worst {max(fair):+.1%}; "
        "processor seconds"
    )
    return table


def chosen(folders: Sequence[Path], most: int) -> list[Instance]:
    """The instances that the planner can be asked, small ones first; says what is left out."""
    paths = [path for folder in folders for path in sorted(folder.rglob("*.vrp"))]
    left = Counter(kind for path in paths if (kind := kind_of(path)) not in _SCALES)
    for kind, number in left.items():
        print(f"left out: {number} of {kind}")
    instances = [read(path) for path in paths if kind_of(path) in _SCALES]
    return sorted((one for one in instances if len(one.clients) <= most), key=lambda one: len(one.clients))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--instances", type=Path, nargs="+", default=[FOLDER], metavar="FOLDER")
    parser.add_argument("--seconds", type=float, default=10.0, help="of processor time for each")
    parser.add_argument("--rounds", type=int, default=100_000, help="at most")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="seeds 1 to N")
    parser.add_argument("--heat", type=float, default=8.0, help="how far the search may go astray at first")
    parser.add_argument("--most", type=int, default=1000, metavar="CLIENTS", help="leave out larger ones")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    solved = []
    for instance in chosen(options.instances, options.most):
        solved += [solve(instance, seed, options) for seed in range(1, options.seeds + 1)]
        print(f"{instance.kind} {instance.name}: {solved[-1].gap:+.1%}", flush=True)
    Console(width=130).print(show(solved))
    if options.json:
        options.json.write_text(
            json.dumps([asdict(row) for row in solved], indent=2) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
