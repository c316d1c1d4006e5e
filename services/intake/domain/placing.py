"""Puts the houses of maps and lists on their streets, and makes streets of those that no map draws."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from shapely.geometry import MultiPoint

from services.intake.domain import geometry
from services.intake.domain.gathering import Plane, clusters
from services.intake.domain.house_numbers import HouseNumbers
from services.intake.domain.lexicon import Lexicon
from services.intake.domain.name_index import NameIndex
from services.intake.domain.names import Core, NameParser
from services.intake.domain.postal import PostalParser
from services.intake.domain.registry import (
    Building,
    District,
    Name,
    NameRole,
    Point,
    Registry,
    Street,
    StreetKind,
)

AREA_LENGTH_M = 1500.0
_STREET_LENGTH_M = 300.0
_STREET_OF_HOUSE_M = 1500.0
_AREA_OF_HOUSE_M = 3000.0
_ONE_STREET_M = 3000.0
"""Houses of one street name without a town in their address are one street if no further apart."""
_TOWNS_TOUCH_M = 700.0
"""A street goes on from one municipal unit to the next if its houses there are no further apart."""
_MOST_POINTS = 30
_MOST_NAMES = 20
_DISTRICT_MARGIN_DEGREES = 0.001
_ASCII = str.maketrans({"š": "sh", "ž": "zh", "č": "ch"})


@dataclass(frozen=True, slots=True)
class House:
    """A building with a house number as a map or a list has it; ``street`` is the text of its address.

    ``also`` are further whole addresses of the building, ``complexes`` names of residential complexes,
    ``manager`` whoever looks after it.
    """

    id: str
    street: str
    number: str
    lat: float
    lon: float
    locality: str = ""
    district: str = ""
    also: tuple[str, ...] = ()
    complexes: tuple[str, ...] = ()
    manager: str = ""

    @property
    def point(self) -> Point:
        return (self.lat, self.lon)


@dataclass(frozen=True)
class Placed:
    """Streets with those that only houses told of, and the buildings on them."""

    streets: list[Street]
    buildings: list[Building]


class Placing:
    """Places the houses of one city on ``streets``."""

    def __init__(
        self,
        city: str,
        streets: Sequence[Street],
        districts: Sequence[District],
        plane: Plane,
        lexicon: Lexicon,
    ) -> None:
        self._city = city
        self._plane = plane
        self._lexicon = lexicon
        self._parse = NameParser(lexicon)
        self._parse_once = lru_cache(maxsize=None)(self._parse)
        self._split = PostalParser(lexicon)
        self._numbers = HouseNumbers(lexicon)
        self._index = NameIndex(streets, self._parse)
        self._alike = lru_cache(maxsize=None)(self._index.similar)
        self._streets = list(streets)
        self._taken = {street.id for street in streets}
        self._shapes = Registry((), (), districts)
        self._has_shapes = bool(districts)

    def place(self, houses: Sequence[House]) -> Placed:
        """Every house on the nearest street of its name, or on a street made of such houses."""
        addresses = list(self._addresses(houses))
        homes = self._homes(addresses)
        also: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for address in addresses[len(houses) :]:
            also[address.id].append((homes[address], self._numbers.shown(address.number)))
        for house, complex_id in self._complexes(houses):
            also[house.id].append((complex_id, self._numbers.shown(house.number)))
        buildings = [self._building(house, homes[house], tuple(also[house.id])) for house in houses]
        return Placed(self._streets, list({building.id: building for building in buildings}.values()))

    def _addresses(self, houses: Sequence[House]) -> Iterator[House]:
        """The houses, then each once more for every further address it has."""
        yield from houses
        for house in houses:
            for text in house.also:
                split = self._split(text)
                if split.street and split.house:
                    yield House(house.id, split.street, split.house, house.lat, house.lon, house.locality)

    def _homes(self, houses: Iterable[House]) -> dict[House, str]:
        homes: dict[House, str] = {}
        homeless: defaultdict[tuple[str, bool], list[House]] = defaultdict(list)
        for house in houses:
            street = self._street_of(house)
            if street is not None:
                homes[house] = street.id
            else:
                core = self._parse_once(house.street)
                homeless[core.key, core.type == "area"].append(house)
        for namesakes in homeless.values():
            for same in self._apart(namesakes):
                homes |= dict.fromkeys(same, self._made_of(same).id)
        return homes

    def _street_of(self, house: House) -> Street | None:
        """The nearest street that bears the name in the house's address, or almost bears it."""
        key = self._parse_once(house.street).key
        for name in (key, *(name for name, _ in self._alike(key))):
            near = [(_distance(house, entry.street), entry.street) for entry in self._index.exact(name)]
            reachable = [pair for pair in near if pair[0] <= _reach(pair[1])]
            if reachable:
                return min(reachable, key=lambda pair: pair[0])[1]
        return None

    def _apart(self, namesakes: Sequence[House]) -> Iterator[list[House]]:
        """Houses of one street name by type of street, then those that lie near each other."""
        types = Counter(self._parse_once(house.street).type for house in namesakes)
        usual = next((type_ for type_, _ in types.most_common() if type_ is not None), None)
        by_type: defaultdict[str | None, list[House]] = defaultdict(list)
        for house in namesakes:
            by_type[self._parse_once(house.street).type or usual].append(house)
        for houses in by_type.values():
            yield from self._near_each_other(houses)

    def _near_each_other(self, houses: Sequence[House]) -> Iterator[list[House]]:
        """Clusters of houses: of one town always, else no further apart than a street goes on."""
        towns: defaultdict[str, list[House]] = defaultdict(list)
        for at, house in enumerate(houses):
            towns[house.locality or f"#{at}"].append(house)
        pieces = list(towns.values())
        shapes = [MultiPoint([self._plane.flat(house.point) for house in piece]) for piece in pieces]
        reach = _TOWNS_TOUCH_M if any(house.locality for house in houses) else _ONE_STREET_M
        for members in clusters(shapes, reach, lambda _one, _other: True):
            yield [house for at in members for house in pieces[at]]

    def _made_of(self, houses: Sequence[House]) -> Street:
        written = Counter(house.street for house in houses)
        text = written.most_common(1)[0][0]
        core = self._parse_once(text)
        # Microdistricts are numbered after their name (Samal-2), streets before it (2nd Line).
        is_numbered = core.type is None and len(core.words) > 1 and core.words[-1].isdigit()
        kind = StreetKind.AREA if core.type == "area" or is_numbered else StreetKind.STREET
        label = text if kind is StreetKind.STREET else area_label(self._lexicon, self._parse.bare(text))
        names = dict.fromkeys([label, *(name for name, _ in written.most_common(_MOST_NAMES))])
        localities = tuple(dict.fromkeys(house.locality for house in houses if house.locality))
        street = Street(
            self._free_id(kind, core),
            kind,
            label,
            tuple(Name(name, NameRole.OFFICIAL) for name in names),
            _spread(houses),
            max(_extent(houses), _STREET_LENGTH_M) if kind is StreetKind.STREET else AREA_LENGTH_M,
            localities,
        )
        self._streets.append(street)
        return street

    def _complexes(self, houses: Sequence[House]) -> Iterator[tuple[House, str]]:
        """Each house with the id of a residential complex it belongs to."""
        members: defaultdict[str, list[tuple[str, House]]] = defaultdict(list)
        for house in houses:
            for name in house.complexes:
                members[self._parse_once(name).key].append((name, house))
        for key, named in members.items():
            if key:
                complex_ = self._complex([name for name, _ in named], [house for _, house in named])
                yield from ((house, complex_.id) for _, house in named)

    def _complex(self, names: Sequence[str], houses: Sequence[House]) -> Street:
        (usual, _), *_ = Counter(names).most_common(1)
        core = self._parse_once(usual)
        label = usual if core.type else f"{self._lexicon.data['labels']['complex']} {usual}"
        texts = dict.fromkeys([label, *names])
        street = Street(
            self._free_id(StreetKind.COMPLEX, core),
            StreetKind.COMPLEX,
            label,
            tuple(Name(text, NameRole.OFFICIAL) for text in texts),
            _spread(houses),
            _STREET_LENGTH_M,
        )
        self._streets.append(street)
        return street

    def _free_id(self, kind: StreetKind, core: Core) -> str:
        base = id_of(self._city, kind, core)
        number = 1
        while (name := base if number == 1 else f"{base}-{number}") in self._taken:
            number += 1
        self._taken.add(name)
        return name

    def _building(self, house: House, street_id: str, also: tuple[tuple[str, str], ...]) -> Building:
        district = self._shapes.district_at(house.point) if self._has_shapes else None
        number = self._numbers.shown(house.number)
        manager = house.manager or None
        return Building(house.id, street_id, number, house.lat, house.lon, district, also, manager)


