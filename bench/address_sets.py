"""The sets of texts and registries that ``bench.addresses`` measures on; reads them, copies nothing.

A registry is what ``import-city`` reads (CSV or ``.osm.pbf``). Texts are lines of JSON:

    {"id": "...", "text": "...", "address": "...", "buildings": ["..."], "lat": 0.0, "lon": 0.0}

``address`` is the true address as officially written (it tells where the typing error goes and which text of
a whole message is the address), ``buildings`` the ids of the registry that are right. Without ``buildings`` a
candidate is right within ``--within`` metres of ``lat``, ``lon``.
"""

import csv
import gzip
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from rapidfuzz import fuzz, utils

from services.intake.commands import files, lists
from services.intake.domain import geometry
from services.intake.domain.city import CityBuilder, CitySources
from services.intake.domain.house_numbers import HouseNumbers
from services.intake.domain.names import NameParser
from services.intake.domain.placing import House
from services.intake.domain.registry import Registry
from services.intake.schemas.lexicon import load_lexicon
from shared.config import ROOT

ALMATY = ROOT / "demo" / "city" / "almaty"
SAME_PIN_M = 100.0
_AGREE = 60
_WORD = re.compile(r"[^\W\d_]{5,}")
_LITERA = re.compile(r",? литера .*$")
_NAMES_LITERA = re.compile(r"\bлит", re.IGNORECASE)


@dataclass(frozen=True)
class Case:
    """One text with its truth."""

    id: str
    text: str
    address: str
    buildings: frozenset[str]
    lat: float
    lon: float

    @property
    def is_reported(self) -> bool:
        """The half that is reported; the other is for looking at misses, so that nothing is tuned on this."""
        return hashlib.sha256(self.id.encode()).digest()[0] % 2 == 1


@dataclass
class AddressSet:
    """Texts and the registry in which their addresses are to be found, with the buildings as listed."""

    name: str
    registry: Registry
    listed: Sequence[House]
    cases: list[Case] = field(default_factory=list)
    within_m: float = SAME_PIN_M


def from_files(registry: Path, texts: Path, within_m: float) -> AddressSet:
    """A set of somebody's own."""
    houses = lists.read_registry(registry, load_lexicon())
    cases = [_case(json.loads(line)) for line in _lines(texts)]
    return AddressSet(texts.name, built(CitySources("own", houses=houses)), houses, cases, within_m)


def saint_petersburg(folder: Path) -> AddressSet:
    """Citizens' messages that name the official address themselves.

    Right is the building; if the message names no litera, any litera of that house.
    """
    houses = lists.read_registry(folder / "addresses.csv.gz", load_lexicon())
    by_address: defaultdict[str, set[str]] = defaultdict(set)
    for row in _rows(folder / "addresses.csv.gz"):
        by_address[row["address"]].add(row["building_id"])
        by_address[_LITERA.sub("", row["address"])].add(row["building_id"])
    wanted = set(_lines(folder / "address_pairs_dev_ids.txt"))
    found = (json.loads(line) for line in _lines(folder / "dev.jsonl.gz"))
    cases = []
    for row in found:
        if str(row["id"]) in wanted:
            said = row["address"] if _NAMES_LITERA.search(row["text"]) else _LITERA.sub("", row["address"])
            ids = frozenset(by_address[said] or by_address[row["address"]])
            cases.append(Case(str(row["id"]), row["text"], row["address"], ids, row["lat"], row["lon"]))
    return AddressSet("spb messages", built(CitySources("spb", houses=houses)), houses, cases)


def astana(folder: Path) -> AddressSet:
    """Sellers' spellings of their addresses, each to be found in what the other sellers wrote.

    There is no official list, so one is made of one half of the rows (by a hash of the id, independent of
    the half that is reported): houses are the pins of one number within 100 m, the name of a house's street
    is the spelling that most sellers of that half gave it. A row of the other half is asked if a house of
    its number stands within 100 m of its pin, that is, if there is a right answer; that house is right. Pins
    are the sellers' own: some are wrong, so 100 % cannot be reached.
    """
    numbers = HouseNumbers(load_lexicon())
    rows = [row for row in _rows(folder / "dev.csv") if row["house_num"] and row["street_decoded"]]
    listed = [row for row in rows if _half("registry" + row["id"])]
    houses = list(_houses_of(listed, numbers))
    by_number: defaultdict[str, list[House]] = defaultdict(list)
    for house in houses:
        by_number[numbers.key(house.number)].append(house)
    cases = []
    for row in rows:
        point = (float(row["lat"]), float(row["lon"]))
        near = [
            house.id
            for house in by_number[numbers.key(row["house_num"])]
            if geometry.metres(house.point, point) <= SAME_PIN_M
        ]
        if near and not _half("registry" + row["id"]):
            text = f"{row['street_decoded']} {row['house_num']}"
            cases.append(Case(row["id"], text, row["street_decoded"], frozenset(near), *point))
    return AddressSet("astana listings", built(CitySources("astana", houses=houses)), houses, cases)


