"""A day in the dispatch centre: our planner beside what most systems do, and beside one who knew the day.

``python -m bench.dispatch_day [--days weekday storm] [--policies nearest shortest insertion planner stays
bound] [--seeds 3] [--calls N] [--crews 60] [--roads FILE ...] [--data DIR] [--rounds 40] [--answers-in 0]
[--json FILE]``

24 hours of calls are simulated on the real roads of Almaty, until the last of them is reached (or the second
midnight): see ``bench/dispatching``. ``planner`` calls crews off lesser work on site if the product as
configured does (``preempts_on_site``), and they take ``--answers-in`` seconds before they drive; under
``stays`` nobody leaves a site; ``insertion`` is the planner without re-planning. ``bound`` knows every call
and working time beforehand (VROOM; ``pip install pyvroom``). Norms, settings of this bench: an emergency is
reached in 30 minutes, an urgent call in 2 hours, planned work in 8. Policies of one seed meet the same calls,
crews, working times and traffic.
"""

import argparse
import json
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.dispatching.bound import clairvoyant
from bench.dispatching.city import City
from bench.dispatching.demand import NORMS, Call, Hands, calls, crews, moments
from bench.dispatching.policies import NearestIdle, Planner, ShortestQueue
from bench.dispatching.reach import Chance
from bench.dispatching.simulation import END, Day, Policy
from demo.play import ROADS
from services.routing.domain.words import Category
from shared.config import Settings

DAYS = {"weekday": (480, 1.0), "storm": (740, 1.3)}
"""Calls, and how much slower everybody drives: as in the first simulation of this suite."""
POLICIES = ("nearest", "shortest", "insertion", "planner", "stays", "bound")


@dataclass(frozen=True)
class Answered:
    """How one category fared: shares and minutes."""

    calls: int
    in_norm: float
    mean_min: float
    p95_min: float


@dataclass(frozen=True)
class Outcome:
    """One day under one policy. Decision times are of one new call, replanning of one tick, milliseconds.

    ``in_reach`` is the share of emergencies for which some crew that may, busy or not, was near enough when
    they came in: more than that nobody reaches who does not know the day. ``missed`` says of the emergencies
    beyond their norm what the best placed crew was doing as they came in.
    """

    day: str
    policy: str
    seed: int
    by_category: dict[str, Answered]
    overdue: float
    in_reach: float = float("nan")
    km: float = 0.0
    interrupted: int = 0
    turned: int = 0
    decision_p50_ms: float = 0.0
    decision_p99_ms: float = 0.0
    replanning_p50_ms: float = 0.0
    replanning_max_ms: float = 0.0
    missed: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """What every policy of one seed meets."""

    day: str
    seed: int
    city: City
    calls: list[Call]
    crews: list[Hands]


def scene(day: str, seed: int, options: argparse.Namespace, city: City) -> Scene:
    number = options.calls or DAYS[day][0]
    storm = day == "storm"
    drawn = calls(city.network, number, storm, moments(storm, options.data), seed)
    return Scene(day, seed, city, drawn, crews(city.network, options.crews, seed))


def simulate(scene: Scene, policy: Policy, tick: float, answers_in: float = 0.0) -> Outcome:
    """The day under a policy."""
    day = Day(scene.city, scene.calls, scene.crews, scene.seed, tick)
    day.answers_in = answers_in
    day.run(policy)
    late = [n for n, call in enumerate(scene.calls) if day.reached.get(n, END) > call.due]
    replanned = [spent for spent in day.replanning if spent > 0.001]
    return Outcome(
        scene.day,
        policy.name,
        scene.seed,
        {category.value: _answered(day, category) for category in NORMS},
        len(late) / len(scene.calls),
        sum(chance is not Chance.NOBODY_NEAR for chance in day.chances.values()) / max(len(day.chances), 1),
        day.metres / 1000,
        day.interruptions,
        day.redirections,
        decision_p50_ms=_ms(day.deciding, 50),
        decision_p99_ms=_ms(day.deciding, 99),
        replanning_p50_ms=_ms(replanned, 50),
        replanning_max_ms=_ms(replanned, 100),
        missed=dict(Counter(day.chances[n].value for n in late if n in day.chances)),
    )


def bound(scene: Scene) -> list[Outcome]:
    """The clairvoyant's day, and that of one who cares for emergencies alone."""
    best = clairvoyant(scene.city, scene.calls, scene.crews)
    many = {c.value: sum(call.category is c for call in scene.calls) for c in NORMS}
    nan = float("nan")
    rows = {name: Answered(many[name], share, nan, nan) for name, share in best.in_norm.items()}
    overdue = 1 - sum(row.calls * row.in_norm for row in rows.values()) / len(scene.calls)
    whole = Outcome(scene.day, "bound: knew the day", scene.seed, rows, overdue)
    alone = {name: replace(row, in_norm=nan) for name, row in rows.items()}
    alone["emergency"] = replace(rows["emergency"], in_norm=best.emergencies_alone)
    return [whole, replace(whole, policy="bound: emergencies alone", by_category=alone, overdue=nan)]