def area_label(lexicon: Lexicon, name: str) -> str:
    """How a microdistrict is called that the map names only in addresses."""
    return f"{lexicon.data['labels']['area']} {name}"


def id_of(city: str, kind: StreetKind, core: Core) -> str:
    """The id of a street, the same from import to import."""
    prefix = "" if kind is StreetKind.STREET else f"{kind.value}:"
    return f"{city}:{prefix}{core.key}".translate(_ASCII)


def drawn_around(houses: Iterable[House]) -> list[District]:
    """Districts as the hulls of the houses said to lie in them: good enough to tell namesakes apart."""
    members: defaultdict[str, list[House]] = defaultdict(list)
    for house in houses:
        if house.district:
            members[house.district].append(house)
    return [
        District(
            name.lower().replace(" ", "-"),
            (Name(name, NameRole.OFFICIAL),),
            MultiPoint([(house.lon, house.lat) for house in inside]).convex_hull.buffer(
                _DISTRICT_MARGIN_DEGREES
            ),
        )
        for name, inside in sorted(members.items())
    ]


def _spread(houses: Sequence[House]) -> tuple[Point, ...]:
    step = max(1, len(houses) // _MOST_POINTS)
    return tuple(house.point for house in houses[::step])


def _extent(houses: Sequence[House]) -> float:
    lats, lons = [house.lat for house in houses], [house.lon for house in houses]
    return geometry.metres((min(lats), min(lons)), (max(lats), max(lons)))


def _reach(street: Street) -> float:
    return _STREET_OF_HOUSE_M if street.kind is StreetKind.STREET else _AREA_OF_HOUSE_M


def _distance(house: House, street: Street) -> float:
    return min(geometry.metres(house.point, point) for point in street.points)
