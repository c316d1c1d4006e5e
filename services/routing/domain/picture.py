"""The open work of one organisation as the planner wants it, and the planner's answer as queues of crews."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from services.routing.domain.choice import Asked, Mask, fitting
from services.routing.domain.crews import Crew, Holding, Position
from services.routing.domain.desk import Desk
from services.routing.domain.job import Job
from services.routing.domain.planning import Plan, Rules, Situation, Task, Vehicle, improve
from services.routing.domain.planning.journeys import journeys
from services.routing.domain.preemption import why_kept
from services.routing.domain.turns import Turn
from services.routing.domain.words import Category

_AT_ONCE = timedelta(seconds=1)
"""A norm has some length, be it that it ran out before the request was known."""


@dataclass(frozen=True)
class Waiting:
    """A request that nobody has been sent to: what it asks for, since when, whom it was offered to."""

    job: Job
    opened_at: datetime
    asked: Asked


@dataclass(frozen=True)
class Picture:
    """One organisation at one moment: its crews, its waiting requests, the queues planned so far."""

    organisation_id: UUID
    now: datetime
    crews: Sequence[Crew]
    waiting: Sequence[Waiting]
    turns: Sequence[Turn]


def situation_of(picture: Picture, desk: Desk, graver: Category = Category.EMERGENCY) -> Situation:
    """The planner's input. Crews that nobody knows where to find, or that are off shift or have suspended
    their work, are left out; their queues find other crews. ``graver`` is what might call a crew off."""
    placed = [(crew, at) for crew in picture.crews if (at := _place(crew, picture.now, desk)) is not None]
    crews = [crew for crew, _ in placed]
    queues = _queues(picture)
    held = [(number, crew.holding) for number, crew in enumerate(crews) if crew.holding is not None]
    tasks = [_task(waiting, desk, picture.now) for waiting in picture.waiting]
    tasks += [_in_hand(holding, desk, picture.now) for _, holding in held]
    vehicles = [
        _vehicle(crew, at, queues.get(crew.crew_id, []), desk, picture.now, graver) for crew, at in placed
    ]
    to_task, between = journeys(desk.travel, tasks, vehicles)
    may = _may(picture, crews, held, desk)
    return Situation(picture.now, tasks, vehicles, may, to_task, between)


def planned(
    picture: Picture,
    desk: Desk,
    spent: Callable[[], float],
    rounds: int,
    situation: Situation | None = None,
) -> list[Turn]:
    """The queues that the planner wants now; what nobody can take has no turn."""
    if not picture.waiting:
        return []
    known = situation_of(picture, desk) if situation is None else situation
    plan = improve(known, rules_of(desk), rounds=rounds, spent=spent)
    return turns_of(picture, plan)


def rules_of(desk: Desk) -> Rules:
    """The planner's prices with this service's own rule of who may be called off for whom."""
    conduct = desk.policy.conduct
    return Rules(preempts=conduct.preempts, told_price=conduct.plan_gain.total_seconds())


def turns_of(picture: Picture, plan: Plan) -> list[Turn]:
    """The plan as queues; a request that stays with its crew keeps the moment it came there."""
    before = {turn.request_id: turn for turn in picture.turns}
    waiting = {waiting.job.request_id for waiting in picture.waiting}
    turns = []
    for queue in plan.queues:
        ahead = [stop for stop in queue.stops if stop.request_id in waiting]
        for place, stop in enumerate(ahead):
            turn = Turn(
                stop.request_id, picture.organisation_id, queue.crew_id, place, picture.now, picture.now
            )
            turns.append(_kept(replace(turn, arrives_at=stop.arrives_at), before.get(stop.request_id)))
    return turns


def _kept(turn: Turn, before: Turn | None) -> Turn:
    if before is None or before.crew_id != turn.crew_id:
        return turn
    return replace(turn, since=before.since, pinned_by=before.pinned_by, pinned_at=before.pinned_at)


def _place(crew: Crew, now: datetime, desk: Desk) -> Position | None:
    held = crew.holding
    if crew.out is not None or not crew.works_at(now) or (held is not None and held.is_suspended):
        return None
    if held is not None and held.on_site:
        return Position(held.lat, held.lon)
    return crew.where(now, desk.policy.position_valid_for)


def _queues(picture: Picture) -> Mapping[UUID, list[Turn]]:
    """What each crew has in line and is still waiting, the pinned first."""
    waiting = {waiting.job.request_id for waiting in picture.waiting}
    queues: dict[UUID, list[Turn]] = defaultdict(list)
    for turn in sorted(picture.turns, key=lambda turn: (not turn.pinned, turn.place, str(turn.request_id))):
        if turn.request_id in waiting:
            queues[turn.crew_id].append(turn)
    return queues


def _vehicle(
    crew: Crew, at: Position, queue: Sequence[Turn], desk: Desk, now: datetime, graver: Category
) -> Vehicle:
    held = crew.holding
    in_hand = () if held is None else (held.request_id,)
    pinned = len(in_hand) + sum(turn.pinned for turn in queue)
    conduct, confined = desk.policy.conduct, desk.needs.confined
    return Vehicle(
        crew_id=crew.crew_id,
        lat=at.lat,
        lon=at.lon,
        free_at=now,
        shift_ends_at=crew.shift_ends_at,
        queue=(*in_hand, *(turn.request_id for turn in queue)),
        pinned=pinned,
        # The next one is as good as announced: the crew may have seen it.
        told=min(pinned + 1, len(in_hand) + len(queue)),
        interruptible=held is not None and why_kept(held, graver, conduct, confined) is None,
    )


def _task(waiting: Waiting, desk: Desk, now: datetime) -> Task:
    job = waiting.job
    opened_at = min(waiting.opened_at, now)  # one from the future is a clock that jumped
    due_at = max(job.due_at or opened_at, opened_at + _AT_ONCE)
    takes = desk.policy.work_takes.get(job.category, timedelta())
    expected = None if job.window is None else job.window.starts_at
    return Task(job.request_id, job.category, job.lat, job.lon, takes, opened_at, due_at, expected)


def _in_hand(held: Holding, desk: Desk, now: datetime) -> Task:
    opened_at = min(held.since, now)
    takes = desk.policy.work_takes.get(held.category, timedelta())
    if held.on_site:
        takes = max(held.free_at(now, desk.policy) - now, timedelta())
    due_at = max(held.there_at, opened_at + _AT_ONCE)
    return Task(
        held.request_id, held.category, held.lat, held.lon, takes, opened_at, due_at, reached=held.on_site
    )


def _may(picture: Picture, crews: Sequence[Crew], held: Sequence[tuple[int, Holding]], desk: Desk) -> Mask:
    line = [(waiting.job, waiting.asked) for waiting in picture.waiting]
    may = np.zeros((len(crews), len(line) + len(held)), np.bool_)
    may[:, : len(line)] = fitting(line, crews, desk, picture.now)
    for at, (crew, _) in enumerate(held, start=len(line)):
        may[crew, at] = True
    pinned = {turn.request_id: turn.crew_id for turn in picture.turns if turn.pinned}
    for at, (job, _) in enumerate(line):
        if job.request_id in pinned:
            may[:, at] &= np.array([crew.crew_id == pinned[job.request_id] for crew in crews], np.bool_)
    return may
