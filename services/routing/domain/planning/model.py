"""What the planner is told, and what it answers. Times are aware UTC, travel is in seconds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.routing.domain.words import Category
from services.routing.errors import InvalidSituation

Seconds = NDArray[np.float64]
Mask = NDArray[np.bool_]
CLOCK_SLACK = timedelta(minutes=1)
"""Clocks of two machines may differ by this; more is a clock that jumped."""


@dataclass(frozen=True)
class Task:
    """Work that one crew has to be at.

    ``takes`` is the time on site; ``shift_left`` is how much of its shift a crew must have on arrival, if
    that is less (an emergency is localised, then finished in overtime or by others). ``due_at`` is when the
    norm wants a crew there, ``not_before`` when the resident expects nobody earlier. ``reached`` says that
    its crew is there already: arrival is no question any more, so it is never late. ``load`` uses up a crew's
    ``capacity`` (a tank, spare parts).
    Raises :class:`InvalidSituation` for a norm of zero and for times without a zone.
    """

    request_id: UUID
    category: Category
    lat: float
    lon: float
    takes: timedelta
    opened_at: datetime
    due_at: datetime
    not_before: datetime | None = None
    shift_left: timedelta | None = None
    reached: bool = False
    load: float = 0.0

    def __post_init__(self) -> None:
        times = (self.opened_at, self.due_at, self.not_before or self.due_at)
        _require(all(at.tzinfo is not None for at in times), "times need a zone", self.request_id)
        _require(self.due_at > self.opened_at, "its norm is zero or less", self.request_id)
        _require(self.takes >= timedelta(), "work cannot take less than no time", self.request_id)
        _require(bool(np.isfinite([self.lat, self.lon]).all()), "it has no place", self.request_id)


@dataclass(frozen=True)
class Vehicle:
    """A crew as the plan sees it.

    It is at ``lat``, ``lon`` and can leave at ``free_at`` (now, or the end of a step that nothing may
    interrupt). ``queue`` is what it holds, in order; a job in hand is the first of it, with the rest of its
    work as ``takes``. The first ``pinned`` stay where they are, whatever happens; the first ``told`` are
    known to the crew and change only for a stated gain. ``interruptible``: an emergency may push the pinned
    first job back, if the rules say so. Without ``shift_ends_at`` the shift has no end.
    """

    crew_id: UUID
    lat: float
    lon: float
    free_at: datetime
    shift_ends_at: datetime | None = None
    queue: tuple[UUID, ...] = ()
    pinned: int = 0
    told: int = 0
    interruptible: bool = False
    capacity: float = float("inf")

    def __post_init__(self) -> None:
        times = (self.free_at, self.shift_ends_at or self.free_at)
        _require(all(at.tzinfo is not None for at in times), "times need a zone", self.crew_id)
        _require(bool(np.isfinite([self.lat, self.lon]).all()), "the crew has no place", self.crew_id)
        inside = 0 <= self.pinned <= len(self.queue) and 0 <= self.told <= len(self.queue)
        _require(inside, "more is pinned or told than the queue holds", self.crew_id)


@dataclass(frozen=True)
class Situation:
    """Everything a plan depends on, at one moment.

    ``may[v, t]``: crew v may do task t (the caller has put the refusal rules to it). ``to_task[v, t]`` and
    ``between[t, u]`` are seconds of travel, infinite where there is no way; ``home[v, t]`` the way back from
    task t to the base, if that counts. Raises :class:`InvalidSituation` when the parts contradict each other
    or a request was opened in the future: the clock has jumped.
    """

    now: datetime
    tasks: Sequence[Task]
    vehicles: Sequence[Vehicle]
    may: Mask
    to_task: Seconds
    between: Seconds
    home: Seconds | None = None
    number: Mapping[UUID, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _require(self.now.tzinfo is not None, "now needs a zone")
        number = {task.request_id: n for n, task in enumerate(self.tasks)}
        object.__setattr__(self, "number", number)
        _require(len(number) == len(self.tasks), "a request comes twice")
        _require(len({v.crew_id for v in self.vehicles}) == len(self.vehicles), "a crew comes twice")
        self._check_arrays()
        self._check_queues()
        for task in self.tasks:
            soon = task.opened_at <= self.now + CLOCK_SLACK
            _require(soon, "it was opened in the future: a clock jumped", task.request_id)

    def _check_arrays(self) -> None:
        crews, tasks = len(self.vehicles), len(self.tasks)
        shapes = (self.may.shape, self.to_task.shape, self.between.shape)
        _require(shapes == ((crews, tasks), (crews, tasks), (tasks, tasks)), f"arrays of shapes {shapes}")
        travel = [self.to_task, self.between]
        if self.home is not None:
            _require(self.home.shape == (crews, tasks), f"the way home has shape {self.home.shape}")
            travel.append(self.home)
        _require(all((seconds >= 0).all() for seconds in travel), "travel must be zero or more seconds")

    def _check_queues(self) -> None:
        held = Counter(chain.from_iterable(vehicle.queue for vehicle in self.vehicles))
        for request_id, times in held.items():
            _require(request_id in self.number, "a queue holds a request that is no task", request_id)
            _require(times == 1, "two crews hold the same request", request_id)


class Why(StrEnum):
    """Why a task is in nobody's queue."""

    NO_CREW_MAY = "no_crew_may"  # the refusal rules leave nobody
    NO_WAY = "no_way"  # who may cannot get there
    NO_TIME = "no_time"  # no crew that may has enough of its shift (or capacity) left


