"""Re-planning in the background: take queues partly apart, put them together again, keep what is better."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from services.routing.domain.planning.answer import plan_of
from services.routing.domain.planning.displacing import best_room
from services.routing.domain.planning.model import Plan, Seconds, Situation
from services.routing.domain.planning.quotes import Quotes
from services.routing.domain.planning.routes import (
    EMERGENCY_LATE,
    FAR,
    IMPOSSIBLE,
    URGENT_LATE,
    Numbers,
    Routes,
    Schedule,
)
from services.routing.domain.planning.rules import DEFAULT, Rules

_TAKEN_OUT = 10
"""Tasks taken out in one round, on average."""
_HEAT = 30.0
"""Seconds of driving by which a plan may get worse on the way to a better one, at first; none at the end."""
_CALM = 240
"""Tasks: a larger plan sees few rounds for each of them, and goes astray and overlooks less."""
_LONGEST = 8
"""The longest piece of one queue that is taken out at once."""
_BLINKS = 0.01
"""The share of places that are overlooked when a task is put back, or it would come back to where it was."""
_ASKED = 20
"""Crews that are asked for room for a task whose norm nobody keeps: those that could be there first."""


def improve(
    situation: Situation,
    rules: Rules = DEFAULT,
    *,
    rounds: int = 300,
    seed: int = 0,
    heat: float = _HEAT,
    spent: Callable[[], float] = lambda: 0.0,
) -> Plan:
    """A plan no worse than the queues as they stand, with every task placed that has a place.

    The same input, seed and number of rounds give the same plan; ``spent`` says before each round which share
    of the time is used up, and 1 ends the search early. ``heat`` says how far the search may go astray at
    first (seconds of driving): less and less, and not at all in the end.
    Pinned tasks stay; a told one changes crew or place only if that gains ``rules.told_price``.
    """
    routes = Routes(situation, rules)
    search = _Search(routes, np.random.default_rng(seed))
    search.place_all(lambda: spent() >= 1)
    heat *= search.calm
    for number in range(rounds if search.has_choice else 0):
        left = 1 - max(number / rounds, spent())
        if left <= 0:
            break
        search.round(heat * left)
    search.finish()
    return plan_of(routes)


class _Search:
    """The state between rounds: for every task, what each crew's queue would cost with it."""

    def __init__(self, routes: Routes, dice: np.random.Generator) -> None:
        self._routes, self._dice = routes, dice
        self._tasks: Numbers = np.arange(len(routes.situation.tasks))
        self._quotes = Quotes(routes)
        self.calm = min(1.0, (_CALM / max(len(self._tasks), 1)) ** 2)
        self._never: list[float] = routes.prices.never.tolist()
        crews = len(routes.route)
        self._price = np.full((len(self._tasks), max(crews, 1)), IMPOSSIBLE)
        self._spot = np.zeros((len(self._tasks), max(crews, 1)), np.int64)
        for vehicle in range(crews):
            self._refresh(vehicle)
        self._near = _near(routes)
        self._nobody = set(routes.unplanned())
        self._best, self._above_best = list(routes.route), 0.0

    @property
    def has_choice(self) -> bool:
        """Whether there is anything to take apart."""
        return any(len(route) > pinned for route, pinned in self._open())

    def place_all(self, out_of_time: Callable[[], bool]) -> None:
        """Place what nobody has, the gravest first: that may put lesser work out, which looks for another."""
        prices = self._routes.prices
        for tier in (EMERGENCY_LATE, URGENT_LATE, 0.0):
            self._place([task for task in sorted(self._nobody) if prices.tier[task] == tier], out_of_time)
            self._nobody = set(self._routes.unplanned())
            if tier:
                self._displace(tier, out_of_time)
        self._best = list(self._routes.route)

    def _displace(self, tier: float, out_of_time: Callable[[], bool]) -> None:
        """Those of a tier that nobody reaches in their norm may go to the front of a full queue."""
        routes, prices = self._routes, self._routes.prices
        pinned = {task for route, many in self._open() for task in route[:many]}
        arrive = {
            task: at
            for route, schedule in zip(routes.route, routes.schedule, strict=True)
            for task, at in zip(route, schedule.arrive, strict=True)
        }
        ours = [task for task in np.flatnonzero(prices.tier == tier).tolist() if task not in pinned]
        late = [task for task in ours if arrive.get(task, np.inf) > prices.due[task]]
        for task in sorted(late, key=lambda task: (prices.due[task], task)):
            if not out_of_time():
                self._give_room(task)
        self._nobody = set(routes.unplanned())

    def _give_room(self, task: int) -> None:
        trial = _Trial(self._routes)
        for vehicle, route in enumerate(self._routes.route):
            if task in route:
                trial.put(vehicle, [other for other in route if other != task])
        saved = trial.saved() if trial.before else self._never[task]
        room = best_room(self._routes, task, _ASKED)
        if room is None or room.price >= saved:
            trial.undo()
            return
        trial.put(room.vehicle, room.route)
        for vehicle in trial.changed():
            self._refresh(vehicle)

    def _place(self, waiting: list[int], out_of_time: Callable[[], bool]) -> None:
        """Each at its cheapest, always the task that would lose most by waiting its turn (regret)."""
        price = self._price[waiting].copy()
        while waiting and not out_of_time():
            row = _most_to_lose(price, self._routes.prices.never[waiting])
            if row is None:
                break
            task, vehicle = waiting.pop(row), int(price[row].argmin())
            spot = int(self._spot[task, vehicle])
            self._routes.put(vehicle, _with(self._routes.route[vehicle], spot, task))
            self._refresh(vehicle)
            price = np.delete(price, row, axis=0)
            price[:, vehicle] = self._price[waiting, vehicle]

    def round(self, heat: float) -> None:
        """Take some related tasks out and put them back one by one at their cheapest.

        What gets dearer is kept too if it is by little, ``heat`` on average: the way to a better plan may
        lead over a worse one.
        """
        routes, nobody = self._routes, self._nobody
        trial = _Trial(routes)
        left = sorted(nobody)
        if len(left) > _TAKEN_OUT:
            left = sorted(self._dice.choice(left, _TAKEN_OUT, replace=False).tolist())
        out = list(left)
        for vehicle, piece in self._pieces().items():
            trial.put(vehicle, [task for task in routes.route[vehicle] if task not in piece])
            out.extend(sorted(piece))
        self._nobody = (nobody - set(left)) | self._put_back(trial, self._in_some_order(out))
        gain = trial.saved() + self._alone(nobody) - self._alone(self._nobody)
        if gain >= -heat * self._dice.exponential():
            self._keep(trial, gain)
        else:
            trial.undo()
            self._nobody = nobody

    def _keep(self, trial: "_Trial", gain: float) -> None:
        for vehicle in trial.changed():
            self._refresh(vehicle)
        self._above_best -= gain
        if self._above_best < 0:
            self._best, self._above_best = list(self._routes.route), 0.0

    def finish(self) -> None:
        """Go back to the best plan that was met."""
        for vehicle, route in enumerate(self._best):
            if route != self._routes.route[vehicle]:
                self._routes.put(vehicle, route)

    def _put_back(self, trial: "_Trial", out: Numbers) -> set[int]:
        """Each task at its cheapest place now; returns those that have none."""
        changed, nobody = set(trial.before), set()
        price = self._price[out]
        unseen = self._dice.random(price.shape) < _BLINKS * self.calm
        price[unseen] = IMPOSSIBLE
        price[:, sorted(changed)] = IMPOSSIBLE
        for row, task in enumerate(out.tolist()):
            vehicle = int(price[row].argmin())
            best, spot = float(price[row, vehicle]), int(self._spot[task, vehicle])
            for other in changed.difference(np.flatnonzero(unseen[row]).tolist()):
                quoted, position = self._quotes.cheapest(other, task, best)
                if quoted < best:
                    best, spot, vehicle = quoted, position, other
            if best >= self._never[task]:
                nobody.add(task)
                continue
            trial.put(vehicle, _with(self._routes.route[vehicle], spot, task))
            if vehicle not in changed:
                changed.add(vehicle)
                price[:, vehicle] = IMPOSSIBLE
        return nobody

    def _pieces(self) -> dict[int, set[int]]:
        """Pieces of the queues around some task: what is near it, and what stands next to that."""
        holder = {task: v for v, (route, pinned) in enumerate(self._open()) for task in route[pinned:]}
        start = self._dice.choice(sorted(holder))
        wanted = int(self._dice.integers(1, 2 * _TAKEN_OUT))
        pieces: dict[int, set[int]] = {}
        for task in self._near[start].tolist():
            vehicle = holder.get(task)
            if vehicle is not None and vehicle not in pieces:
                pieces[vehicle] = self._piece(vehicle, task)
                wanted -= len(pieces[vehicle])
                if wanted <= 0:
                    break
        return pieces

    def _piece(self, vehicle: int, task: int) -> set[int]:
        """A stretch of the queue with the task in it."""
        open_part = self._routes.route[vehicle][self._routes.pinned[vehicle] :]
        length = int(self._dice.integers(1, min(_LONGEST, len(open_part)) + 1))
        at = open_part.index(task)
        first = int(self._dice.integers(max(0, at - length + 1), min(at, len(open_part) - length) + 1))
        return set(open_part[first : first + length])

    def _in_some_order(self, out: Sequence[int]) -> Numbers:
        """By chance, or the dearest tiers and nearest deadlines first."""
        tasks = self._dice.permutation(np.array(out, np.int64))
        if self._dice.random() < 0.5:
            prices = self._routes.prices
            tasks = tasks[np.lexsort((prices.due[tasks], -prices.tier[tasks]))]
        return tasks

    def _alone(self, nobody: set[int]) -> float:
        return sum(self._never[task] for task in sorted(nobody))

    def _refresh(self, vehicle: int) -> None:
        self._price[:, vehicle], self._spot[:, vehicle] = self._routes.column(vehicle, self._tasks)

    def _open(self) -> Iterator[tuple[list[int], int]]:
        return zip(self._routes.route, self._routes.pinned, strict=True)


