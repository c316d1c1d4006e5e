"""Who calls when about what, and which crews there are. All times are seconds since midnight.

Hours of the calls are those of real messages (see ``WEEKDAY`` and ``STORM``). What fails, how often and how
long the work takes are this bench's own assumptions, set so that a crew makes about 25 trips in 24 hours of a
busy day, as in Minsk; no source gives working times by fault.
"""

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from services.routing.domain.roads import RoadNetwork
from services.routing.domain.words import Category

HOUR = 3600.0
DAY = 24 * HOUR
EMERGENCY, URGENT, PLANNED = Category.EMERGENCY, Category.URGENT, Category.PLANNED
NORMS = {EMERGENCY: 0.5 * HOUR, URGENT: 2 * HOUR, PLANNED: 8 * HOUR}

# Messages by hour: 5,976 about water, sewers, heat, roofs, lifts, lights and wires on working days of five
# months in St Petersburg, and 207 about snow, ice and water on the worst day (25 February 2021, seven times
# the usual number). ``--data`` reads the moments themselves.
WEEKDAY = (62, 24, 9, 5, 3, 3, 8, 16, 37, 46, 55, 56, 62, 60, 51, 53, 60, 57, 62, 56, 57, 52, 52, 52)
STORM = (2, 0, 0, 0, 0, 0, 0, 5, 6, 13, 17, 8, 6, 10, 11, 12, 15, 11, 12, 12, 15, 34, 16, 2)
_STORM_DAY = "2021-02-25"
_OF_HOUSES = ("Водоснабжение", "Водоотведение", "Центральное отопление", "Кровля", "Подвалы")
_ALSO = ("лифт", "провода", "освещение в подъезде", "колодец", "Упавшее")
_OF_STORMS = ("нег", "аледь", "Лужи")


@dataclass(frozen=True)
class Fault:
    """A kind of trouble: parts per thousand on a working day and in a storm, usual minutes of work."""

    code: str
    category: Category
    system: str
    weekday: int
    storm: int
    minutes: float
    equipment: frozenset[str] = frozenset()


_WELDER, _PUMP = frozenset({"welder"}), frozenset({"pump"})
FAULTS = (
    Fault("pipe_burst", EMERGENCY, "water", 20, 40, 80, _WELDER),
    Fault("flooded_basement", EMERGENCY, "sewer", 15, 30, 70, _PUMP),
    Fault("radiator_burst", EMERGENCY, "heat", 10, 15, 60),
    Fault("sparking_panel", EMERGENCY, "power", 10, 20, 45),
    Fault("trapped_in_lift", EMERGENCY, "lift", 5, 5, 30),
    Fault("leak", URGENT, "water", 120, 130, 45),
    Fault("blocked_sewer", URGENT, "sewer", 100, 120, 55),
    Fault("no_heat", URGENT, "heat", 60, 90, 50),
    Fault("no_power", URGENT, "power", 70, 130, 45),
    Fault("lift_stopped", URGENT, "lift", 50, 50, 50),
    Fault("dripping_tap", PLANNED, "water", 150, 90, 40),
    Fault("lukewarm_radiator", PLANNED, "heat", 90, 70, 45),
    Fault("dark_stairs", PLANNED, "power", 140, 90, 30),
    Fault("door_or_roof", PLANNED, "other", 160, 120, 60),
)


@dataclass(frozen=True)
class Call:
    """One request. ``takes`` is known to nobody before the work is done; dispatchers expect ``expected``.

    Between ``locked_from`` and ``locked_to`` (seconds of work) the crew is at a step that nothing may
    interrupt.
    """

    at: float
    fault: Fault
    lat: float
    lon: float
    takes: float
    locked_from: float
    locked_to: float

    @property
    def category(self) -> Category:
        return self.fault.category

    @property
    def expected(self) -> float:
        return self.fault.minutes * 60

    @property
    def shift_left(self) -> float:
        """What a crew must have left of its shift: an emergency is finished in overtime."""
        return min(self.expected, 1800.0) if self.category is EMERGENCY else self.expected

    @property
    def due(self) -> float:
        return self.at + NORMS[self.category]


