"""The roads of the day: travel times by hour, as the product works them out."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from services.routing.commands.maps import read_roads
from services.routing.domain.driving import RoadTravel, read_speeds
from services.routing.domain.roads import RoadNetwork, build_network
from services.routing.domain.travel import StraightLine
from shared.config import ROOT

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)  # a Tuesday; the city's own time is called UTC here
Place = tuple[float, float]
Seconds = NDArray[np.float64]


class City:
    """A road network with speeds by the hour, slowed by ``factor``."""

    def __init__(self, roads: Sequence[Path], factor: float) -> None:
        self.network: RoadNetwork = build_network(road for path in roads for road in read_roads(path))
        table = (ROOT / "services/routing/data/speeds.yml").read_text("utf-8")
        self._speeds = read_speeds(yaml.safe_load(table))
        self._factor = factor
        self._travel: dict[str, RoadTravel] = {}

    def drive(self, at: float, start: Place, goal: Place) -> tuple[float, float]:
        """Seconds and metres of one drive that begins at ``at`` (seconds since midnight)."""
        travel = self.travel(at).to(*goal, np.array([start[0]]), np.array([start[1]]))
        return float(travel.seconds[0]), float(travel.distance_m[0])

    def travel(self, at: float) -> RoadTravel:
        """The travel port as it is at that time of day."""
        band = self._speeds.band_at(MIDNIGHT + timedelta(seconds=at), UTC)
        if band not in self._travel:
            straight = StraightLine(speed_kmh=25, detour=1.4)
            self._travel[band] = RoadTravel(self.network, self._speeds, band, straight, self._factor)
        return self._travel[band]
