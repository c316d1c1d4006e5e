"""The queues of all crews as numbers: when who arrives, what it costs, and what one more task would cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from services.routing.domain.planning.model import Seconds, Situation, Task, Vehicle
from services.routing.domain.planning.rules import Rules
from services.routing.domain.words import Category

Numbers = NDArray[np.int64]
IMPOSSIBLE = 1e18
EMERGENCY_LATE, URGENT_LATE = 1e12, 1e9
"""So dear that no sum of what comes after them in the order outweighs one."""
NEVER_DUE = 1e12
"""Seconds: the norm of work whose crew is there already."""
_NOBODY = -1
_AT_ONCE = 1e-6
"""Seconds: without a margin a norm is kept or missed, with nothing in between."""
FAR = 1e7
"""Seconds that stand for "no way": no shift is as long as half of it."""
_TIER = {Category.EMERGENCY: EMERGENCY_LATE, Category.URGENT: URGENT_LATE}


@dataclass(frozen=True)
class Schedule:
    """One crew's queue in time: seconds from now, and the price of every stop (with the way to it)."""

    arrive: list[float]
    leave: list[float]
    legs: list[float]
    prices: list[float]
    total: float
    fits: bool


class Prices:
    """The figures of all tasks as arrays, each in the order of ``Situation.tasks``."""

    def __init__(self, tasks: Sequence[Task], now: datetime, rules: Rules) -> None:
        self.takes = np.array([task.takes.total_seconds() for task in tasks], np.float64)
        self.opened = np.array([(task.opened_at - now).total_seconds() for task in tasks], np.float64)
        self.due = np.array([NEVER_DUE if t.reached else (t.due_at - now).total_seconds() for t in tasks])
        lefts = [task.takes if task.shift_left is None else task.shift_left for task in tasks]
        self.left = np.array([left.total_seconds() for left in lefts], np.float64)
        starts = [task.not_before for task in tasks]
        self.start = np.array([-np.inf if at is None else (at - now).total_seconds() for at in starts])
        self.tier = np.array([_TIER.get(task.category, 0.0) for task in tasks], np.float64)
        self.late = np.array([rules.late[task.category] for task in tasks], np.float64)
        self.waits = np.array([rules.waits[task.category] for task in tasks], np.float64)
        self.dearer = 1.0 / np.array([rules.ages_in[task.category] for task in tasks], np.float64)
        self.again = np.where(self.tier == EMERGENCY_LATE, EMERGENCY_LATE / rules.again, 0.0)
        norms = np.array([(task.due_at - task.opened_at).total_seconds() for task in tasks], np.float64)
        self.steep = 1.0 / np.maximum(rules.margin * norms, _AT_ONCE)
        self.load = np.array([task.load for task in tasks], np.float64)
        self.starts: list[float] = self.start.tolist()
        self.works: list[float] = self.takes.tolist()
        self.lefts: list[float] = self.left.tolist()
        figures = (
            self.due,
            self.opened,
            self.waits,
            self.tier,
            self.late,
            self.dearer,
            self.again,
            self.steep,
        )
        self._figures = list(zip(*(array.tolist() for array in figures), strict=True))
        self.never = self.of(np.arange(len(tasks)), np.full(len(tasks), rules.never.total_seconds()))

    def one(self, task: int, arrive: float) -> float:
        """The price of arriving at this time, for one task: the same as ``of``, quicker."""
        due, opened, waits, tier, late_price, dearer, again, steep = self._figures[task]
        price: float = waits * (arrive - opened)
        late: float = arrive - due
        if late > 0:
            price += tier + (late_price + again) * late * (1.0 + late * dearer)
        elif tier and late * steep > -1.0:
            price += tier * (1.0 + late * steep)
        return price

    def of(self, tasks: Numbers | int, arrive: Seconds) -> Seconds:
        """The price of arriving at these times (seconds from now)."""
        lateness = self.late[tasks] * self._aged(tasks, arrive)
        waiting = self.waits[tasks] * (arrive - self.opened[tasks])
        price: Seconds = self.beyond(tasks, arrive) + lateness + waiting
        return price

    def beyond(self, tasks: Numbers | int, arrive: Seconds) -> Seconds:
        """The part of the price for norms that are missed, nearly missed, or missed by far."""
        share = np.clip(1.0 + (arrive - self.due[tasks]) * self.steep[tasks], 0.0, 1.0)
        missed: Seconds = self.tier[tasks] * share + self.again[tasks] * self._aged(tasks, arrive)
        return missed

    def _aged(self, tasks: Numbers | int, arrive: Seconds) -> Seconds:
        late = np.maximum(arrive - self.due[tasks], 0.0)
        aged: Seconds = late * (1.0 + late * self.dearer[tasks])
        return aged


