"""What could have been reached by somebody who knew every call and every working time beforehand (VROOM).

Norms are time windows, categories are priorities, shifts and skills are the crews' own. Crews may drive to a
call before it comes in, and wait. No work is interrupted: a policy that interrupts can in principle do
better. VROOM is a heuristic: the true optimum may lie a little higher.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.dispatching.city import City, Seconds
from bench.dispatching.demand import DAY, EMERGENCY, FAULTS, HOUR, PLANNED, URGENT, Call, Hands

_PRIORITY = {EMERGENCY: 100, URGENT: 10, PLANNED: 1}
_NOON = 12 * HOUR
_EFFORT = 2
"""VROOM's own scale of 0 to 5."""


@dataclass(frozen=True)
class Bound:
    """Shares of calls reached within their norm, by category; and of emergencies if nothing else mattered."""

    in_norm: dict[str, float]
    emergencies_alone: float


def clairvoyant(city: City, calls: Sequence[Call], crews: Sequence[Hands]) -> Bound:
    """The bound; raises ImportError without pyvroom."""
    everything = _reached(city, calls, crews)
    emergencies = [n for n, call in enumerate(calls) if call.category is EMERGENCY]
    alone = _reached(city, [calls[n] for n in emergencies], crews)
    shares = {}
    for category in _PRIORITY:
        own = [n for n, call in enumerate(calls) if call.category is category]
        shares[category.value] = sum(n in everything for n in own) / max(len(own), 1)
    return Bound(shares, len(alone) / max(len(emergencies), 1))


def _reached(city: City, calls: Sequence[Call], crews: Sequence[Hands]) -> set[int]:
    """Numbers of the calls that the solution reaches in their norm."""
    import vroom

    problem = vroom.Input()
    problem.set_durations_matrix("car", _matrix(city, calls, crews))
    for number, (hands, begins, ends) in enumerate(_shifts(crews)):
        skills = {n for n, fault in enumerate(FAULTS) if hands.may(fault)}
        problem.add_vehicle(
            vroom.Vehicle(number, start=number % len(crews), skills=skills, time_window=[begins, ends])
        )
    for number, call in enumerate(calls):
        problem.add_job(
            vroom.Job(
                number,
                location=len(crews) + number,
                default_service=round(call.takes),
                skills={FAULTS.index(call.fault)},
                priority=_PRIORITY[call.category],
                time_windows=[vroom.TimeWindow(round(call.at), round(call.due))],
            )
        )
    return set(problem.solve(exploration_level=_EFFORT, nb_threads=1).routes["id"].dropna().astype(int))


def _shifts(crews: Sequence[Hands]) -> list[tuple[Hands, int, int]]:
    """Every crew three times, with yesterday's, today's and tomorrow's shift."""
    moved = [(hands, day * DAY) for day in (-1, 0, 1) for hands in crews]
    days = [(hands, round(hands.begins + by), round(hands.ends + by)) for hands, by in moved]
    return [(hands, max(begins, 0), max(ends, 0)) for hands, begins, ends in days]


def _matrix(city: City, calls: Sequence[Call], crews: Sequence[Hands]) -> np.ndarray:
    places = [(crew.lat, crew.lon) for crew in crews] + [(call.lat, call.lon) for call in calls]
    lat, lon = np.array(places).T
    seconds: Seconds = city.travel(_NOON).many(lat, lon, lat, lon)
    return np.rint(seconds).astype(np.uint32)
