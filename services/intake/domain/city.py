"""Makes the address registry of a city out of what maps and lists say; reading files is commands' work."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.intake.domain import geometry
from services.intake.domain.gathering import Gathered, Plane, Way, fold_in, gather
from services.intake.domain.lexicon import Lexicon
from services.intake.domain.names import Core, NameIndex, NameParser
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
from services.intake.domain.tokens import Kind, Tokeniser
from services.intake.errors import NoAddresses

_MOST_POINTS = 200
_AREA_LENGTH_M = 1500.0
_STREET_OF_HOUSE_M = 1500.0
_AREA_OF_HOUSE_M = 3000.0
_ASCII = str.maketrans({"š": "sh", "ž": "zh", "č": "ch"})
Progress = Callable[[str], None]


@dataclass(frozen=True)
class House:
    """A building with a house number, as the map has it; ``street`` is the text of its address."""

    id: str
    street: str
    number: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Renaming:
    """A line of a list of names: what a street is called and what else it is or was called."""

    name: str
    others: tuple[Name, ...]


@dataclass
class CitySources:
    """Everything read for one city. ``roads`` is a newer map of roads than ``ways``, if there is one."""

    city: str
    ways: list[Way] = field(default_factory=list)
    roads: list[Way] = field(default_factory=list)
    houses: list[House] = field(default_factory=list)
    districts: list[District] = field(default_factory=list)
    renamings: list[Renaming] = field(default_factory=list)


@dataclass(frozen=True)
class CityImport:
    """The registry of one city and what became of the sources."""

    city: str
    registry: Registry
    summary: Mapping[str, int]


class CityBuilder:
    """Builds a :class:`CityImport`; ``progress`` hears what it is doing."""

    def __init__(self, lexicon: Lexicon, progress: Progress) -> None:
        self._lexicon = lexicon
        self._parse = NameParser(lexicon)
        self._tokenise = Tokeniser(lexicon)
        self._progress = progress
        self._summary: dict[str, int] = {}

    def build(self, sources: CitySources) -> CityImport:
        """Raises :class:`NoAddresses` if the sources name no street at all."""
        if not sources.ways and not sources.roads and not sources.houses:
            raise NoAddresses("the files name no street, no place and no house number")
        plane = Plane(_centre(sources))
        gathered = self._streets(sources, plane)
        self._progress("names")
        self._rename(gathered, sources.renamings)
        streets = self._entries(sources.city, gathered)
        self._progress("buildings")
        streets, buildings = self._place_houses(sources, streets)
        shapes = Registry((), (), sources.districts)
        streets = [replace(street, district=shapes.district_at(street.middle)) for street in streets]
        registry = Registry(streets, buildings, sources.districts)
        kinds = [street.kind for street in streets]
        self._summary |= {
            "streets": kinds.count(StreetKind.STREET),
            "areas": kinds.count(StreetKind.AREA),
            "names": sum(len(street.names) for street in streets),
            "buildings": len(buildings),
            "districts": len(sources.districts),
        }
        return CityImport(sources.city, registry, self._summary)

    def _streets(self, sources: CitySources, plane: Plane) -> list[Gathered]:
        self._progress("streets")
        ways, roads = self._streets_only(sources.ways), self._streets_only(sources.roads)
        streets = gather(roads or ways, self._parse, plane)
        if roads:
            self._progress("older_map")
            self._summary["renamed"] = fold_in(streets, gather(ways, self._parse, plane), plane)
        streets += self._localities(streets)
        return streets

    def _streets_only(self, ways: Iterable[Way]) -> list[Way]:
        """Without trails, bridges and what else map makers give a name to."""
        noise = self._lexicon.words("not_streets")
        return [
            way for way in ways if not any(token.key in noise for token in self._tokenise(way.names[0].text))
        ]

    def _localities(self, streets: Sequence[Gathered]) -> list[Gathered]:
        """Settlements known only as the bracket after a street's name: areas with those streets in them."""
        known = {street.core.key for street in streets if street.kind is StreetKind.AREA}
        noise = self._lexicon.words("not_localities")
        found: defaultdict[str, list[Way]] = defaultdict(list)
        for street in streets:
            for way in street.ways:
                _, _, bracket = way.names[0].text.partition("(")
                name = bracket.rstrip(") ")
                core = self._parse(name)
                if core.key and core.key not in known and not any(word in noise for word in core.words):
                    label = Name(self._area_label(name), NameRole.OFFICIAL)
                    found[core.key].append(Way((label,), way.line, is_place=True))
        return [Gathered(self._parse(ways[0].names[0].text), ways) for ways in found.values()]

    def _area_label(self, name: str) -> str:
        return f"{self._lexicon.data['labels']['area']} {self._parse.bare(name)}"

    def _rename(self, streets: Sequence[Gathered], renamings: Iterable[Renaming]) -> None:
        by_key: defaultdict[str, list[Gathered]] = defaultdict(list)
        for street in streets:
            by_key[street.core.key].append(street)
        for renaming in renamings:
            target = self._renamed(by_key, renaming)
            if target is not None:
                target.extra_names += [Name(renaming.name, NameRole.ALT), *renaming.others]

    def _renamed(self, by_key: Mapping[str, Sequence[Gathered]], renaming: Renaming) -> Gathered | None:
        """The street of the new name; if the map does not know that yet, the only one of the old name."""
        current = by_key.get(self._parse(renaming.name).key, ())
        if current:
            return max(current, key=lambda street: street.length_m)
        former = [s for name in renaming.others for s in by_key.get(self._parse(name.text).key, ())]
        return former[0] if len(former) == 1 else None

    def _entries(self, city: str, gathered: Iterable[Gathered]) -> list[Street]:
        """Registry entries with ids that stay the same from import to import of the same map."""
        streets: list[Street] = []
        taken: defaultdict[str, int] = defaultdict(int)
        for found in sorted(gathered, key=lambda street: (-street.length_m, street.points[0])):
            base = _id_of(city, found.kind, found.core)
            taken[base] += 1
            id_ = base if taken[base] == 1 else f"{base}-{taken[base]}"
            streets.append(self._entry(id_, found))
        return streets

    def _entry(self, id_: str, found: Gathered) -> Street:
        names = sorted((self._with_language(name) for name in found.names), key=_foreign_to_label)
        points = found.points
        step = max(1, len(points) // _MOST_POINTS)
        area = found.kind is StreetKind.AREA
        return Street(
            id=id_,
            kind=found.kind,
            label=names[0].text.partition("(")[0].strip(),
            names=tuple(names),
            points=tuple((round(lat, 6), round(lon, 6)) for lat, lon in points[::step]),
            length_m=_AREA_LENGTH_M if area else round(found.length_m, 1),
            localities=(found.core.locality,) if found.core.locality else (),
        )

    def _with_language(self, name: Name) -> Name:
        """A name whose type is written in Kazakh is the Kazakh name, whatever field of the map it was in."""
        is_kazakh = name.role is NameRole.OFFICIAL and self._parse.is_kazakh(name.text)
        return Name(name.text, NameRole.KK) if is_kazakh else name

    def _place_houses(
        self, sources: CitySources, streets: list[Street]
    ) -> tuple[list[Street], list[Building]]:
        index = NameIndex(streets, self._parse, self._lexicon)
        shape_of = Registry((), (), sources.districts)
        homeless: defaultdict[str, list[House]] = defaultdict(list)
        homes: list[tuple[House, str]] = []
        for house in self._usable(sources.houses):
            street = self._street_of(house, index)
            if street is None:
                homeless[self._parse(house.street).key].append(house)
            else:
                homes.append((house, street.id))
        for houses in homeless.values():
            street = self._street_from_houses(sources.city, houses, {known.id for known in streets})
            streets = [*streets, street]
            homes += [(house, street.id) for house in houses]
        buildings = {
            house.id: Building(
                house.id,
                id_,
                house.number,
                house.lat,
                house.lon,
                shape_of.district_at((house.lat, house.lon)),
            )
            for house, id_ in homes
        }
        return streets, list(buildings.values())

    def _usable(self, houses: Sequence[House]) -> list[House]:
        """Houses with a street and a number that is one; the rest is counted and left out."""
        usable = []
        for house in houses:
            number = next(
                (token for token in self._tokenise(house.number) if token.kind is Kind.NUMBER), None
            )
            if number is not None and self._parse(house.street).key:
                shown = number.raw
                usable.append(House(house.id, house.street, shown, house.lat, house.lon))
        self._summary["buildings_left_out"] = len(houses) - len(usable)
        return usable

    def _street_of(self, house: House, index: NameIndex) -> Street | None:
        """The nearest street that bears the name in the house's address, or almost bears it."""
        key = self._parse(house.street).key
        keys = [key, *(name for name, _ in index.similar(key))]
        for name in keys:
            near = [(_distance(house, entry.street), entry.street) for entry in index.exact(name)]
            reachable = [pair for pair in near if pair[0] <= _reach(pair[1])]
            if reachable:
                return min(reachable, key=lambda pair: pair[0])[1]
        return None

    def _street_from_houses(self, city: str, houses: Sequence[House], taken: set[str]) -> Street:
        text = houses[0].street
        core = self._parse(text)
        # Microdistricts are numbered after their name (Samal-2), streets before it (2nd Line).
        area = core.type == "area" or (len(core.words) > 1 and core.words[-1].isdigit())
        kind = StreetKind.AREA if area else StreetKind.STREET
        base = _id_of(city, kind, core)
        id_ = next(name for name in (base, *(f"{base}-{n}" for n in range(2, 1000))) if name not in taken)
        label = self._area_label(text) if area else text
        points = tuple((house.lat, house.lon) for house in houses)
        names = tuple(
            dict.fromkeys(Name(name, NameRole.OFFICIAL) for name in (label, *(h.street for h in houses)))
        )
        return Street(id_, kind, label, names, points, _AREA_LENGTH_M if area else 300.0)


def _foreign_to_label(name: Name) -> bool:
    """The label is the official name, in Russian where the map has it; false sorts first."""
    return name.role is not NameRole.OFFICIAL


def _id_of(city: str, kind: StreetKind, core: Core) -> str:
    return f"{city}:{'area:' if kind is StreetKind.AREA else ''}{core.key}".translate(_ASCII)


def _reach(street: Street) -> float:
    return _AREA_OF_HOUSE_M if street.kind is StreetKind.AREA else _STREET_OF_HOUSE_M


def _distance(house: House, street: Street) -> float:
    return min(geometry.metres((house.lat, house.lon), point) for point in street.points)


def _centre(sources: CitySources) -> Point:
    points: list[Point] = [way.line[0] for way in (*sources.ways, *sources.roads)]
    points += [(house.lat, house.lon) for house in sources.houses]
    return (sum(lat for lat, _ in points) / len(points), sum(lon for _, lon in points) / len(points))
