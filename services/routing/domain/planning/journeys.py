"""The travel a situation needs, asked in one go."""

from collections.abc import Sequence

import numpy as np

from services.routing.domain.planning.model import Seconds, Task, Vehicle
from services.routing.domain.travel import TravelTime


def journeys(
    travel: TravelTime, tasks: Sequence[Task], vehicles: Sequence[Vehicle]
) -> tuple[Seconds, Seconds]:
    """``to_task`` and ``between`` of a :class:`Situation`."""
    places = [(crew.lat, crew.lon) for crew in vehicles] + [(task.lat, task.lon) for task in tasks]
    lat, lon = np.array(places, np.float64).reshape(-1, 2).T
    crews = len(vehicles)
    seconds = travel.many(lat[crews:], lon[crews:], lat, lon)
    return seconds[:crews], seconds[crews:]
