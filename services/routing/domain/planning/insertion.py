"""One new task, answered at once: the best place in every crew's queue, and what it does to the others."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from services.routing.domain.planning.answer import plan_of
from services.routing.domain.planning.displacing import Room, make_room
from services.routing.domain.planning.model import Effect, Option, Plan, Situation
from services.routing.domain.planning.quotes import Quotes
from services.routing.domain.planning.routes import IMPOSSIBLE, Routes, Schedule
from services.routing.domain.planning.rules import DEFAULT, Rules


def standing(situation: Situation, rules: Rules = DEFAULT) -> Plan:
    """The queues as they are, without what a crew may not do or has no time for (pinned tasks stay)."""
    return plan_of(Routes(situation, rules))


def options(situation: Situation, request_id: UUID, rules: Rules = DEFAULT) -> list[Option]:
    """The best place for a task in the queue of every crew that can take it, cheapest first.

    A task that somebody holds is looked at as if nobody did. A job in hand is left only where the crew is
    interruptible and ``rules.preempts`` puts this task above it.
    """
    routes = Routes(situation, rules)
    return _options(routes, _released(routes, situation.number[request_id]))


def insert(situation: Situation, request_id: UUID, rules: Rules = DEFAULT) -> tuple[Plan, Option | None]:
    """The plan with this task at its best place, and that place; None when no crew can take it."""
    routes = Routes(situation, rules)
    task = _released(routes, situation.number[request_id])
    best = next(iter(_options(routes, task)), None)
    if best is not None:
        _put(routes, task, best)
    return plan_of(routes), best


def place(situation: Situation, request_id: UUID, option: Option, rules: Rules = DEFAULT) -> Plan:
    """The plan with this task where ``option`` puts it."""
    routes = Routes(situation, rules)
    _put(routes, _released(routes, situation.number[request_id]), option)
    return plan_of(routes)


def follow(situation: Situation, plan: Plan) -> Situation:
    """The same situation with the queues of ``plan``: what a next step starts from.

    Of what was pinned or told, each crew keeps as much as its queue still begins with.
    """
    by_crew = {queue.crew_id: tuple(stop.request_id for stop in queue.stops) for queue in plan.queues}
    vehicles = []
    for vehicle in situation.vehicles:
        queue = by_crew.get(vehicle.crew_id, vehicle.queue)
        kept = _common(vehicle.queue, queue)
        told, pinned = min(vehicle.told, kept), min(vehicle.pinned, kept)
        vehicles.append(replace(vehicle, queue=queue, told=told, pinned=pinned))
    return replace(situation, vehicles=tuple(vehicles))


def _common(one: Sequence[UUID], other: Sequence[UUID]) -> int:
    same = [a == b for a, b in zip(one, other, strict=False)]
    return same.index(False) if False in same else len(same)


def _released(routes: Routes, task: int) -> int:
    """Take the task out of whatever queue it is in, pinned or not."""
    for vehicle, route in enumerate(routes.route):
        if task in route:
            before = route.index(task) < routes.pinned[vehicle]
            routes.pinned[vehicle] -= before
            routes.put(vehicle, [other for other in route if other != task])
    return task


def _options(routes: Routes, task: int) -> list[Option]:
    quotes, crews = Quotes(routes), range(len(routes.route))
    found = [option for v in crews if (option := _option(quotes, routes, v, task)) is not None]
    return sorted(found, key=lambda option: (option.added, str(option.crew_id)))


def _put(routes: Routes, task: int, option: Option) -> None:
    crews, number = routes.situation.vehicles, routes.situation.number
    crew = next(n for n, vehicle in enumerate(crews) if vehicle.crew_id == option.crew_id)
    out = {number[request_id] for request_id in option.displaced}
    route = routes.route[crew]
    queue = [*route[: option.position], task, *route[option.position :]]
    routes.put(crew, [held for held in queue if held not in out])


def _option(quotes: Quotes, routes: Routes, vehicle: int, task: int) -> Option | None:
    ways = [*_in_line(quotes, routes, vehicle, task), *_instead(routes, vehicle, task)]
    best = min(ways, key=lambda room: room.price, default=None)
    return None if best is None else _described(routes, task, best)


def _in_line(quotes: Quotes, routes: Routes, vehicle: int, task: int) -> Iterator[Room]:
    """The task in the crew's queue, or at the front of one that the shift is too short for."""
    price, position = quotes.cheapest(vehicle, task)
    if price < IMPOSSIBLE:
        route = routes.route[vehicle]
        yield Room(vehicle, position, [*route[:position], task, *route[position:]], [], price)
    elif (room := make_room(routes, vehicle, task, routes.pinned[vehicle])) is not None:
        yield room


def _instead(routes: Routes, vehicle: int, task: int) -> Iterator[Room]:
    """The task before the job in hand, where the rules let that be left."""
    if _may_interrupt(routes, vehicle, task):
        room = make_room(routes, vehicle, task, 0)
        if room is not None:
            yield replace(room, price=room.price + routes.rules.interruption_price)


def _may_interrupt(routes: Routes, vehicle: int, task: int) -> bool:
    crew, route, tasks = routes.situation.vehicles[vehicle], routes.route[vehicle], routes.situation.tasks
    if not crew.interruptible or routes.pinned[vehicle] == 0 or not route:
        return False
    return tasks[route[0]].category in routes.rules.preempts.get(tasks[task].category, frozenset())


def _described(routes: Routes, task: int, room: Room) -> Option:
    situation, old, at = routes.situation, routes.route[room.vehicle], room.position
    after = routes.scheduled(room.vehicle, room.route)
    in_hand = routes.pinned[room.vehicle] > 0 and at == 0
    return Option(
        crew_id=situation.vehicles[room.vehicle].crew_id,
        position=at,
        arrives_at=situation.now + timedelta(seconds=after.arrive[at]),
        in_norm=bool(after.arrive[at] <= routes.prices.due[task]),
        interrupts=situation.tasks[old[0]].request_id if in_hand else None,
        effects=_effects(routes, room, after),
        added=room.price,
        displaced=tuple(situation.tasks[out].request_id for out in room.out),
    )


def _effects(routes: Routes, room: Room, after: Schedule) -> tuple[Effect, ...]:
    before = dict(zip(routes.route[room.vehicle], routes.schedule[room.vehicle].arrive, strict=True))
    found = []
    for task, will in zip(room.route, after.arrive, strict=True):
        was, due = before.get(task, will), routes.prices.due[task]
        if will > was:
            moment = routes.situation.now + timedelta(seconds=will)
            later = timedelta(seconds=will - was)
            late = bool(was <= due < will)
            found.append(Effect(routes.situation.tasks[task].request_id, moment, later, late))
    return tuple(found)
