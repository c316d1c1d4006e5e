"""Organisations, people and crews: the master data that routing chooses by, and who is on shift where."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.crews.errors import BadMasterData, BadShift

LOWEST_GRADE, HIGHEST_GRADE = 2, 6
_EARTH_RADIUS_M = 6_371_000.0


@dataclass(frozen=True)
class Organisation:
    """A service that sends crews or keeps houses; ``kind`` is one of the contract's kinds."""

    id: UUID
    name: str
    kind: str
    active: bool = True


@dataclass(frozen=True)
class Person:
    """Someone who works for an organisation. ``grade`` (разряд) is for those who work in crews."""

    id: UUID
    organisation_id: UUID
    name: str
    grade: int | None = None
    active: bool = True

    def __post_init__(self) -> None:
        if self.grade is not None and not LOWEST_GRADE <= self.grade <= HIGHEST_GRADE:
            raise BadMasterData(f"grade {self.grade} of person {self.id} is not from 2 to 6", id=self.id)


@dataclass(frozen=True)
class Crew:
    """Who goes out together, with what, from where. Members are people with grades."""

    id: UUID
    organisation_id: UUID
    name: str
    specialisations: tuple[str, ...]
    members: tuple[UUID, ...]
    leader: UUID | None
    equipment: tuple[str, ...]
    languages: tuple[str, ...]
    base_lat: float
    base_lon: float
    active: bool = True

    def __post_init__(self) -> None:
        if not self.members or not self.specialisations:
            raise BadMasterData(f"crew {self.id} needs a member and a specialisation", id=self.id)
        if self.leader is not None and self.leader not in self.members:
            raise BadMasterData(f"the leader of crew {self.id} is not its member", id=self.id)


@dataclass(frozen=True)
class Shift:
    """Whether a crew works now, since when and, if known, until when."""

    on: bool
    starts_at: datetime
    ends_at: datetime | None


def begin_shift(current: Shift | None, now: datetime, ends_at: datetime | None, longest: timedelta) -> Shift:
    """The shift after coming on (or setting its end anew); raises BadShift for an end past or too far off."""
    starts_at = current.starts_at if current and current.on else now
    if ends_at is not None and not now < ends_at <= starts_at + longest:
        raise BadShift(hours=longest // timedelta(hours=1))
    return Shift(on=True, starts_at=starts_at, ends_at=ends_at)


def end_shift(current: Shift | None, now: datetime) -> Shift | None:
    """The shift after leaving; what has ended, or never began, stays as it is."""
    if current is None or not current.on:
        return current
    return Shift(on=False, starts_at=current.starts_at, ends_at=now)


@dataclass(frozen=True)
class Position:
    """Where a crew was: WGS 84 degrees, accuracy in metres, aware UTC time."""

    lat: float
    lon: float
    accuracy_m: float | None
    at: datetime


@dataclass(frozen=True)
class Thinning:
    """How far, or how long, a crew moves before others hear of it: positions must not load the bus."""

    step_m: float
    every: timedelta


def noticeable(told: Position | None, latest: Position, thinning: Thinning) -> bool:
    """Whether ``latest`` is worth telling, ``told`` being the position told last."""
    if told is None:
        return True
    return latest.at - told.at > thinning.every or distance_m(told, latest) > thinning.step_m


def distance_m(one: Position, other: Position) -> float:
    """Great-circle distance in metres (haversine on a sphere of 6,371 km)."""
    lat1, lat2 = math.radians(one.lat), math.radians(other.lat)
    half_lat, half_lon = (lat2 - lat1) / 2, math.radians(other.lon - one.lon) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return 2 * _EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))
