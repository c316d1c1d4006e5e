"""Who could have gone to an emergency in the moment it came in: what a missed one is explained by."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from bench.dispatching.demand import EMERGENCY

if TYPE_CHECKING:
    from bench.dispatching.simulation import Day

_EDGE = 0.8
"""The part of a norm after which a drive may well take longer than the norm."""


class Chance(StrEnum):
    """What the best placed crew was doing, from hopeless to easy. Near: in the norm if it left at once."""

    NOBODY_NEAR = "nobody near"
    GOING_HOME = "at the end of their shift"
    AT_EMERGENCIES = "at other emergencies"
    LOCKED = "at steps that nothing may interrupt"
    AT_WORK = "at lesser work"
    AT_THE_EDGE = "free, just near enough"
    FREE = "free and near"


_ORDER = list(Chance)


def chance_of(day: Day, call: int) -> Chance:
    """The best chance that an emergency has as it comes in."""
    goal, norm = day.calls[call], day.calls[call].due - day.calls[call].at
    able = [crew for crew in day.on_shift() if day.units[crew].hands.may(goal.fault)]
    if not able:
        return Chance.NOBODY_NEAR
    lat, lon = np.array([day.place(crew) for crew in able]).T
    ways = day.city.travel(day.now).many(np.array([goal.lat]), np.array([goal.lon]), lat, lon)[:, 0]
    near = [(crew, float(way)) for crew, way in zip(able, ways, strict=True) if way <= norm]
    chances = (_of(day, call, crew, way / norm > _EDGE) for crew, way in near)
    return max(chances, key=_ORDER.index, default=Chance.NOBODY_NEAR)


def _of(day: Day, call: int, crew: int, edge: bool) -> Chance:
    unit = day.units[crew]
    held = unit.working if unit.working is not None else unit.driving
    if day.ends(crew) - day.now < day.calls[call].shift_left:
        return Chance.GOING_HOME
    if held is not None and day.calls[held].category is EMERGENCY:
        return Chance.AT_EMERGENCIES
    if unit.working is not None:
        return Chance.AT_WORK if day.interruptible(crew) else Chance.LOCKED
    return Chance.AT_THE_EDGE if edge else Chance.FREE