@dataclass(frozen=True)
class Hands:
    """A crew: base, what it can do, and its shift, which comes again every day."""

    lat: float
    lon: float
    systems: frozenset[str]
    led: bool
    equipment: frozenset[str]
    begins: float
    ends: float

    def may(self, fault: Fault) -> bool:
        """The refusal rules in short: system, equipment, a leader for emergencies."""
        able = fault.system in self.systems and fault.equipment <= self.equipment
        return able and (self.led or fault.category is not EMERGENCY)


def calls(network: RoadNetwork, number: int, storm: bool, moments: Sequence[float], seed: int) -> list[Call]:
    """A day's calls in order of time; ``moments`` are real times of day to draw from."""
    dice = np.random.default_rng((seed, 1, storm))
    weights = np.array([fault.storm if storm else fault.weekday for fault in FAULTS], np.float64)
    kinds = dice.choice(len(FAULTS), number, p=weights / weights.sum())
    times = np.sort((dice.choice(moments, number) + dice.uniform(-300, 300, number)) % DAY)
    lat, lon = _houses(network, dice, number)
    rows = zip(times.tolist(), kinds.tolist(), lat.tolist(), lon.tolist(), strict=True)
    return [_call(dice, at, FAULTS[kind], *place) for at, kind, *place in rows]


def crews(network: RoadNetwork, number: int, seed: int) -> list[Hands]:
    """Three of five crews work by day (08–20), the others by night; some begin an hour later."""
    dice = np.random.default_rng((seed, 2))
    lat, lon = _houses(network, dice, number)
    return [_crew(dice, n, number, float(lat[n]), float(lon[n])) for n in range(number)]


def moments(storm: bool, data: Path | None) -> list[float]:
    """Times of day of real messages; without their file, as many as each hour had."""
    if data is not None:
        return _real(data / "spb_citizen_requests" / "dev.jsonl.gz", storm)
    dice = np.random.default_rng(0)
    hours = np.repeat(np.arange(24), STORM if storm else WEEKDAY)
    return [float(at) for at in (hours + dice.uniform(0, 1, len(hours))) * HOUR]


def _real(path: Path, storm: bool) -> list[float]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    times = (datetime.fromisoformat(row["created"]) for row in rows if _counts(row, storm))
    return [at.hour * HOUR + at.minute * 60.0 + at.second for at in times if storm or at.isoweekday() <= 5]


def _counts(row: dict[str, str], storm: bool) -> bool:
    if storm:
        return row["created"].startswith(_STORM_DAY) and _speaks_of(_OF_STORMS, row["reason"])
    return row["category"] in _OF_HOUSES or _speaks_of(_ALSO, row["reason"])


def _speaks_of(words: Iterable[str], text: str) -> bool:
    return any(word in text for word in words)


def _houses(network: RoadNetwork, dice: np.random.Generator, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Places on the streets people live in."""
    homes = [n for n, kind in enumerate(network.kinds) if kind in {"residential", "living_street", "service"}]
    spots = np.flatnonzero(np.isin(network.kind[network.spot_edge], homes))
    chosen = dice.choice(spots, number)
    return network.spot_lat[chosen].astype(np.float64), network.spot_lon[chosen].astype(np.float64)


def _call(dice: np.random.Generator, at: float, fault: Fault, lat: float, lon: float) -> Call:
    takes = fault.minutes * 60 * float(dice.lognormal(-0.08, 0.4))
    locked = float(dice.uniform(0, 0.7)) * takes
    return Call(at, fault, lat, lon, takes, locked, locked + 0.3 * takes)


_TEAMS = (  # systems, parts of a hundred
    (frozenset({"water", "sewer", "heat"}), 45),
    (frozenset({"water", "heat", "other"}), 15),
    (frozenset({"power", "other"}), 15),
    (frozenset({"power", "lift"}), 15),
    (frozenset({"other", "water"}), 10),
)


def _crew(dice: np.random.Generator, number: int, of: int, lat: float, lon: float) -> Hands:
    by_day, share = number % 5 < 3, (number // 5 + 0.5) / (of / 5) * 100
    reached = np.cumsum([parts for _, parts in _TEAMS])
    systems = _TEAMS[int(np.searchsorted(reached[:-1], share))][0]
    begins = (8 * HOUR if by_day else 20 * HOUR) + HOUR * int(dice.random() < 0.3)
    equipment = frozenset(name for name, share in (("welder", 0.75), ("pump", 0.75)) if dice.random() < share)
    led = bool(dice.random() < 0.9)
    return Hands(lat, lon, systems, led, equipment, begins, begins + 12 * HOUR)
