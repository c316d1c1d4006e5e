"""What a plan is judged by: the prices of lateness, waiting, travel and change. Settings, not law."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from services.routing.domain.words import Category

_EMERGENCY, _URGENT, _PLANNED = Category.EMERGENCY, Category.URGENT, Category.PLANNED


def _prices(emergency: float, urgent: float, planned: float) -> Mapping[Category, float]:
    return {_EMERGENCY: emergency, _URGENT: urgent, _PLANNED: planned, Category.CONSULTATION: planned}


def _lesser() -> Mapping[Category, frozenset[Category]]:
    return {_EMERGENCY: frozenset({_URGENT, _PLANNED, Category.CONSULTATION})}


@dataclass(frozen=True)
class Rules:
    """Prices in seconds of driving, so that everything can be weighed against everything.

    ``late`` is the price of a second beyond the norm, ``waits`` of a second before it: who waits is helped
    soon even when no norm is in danger. Lateness gets dearer with age: after ``ages_in`` of it a second costs
    twice as much, so that planned work is not put off for ever. In overload norms that can still be kept come
    first, but with ``again`` of lateness an emergency counts as one more that is late, and with age as more
    and more of them: no danger waits for ever. An arrival in the last ``margin`` of a norm (a share of it)
    may well miss it and is priced so: neither roads nor work are ever just as told. ``preempts`` says whose
    job in hand may be left for whom. ``told_price`` is the least gain for which a crew's announced job
    changes, ``interruption_price`` that for which one in hand is left. A task with nobody counts as reached
    ``never`` from now.
    """

    late: Mapping[Category, float] = field(default_factory=lambda: _prices(10.0, 4.0, 2.0))
    waits: Mapping[Category, float] = field(default_factory=lambda: _prices(4.0, 0.5, 0.1))
    ages_in: Mapping[Category, float] = field(default_factory=lambda: _prices(7200.0, 14400.0, 14400.0))
    again: float = 7200.0
    margin: float = 0.15
    travel: float = 1.0
    told_price: float = 600.0
    interruption_price: float = 1200.0
    preempts: Mapping[Category, frozenset[Category]] = field(default_factory=_lesser)
    never: timedelta = timedelta(hours=24)


DEFAULT = Rules()


def still_takes(usual: timedelta, worked: timedelta) -> timedelta:
    """How long work that usually takes ``usual`` will still take after ``worked`` of it.

    Work that runs over is not about to end: of working times that vary as repairs do (lognormal, deviation
    0.4) those that reach their usual length take two fifths of it longer. A planner told "any minute now"
    would leave an emergency behind such a crew.
    """
    return max(usual - worked, 0.4 * usual)
