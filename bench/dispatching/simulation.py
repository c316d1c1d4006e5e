"""The day itself: calls come in, crews drive, work, are sent elsewhere; a policy decides, the world answers.

Real driving and working times differ from what the policy is told, by the same chance for every policy.
"""

import heapq
import itertools
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

import numpy as np

from bench.dispatching.city import City
from bench.dispatching.demand import DAY, Call, Hands
from bench.dispatching.reach import Chance, chance_of
from services.routing.domain.planning import still_takes
from services.routing.domain.words import Category

END = 2 * DAY
_WOBBLE = 0.15
_AGAIN = 600.0
"""Seconds lost when interrupted work is taken up again."""


@dataclass
class Unit:
    """A crew at work. ``queue`` is what comes next; while driving, its first is where the crew drives."""

    hands: Hands
    lat: float
    lon: float
    queue: list[int] = field(default_factory=list)
    driving: int | None = None
    working: int | None = None
    since: float = 0.0
    until: float = 0.0
    start: tuple[float, float] = (0.0, 0.0)
    token: int = 0

    @property
    def idle(self) -> bool:
        return self.driving is None and self.working is None


class Policy(Protocol):
    """Decides by changing queues; the day settles them afterwards."""

    name: str

    def called(self, day: "Day", call: int) -> None: ...
    def freed(self, day: "Day", crew: int) -> None: ...
    def ticked(self, day: "Day") -> None: ...


