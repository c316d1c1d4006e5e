"""Many buildings in little memory: columns instead of objects, about 110 bytes a building instead of 300."""

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import overload

import numpy as np

from services.intake.domain.house_numbers import HouseNumbers
from services.intake.domain.registry import Building, Registry


class Buildings(Sequence[Building]):
    """Buildings kept in columns; each is made when it is asked for."""

    def __init__(self, buildings: Iterable[Building]) -> None:
        self._ids: list[str] = []
        self._streets: list[str] = []
        self._houses: list[str] = []
        self._districts: list[str | None] = []
        self._lats, self._lons = array("d"), array("d")
        self._managers: list[str | None] = []
        self._also: dict[int, tuple[tuple[str, str], ...]] = {}
        for building in buildings:
            self._append(building)

    def _append(self, building: Building) -> None:
        if building.also:
            self._also[len(self._ids)] = building.also
        self._ids.append(building.id)
        # Streets, districts, managers and most house numbers are said again and again: one string for all.
        self._streets.append(sys.intern(building.street_id))
        self._houses.append(sys.intern(building.house))
        self._districts.append(sys.intern(building.district) if building.district else None)
        self._managers.append(sys.intern(building.manager) if building.manager else None)
        self._lats.append(building.lat)
        self._lons.append(building.lon)

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, at: int) -> Building: ...
    @overload
    def __getitem__(self, at: slice) -> list[Building]: ...
    def __getitem__(self, at: int | slice) -> Building | list[Building]:
        if isinstance(at, slice):
            return [self._at(each) for each in range(*at.indices(len(self)))]
        return self._at(range(len(self))[at])

    def _at(self, at: int) -> Building:
        return Building(
            self._ids[at],
            self._streets[at],
            self._houses[at],
            self._lats[at],
            self._lons[at],
            self._districts[at],
            self._also.get(at, ()),
            self._managers[at],
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


class Numbered(Mapping[int, Sequence[tuple[str, Building]]]):
    """The houses of one street by leading number, in order: each as numbered there, and the building."""

    def __init__(self, index: "StreetNumbers", first: int, end: int) -> None:
        self._index, self._first, self._end = index, first, end

    def __getitem__(self, number: int) -> Sequence[tuple[str, Building]]:
        numbers = self._index.numbers
        first = bisect_left(numbers, number, self._first, self._end)
        end = bisect_right(numbers, number, first, self._end)
        if first == end:
            raise KeyError(number)
        return [self._index.house(at) for at in range(first, end)]

    def __iter__(self) -> Iterator[int]:
        return iter(dict.fromkeys(self._index.numbers[self._first : self._end]))

    def __len__(self) -> int:
        return len(set(self._index.numbers[self._first : self._end]))


class StreetNumbers:
    """Every house number of every street: rows sorted by street and number."""

    def __init__(self, registry: Registry, numbers: HouseNumbers) -> None:
        self._buildings = registry.buildings
        streets: dict[str, int] = {}
        columns = (array("I"), array("I"), array("I"))
        texts: list[str] = []
        for row, building in enumerate(registry.buildings):
            for street, house in ((building.street_id, building.house), *building.also):
                for number in numbers.ends(house):
                    texts.append(sys.intern(house))
                    values = (streets.setdefault(street, len(streets)), number, row)
                    for column, value in zip(columns, values, strict=True):
                        column.append(value)
        of_street, number_column, rows = (np.asarray(column, dtype=np.int64) for column in columns)
        order = np.lexsort((number_column, of_street))
        self.numbers = array("I", number_column[order].tolist())
        self._rows = array("I", rows[order].tolist())
        self._texts = [texts[at] for at in order.tolist()]
        ends = np.searchsorted(of_street[order], np.arange(len(streets) + 1)).tolist()
        self._span_of = {street: (ends[at], ends[at + 1]) for street, at in streets.items()}

    def of(self, street_id: str) -> Numbered:
        """The houses of one street, none of an unknown one."""
        return Numbered(self, *self._span_of.get(street_id, (0, 0)))

    def house(self, at: int) -> tuple[str, Building]:
        """A row: the number as it is on its street, and the building."""
        return self._texts[at], self._buildings[self._rows[at]]
