"""Room for what is graver: it goes to the front of a full queue, and lesser work that the shift is then too
short for goes back in line."""

from dataclasses import dataclass

import numpy as np

from services.routing.domain.planning.routes import Routes


@dataclass(frozen=True)
class Room:
    """A queue with the new task at ``position``; ``out`` has lost its place. ``price`` is what the whole plan
    gets worse by, as if nobody else took what is out."""

    vehicle: int
    position: int
    route: list[int]
    out: list[int]
    price: float


def make_room(routes: Routes, vehicle: int, task: int, position: int) -> Room | None:
    """The task at ``position`` ahead of all that the crew may still change; None when even that is no way.

    Out goes the last lesser task, then the one before, until the shift is long enough; never what is pinned,
    but for the job in hand when the new task goes before that.
    """
    old = routes.route[vehicle]
    if not routes.may[vehicle, task]:
        return None
    route, out = [*old[:position], task, *old[position:]], []
    held = old[: routes.pinned[vehicle]] if position else old[1 : routes.pinned[vehicle]]
    schedule = routes.scheduled(vehicle, route)
    while not schedule.fits:
        lesser = [other for other in route if other not in held and routes.outranks(task, other)]
        if not lesser:
            return None
        out.append(lesser[-1])
        route.remove(lesser[-1])
        schedule = routes.scheduled(vehicle, route)
    lost = float(routes.prices.never[out].sum())
    return Room(vehicle, position, route, out, schedule.total - routes.schedule[vehicle].total + lost)


def best_room(routes: Routes, task: int, crews: int) -> Room | None:
    """The cheapest such place with one of the ``crews`` that could be there first; None: there is none."""
    able = np.flatnonzero(routes.may[:, task]).tolist()
    soonest = sorted(able, key=lambda vehicle: routes.soonest(vehicle, task))[:crews]
    rooms = [room for v in soonest if (room := make_room(routes, v, task, routes.pinned[v])) is not None]
    return min(rooms, key=lambda room: (room.price, room.vehicle), default=None)