class _Trial:
    """Changes that may be taken back."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self.before: dict[int, tuple[list[int], Schedule]] = {}

    def put(self, vehicle: int, route: list[int]) -> None:
        routes = self._routes
        self.before.setdefault(vehicle, (routes.route[vehicle], routes.schedule[vehicle]))
        routes.put(vehicle, route)

    def saved(self) -> float:
        """By how much the queues are cheaper than before."""
        return sum(was.total - self._routes.schedule[v].total for v, (_, was) in self.before.items())

    def changed(self) -> list[int]:
        return [v for v, (route, _) in self.before.items() if route != self._routes.route[v]]

    def undo(self) -> None:
        for vehicle, (route, schedule) in self.before.items():
            self._routes.route[vehicle], self._routes.schedule[vehicle] = route, schedule


def _near(routes: Routes) -> Numbers:
    """For every task all of them, the nearest first; those that no crew could do both of come last."""
    ways, may = np.minimum(routes.between, routes.between.T), routes.may.astype(np.float32)
    return np.argsort(np.where(may.T @ may > 0, ways, ways + FAR), axis=1, kind="stable")


def _with(route: Sequence[int], position: int, task: int) -> list[int]:
    return [*route[:position], task, *route[position:]]


def _most_to_lose(price: Seconds, never: Seconds) -> int | None:
    """The row whose second best place is furthest behind its best; None when no row has a place."""
    best = price.min(axis=1)
    possible = best < never
    if not possible.any():
        return None
    second = np.partition(price, 1, axis=1)[:, 1] if price.shape[1] > 1 else never
    regret = np.minimum(second, never) - best
    return int(np.where(possible, regret, -np.inf).argmax())
