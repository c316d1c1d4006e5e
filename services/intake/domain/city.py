"""Makes the address registry of a city out of what maps and lists say; reading files is commands' work."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.intake.domain.gathering import Gathered, Plane, Way, fold_in, gather
from services.intake.domain.lexicon import Lexicon
from services.intake.domain.names import NameParser
from services.intake.domain.placing import AREA_LENGTH_M, House, Placing, area_label, drawn_around, id_of
from services.intake.domain.registry import (
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
Progress = Callable[[str], None]


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
        drawn = self._renamed(self._entries(sources.city, gathered), sources.renamings)
        self._progress("buildings")
        houses = self._usable(sources.houses)
        districts = sources.districts or drawn_around(houses)
        placed = Placing(sources.city, drawn, districts, plane, self._lexicon).place(houses)
        listed = self._renamed(placed.streets[len(drawn) :], sources.renamings)
        shapes = Registry((), (), districts)
        streets = [
            replace(street, district=shapes.district_at(street.middle)) for street in (*drawn, *listed)
        ]
        registry = Registry(streets, placed.buildings, districts)
        kinds = [street.kind for street in streets]
        self._summary |= {
            "streets": kinds.count(StreetKind.STREET),
            "areas": kinds.count(StreetKind.AREA),
            "names": sum(len(street.names) for street in streets),
            "complexes": kinds.count(StreetKind.COMPLEX),
            "buildings": len(registry.buildings),
            "districts": len(districts),
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
                    label = Name(area_label(self._lexicon, self._parse.bare(name)), NameRole.OFFICIAL)
                    found[core.key].append(Way((label,), way.line, is_place=True))
        return [Gathered(self._parse(ways[0].names[0].text), ways) for ways in found.values()]

    def _usable(self, houses: Sequence[House]) -> list[House]:
        """Houses with a street and a number that is one; the rest is counted and left out."""
        usable = [house for house in houses if self._is_placeable(house)]
        self._summary["buildings_left_out"] = len(houses) - len(usable)
        return usable

    def _is_placeable(self, house: House) -> bool:
        has_number = any(token.kind is Kind.NUMBER for token in self._tokenise(house.number))
        return has_number and bool(self._parse(house.street).key)

    def _renamed(self, streets: Sequence[Street], renamings: Iterable[Renaming]) -> list[Street]:
        """The streets with the further names that lists know of them."""
        by_key: defaultdict[str, list[Street]] = defaultdict(list)
        for street in streets:
            by_key[self._parse(street.label).key].append(street)
        further: defaultdict[str, list[Name]] = defaultdict(list)
        for renaming in renamings:
            target = self._meant(by_key, renaming)
            if target is not None:
                further[target.id] += [Name(renaming.name, NameRole.ALT), *renaming.others]
        return [_with_names(street, further[street.id]) for street in streets]

    def _meant(self, by_key: Mapping[str, Sequence[Street]], renaming: Renaming) -> Street | None:
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
            base = id_of(city, found.kind, found.core)
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
            length_m=AREA_LENGTH_M if area else round(found.length_m, 1),
            localities=(found.core.locality,) if found.core.locality else (),
        )

    def _with_language(self, name: Name) -> Name:
        """A name whose type is written in Kazakh is the Kazakh name, whatever field of the map it was in."""
        is_kazakh = name.role is NameRole.OFFICIAL and self._parse.is_kazakh(name.text)
        return Name(name.text, NameRole.KK) if is_kazakh else name


def _with_names(street: Street, further: Iterable[Name]) -> Street:
    by_text = {name.text: name for name in reversed([*street.names, *further])}
    return replace(street, names=tuple(reversed(by_text.values())))


def _foreign_to_label(name: Name) -> bool:
    """The label is the official name, in Russian where the map has it; false sorts first."""
    return name.role is not NameRole.OFFICIAL


def _centre(sources: CitySources) -> Point:
    points: list[Point] = [way.line[0] for way in (*sources.ways, *sources.roads)]
    points += [(house.lat, house.lon) for house in sources.houses]
    return (sum(lat for lat, _ in points) / len(points), sum(lon for _, lon in points) / len(points))
