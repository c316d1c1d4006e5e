"""The road map in memory."""

from dataclasses import dataclass
from datetime import datetime

from services.routing.domain.conditions import Conditions
from services.routing.domain.roads import RoadMap, RoadNetwork


@dataclass(frozen=True)
class RoadTables:
    """The map in use and the last word on how the roads are."""

    map: RoadMap | None = None
    network: RoadNetwork | None = None
    conditions: Conditions | None = None


class FakeRoads:
    def __init__(self, tables: dict[str, RoadTables]) -> None:
        self._t = tables

    def version(self) -> int:
        return self._now.map.version if self._now.map else 0

    def network(self) -> RoadNetwork | None:
        return self._now.network

    def map(self) -> RoadMap | None:
        return self._now.map

    def replace(self, network: RoadNetwork, source: str, now: datetime) -> None:
        known = RoadMap(self.version() + 1, source, network.crossings, round(network.length_km, 1), now)
        self._t["roads"] = RoadTables(known, network, self._now.conditions)

    def conditions(self) -> Conditions | None:
        return self._now.conditions

    def report(self, told: Conditions) -> None:
        self._t["roads"] = RoadTables(self._now.map, self._now.network, told)

    @property
    def _now(self) -> RoadTables:
        return self._t.get("roads", RoadTables())
