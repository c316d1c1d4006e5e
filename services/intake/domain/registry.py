"""The address registry of a city in memory: streets, microdistricts, buildings and districts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from shapely import STRtree
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry.base import BaseGeometry

from services.intake.domain.nearest import NearestPoints

Point: TypeAlias = tuple[float, float]
"""Latitude and longitude in degrees, WGS84."""
Box: TypeAlias = tuple[Point, Point]
"""The south-western and the north-eastern corner."""


_BORDER_DEGREES = 0.003
"""About 300 m: how far from the drawn border of a district a point may lie and still count to it."""


class StreetKind(StrEnum):
    """A line with houses along it, an area whose houses have numbers of their own (microdistrict), or a
    residential complex, whose houses have their addresses elsewhere."""

    STREET = "street"
    AREA = "area"
    COMPLEX = "complex"


class NameRole(StrEnum):
    """Where a name of a street comes from."""

    OFFICIAL = "official"
    ALT = "alt"
    OLD = "old"
    KK = "kk"
    RU = "ru"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Name:
    text: str
    role: NameRole


def name_in(names: Sequence[Name], language: str) -> str:
    """The name in a language, else the official one, else the first."""
    by_role = {name.role.value: name.text for name in reversed(names)}
    return by_role.get(language) or by_role.get(NameRole.OFFICIAL.value) or names[0].text


@dataclass(frozen=True, slots=True)
class Street:
    """A street or microdistrict. ``points`` are samples of its line; ``localities`` tell homonyms apart."""

    id: str
    kind: StreetKind
    label: str
    names: tuple[Name, ...]
    points: tuple[Point, ...]
    length_m: float
    localities: tuple[str, ...] = ()
    district: str | None = None

    def label_in(self, language: str) -> str:
        """The name to show a reader of ``language``; the official one if that language has none."""
        kazakh = (name.text for name in self.names if name.role is NameRole.KK)
        return next(kazakh, self.label) if language == NameRole.KK.value else self.label

    @property
    def middle(self) -> Point:
        """The sampled point nearest to the centre of the street, so that it lies on the street."""
        lat = sum(point[0] for point in self.points) / len(self.points)
        lon = sum(point[1] for point in self.points) / len(self.points)
        return min(self.points, key=lambda point: (point[0] - lat) ** 2 + (point[1] - lon) ** 2)


@dataclass(frozen=True, slots=True)
class Building:
    """A house by its official address; ``also`` are other streets and complexes with its number there,
    ``manager`` is who looks after it, as the city's list names them."""

    id: str
    street_id: str
    house: str
    lat: float
    lon: float
    district: str | None
    also: tuple[tuple[str, str], ...] = ()
    manager: str | None = None


@dataclass(frozen=True, slots=True)
class District:
    id: str
    names: tuple[Name, ...]
    shape: BaseGeometry

    def label_in(self, language: str) -> str:
        return name_in(self.names, language)


@dataclass(frozen=True)
class Registry:
    """Everything known of one or more cities. Empty until a city is imported."""

    streets: Sequence[Street] = ()
    buildings: Sequence[Building] = ()
    districts: Sequence[District] = ()
    version: str = ""

    @cached_property
    def street_by_id(self) -> Mapping[str, Street]:
        return {street.id: street for street in self.streets}

    @cached_property
    def _district_tree(self) -> STRtree:
        return STRtree([district.shape for district in self.districts])

    @cached_property
    def building_by_id(self) -> Mapping[str, Building]:
        return {building.id: building for building in self.buildings}

    @cached_property
    def _building_points(self) -> NearestPoints:
        return NearestPoints([(building.lat, building.lon) for building in self.buildings])

    def nearest_building(self, point: Point, within_m: float) -> Building | None:
        """The building nearest to a point on the ground, None if none is within so many metres."""
        at = self._building_points.within(point, within_m)
        return self.buildings[at] if at is not None else None

    @cached_property
    def box(self) -> Box | None:
        """Where the streets lie; None if there are none."""
        points = [point for street in self.streets for point in street.points]
        if not points:
            return None
        lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
        return (min(lats), min(lons)), (max(lats), max(lons))

    def covers(self, point: Point) -> bool:
        """Whether a point lies in a city of the registry: in a district, or else among the streets."""
        if self.districts:
            return self.district_at(point) is not None
        if self.box is None:
            return False
        (south, west), (north, east) = self.box
        return south <= point[0] <= north and west <= point[1] <= east

    def district_label(self, id_: str | None, language: str) -> str:
        return next((district.label_in(language) for district in self.districts if district.id == id_), "")

    def district_at(self, point: Point) -> str | None:
        """The id of the district a point lies in; a street on the border belongs to the nearer one."""
        place = ShapelyPoint(point[1], point[0])
        hits = self._district_tree.query_nearest(place, max_distance=_BORDER_DEGREES, all_matches=False)
        return next((self.districts[int(at)].id for at in hits), None)
