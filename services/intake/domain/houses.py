"""Where on its street a house stands, also when the registry does not have it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.intake.domain import geometry
from services.intake.domain.registry import Building, Point, Registry, Street, StreetKind
from services.intake.domain.tokens import Tokeniser

_WIDEST_GAP = 200
"""House numbers further apart than this say nothing about what lies between them."""
_NEIGHBOURHOOD = 60
_NUMBER = re.compile(r"\d+")


class Precision(StrEnum):
    BUILDING = "building"
    STREET = "street"
    AREA = "area"


@dataclass(frozen=True, slots=True)
class Place:
    """A point with the building there, if it is a registered one, and why we believe in it."""

    point: Point
    precision: Precision
    reason: str
    building: Building | None = None


class Houses:
    """The buildings of a registry by street and house number."""

    def __init__(self, registry: Registry, tokenise: Tokeniser) -> None:
        self._registry = registry
        self._keys = tokenise.house_keys
        self._by_key = {
            street: {tokenise.house_key(building.house): building for building in buildings}
            for street, buildings in registry.buildings_of.items()
        }

    def locate(self, street: Street, house: str | None) -> Place:
        """The best known place of a house: itself, between its neighbours, or the middle of its street."""
        if house is not None:
            building = self._registered(street, house)
            if building is not None:
                point = (building.lat, building.lon)
                return Place(point, Precision.BUILDING, "house_in_registry", building)
        if street.kind is StreetKind.AREA:
            return Place(street.middle, Precision.AREA, "area_centre")
        neighbour = self._between_neighbours(street, house) if house else None
        if neighbour is not None:
            return Place(neighbour, Precision.STREET, "between_neighbours")
        return Place(street.middle, Precision.STREET, "street_middle")

    def _registered(self, street: Street, house: str) -> Building | None:
        known = self._by_key.get(street.id, {})
        return next((known[key] for key in self._keys(house) if key in known), None)

    def _between_neighbours(self, street: Street, house: str) -> Point | None:
        wanted = number_of(house)
        numbered = [
            (number_of(b.house), (b.lat, b.lon)) for b in self._registry.buildings_of.get(street.id, ())
        ]
        same_side = [pair for pair in numbered if pair[0] % 2 == wanted % 2]
        return _interpolated(wanted, same_side) or _interpolated(wanted, numbered)


def number_of(house: str) -> int:
    """The leading number of a house: 31 of 31/1b."""
    found = _NUMBER.search(house)
    return int(found.group()) if found else 0


def _interpolated(wanted: int, numbered: Sequence[tuple[int, Point]]) -> Point | None:
    below = max((pair for pair in numbered if pair[0] <= wanted), default=None)
    above = min((pair for pair in numbered if pair[0] >= wanted), default=None)
    if below and above and above[0] - below[0] <= _WIDEST_GAP:
        share = (wanted - below[0]) / (above[0] - below[0]) if above[0] > below[0] else 0
        return geometry.between(below[1], above[1], share)
    near = [pair for pair in (below, above) if pair and abs(pair[0] - wanted) <= _NEIGHBOURHOOD]
    return near[0][1] if near else None