@dataclass(frozen=True)
class Stop:
    """One task in a crew's queue, as planned."""

    request_id: UUID
    arrives_at: datetime
    finishes_at: datetime


@dataclass(frozen=True)
class Queue:
    """What one crew does, in order."""

    crew_id: UUID
    stops: tuple[Stop, ...]


@dataclass(frozen=True, order=True)
class Worth:
    """How bad a plan is: less is better. Compared by ``total``, what comes after only tells.

    ``total`` weighs emergencies beyond their norm, then urgent requests beyond theirs, then ``cost``:
    lateness and waiting, weighted by category and age, and travel, in seconds of driving (:class:`Rules` says
    what outweighs what). Tasks that nobody has count as reached ``Rules.never`` from now.
    """

    total: float
    emergencies_late: int = field(compare=False)
    urgent_late: int = field(compare=False)
    cost: float = field(compare=False)
    lateness_s: float = field(compare=False)
    travel_s: float = field(compare=False)


@dataclass(frozen=True)
class Plan:
    """Each task once: in a crew's queue or, with the reason, with nobody."""

    queues: tuple[Queue, ...]
    unplanned: Mapping[UUID, Why]
    worth: Worth

    def holder(self) -> Mapping[UUID, UUID]:
        """Which crew has each planned request."""
        return {stop.request_id: queue.crew_id for queue in self.queues for stop in queue.stops}


@dataclass(frozen=True)
class Effect:
    """What an insertion does to a task that the crew holds already and keeps."""

    request_id: UUID
    arrives_at: datetime
    later_by: timedelta
    becomes_late: bool


@dataclass(frozen=True)
class Option:
    """The best place for a task in one crew's queue, and its price.

    ``interrupts`` is the job in hand that would be left for it, ``displaced`` the lesser work that the crew's
    shift is then too short for: it waits for another crew. ``added`` is what the whole plan gets worse by;
    options are ordered by it.
    """

    crew_id: UUID
    position: int
    arrives_at: datetime
    in_norm: bool
    interrupts: UUID | None
    effects: tuple[Effect, ...]
    added: float
    displaced: tuple[UUID, ...] = ()


def _require(holds: bool, reason: str, of: UUID | None = None) -> None:
    if not holds:
        raise InvalidSituation(f"{of}: {reason}" if of else reason)
