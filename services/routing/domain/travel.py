"""How far and how long: the port, and its simplest answer. Roads are behind the same port (``driving``)."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

STRAIGHT_LINE = "straight_line"
EARTH_RADIUS_M = 6_371_008.8
_Degrees = NDArray[np.float64]


@dataclass(frozen=True)
class Travel:
    """From many origins to one place: metres and seconds, arrays of the same length as the origins.

    ``by_road`` says of which origins the way is known; of the others only the straight line is.
    """

    distance_m: NDArray[np.float64]
    seconds: NDArray[np.float64]
    method: str
    by_road: NDArray[np.bool_]


class TravelTime(Protocol):
    """Answers "how far is every crew from here" in one go."""

    def to(self, lat: float, lon: float, from_lat: _Degrees, from_lon: _Degrees) -> Travel:
        """Travel from each origin (WGS84 degrees) to the point."""
        ...

    def many(
        self, to_lat: _Degrees, to_lon: _Degrees, from_lat: _Degrees, from_lon: _Degrees
    ) -> NDArray[np.float64]:
        """Seconds from each origin to each place: origins × places."""
        ...


@dataclass(frozen=True)
class StraightLine:
    """Great-circle distance × ``detour`` at one speed: honest about being no road distance.

    The detour factor of 1.4 is a usual one for cities; by straight line the truly nearest crew is missed in
    about a third of the draws (measured against a road engine). ``speed_kmh`` is configuration.
    """

    speed_kmh: float
    detour: float = 1.4
    method: str = STRAIGHT_LINE

    def __post_init__(self) -> None:
        if not (self.speed_kmh > 0 and self.detour >= 1):
            raise ValueError("speed must be positive and the detour factor at least 1")

    def to(self, lat: float, lon: float, from_lat: _Degrees, from_lon: _Degrees) -> Travel:
        distance = haversine_m(lat, lon, from_lat, from_lon) * self.detour
        seconds = distance / (self.speed_kmh / 3.6)
        return Travel(distance, seconds, self.method, np.zeros(len(distance), np.bool_))

    def many(
        self, to_lat: _Degrees, to_lon: _Degrees, from_lat: _Degrees, from_lon: _Degrees
    ) -> NDArray[np.float64]:
        seconds = np.zeros((len(from_lat), len(to_lat)))
        for place, (lat, lon) in enumerate(zip(to_lat.tolist(), to_lon.tolist(), strict=True)):
            seconds[:, place] = self.to(lat, lon, from_lat, from_lon).seconds
        return seconds


def haversine_m(lat: float, lon: float, from_lat: Any, from_lon: Any) -> NDArray[np.float64]:
    """Great-circle metres from each origin to the point (degrees in; error against WGS84 ≤ 0.6 %)."""
    to_phi, phi = np.radians(lat), np.radians(from_lat)
    half_north = (to_phi - phi) / 2
    half_east = np.radians(lon - np.asarray(from_lon)) / 2
    chord = np.sin(half_north) ** 2 + np.cos(phi) * np.cos(to_phi) * np.sin(half_east) ** 2
    metres: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))
    return metres
