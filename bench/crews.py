"""How well and how fast the nearest crew is found: by road, beside the straight line in the same run.

``python -m bench.crews [--roads FILE ...] [--draws 300] [--seed 1] [--json FILE]``

Draws a request and 20, 100 or 400 crews at random places of the network and asks both who is nearest. The
judge is the same network with the speed of every street changed at random by up to a fifth: the road ranking
knows the streets, but not how fast today's traffic is. That flatters it, since such errors cancel out on a
long way; against another engine a network like this finds the nearest of 20 to 400 crews in nine draws of
ten. Also the time of one answer for one request and 400 crews, new places each time and for one asked before,
beside a search of its own for every crew, and of the planner with 400 crews and 200 tasks.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from demo.play import ROADS
from services.routing.commands.maps import read_roads
from services.routing.domain.choice import recommend
from services.routing.domain.crews import Position
from services.routing.domain.driving import RoadTravel, Speeds, read_speeds
from services.routing.domain.planning import follow, improve, insert
from services.routing.domain.roads import RoadNetwork, build_network
from services.routing.domain.travel import StraightLine, TravelTime
from shared.config import ROOT
from tests.unit.routing import examples
from tests.unit.routing.planning import city

STRAIGHT = StraightLine(speed_kmh=25, detour=1.4)
CREWS = (20, 100, 400)
WOBBLE = 0.2
_NAIVE_DRAWS = 3
_PLANS = 10
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Ranked:
    """How a ranking did: ``right`` is the share of draws with the nearest crew, seconds are lost ones."""

    ranking: str
    crews: int
    right: float
    mean_extra_s: float
    p95_extra_s: float


@dataclass(frozen=True)
class Timed:
    """Milliseconds of processor time for one request (or 200 tasks) and 400 crews."""

    ranking: str
    p50_ms: float
    p99_ms: float


def compare(network: RoadNetwork, speeds: Speeds, draws: int, seed: int) -> list[Ranked]:
    """Both rankings before the judge."""
    dice = np.random.default_rng(seed)
    judge = RoadTravel(_today(network, dice), speeds, "day", STRAIGHT)
    rankings: dict[str, TravelTime] = {
        "straight line": STRAIGHT,
        "roads": RoadTravel(network, speeds, "day", STRAIGHT),
    }
    lost: dict[tuple[str, int], list[float]] = {}
    for crews in CREWS:
        for _ in range(draws):
            (lat, lon), (lats, lons) = _places(network, dice, 1), _places(network, dice, crews)
            truth = judge.to(lat[0], lon[0], lats, lons).seconds
            for name, ranking in rankings.items():
                chosen = int(ranking.to(lat[0], lon[0], lats, lons).seconds.argmin())
                lost.setdefault((name, crews), []).append(float(truth[chosen] - truth.min()))
    return [_ranked(name, crews, extra) for (name, crews), extra in lost.items()]


def clock(network: RoadNetwork, speeds: Speeds, draws: int, seed: int) -> list[Timed]:
    """Time of an answer: straight line, by road to a new place, by road to a place asked before."""
    dice = np.random.default_rng(seed)
    roads = RoadTravel(network, speeds, "day", STRAIGHT)
    jobs = [(_places(network, dice, 1), _places(network, dice, 400)) for _ in range(draws)]

    def asked(by: TravelTime) -> Callable[[], list[float]]:
        return lambda: [_ms(by, job, crews) for job, crews in jobs]

    again = [_ms(roads, jobs[0][0], crews) for _, crews in jobs]
    naive = [_one_by_one_ms(network, speeds, job, crews) for job, crews in jobs[:_NAIVE_DRAWS]]
    whole = [_recommendation_ms(network, roads, dice) for _ in range(draws)]
    return [
        _timed("straight line", asked(STRAIGHT)()),
        _timed("roads, new place", asked(roads)()),
        _timed("roads, place asked before", again[1:]),
        _timed("naive: a search for every crew", naive),
        _timed("a whole recommendation by road", whole),
        _timed("planner: one more task, 199 held", [_insertion_ms(seed) for seed in range(_PLANS)]),
        _timed("planner: a plan of 200 tasks", [_plan_ms(seed) for seed in range(_PLANS)]),
    ]


def _recommendation_ms(network: RoadNetwork, roads: RoadTravel, dice: np.random.Generator) -> float:
    """Who may go, who is nearest, and why the others may not: what a dispatcher waits for."""
    (lat, lon), (lats, lons) = _places(network, dice, 1), _places(network, dice, 400)
    places = zip(lats.tolist(), lons.tolist(), strict=True)
    crews = [examples.crew(f"crew-{n}", base=Position(*place)) for n, place in enumerate(places)]
    request = examples.job(lat=float(lat[0]), lon=float(lon[0]))
    rules = examples.desk(travel=roads)
    started = time.process_time()
    recommend(request, crews, rules, examples.NOW)
    return 1000 * (time.process_time() - started)


def _one_by_one_ms(
    network: RoadNetwork, speeds: Speeds, job: tuple[Numbers, Numbers], crews: tuple[Numbers, Numbers]
) -> float:
    """The same answer with a search of its own for every crew, as route planners are usually asked."""
    roads = RoadTravel(network, speeds, "day", STRAIGHT)
    started = time.process_time()
    roads.many(*crews, *job)
    return 1000 * (time.process_time() - started)


def _plan_ms(seed: int) -> float:
    """A first plan for 200 open tasks and a hundred rounds of improvement."""
    situation = city(crews=400, tasks=200, seed=seed)
    started = time.process_time()
    improve(situation, rounds=100, seed=seed)
    return 1000 * (time.process_time() - started)


def _insertion_ms(seed: int) -> float:
    """The best place for one more task while the crews hold 199."""
    situation = city(crews=400, tasks=200, seed=seed)
    held = improve(situation, rounds=0)
    new = situation.tasks[0].request_id
    queues = (replace(q, stops=tuple(s for s in q.stops if s.request_id != new)) for q in held.queues)
    waiting = follow(situation, replace(held, queues=tuple(queues)))
    started = time.process_time()
    insert(waiting, new)
    return 1000 * (time.process_time() - started)


def _today(network: RoadNetwork, dice: np.random.Generator) -> RoadNetwork:
    """The same streets, every one of them a little quicker or slower than the table says."""
    wobble = dice.uniform(1 - WOBBLE, 1 + WOBBLE, len(network.length_m))
    return replace(network, length_m=(network.length_m * wobble).astype(np.float32))


def _places(network: RoadNetwork, dice: np.random.Generator, count: int) -> tuple[Numbers, Numbers]:
    spots = dice.integers(0, len(network.spot_lat), count)
    return network.spot_lat[spots].astype(np.float64), network.spot_lon[spots].astype(np.float64)


def _ms(by: TravelTime, job: tuple[Numbers, Numbers], crews: tuple[Numbers, Numbers]) -> float:
    started = time.process_time()
    by.to(float(job[0][0]), float(job[1][0]), *crews)
    return 1000 * (time.process_time() - started)


def _ranked(name: str, crews: int, extra: list[float]) -> Ranked:
    right = sum(seconds <= 0.5 for seconds in extra) / len(extra)
    return Ranked(name, crews, right, statistics.fmean(extra), float(np.percentile(extra, 95)))


def _timed(name: str, spent: list[float]) -> Timed:
    return Timed(name, statistics.median(spent), float(np.percentile(spent, 99)))


def show(ranked: list[Ranked], timed: list[Timed]) -> None:
    table = Table("ranking", "crews", "nearest found", "extra s, mean", "p95", title="Who is nearest")
    for row in ranked:
        figures = (f"{row.right:.0%}", f"{row.mean_extra_s:.1f}", f"{row.p95_extra_s:.0f}")
        table.add_row(row.ranking, str(row.crews), *figures)
    times = Table("ranking", "p50 ms", "p99 ms", title="Answers for 400 crews, processor time")
    for spent in timed:
        times.add_row(spent.ranking, f"{spent.p50_ms:.2f}", f"{spent.p99_ms:.2f}")
    Console().print(table, times)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--roads", type=Path, nargs="+", default=[ROADS], metavar="FILE")
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    network = build_network(road for path in options.roads for road in read_roads(path))
    speeds = read_speeds(yaml.safe_load((ROOT / "services/routing/data/speeds.yml").read_text("utf-8")))
    ranked = compare(network, speeds, options.draws, options.seed)
    timed = clock(network, speeds, options.draws, options.seed)
    show(ranked, timed)
    if options.json:
        found = {"ranked": [asdict(row) for row in ranked], "timed": [asdict(row) for row in timed]}
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