class Routes:
    """All queues, as lists of task numbers, and the price of every change to them."""

    def __init__(self, situation: Situation, rules: Rules) -> None:
        self.situation, self.rules = situation, rules
        self.prices = Prices(situation.tasks, situation.now, rules)
        self.to_task, self.between = np.minimum(situation.to_task, FAR), np.minimum(situation.between, FAR)
        self.home = None if situation.home is None else np.minimum(situation.home, FAR)
        self.to_task_s: list[list[float]] = self.to_task.tolist()
        self.between_s: list[list[float]] = self.between.tolist()
        self.may = situation.may
        self._loads: list[float] = self.prices.load.tolist()
        self._loaded, self._capacity = any(self._loads), [v.capacity for v in situation.vehicles]
        self.free = [self._since(v.free_at) for v in situation.vehicles]
        self.ends = [self._end(v) for v in situation.vehicles]
        number = situation.number
        self.told = [[number[id_] for id_ in v.queue[: v.told]] for v in situation.vehicles]
        self.pinned = [v.pinned for v in situation.vehicles]
        self.route: list[list[int]] = [[] for _ in situation.vehicles]
        self.schedule = [self.scheduled(v, []) for v in range(len(self.route))]
        for v, vehicle in enumerate(situation.vehicles):
            self.put(v, self._held(v, [number[id_] for id_ in vehicle.queue]))

    def put(self, vehicle: int, route: list[int]) -> None:
        """Give a crew this queue."""
        self.route[vehicle], self.schedule[vehicle] = route, self.scheduled(vehicle, route)

    def unplanned(self) -> list[int]:
        """Tasks in nobody's queue."""
        held = {task for route in self.route for task in route}
        return [task for task in range(len(self.situation.tasks)) if task not in held]

    def total(self) -> float:
        """The price of everything."""
        nobody = float(self.prices.never[self.unplanned()].sum())
        return sum(schedule.total for schedule in self.schedule) + nobody

    def scheduled(self, vehicle: int, route: Sequence[int]) -> Schedule:
        """When the crew is where, if this is its queue, and at what price."""
        arrive: list[float] = []
        leave: list[float] = []
        legs: list[float] = []
        each: list[float] = []
        at, way, ready = self.free[vehicle], self.to_task_s[vehicle], -FAR
        for task in route:
            legs.append(way[task])
            arrive.append(max(at + way[task], self.prices.starts[task]))
            ready = max(ready, arrive[-1] + self.prices.lefts[task])
            each.append(self.prices.one(task, arrive[-1]) + self.rules.travel * way[task])
            at = arrive[-1] + self.prices.works[task]
            leave.append(at)
            way = self.between_s[task]
        back = self.back(vehicle, route)
        total = sum(each) + self.rules.travel * back + self._told_price(vehicle, route)
        fits = ready + back <= self.ends[vehicle] and self.has_room(vehicle, route)
        return Schedule(arrive, leave, legs, each, total, fits)

    def column(self, vehicle: int, tasks: Numbers, first: int | None = None) -> tuple[Seconds, Numbers]:
        """The least price of one more task in this crew's queue, for each of ``tasks``, and the position.

        ``first`` is the first position open to them; without it, the one after what is pinned.
        """
        first = self.pinned[vehicle] if first is None else first
        price = self.positions(vehicle, tasks, first)
        best = price.argmin(axis=0)
        return price[best, np.arange(len(tasks))], best + first

    def positions(self, vehicle: int, tasks: Numbers, first: int) -> Seconds:
        """The price of each of ``tasks`` at each position from ``first`` on: positions × tasks."""
        route, old = self.route[vehicle], self.schedule[vehicle]
        way = self._ways(vehicle, tasks, first)
        ready = np.array([self.free[vehicle], *old.leave])[first:]
        arrive = np.maximum(ready[:, None] + way, self.prices.start[tasks])
        price = self.prices.of(tasks, arrive) + self.rules.travel * way
        leave, ready = arrive + self.prices.takes[tasks], arrive + self.prices.left[tasks]
        for position in range(first, len(route)):
            rows = slice(0, position - first + 1)
            at = self._pushed(vehicle, tasks, position, price, leave)
            ready[rows] = np.maximum(ready[rows], at + self.prices.left[route[position]])
        self._gone_home(vehicle, tasks, price, ready)
        self._told_changes(vehicle, tasks, first, price)
        price[(ready > self.ends[vehicle]) | ~self._allowed(vehicle, tasks)] = IMPOSSIBLE
        return price

    def _pushed(self, vehicle: int, tasks: Numbers, position: int, price: Seconds, leave: Seconds) -> Seconds:
        """Follow the delay to the stop at ``position``, and say when it is reached.

        The last of the rows so far has the new task right before that stop.
        """
        route, old = self.route[vehicle], self.schedule[vehicle]
        stop, row = route[position], position + len(leave) - 1 - len(route)
        leg = self.between[tasks, stop]
        leave[:row] += old.legs[position]
        leave[row] += leg
        arrive: Seconds = np.maximum(leave[: row + 1], self.prices.start[stop])
        price[: row + 1] += self.prices.of(stop, arrive) - old.prices[position]
        price[:row] += self.rules.travel * old.legs[position]
        price[row] += self.rules.travel * leg
        leave[: row + 1] = arrive + self.prices.takes[stop]
        return arrive

    def _gone_home(self, vehicle: int, tasks: Numbers, price: Seconds, ready: Seconds) -> None:
        """The way back to the base, from the last stop that there is then."""
        if self.home is not None:
            back = self.back(vehicle, self.route[vehicle])
            ready[:-1] += back
            ready[-1] += self.home[vehicle, tasks]
            price[-1] += self.rules.travel * (self.home[vehicle, tasks] - back)

    def _ways(self, vehicle: int, tasks: Numbers, first: int) -> Seconds:
        """Travel to each task from the stop before each position."""
        before = np.array(self.route[vehicle][max(first - 1, 0) :], np.int64)
        from_stops = self.between[before[:, None], tasks]
        if first > 0:
            return from_stops
        return np.concatenate([self.to_task[vehicle, tasks][None, :], from_stops])

    def _allowed(self, vehicle: int, tasks: Numbers) -> NDArray[np.bool_]:
        room = self._capacity[vehicle] - self._load(self.route[vehicle])
        allowed: NDArray[np.bool_] = self.may[vehicle, tasks] & (self.prices.load[tasks] <= room)
        return allowed

    def _told_price(self, vehicle: int, route: Sequence[int]) -> float:
        told = self.told[vehicle]
        if not told:
            return 0.0
        kept = sum(task == at for task, at in zip(told, route, strict=False))
        return self.rules.told_price * (len(told) - kept)

    def told_change(self, vehicle: int, task: int, position: int) -> float:
        """What an insertion changes of what the crew has been told."""
        told, route = self.told[vehicle], self.route[vehicle]
        if position >= len(told):
            return 0.0
        after = self._told_price(vehicle, [*route[:position], task, *route[position:]])
        return after - self._told_price(vehicle, route)

    def _told_changes(self, vehicle: int, tasks: Numbers, first: int, price: Seconds) -> None:
        """The same for many tasks: all alike, but for the one that belongs where it is put."""
        for position in range(first, min(len(self.told[vehicle]), len(price) + first)):
            price[position - first] += self.told_change(vehicle, _NOBODY, position)
            own = tasks == self.told[vehicle][position]
            price[position - first, own] -= self.rules.told_price

    def _held(self, vehicle: int, route: list[int]) -> list[int]:
        """What the crew may keep of its queue: pinned tasks in any case."""
        pinned = self.pinned[vehicle]
        kept = route[:pinned] + [task for task in route[pinned:] if self.may[vehicle, task]]
        while len(kept) > pinned and not self.scheduled(vehicle, kept).fits:
            kept.pop()
        return kept

    def outranks(self, task: int, other: int) -> bool:
        """Whether the task's norm comes before the other's."""
        return bool(self.prices.tier[task] > self.prices.tier[other])

    def soonest(self, vehicle: int, task: int) -> float:
        """When the crew could be there if it went right after what is pinned."""
        pinned = self.pinned[vehicle]
        if not pinned:
            return self.free[vehicle] + self.to_task_s[vehicle][task]
        return (
            self.schedule[vehicle].leave[pinned - 1] + self.between_s[self.route[vehicle][pinned - 1]][task]
        )

    def back(self, vehicle: int, route: Sequence[int]) -> float:
        """Seconds from the last stop to the base, where that counts."""
        return float(self.home[vehicle, route[-1]]) if self.home is not None and route else 0.0

    def has_room(self, vehicle: int, tasks: Iterable[int]) -> bool:
        """Whether the crew's capacity is enough for these tasks."""
        return not self._loaded or self._load(tasks) <= self._capacity[vehicle]

    def _load(self, tasks: Iterable[int]) -> float:
        return sum(self._loads[task] for task in tasks)

    def _since(self, at: datetime) -> float:
        return (at - self.situation.now).total_seconds()

    def _end(self, vehicle: Vehicle) -> float:
        ends = vehicle.shift_ends_at
        return FAR / 2 if ends is None else min(self._since(ends), FAR / 2)
