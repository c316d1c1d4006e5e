"""One new task, answered at once: the best place in every crew's queue, and what it does to the others."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from services.routing.domain.planning.answer import plan_of
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
    crews = routes.situation.vehicles
    crew = next(n for n, vehicle in enumerate(crews) if vehicle.crew_id == option.crew_id)
    route = routes.route[crew]
    routes.put(crew, [*route[: option.position], task, *route[option.position :]])


def _option(quotes: Quotes, routes: Routes, vehicle: int, task: int) -> Option | None:
    price, position = quotes.cheapest(vehicle, task)
    interrupts, in_hand = None, _may_interrupt(routes, vehicle, task)
    if in_hand is not None:
        sooner = quotes.at(vehicle, task, 0) + routes.rules.interruption_price
        if sooner < price:
            price, position, interrupts = sooner, 0, in_hand
    if price >= IMPOSSIBLE:
        return None
    return _described(routes, vehicle, task, position, price, interrupts)


def _may_interrupt(routes: Routes, vehicle: int, task: int) -> UUID | None:
    """The job in hand, if this task may push it back."""
    crew, route, tasks = routes.situation.vehicles[vehicle], routes.route[vehicle], routes.situation.tasks
    if not routes.may[vehicle, task]:
        return None
    if not crew.interruptible or routes.pinned[vehicle] == 0 or not route:
        return None
    in_hand = tasks[route[0]]
    lesser = routes.rules.preempts.get(tasks[task].category, frozenset())
    return in_hand.request_id if in_hand.category in lesser else None


def _described(
    routes: Routes, vehicle: int, task: int, position: int, price: float, interrupts: UUID | None
) -> Option:
    route, before = routes.route[vehicle], routes.schedule[vehicle]
    after = routes.scheduled(vehicle, [*route[:position], task, *route[position:]])
    arrive = after.arrive[position]
    return Option(
        crew_id=routes.situation.vehicles[vehicle].crew_id,
        position=position,
        arrives_at=routes.situation.now + timedelta(seconds=arrive),
        in_norm=bool(arrive <= routes.prices.due[task]),
        interrupts=interrupts,
        effects=_effects(routes, route[position:], position, before, after),
        added=price,
    )


def _effects(
    routes: Routes, behind: Sequence[int], position: int, before: Schedule, after: Schedule
) -> tuple[Effect, ...]:
    found = []
    for at, task in enumerate(behind, start=position):
        was, will, due = before.arrive[at], after.arrive[at + 1], routes.prices.due[task]
        if will > was:
            moment = routes.situation.now + timedelta(seconds=will)
            later = timedelta(seconds=will - was)
            late = bool(was <= due < will)
            found.append(Effect(routes.situation.tasks[task].request_id, moment, later, late))
    return tuple(found)
