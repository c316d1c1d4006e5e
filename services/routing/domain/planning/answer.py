"""From numbers back to a plan."""

from datetime import timedelta

import numpy as np

from services.routing.domain.planning.model import Plan, Queue, Stop, Why, Worth
from services.routing.domain.planning.routes import EMERGENCY_LATE, FAR, URGENT_LATE, Routes


def plan_of(routes: Routes) -> Plan:
    """The plan that these queues are."""
    situation = routes.situation
    queues = tuple(_queue(routes, vehicle) for vehicle in range(len(situation.vehicles)))
    nobody = {situation.tasks[task].request_id: _why(routes, task) for task in routes.unplanned()}
    return Plan(queues, nobody, worth_of(routes))


def worth_of(routes: Routes) -> Worth:
    """How bad these queues are."""
    prices, nobody = routes.prices, routes.unplanned()
    stops = [task for route in routes.route for task in route]
    arrive = [at for schedule in routes.schedule for at in schedule.arrive]
    never = [routes.rules.never.total_seconds()] * len(nobody)
    tasks, times = np.array([*stops, *nobody], np.int64), np.array([*arrive, *never], np.float64)
    late = np.maximum(times - prices.due[tasks], 0.0)
    missed, beyond = prices.tier[tasks] * (late > 0), prices.beyond(tasks, times)
    legs = sum(sum(schedule.legs) for schedule in routes.schedule)
    travel = legs + sum(routes.back(vehicle, route) for vehicle, route in enumerate(routes.route))
    cost = float((prices.of(tasks, times) - beyond).sum()) + routes.rules.travel * travel
    return Worth(
        total=round(cost + float(beyond.sum()), 3),
        emergencies_late=int((missed == EMERGENCY_LATE).sum()),
        urgent_late=int((missed == URGENT_LATE).sum()),
        cost=round(cost, 3),
        lateness_s=round(float(late.sum()), 3),
        travel_s=round(travel, 3),
    )


def _queue(routes: Routes, vehicle: int) -> Queue:
    situation, schedule = routes.situation, routes.schedule[vehicle]
    moments = zip(routes.route[vehicle], schedule.arrive, schedule.leave, strict=True)
    stops = tuple(
        Stop(
            situation.tasks[task].request_id,
            situation.now + timedelta(seconds=arrive),
            situation.now + timedelta(seconds=leave),
        )
        for task, arrive, leave in moments
    )
    return Queue(situation.vehicles[vehicle].crew_id, stops)


def _why(routes: Routes, task: int) -> Why:
    may = routes.may[:, task]
    if not may.any():
        return Why.NO_CREW_MAY
    reachable = routes.to_task[may, task] < FAR
    return Why.NO_TIME if reachable.any() else Why.NO_WAY
