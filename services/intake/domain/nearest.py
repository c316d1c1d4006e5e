"""The nearest of many points, measured in metres."""

import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import Point

_EARTH_M = 6_371_008.8
"""Mean radius of the Earth, as in ``geometry.METRES_PER_DEGREE``."""


class NearestPoints:
    """Points (latitude, longitude in degrees) that are asked which of them is nearest.

    They lie on a Mercator map: it enlarges a neighbourhood by the same factor in every direction, so what is
    nearest on the map is nearest on the ground, in the north as in the south, for several cities at once.
    """

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        degrees = np.asarray(points, dtype=float).reshape(-1, 2)
        self._tree = STRtree(np.asarray(shapely.points(_mercator(degrees)), dtype=object))

    def within(self, point: tuple[float, float], metres: float) -> int | None:
        """The position of the nearest point, None if it is further away than ``metres``."""
        reach = metres / math.cos(math.radians(point[0]))
        hits = self._tree.query_nearest(
            Point(*_mercator(np.asarray([point]))[0]), max_distance=reach, all_matches=False
        )
        return int(hits[0]) if hits.size else None


def _mercator(degrees: np.ndarray) -> np.ndarray:
    lat, lon = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    return _EARTH_M * np.column_stack([lon, np.arcsinh(np.tan(lat))])
