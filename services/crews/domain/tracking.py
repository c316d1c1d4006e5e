"""Where the crews are between two writings, kept in memory: positions come far too often for a database.

What is here and not written yet is lost with the process: the last few seconds of where crews were.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.crews.domain.people import Position, distance_m


class Tracker:
    """The newest position of each crew since the last writing."""

    def __init__(self) -> None:
        self._latest: dict[UUID, Position] = {}

    def note(self, crew_id: UUID, fixes: Iterable[Position]) -> None:
        """Remember the newest of these, if it is newer than what is remembered."""
        newest = max(fixes, key=lambda fix: fix.at)
        known = self._latest.get(crew_id)
        if known is None or newest.at > known.at:
            self._latest[crew_id] = newest

    def position(self, crew_id: UUID) -> Position | None:
        return self._latest.get(crew_id)

    def take(self) -> dict[UUID, Position]:
        """Everything remembered, which is then forgotten here."""
        taken, self._latest = self._latest, {}
        return taken

    def give_back(self, taken: Mapping[UUID, Position]) -> None:
        """Remember again what could not be written, unless something newer has come."""
        for crew_id, position in taken.items():
            self.note(crew_id, [position])


class ArrivalBy(StrEnum):
    """What follows when a crew's positions say that it has arrived."""

    NOTHING = "nothing"
    PROPOSAL = "proposal"
    RECORD = "record"


@dataclass(frozen=True)
class Site:
    """Where a crew that has departed is expected."""

    assignment_id: UUID
    crew_id: UUID
    lat: float
    lon: float


@dataclass(frozen=True)
class Fence:
    """How near, how exactly known and for how long a crew must be for having arrived. Metres."""

    radius_m: float
    accuracy_m: float
    dwell: timedelta


@dataclass
class Arrivals:
    """Since when crews have been within the fences of their sites."""

    fence: Fence
    _inside: dict[UUID, datetime] = field(default_factory=dict)

    def watch(self, sites: Iterable[Site], positions: Mapping[UUID, Position]) -> list[tuple[Site, datetime]]:
        """The sites at which a crew has now stood long enough, each with the moment it came there."""
        found = []
        for site in sites:
            since = self._since(site, positions[site.crew_id])
            if since is not None and positions[site.crew_id].at - since >= self.fence.dwell:
                del self._inside[site.assignment_id]
                found.append((site, since))
        return found

    def _since(self, site: Site, position: Position) -> datetime | None:
        inside = (position.accuracy_m or 0.0) <= self.fence.accuracy_m and self._near(site, position)
        if not inside:
            self._inside.pop(site.assignment_id, None)
            return None
        return self._inside.setdefault(site.assignment_id, position.at)

    def _near(self, site: Site, position: Position) -> bool:
        there = Position(site.lat, site.lon, None, position.at)
        return distance_m(there, position) <= self.fence.radius_m
