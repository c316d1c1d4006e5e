"""How well addresses are found in the real Almaty, clean and with seeded typing errors. Needs no server."""

import csv
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest

from services.intake.commands import files, lists
from services.intake.domain import geometry
from services.intake.domain.addresses import Candidate
from services.intake.domain.city import CityBuilder, CitySources
from services.intake.domain.registry import Building
from services.intake.domain.resolver import Resolver
from services.intake.schemas.lexicon import load_lexicon
from shared.config import ROOT

CITY = ROOT / "demo" / "city" / "almaty"
SEED = 7
SAME_PLACE_M = 150
LETTERS = "абвгдежзиклмнопрстуфхцчшыэюя"
MESSAGES = [
    "{street} {house}",
    "{street}, {house}, нет воды",
    "Здравствуйте, {street} дом {house} кв 5 прорвало трубу",
    "топит подвал! {street}, {house}, 2 подъезд",
    "жарық жоқ, {street} {house} үй",
]
Misspell = Callable[[str, random.Random], str]


@dataclass(frozen=True)
class Score:
    """Shares of all addresses: taken and right, asked about, taken and wrong; milliseconds a message."""

    right: float
    asked: float
    wrong: float
    p50_ms: float
    p99_ms: float


@cache
def resolver() -> Resolver:
    ways, houses = files.read_osm(CITY / "almaty.osm.pbf")
    roads = files.read_roads(CITY / "almaty_roads_shp.zip")
    districts = files.read_districts(CITY / "almaty_districts.geojson")
    names = lists.read_names(CITY / "names.csv", "almaty", load_lexicon())
    city = CitySources("almaty", ways, roads, houses, districts, names)
    return Resolver(CityBuilder(load_lexicon(), lambda _step: None).build(city).registry, load_lexicon())


def clean(street: str, _dice: random.Random) -> str:
    return street


def one_error(street: str, dice: random.Random) -> str:
    """A letter left out, replaced, added or exchanged with the one before; never the first."""
    places = [at for at, letter in enumerate(street) if letter.isalpha()][1:]
    if len(places) < 3:
        return street
    at = dice.choice(places)
    before, letter, after = street[:at], street[at], street[at + 1 :]
    wrong = dice.choice(LETTERS)
    swapped = before[:-1] + letter + before[-1:]
    return dice.choice(
        [before + after, before + wrong + after, before + wrong + letter + after, swapped + after]
    )


def measure(misspell: Misspell) -> Score:
    dice = random.Random(SEED)
    buildings = {building.id: building for building in resolver().registry.buildings}
    verdicts, seconds = [], []
    with (CITY / "addresses.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            building = buildings.get(f"osm-{row['osm']}")
            if building is None:
                continue
            street = misspell(row["street"], dice)
            message = dice.choice(MESSAGES).format(street=street, house=row["housenumber"])
            started = time.perf_counter()
            best = resolver().resolve(message).best
            seconds.append(time.perf_counter() - started)
            verdicts.append("asked" if best is None else "right" if is_at(best, building) else "wrong")
    right, asked, wrong = (verdicts.count(kind) / len(verdicts) for kind in ("right", "asked", "wrong"))
    centiles = statistics.quantiles(seconds, n=100)
    return Score(right, asked, wrong, p50_ms=centiles[49] * 1000, p99_ms=centiles[98] * 1000)


def is_at(candidate: Candidate, building: Building) -> bool:
    """The building itself, or so near that a crew sees it: the map has some house numbers twice."""
    distance = geometry.metres(candidate.point, (building.lat, building.lon))
    return candidate.address.building_id == building.id or distance <= SAME_PLACE_M


@pytest.mark.parametrize(
    ("misspell", "at_least_right", "at_most_wrong"), [(clean, 0.95, 0.03), (one_error, 0.90, 0.045)]
)
def test_real_addresses_are_found(misspell: Misspell, at_least_right: float, at_most_wrong: float) -> None:
    score = measure(misspell)
    print(score)
    assert score.right >= at_least_right
    assert score.wrong <= at_most_wrong
    assert score.p50_ms < 100  # a machine's mood; bench/addresses measures
