"""Where on its street a house stands, also when the registry does not have it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from services.intake.domain import geometry
from services.intake.domain.buildings import Numbered, StreetNumbers
from services.intake.domain.house_numbers import RELATED, HouseNumbers
from services.intake.domain.registry import Building, Point, Registry, Street, StreetKind

_WIDEST_GAP = 200
"""House numbers further apart than this say nothing about what lies between them."""
_NEIGHBOURHOOD = 60
_MOST_PLACES = 3
_USUAL_HOUSES = 4
_COMPLETE = 0.3
_DOUBT = 0.3
"""Against a number that the registry does not have as it was said."""


class Precision(StrEnum):
    BUILDING = "building"
    STREET = "street"
    AREA = "area"


@dataclass(frozen=True, slots=True)
class Place:
    """A point with the building there, if it is a registered one, and why we believe in it.

    ``misfit`` says how far the building's number is from the one asked for (see ``house_numbers.misfit``).
    """

    point: Point
    precision: Precision
    reason: str
    building: Building | None = None
    misfit: float = 0.0


class Houses:
    """The buildings of a registry by street and leading number."""

    def __init__(self, registry: Registry, numbers: HouseNumbers) -> None:
        self._numbers = numbers
        self._houses = StreetNumbers(registry, numbers)
        self.are_complete = self._share_known(registry) >= _COMPLETE
        """Whether a number that is missing is rather an error than a house that nobody has listed yet."""

    def _share_known(self, registry: Registry) -> float:
        """How many of the houses that a city's streets should have are known, 0–1."""
        lines = [street.id for street in registry.streets if street.kind is StreetKind.STREET]
        known = [min(len(self._houses.of(street)), _USUAL_HOUSES) for street in lines]
        return sum(known) / max(1, len(known) * _USUAL_HOUSES)

    def locate(self, street: Street, house: str | None) -> Sequence[Place]:
        """The places that a house of a street may be, best first: itself, its namesakes with a letter or
        corpus, between its neighbours, the middle of its street."""
        numbered = self._houses.of(street.id)
        if house is None:
            return [self._without_number(street, numbered)]
        known = self._answering(numbered, house)
        if known and known[0].misfit < RELATED:
            return [place for place in known if place.misfit < RELATED][:_MOST_PLACES]
        unknown = self._unknown(street, house, numbered)
        doubt = _DOUBT if known or self.are_complete else 0.0
        return [*known[: _MOST_PLACES - 1], replace(unknown, misfit=doubt)]

    def has(self, street: Street, house: str) -> bool:
        """Whether the registry knows this number of the street."""
        known = self._answering(self._houses.of(street.id), house)
        return bool(known) and known[0].misfit < RELATED

    def has_range(self, street: Street, first: str, last: str) -> bool:
        """Whether one house of the street bears both numbers, as «84-86»."""
        same = self._houses.of(street.id).get(self._numbers.leading(first), ())
        end = self._numbers.leading(last)
        return any(end in self._numbers.ends(house)[1:] for house, _ in same)

    def _answering(self, numbered: Numbered, house: str) -> list[Place]:
        """Registered houses that may be meant, best first; of literas of one house only the best."""
        found: dict[str, Place] = {}
        for place in sorted(self._weighed(numbered, house), key=lambda place: place.misfit):
            if place.building is not None:
                found.setdefault(self._numbers.without_litera(place.building.house), place)
        return list(found.values())

    def _weighed(self, numbered: Numbered, house: str) -> Iterator[Place]:
        for number in self._numbers.ends(house):
            for known, building in numbered.get(number, ()):
                cost = self._numbers.misfit(house, known)
                if cost is not None:
                    reason = "house_in_registry" if cost < RELATED else "house_similar"
                    yield Place((building.lat, building.lon), Precision.BUILDING, reason, building, cost)

    def _without_number(self, street: Street, numbered: Numbered) -> Place:
        if street.kind is StreetKind.STREET:
            return Place(street.middle, Precision.STREET, "street_middle")
        buildings = [building for same in numbered.values() for _, building in same]
        if street.kind is StreetKind.COMPLEX and len(buildings) == 1:
            (only,) = buildings
            return Place((only.lat, only.lon), Precision.BUILDING, "only_house_of_complex", only)
        return Place(street.middle, Precision.AREA, "area_centre")

    def _unknown(self, street: Street, house: str, numbered: Numbered) -> Place:
        if street.kind is not StreetKind.STREET:
            return Place(street.middle, Precision.AREA, "area_centre")
        neighbour = _between_neighbours(self._numbers.leading(house), numbered)
        if neighbour is not None:
            return Place(neighbour, Precision.STREET, "between_neighbours")
        return Place(street.middle, Precision.STREET, "street_middle")


def _between_neighbours(wanted: int, numbered: Numbered) -> Point | None:
    numbers = list(numbered)
    same_side = [number for number in numbers if number % 2 == wanted % 2]
    return _interpolated(wanted, same_side, numbered) or _interpolated(wanted, numbers, numbered)


def _interpolated(wanted: int, numbers: Sequence[int], numbered: Numbered) -> Point | None:
    below = numbers[bisect_right(numbers, wanted) - 1 :][:1] if numbers and numbers[0] <= wanted else []
    above = numbers[bisect_left(numbers, wanted) :][:1]
    ends = [*below, *above]
    if len(ends) == len((below, above)) and ends[1] - ends[0] <= _WIDEST_GAP:
        share = (wanted - ends[0]) / (ends[1] - ends[0]) if ends[1] > ends[0] else 0
        return geometry.between(_point(numbered[ends[0]]), _point(numbered[ends[1]]), share)
    near = [number for number in ends if abs(number - wanted) <= _NEIGHBOURHOOD]
    return _point(numbered[near[0]]) if near else None


def _point(same: Sequence[tuple[str, Building]]) -> Point:
    _, building = same[0]
    return (building.lat, building.lon)