def _answered(day: Day, category: Category) -> Answered:
    own = [(n, call) for n, call in enumerate(day.calls) if call.category is category]
    waits = [(day.reached.get(n, END) - call.at) / 60 for n, call in own] or [0.0]
    in_norm = sum(wait * 60 <= NORMS[category] for wait in waits) / len(waits)
    return Answered(len(own), in_norm, statistics.fmean(waits), float(np.percentile(waits, 95)))


def _ms(spent: Sequence[float], percentile: float) -> float:
    return 1000 * float(np.percentile(spent or [0.0], percentile))


def played(options: argparse.Namespace) -> Iterator[Outcome]:
    """Every day, seed and policy that was asked for."""
    for name in options.days:
        city = City(options.roads, DAYS[name][1])
        for seed in range(options.first, options.first + options.seeds):
            today = scene(name, seed, options, city)
            for policy in options.policies:
                if policy == "bound":
                    yield from bound(today)
                else:
                    yield simulate(today, _policy(policy, options), options.tick, options.answers_in)


def leaves_sites() -> bool:
    """Whether the product as configured calls crews off lesser work on site."""
    return bool(Settings.load("routing").get("sending")["preempts_on_site"])


def _policy(name: str, options: argparse.Namespace) -> Policy:
    if name == "nearest":
        return NearestIdle()
    if name == "shortest":
        return ShortestQueue()
    if name == "stays":
        return Planner(options.rounds, leaves_sites=False, name="planner, nobody leaves a site")
    rounds = 0 if name == "insertion" else options.rounds
    return Planner(rounds, leaves_sites(), name=name)


def show(outcomes: Sequence[Outcome]) -> Table:
    """Means over the seeds."""
    heads = (
        "emergency",
        "in reach",
        "urgent",
        "planned",
        "overdue",
        "km",
        "left / turned",
        "decision",
        "re-planning",
    )
    table = Table("day", "policy", *heads)
    table.caption = "in norm, mean / p95 minutes to reach; decision p50 / p99 ms, re-planning p50 / max ms"
    for day, policy in dict.fromkeys((row.day, row.policy) for row in outcomes):
        rows = [row for row in outcomes if (row.day, row.policy) == (day, policy)]
        fared = (_mean_answer([row.by_category[category.value] for row in rows]) for category in NORMS)
        table.add_row(
            day,
            policy,
            next(fared),
            f"{_mean(rows, 'in_reach'):.1%}",
            *fared,
            f"{_mean(rows, 'overdue'):.1%}",
            f"{_mean(rows, 'km'):,.0f}",
            f"{_mean(rows, 'interrupted'):.0f} / {_mean(rows, 'turned'):.0f}",
            f"{_mean(rows, 'decision_p50_ms'):.0f} / {_mean(rows, 'decision_p99_ms'):.0f}",
            f"{_mean(rows, 'replanning_p50_ms'):.0f} / {max(row.replanning_max_ms for row in rows):.0f}",
        )
    return table


def _mean_answer(rows: Sequence[Answered]) -> str:
    calls = sum(row.calls for row in rows)
    in_norm = sum(row.in_norm * row.calls for row in rows) / max(calls, 1)
    mean, p95 = (statistics.fmean(getattr(row, name) for row in rows) for name in ("mean_min", "p95_min"))
    return f"{in_norm:.1%}  {mean:.0f} / {p95:.0f}"


def _mean(rows: Sequence[Outcome], field: str) -> float:
    return statistics.fmean(float(getattr(row, field)) for row in rows)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", nargs="+", choices=sorted(DAYS), default=list(DAYS))
    parser.add_argument("--policies", nargs="+", choices=POLICIES, default=list(POLICIES))
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="how many")
    parser.add_argument("--first", type=int, default=1, metavar="SEED", help="the first of them")
    parser.add_argument("--calls", type=int, metavar="N")
    parser.add_argument("--crews", type=int, default=60, metavar="N")
    parser.add_argument("--roads", type=Path, nargs="+", default=[ROADS], metavar="FILE")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with spb_citizen_requests")
    parser.add_argument("--rounds", type=int, default=40, help="of re-planning, each tick")
    parser.add_argument("--tick", type=float, default=60.0, metavar="SECONDS")
    parser.add_argument("--answers-in", type=float, default=0.0, metavar="SECONDS", help="of a crew on site")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


def main() -> None:
    options = _arguments()
    if "bound" in options.policies and find_spec("vroom") is None:
        raise SystemExit("the bound needs VROOM: pip install pyvroom==1.15.2, or leave it out of --policies")
    outcomes: list[Outcome] = []
    console = Console(width=170)
    for outcome in played(options):
        outcomes.append(outcome)
        shares = (f"{row.in_norm:.1%}" for row in outcome.by_category.values())
        console.print(f"{outcome.day}, seed {outcome.seed}: {outcome.policy}: in norm {', '.join(shares)}")
        for chance, number in outcome.missed.items():
            console.print(f"  missed {number}, best placed crews {chance}")
    console.print(show(outcomes))
    if options.json:
        told = [asdict(outcome) for outcome in outcomes]
        options.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