class Day:
    """One simulated day under one policy. ``answers_in``: seconds in which a crew on site reads an offer,
    leaves the place safe and packs, before it drives."""

    def __init__(self, city: City, calls: list[Call], crews: list[Hands], seed: int, tick: float) -> None:
        self.city, self.calls, self.seed, self.tick_s = city, calls, seed, tick
        self.answers_in = 0.0
        self._leaving: set[int] = set()
        self.units = [Unit(hands, hands.lat, hands.lon) for hands in crews]
        self.now = 0.0
        self.reached: dict[int, float] = {}
        self.done: set[int] = set()
        self.rest = [call.takes for call in calls]
        self.worked = [0.0] * len(calls)
        self.opened: set[int] = set()
        self.metres = 0.0
        self.interruptions = self.redirections = 0
        self.chances: dict[int, Chance] = {}
        self.deciding: list[float] = []
        self.replanning: list[float] = []
        self._events: list[tuple[float, int, str, int, int]] = []
        self._order = itertools.count()

    def run(self, policy: Policy) -> None:
        """Until every call is answered, or the second midnight."""
        for number, call in enumerate(self.calls):
            self._at(call.at, "call", number)
        for number, unit in enumerate(self.units):
            for day in (-1, 0, 1):
                self._at(unit.hands.begins + day * DAY, "free", number)
        for tick in np.arange(self.tick_s, END, self.tick_s).tolist():
            self._at(tick, "tick", 0)
        while self._events and len(self.reached) < len(self.calls):
            at, _, kind, who, token = heapq.heappop(self._events)
            if at > END:
                break
            self.now = max(at, 0.0)
            self._happen(policy, kind, who, token)

    def ends(self, crew: int) -> float:
        """When the shift that holds now ends; now, when none does."""
        hands = self.units[crew].hands
        for day in (-1, 0, 1):
            begins, ends = hands.begins + day * DAY, hands.ends + day * DAY
            if begins <= self.now < ends:
                return ends
        return self.now

    def on_shift(self) -> list[int]:
        return [n for n in range(len(self.units)) if self.ends(n) > self.now]

    def waiting(self) -> list[int]:
        """Calls that nobody works on, driven to or not."""
        at_work = {unit.working for unit in self.units}
        return sorted(call for call in self.opened - self.done if call not in at_work)

    def expected(self, call: int) -> float:
        """Seconds of work that a dispatcher would still expect."""
        done = self.worked[call] + self._at_it(call)
        again = _AGAIN if self.worked[call] else 0.0
        usual = timedelta(seconds=self.calls[call].expected + again)
        return still_takes(usual, timedelta(seconds=done)).total_seconds()

    def interruptible(self, crew: int) -> bool:
        unit = self.units[crew]
        if unit.working is None:
            return False
        call, done = self.calls[unit.working], self.worked[unit.working] + self.now - unit.since
        return not call.locked_from <= done < call.locked_to

    def interrupt(self, crew: int) -> int:
        """The crew leaves its work; what is left of it is a call like others, to be put into some queue."""
        unit = self.units[crew]
        assert unit.working is not None
        call, unit.working = unit.working, None
        self.rest[call] += _AGAIN - (self.now - unit.since)
        self.worked[call] += self.now - unit.since
        self.interruptions += 1
        self._leaving.add(crew)
        return call

    def place(self, crew: int) -> tuple[float, float]:
        """Where the crew is; on the way, as far along the straight line as the clock says."""
        unit = self.units[crew]
        if unit.driving is None:
            return unit.lat, unit.lon
        call = self.calls[unit.driving]
        share = min((self.now - unit.since) / max(unit.until - unit.since, 1.0), 1.0)
        lat, lon = unit.start
        return lat + share * (call.lat - lat), lon + share * (call.lon - lon)

    def settle(self) -> None:
        """Crews follow their queues: the idle depart, those who drive elsewhere turn."""
        for crew, unit in enumerate(self.units):
            target = unit.queue[0] if unit.queue else None
            if unit.working is not None or target == unit.driving:
                continue
            if unit.driving is not None:
                unit.lat, unit.lon = self.place(crew)
                self.redirections += 1
                unit.token += 1
            unit.driving = None
            if target is not None and self.ends(crew) > self.now:
                self._depart(crew, target)

    def _depart(self, crew: int, call: int) -> None:
        unit, goal = self.units[crew], self.calls[call]
        seconds, metres = self.city.drive(self.now, (unit.lat, unit.lon), (goal.lat, goal.lon))
        chance = np.random.default_rng((self.seed, 3, crew, call)).lognormal(0, _WOBBLE)
        unit.driving, unit.start, unit.since = call, (unit.lat, unit.lon), self.now
        unit.until = self.now + seconds * float(chance) + self.answers_in * (crew in self._leaving)
        self._leaving.discard(crew)
        unit.token += 1
        self.metres += metres
        self._at(unit.until, "arrive", crew, unit.token)

    def _happen(self, policy: Policy, kind: str, who: int, token: int) -> None:
        if kind in {"arrive", "finish"} and token != self.units[who].token:
            return
        started = time.process_time()
        if kind == "call":
            self.opened.add(who)
            if self.calls[who].category is Category.EMERGENCY:
                self.chances[who] = chance_of(self, who)
            started = time.process_time()
            policy.called(self, who)
            self.deciding.append(time.process_time() - started)
        elif kind == "tick":
            policy.ticked(self)
            self.replanning.append(time.process_time() - started)
        elif kind == "arrive":
            self._arrive(who)
        else:
            self._finish(who)
            policy.freed(self, who)
        self.settle()

    def _arrive(self, crew: int) -> None:
        unit = self.units[crew]
        assert unit.driving is not None
        call = unit.driving
        unit.driving, unit.working = None, call
        unit.queue.remove(call)
        unit.lat, unit.lon = self.calls[call].lat, self.calls[call].lon
        unit.since, unit.until = self.now, self.now + self.rest[call]
        unit.token += 1
        self.reached.setdefault(call, self.now)
        self._at(unit.until, "finish", crew, unit.token)

    def _finish(self, crew: int) -> None:
        """Work done, or a shift begun."""
        unit = self.units[crew]
        if unit.working is not None and self.now >= unit.until:
            self.done.add(unit.working)
            unit.working = None

    def _at_it(self, call: int) -> float:
        return next((self.now - unit.since for unit in self.units if unit.working == call), 0.0)

    def _at(self, at: float, kind: str, who: int, token: int = 0) -> None:
        heapq.heappush(self._events, (at, next(self._order), kind, who, token))
