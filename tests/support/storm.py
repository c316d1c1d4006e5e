"""A storm with known truth: most messages are about a few incidents, the rest about troubles of their own."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

import yaml

from services.intake.commands import files, lists
from services.intake.domain import geometry
from services.intake.domain.city import CityBuilder, CityImport, CitySources
from services.intake.domain.registry import Registry
from services.intake.domain.resolver import Resolver
from services.intake.schemas.lexicon import load_lexicon
from shared.config import ROOT

PHRASES = ROOT / "tests" / "data" / "storm_phrases.yml"
_CITY = ROOT / "demo" / "city" / "almaty"
_REACH_M = 75.0  # so that any two houses of one cause are within the narrowest spread (150 m)
_APART_M = 1200.0
_MOST_HOUSES = 5
_SLIPS = 0.15
_SHORTEST_SLIPPED = 6


@dataclass(frozen=True)
class Place:
    """A house that the registry finds for sure by its address."""

    building: str
    address: str
    lat: float
    lon: float

    @property
    def point(self) -> tuple[float, float]:
        return (self.lat, self.lon)


@dataclass(frozen=True)
class Incident:
    """One cause: what residents of these houses miss."""

    symptom: str
    houses: tuple[Place, ...]


@dataclass(frozen=True)
class Message:
    """``incident``: the index of the cause it is about, None for a trouble of its own."""

    phone: str
    body: str
    incident: int | None
    danger: bool = False


@dataclass(frozen=True)
class Storm:
    incidents: tuple[Incident, ...]
    messages: tuple[Message, ...]

    def about(self, incident: int | None) -> list[Message]:
        return [message for message in self.messages if message.incident == incident]


@cache
def almaty() -> CityImport:
    """The city that is shipped, as its import makes it."""
    lexicon = load_lexicon()
    sources = CitySources("almaty", roads=files.read_roads(_CITY / "almaty_roads_shp.zip"))
    sources.ways, sources.houses = files.read_osm(_CITY / "almaty.osm.pbf")
    sources.districts = files.read_districts(_CITY / "almaty_districts.geojson")
    sources.renamings = lists.read_names(_CITY / "names.csv", "almaty", lexicon)
    return CityBuilder(lexicon, lambda _step: None).build(sources)


def known_places(resolver: Resolver, most: int = 400) -> list[Place]:
    """Houses of a registry whose address leads to them and to nothing else."""
    registry = resolver.registry
    return list(islice(_found(registry, resolver), most))


def brew(places: Sequence[Place], size: int, incidents: int = 10, share: float = 0.9, seed: int = 1) -> Storm:
    """``size`` messages, this share of them about so many incidents; of the rest a third is dangerous."""
    dice = random.Random(seed)
    phrases = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    causes = _incidents(places, sorted(phrases["crowd"]), incidents, dice)
    crowd = [_of_crowd(at, causes, phrases["crowd"], dice) for at in range(round(size * share))]
    alone = [_alone(at, causes, places, phrases, dice) for at in range(size - len(crowd))]
    messages = [*crowd, *alone]
    dice.shuffle(messages)
    return Storm(tuple(causes), tuple(_from(number, one) for number, one in enumerate(messages)))


def _found(registry: Registry, resolver: Resolver) -> Iterable[Place]:
    for building in registry.buildings:
        address = f"{registry.street_by_id[building.street_id].label} {building.house}"
        best = resolver.resolve(f"Нет света, {address}, кв 5").best
        if best is not None and best.address.building_id == building.id and best.address.flat == "5":
            yield Place(building.id, address, building.lat, building.lon)


def _incidents(
    places: Sequence[Place], symptoms: Sequence[str], count: int, dice: random.Random
) -> list[Incident]:
    """Causes of different places: two of one symptom are far apart, each hits the houses around it."""
    causes: list[Incident] = []
    for place in dice.sample(list(places), len(places)):
        symptom = symptoms[len(causes) % len(symptoms)]
        rivals = [house for cause in causes for house in cause.houses]
        if any(geometry.metres(place.point, rival.point) < _APART_M for rival in rivals):
            continue
        causes.append(Incident(symptom, tuple(_around(place, places)[:_MOST_HOUSES])))
        if len(causes) == count:
            return causes
    raise ValueError("too few houses far enough from each other")


def _around(place: Place, places: Sequence[Place]) -> list[Place]:
    """The place where it happened and the houses within reach of it, the nearest first."""
    away = {other: geometry.metres(place.point, other.point) for other in places}
    return sorted((other for other in places if away[other] <= _REACH_M), key=lambda other: away[other])


def _of_crowd(
    at: int, causes: Sequence[Incident], phrases: dict[str, list[str]], dice: random.Random
) -> Message:
    number = at % len(causes)
    cause = causes[number]
    where = f"{dice.choice(cause.houses).address}, кв {dice.randint(1, 120)}"
    body = _slipped(dice.choice(phrases[cause.symptom]), dice).format(where=where)
    return Message("", body, number)


def _alone(
    at: int,
    causes: Sequence[Incident],
    places: Sequence[Place],
    phrases: dict[str, list[str]],
    dice: random.Random,
) -> Message:
    danger = at % 3 == 0
    # Dangers in the thick of it; other troubles one to a house, for several in one would be an outage too.
    house = dice.choice(dice.choice(causes).houses) if danger else places[at % len(places)]
    where = f"{house.address}, кв {200 + at}"
    body = dice.choice(phrases["danger" if danger else "alone"]).format(where=where)
    return Message("", body, None, danger)


def _from(number: int, message: Message) -> Message:
    return Message(f"+7702{number:07}", message.body, message.incident, message.danger)


def _slipped(phrase: str, dice: random.Random) -> str:
    """One pair of letters of one long word swapped, in some messages."""
    words = phrase.split(" ")
    long = [at for at, word in enumerate(words) if len(word) >= _SHORTEST_SLIPPED and "{" not in word]
    if not long or dice.random() > _SLIPS:
        return phrase
    at = dice.choice(long)
    middle = len(words[at]) // 2
    word = words[at]
    words[at] = word[:middle] + word[middle + 1] + word[middle] + word[middle + 2 :]
    return " ".join(words)
