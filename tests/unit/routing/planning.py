"""A made-up evening for the planner: crews and tasks on a plane, in seconds from now."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from services.routing.domain.planning import Situation, Task, Vehicle
from services.routing.domain.words import Category
from tests.unit.routing.examples import NOW, uid

NORMS = {Category.EMERGENCY: 1800.0, Category.URGENT: 7200.0, Category.PLANNED: 28800.0}
KINDS = tuple(NORMS)


def task(name: str, category: Category = Category.URGENT, at: float = 0.0, **changes: Any) -> Task:
    """A task at ``at`` seconds of driving along one road, opened now."""
    opened = changes.pop("opened_at", NOW)
    values: dict[str, Any] = {
        "takes": timedelta(seconds=1800),
        "opened_at": opened,
        "due_at": opened + timedelta(seconds=NORMS[category]),
    }
    return Task(uid(name), category, **{"lat": at, "lon": 0.0, **values, **changes})


def vehicle(name: str, at: float = 0.0, *queue: str, **changes: Any) -> Vehicle:
    """A crew at ``at`` seconds along the road, free now, for eight hours."""
    values: dict[str, Any] = {
        "free_at": NOW,
        "shift_ends_at": NOW + timedelta(hours=8),
        "queue": tuple(map(uid, queue)),
    }
    return Vehicle(uid(name), **{"lat": at, "lon": 0.0, **values, **changes})


def situation(tasks: Sequence[Task], vehicles: Sequence[Vehicle], **changes: Any) -> Situation:
    """Everybody may do everything; places lie on a plane measured in seconds."""
    to = np.array([(task.lat, task.lon) for task in tasks], np.float64).reshape(-1, 2)
    start = np.array([(crew.lat, crew.lon) for crew in vehicles], np.float64).reshape(-1, 2)
    values: dict[str, Any] = {
        "may": np.ones((len(vehicles), len(tasks)), np.bool_),
        "to_task": _seconds(start, to),
        "between": _seconds(to, to),
    }
    return Situation(NOW, tuple(tasks), tuple(vehicles), **{**values, **changes})


def city(crews: int, tasks: int, seed: int = 0, side_s: float = 1800.0) -> Situation:
    """A random city: every crew may do about two tasks of three."""
    dice = np.random.default_rng(seed)
    kinds = dice.choice(3, tasks, p=[0.1, 0.4, 0.5])
    work = [
        task(
            f"t{n}",
            KINDS[kinds[n]],
            float(dice.uniform(0, side_s)),
            lon=float(dice.uniform(0, side_s)),
            takes=timedelta(seconds=float(dice.uniform(600, 5400))),
            opened_at=NOW - timedelta(seconds=float(dice.uniform(0, 3600))),
            shift_left=timedelta(seconds=600) if kinds[n] == 0 else None,
        )
        for n in range(tasks)
    ]
    hands = [
        vehicle(f"c{n}", float(dice.uniform(0, side_s)), lon=float(dice.uniform(0, side_s)))
        for n in range(crews)
    ]
    return situation(work, hands, may=dice.random((crews, tasks)) < 0.67)


def _seconds(start: np.ndarray[Any, Any], to: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    north, east = np.moveaxis(start[:, None, :] - to[None, :, :], -1, 0)
    seconds: np.ndarray[Any, Any] = np.hypot(north, east)
    return seconds