def agreeing(made: AddressSet) -> AddressSet:
    """The rows of a set whose words and pin agree: rapidfuzz sees a likeness of 60 between the street said
    and that of a right house. The rest has a wrong pin, a wrong street or a designation nobody listed."""
    streets = {house.id: utils.default_process(house.street) for house in made.listed}

    def agrees(case: Case) -> bool:
        said = utils.default_process(case.address)
        return any(fuzz.partial_ratio(said, streets[id_]) >= _AGREE for id_ in case.buildings)

    cases = [case for case in made.cases if agrees(case)]
    return AddressSet(f"{made.name}, words and pin agree", made.registry, made.listed, cases)


def almaty() -> AddressSet:
    """The addresses of the shipped map of Almaty, as its mappers wrote them, in the shipped registry.

    A house that is drawn twice (its outline and a shop in it) is right either way.
    """
    lexicon = load_lexicon()
    sources = CitySources("almaty", roads=files.read_roads(ALMATY / "almaty_roads_shp.zip"))
    sources.ways, sources.houses = files.read_osm(ALMATY / "almaty.osm.pbf")
    sources.districts = files.read_districts(ALMATY / "almaty_districts.geojson")
    sources.renamings = lists.read_names(ALMATY / "names.csv", "almaty", lexicon)
    registry = built(sources)
    known = {building.id: (building.street_id, building.house) for building in registry.buildings}
    drawn: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for id_, address in known.items():
        drawn[address].add(id_)
    cases = [
        Case(h.id, f"{h.street} {h.number}", h.street, frozenset(drawn[known[h.id]]), *h.point)
        for h in sources.houses
        if h.id in known
    ]
    return AddressSet("almaty osm", registry, sources.houses, cases)


def built(sources: CitySources) -> Registry:
    return CityBuilder(load_lexicon(), lambda _step: None).build(sources).registry


def enlarged(houses: Sequence[House], count: int) -> Iterator[House]:
    """A registry of ``count`` buildings: the real one, then copies of it under other street names.

    In each copy the longest word of a name has its letters turned round by one more («Костюшко», «Остюшкок»,
    «Стюшкоко»), so that names stay as long and numbers as usual as real ones are.
    """
    parse, made = NameParser(load_lexicon()), 0
    for copy in range(-(-count // len(houses))):
        for house in houses:
            if made == count:
                return
            made += 1
            yield _copied(house, copy, parse) if copy else house


def _copied(house: House, copy: int, parse: NameParser) -> House:
    """A house of the same number on a street of another name, some 70 km further east for each copy."""
    longest = max(_WORD.findall(parse.bare(house.street)), key=len, default="")
    street = house.street.replace(longest, _turned(longest, copy)) if longest else house.street
    return House(f"{house.id}-{copy}", street, house.number, house.lat, house.lon + copy, house.locality)


def _turned(word: str, copy: int) -> str:
    cut = copy % len(word)
    return (word[cut:] + word[:cut]).capitalize()


def _houses_of(rows: Iterable[dict[str, str]], numbers: HouseNumbers) -> Iterator[House]:
    """One house for each street and number: where half of its sellers' pins lie on either side."""
    listed: defaultdict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for group in _pins(rows, numbers):
        (street, _), *_ = Counter(row["street_decoded"] for row in group).most_common(1)
        listed[street, numbers.key(group[0]["house_num"])] += group
    for (street, _), group in listed.items():
        lat, lon = (median(float(row[name]) for row in group) for name in ("lat", "lon"))
        yield House(group[0]["id"], street, group[0]["house_num"], lat, lon)


def _pins(rows: Iterable[dict[str, str]], numbers: HouseNumbers) -> Iterator[list[dict[str, str]]]:
    """Rows of one number within 100 m of each other."""
    by_number: defaultdict[str, list[list[dict[str, str]]]] = defaultdict(list)
    for row in rows:
        same = by_number[numbers.key(row["house_num"])]
        near = next((group for group in same if _distance(group[0], row) <= SAME_PIN_M), None)
        if near is None:
            same.append([row])
        else:
            near.append(row)
    for groups in by_number.values():
        yield from groups


def _distance(one: dict[str, str], other: dict[str, str]) -> float:
    points = [(float(row["lat"]), float(row["lon"])) for row in (one, other)]
    return geometry.metres(*points)


def _half(salted: str) -> bool:
    return hashlib.sha256(salted.encode()).digest()[1] % 2 == 1


def _case(row: dict[str, object]) -> Case:
    buildings = row.get("buildings") or ()
    ids = frozenset(map(str, buildings)) if isinstance(buildings, list) else frozenset[str]()
    lat, lon = (float(str(row.get(name, 0))) for name in ("lat", "lon"))
    return Case(str(row["id"]), str(row["text"]), str(row.get("address", row["text"])), ids, lat, lon)


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(_lines(path)))


def _lines(path: Path) -> Iterator[str]:
    opened: Callable[..., object] = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig") as lines:  # type: ignore[attr-defined]
        yield from (line.rstrip("\n") for line in lines)
