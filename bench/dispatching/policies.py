"""Ways to dispatch: what most systems do, and the planner as shipped."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from bench.dispatching.city import MIDNIGHT
from bench.dispatching.demand import EMERGENCY, Call
from bench.dispatching.simulation import Day
from services.crews.domain.gate import Site
from services.crews.domain.leaving import GUARDS
from services.crews.domain.orders import Stage
from services.routing.domain.planning import (
    DEFAULT,
    Plan,
    Rules,
    Situation,
    Task,
    Vehicle,
    improve,
    insert,
    journeys,
)


class NearestIdle:
    """The nearest idle crew that may; nobody idle: the most urgent, then oldest, as soon as a crew is."""

    name = "nearest idle"

    def called(self, day: Day, call: int) -> None:
        idle = [crew for crew in day.on_shift() if day.units[crew].idle and not day.units[crew].queue]
        able = [crew for crew in idle if _may(day, crew, call)]
        if able:
            far = dict(zip(able, _seconds(day, able, call), strict=True))
            day.units[min(able, key=far.__getitem__)].queue = [call]

    def freed(self, day: Day, crew: int) -> None:
        taken = {call for unit in day.units for call in unit.queue}
        line = [call for call in day.waiting() if call not in taken and _may(day, crew, call)]
        if line and day.units[crew].idle:
            day.units[crew].queue = [min(line, key=lambda call: _in_line(day.calls[call]))]

    def ticked(self, day: Day) -> None:
        """A shift may have begun, or a call been too long for the shift that ended."""
        for crew in day.on_shift():
            if day.units[crew].idle and not day.units[crew].queue:
                self.freed(day, crew)


class ShortestQueue:
    """At once to the crew with the fewest calls, the nearest of those; each does the most urgent first."""

    name = "shortest queue"

    def called(self, day: Day, call: int) -> None:
        able = [crew for crew in day.on_shift() if _may(day, crew, call)]
        if not able:
            return
        far = dict(zip(able, _seconds(day, able, call), strict=True))
        unit = day.units[min(able, key=lambda crew: (_held(day, crew), far[crew]))]
        fixed = 1 if unit.driving is not None else 0
        unit.queue = unit.queue[:fixed] + sorted(
            [*unit.queue[fixed:], call], key=lambda held: _in_line(day.calls[held])
        )

    def freed(self, day: Day, crew: int) -> None:
        """Nothing: the queue says what is next."""

    def ticked(self, day: Day) -> None:
        """Whose shift is over, or nearly, hands on what it has not begun."""
        for crew, unit in enumerate(day.units):
            late = [call for call in unit.queue if call != unit.driving and not _in_time(day, crew, call)]
            unit.queue = [call for call in unit.queue if call not in late]
        held = {call for unit in day.units for call in unit.queue}
        for call in day.waiting():
            if call not in held:
                self.called(day, call)


@dataclass
class Planner:
    """The planner as shipped: best insertion at once, re-planning at every tick after a change.

    ``leaves_sites``: an emergency may take a crew off lesser work on site, but for steps that nothing may
    interrupt (``preempts_on_site`` of the product's configuration).
    """

    rounds: int = 60
    leaves_sites: bool = True
    rules: Rules = DEFAULT
    name: str = "planner"
    changed: bool = False

    def called(self, day: Day, call: int) -> None:
        plan, option = insert(situation_of(day, self.leaves_sites), _id(call), self.rules)
        if option is not None and option.interrupts is not None:
            day.interrupt(option.crew_id.int)
        self._follow(day, plan)
        self.changed = True

    def freed(self, day: Day, crew: int) -> None:
        self.changed = True
        if not day.units[crew].queue:
            self.ticked(day)

    def ticked(self, day: Day) -> None:
        driven_to = {unit.driving for unit in day.units}
        for call in day.waiting():
            if day.calls[call].category is EMERGENCY and call not in driven_to:
                self.called(day, call)
                day.settle()
        if self.changed and self.rounds:
            now = situation_of(day, self.leaves_sites)
            self._follow(day, improve(now, self.rules, rounds=self.rounds, seed=int(day.now)))
        self.changed = False

    def _follow(self, day: Day, plan: Plan) -> None:
        for unit in day.units:
            unit.queue = []
        for queue in plan.queues:
            unit = day.units[queue.crew_id.int]
            unit.queue = [n for stop in queue.stops if (n := stop.request_id.int) != unit.working]


def situation_of(day: Day, leaves_sites: bool = True) -> Situation:
    """What the planner is told of the day."""
    waiting = day.waiting()
    vehicles = [_vehicle(day, crew, leaves_sites) for crew in day.on_shift()]
    at_work = (day.units[vehicle.crew_id.int].working for vehicle in vehicles)
    in_hand = [call for call in at_work if call is not None]
    numbers = [*waiting, *in_hand]
    tasks = [_task(day, call, call in in_hand) for call in numbers]
    crews = [day.units[vehicle.crew_id.int].hands for vehicle in vehicles]
    may = np.array([[crew.may(day.calls[n].fault) for n in numbers] for crew in crews], np.bool_)
    to_task, between = journeys(day.city.travel(day.now), tasks, vehicles)
    return Situation(_time(day.now), tasks, vehicles, may.reshape(len(crews), len(tasks)), to_task, between)


def _vehicle(day: Day, crew: int, leaves_sites: bool) -> Vehicle:
    unit = day.units[crew]
    in_hand = [] if unit.working is None else [unit.working]
    to_emergency = unit.driving is not None and day.calls[unit.driving].category is EMERGENCY
    return Vehicle(
        _id(crew),
        *day.place(crew),
        free_at=_time(day.now),
        shift_ends_at=_time(day.ends(crew)),
        queue=tuple(_id(call) for call in [*in_hand, *unit.queue]),
        pinned=1 if in_hand or to_emergency else 0,
        told=1 if in_hand or unit.driving is not None else 0,
        interruptible=leaves_sites and day.interruptible(crew) and not _is_kept(day, crew),
    )


def _is_kept(day: Day, crew: int) -> bool:
    """Whether crews says that the work in hand is not left before it is made safe: that of electricity."""
    unit = day.units[crew]
    assert unit.working is not None
    system = frozenset({day.calls[unit.working].fault.system})
    return any(guard.runs(Stage.WORKING, Site(), system) for guard in GUARDS)


def _task(day: Day, number: int, in_hand: bool) -> Task:
    call = day.calls[number]
    opened, due = call.at, call.due
    if number in day.reached and not in_hand:  # interrupted: its second wait begins
        due = max(due, day.now + 1800.0)
    return Task(
        _id(number),
        call.category,
        call.lat,
        call.lon,
        timedelta(seconds=day.expected(number)),
        _time(opened),
        _time(due),
        shift_left=timedelta(seconds=min(call.shift_left, day.expected(number))),
        reached=in_hand,
    )


def _id(number: int) -> UUID:
    return UUID(int=number)


def _time(seconds: float) -> datetime:
    return MIDNIGHT + timedelta(seconds=seconds)


def _in_line(call: Call) -> tuple[int, float]:
    return call.category.rank, call.at


def _held(day: Day, crew: int) -> int:
    unit = day.units[crew]
    return len(unit.queue) + (unit.working is not None)


def _may(day: Day, crew: int, call: int) -> bool:
    return day.units[crew].hands.may(day.calls[call].fault) and _in_time(day, crew, call)


def _in_time(day: Day, crew: int, call: int) -> bool:
    """Whether the shift is long enough for the work and a usual way to it."""
    needs = min(day.calls[call].shift_left, day.expected(call))
    return day.now + 900.0 + needs <= day.ends(crew)


def _seconds(day: Day, crews: list[int], call: int) -> list[float]:
    places = np.array([day.place(crew) for crew in crews])
    goal = day.calls[call]
    travel = day.city.travel(day.now)
    seconds = travel.many(np.array([goal.lat]), np.array([goal.lon]), places[:, 0], places[:, 1])
    return [float(s) for s in seconds[:, 0]]
