"""One text for everybody who lives in an area: planned works, an outage (оповещение); pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any
from uuid import UUID

from shapely import contains_xy, prepare
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from services.notify.errors import AnnouncementMoveNotAllowed, BadArea

LONGEST_GAP = timedelta(seconds=2)
"""After a pause or a restart the rate begins anew: what was not sent meanwhile is not sent at once."""


class Kind(StrEnum):
    """What is announced."""

    OUTAGE = "outage"
    PLANNED_WORKS = "planned_works"


class Stage(StrEnum):
    """How far an announcement has come: recipients are being listed, are known, are being told."""

    PLANNING = "planning"
    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


MOVES: Mapping[Stage, frozenset[Stage]] = MappingProxyType(
    {
        Stage.PLANNING: frozenset({Stage.PLANNED, Stage.CANCELLED}),
        Stage.PLANNED: frozenset({Stage.RUNNING, Stage.CANCELLED}),
        Stage.RUNNING: frozenset({Stage.PAUSED, Stage.DONE, Stage.CANCELLED}),
        Stage.PAUSED: frozenset({Stage.RUNNING, Stage.CANCELLED}),
        Stage.DONE: frozenset(),
        Stage.CANCELLED: frozenset(),
    }
)


@dataclass(frozen=True)
class Home:
    """Where a subscriber lives: a building, and what is known of the place inside and on the ground."""

    contact_id: UUID
    building_id: str
    entrance: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True)
class Area:
    """Whose homes are meant: houses (all of a house, or only some of its entrances), or all in a polygon.

    ``buildings`` gives the entrances by building; none named means the whole house. ``polygon`` is GeoJSON.
    """

    buildings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    polygon: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if not self.buildings and self.polygon is None:
            raise BadArea("nowhere")
        _ = self.figure

    @cached_property
    def figure(self) -> BaseGeometry | None:
        """The polygon, read once; raises :class:`BadArea`."""
        return outline(self.polygon) if self.polygon is not None else None

    def among(self, homes: Sequence[Home]) -> list[Home]:
        """Those of ``homes`` that are meant."""
        inside = self._inside(homes)
        return [home for at, home in enumerate(homes) if inside[at] or self._is_named(home)]

    def _is_named(self, home: Home) -> bool:
        entrances = self.buildings.get(home.building_id)
        return entrances is not None and (not entrances or home.entrance in entrances)

    def _inside(self, homes: Sequence[Home]) -> Sequence[bool]:
        if self.figure is None:
            return [False] * len(homes)
        prepare(self.figure)
        nowhere = float("nan")
        lon = [nowhere if home.lon is None else home.lon for home in homes]
        lat = [nowhere if home.lat is None else home.lat for home in homes]
        return [bool(within) for within in contains_xy(self.figure, lon, lat)]


def outline(geojson: Mapping[str, Any]) -> BaseGeometry:
    """The figure of a GeoJSON Polygon or MultiPolygon, WGS84 degrees; raises :class:`BadArea`."""
    try:
        figure = shape(dict(geojson))
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError) as broken:
        raise BadArea("not_geojson") from broken
    if figure.geom_type not in ("Polygon", "MultiPolygon") or figure.is_empty:
        raise BadArea("not_a_polygon")
    if not figure.is_valid:
        raise BadArea("crosses_itself")
    west, south, east, north = figure.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise BadArea("not_degrees")
    return figure


@dataclass(frozen=True)
class Announcement:
    """One announcement. ``told`` of its ``recipients`` have their message in the queue or further; ``rate``
    is messages a second at most; ``stirred_at`` is when messages were last released, or it was resumed.
    ``cursor`` is the last home looked at while planning, the last number told while running. Only an
    ``emergency`` is announced in the quiet hours."""

    id: UUID
    kind: Kind
    texts: Mapping[str, str]
    area: Area
    rate: float
    by: str
    created_at: datetime
    recipients: int = 0
    told: int = 0
    stage: Stage = Stage.PLANNING
    starts_itself: bool = False
    cursor: str = ""
    version: int = 1
    stirred_at: datetime | None = None
    changed_at: datetime | None = None
    emergency: bool = False

    def moved(self, to: Stage, now: datetime) -> "Announcement":
        """In its next stage; raises :class:`AnnouncementMoveNotAllowed`. Where it is already, it stays."""
        if to is self.stage:
            return self
        if to not in MOVES[self.stage]:
            raise AnnouncementMoveNotAllowed(
                self.stage.value, sorted(stage.value for stage in MOVES[self.stage])
            )
        return replace(self, stage=to, version=self.version + 1, stirred_at=now, changed_at=now)

    def listed(self, found: int, cursor: str | None, now: datetime) -> "Announcement":
        """After one more page of homes with ``found`` new numbers; None as cursor: there are no more."""
        known = replace(self, recipients=self.recipients + found, cursor=cursor or "")
        if cursor is not None:
            return known
        planned = known.moved(Stage.PLANNED, now)
        return planned.moved(Stage.RUNNING, now) if self.starts_itself and planned.recipients else planned

    def may_release(self, now: datetime, most: int) -> int:
        """How many messages may be released now, so that ``rate`` holds however often this is asked."""
        if self.stage is not Stage.RUNNING or self.stirred_at is None:
            return 0
        gap = min(max(now - self.stirred_at, timedelta()), LONGEST_GAP)
        return min(int(gap.total_seconds() * self.rate), most, self.recipients - self.told)

    def released(self, count: int, cursor: str, now: datetime) -> "Announcement":
        """After ``count`` more messages, the last one to ``cursor``; with the last of all it is done."""
        earned = (self.stirred_at or now) + timedelta(seconds=count / self.rate)
        stirred_at = max(earned, now - LONGEST_GAP)  # what rounding leaves over counts for the next time
        told = replace(self, told=self.told + count, cursor=cursor or self.cursor, stirred_at=stirred_at)
        return told.moved(Stage.DONE, now) if told.told >= self.recipients else told
