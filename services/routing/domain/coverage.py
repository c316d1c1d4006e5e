"""What is doubtful in zones and competences: overlaps, ground and hours that nobody answers for, contracts
that run out. Nothing of it is forbidden; a person should know."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import shapely
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from services.routing.domain.competence import EVERYWHERE, Competence
from services.routing.domain.hours import WEEK
from services.routing.domain.networks import NETWORKED, Network
from services.routing.domain.zones import Kind, Zone, square_metres

SMALLEST_M2 = 1000.0
"""Overlaps and gaps up to this are borders drawn loosely."""
_ALL_BUT_NOTHING = 0.999
ALWAYS = ((0, WEEK),)
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Overlap:
    """Two zones that share ground. ``share`` is the part of the smaller one, 0-1; that one decides there."""

    smaller: str
    larger: str
    area_m2: float
    share: float
    lat: float
    lon: float
    is_same: bool = False


@dataclass(frozen=True)
class Gap:
    """A system nobody answers for in some place at some hours. ``area_m2`` None: nowhere at all."""

    system: str
    network: Network | None
    spans: Spans
    area_m2: float | None = None
    lat: float | None = None
    lon: float | None = None
    since: date | None = None

    @property
    def is_always(self) -> bool:
        return self.spans == ALWAYS


@dataclass(frozen=True)
class Ending:
    """A rule whose contract has run out or will soon."""

    rule: Competence
    ends: date
    is_over: bool


def boundary(zones: Iterable[Zone]) -> BaseGeometry | None:
    """The city; None if nobody has drawn it."""
    cities = [zone.shape for zone in zones if zone.kind is Kind.CITY]
    return shapely.union_all(cities) if cities else None


def overlaps(zones: Iterable[Zone], smallest_m2: float = SMALLEST_M2) -> list[Overlap]:
    """Pairs of zones that share more ground than ``smallest_m2``, unless one is meant to lie in the other."""
    ordered = sorted((z for z in zones if z.kind is Kind.SERVICE), key=lambda zone: (zone.size, zone.name))
    if not ordered:
        return []
    tree = STRtree([zone.shape for zone in ordered])
    firsts, seconds = tree.query([zone.shape for zone in ordered], predicate="intersects")
    pairs = ((ordered[int(a)], ordered[int(b)]) for a, b in zip(firsts, seconds, strict=True) if a < b)
    found = (_overlap(smaller, larger) for smaller, larger in pairs)
    return [
        one for one in found if one.area_m2 > smallest_m2 and (one.is_same or one.share < _ALL_BUT_NOTHING)
    ]


def gaps(
    zones: Sequence[Zone], rules: Sequence[Competence], systems: Iterable[str], day: date,
    smallest_m2: float = SMALLEST_M2,
) -> list[Gap]:  # fmt: skip
    """Where, when and for what nobody answers on the days like ``day``; inside the city's boundary only.

    Rules for the houses of a manager cover those houses, not ground: they close no gap.
    """
    areas = {zone.name: zone.shape for zone in zones}
    ground = _Ground(areas, boundary(zones), smallest_m2)
    held = [rule for rule in rules if rule.houses_of is None and rule.term.cover(day)]
    sides = [(system, side) for system in systems for side in (Network if system in NETWORKED else (None,))]
    return [gap for system, side in sides for gap in _gaps_of(system, side, held, ground)]


def endings(rules: Iterable[Competence], day: date, within: timedelta) -> list[Ending]:
    """Contracts that run out within so many days, and those that have, the earliest first."""
    found = [
        Ending(rule, rule.term.ends, rule.term.is_over(day))
        for rule in rules
        if rule.term.ends is not None and rule.term.ends <= day + within
    ]
    return sorted(found, key=lambda ending: (ending.ends, ending.rule.system, ending.rule.narrowness))


class _Ground:
    """The city, and what of it given zones leave uncovered."""

    def __init__(
        self, areas: Mapping[str, BaseGeometry], city: BaseGeometry | None, smallest_m2: float
    ) -> None:
        self._areas, self._city, self._smallest_m2 = areas, city, smallest_m2
        self._known: dict[frozenset[str | None], list[BaseGeometry]] = {}

    def uncovered(self, open_zones: frozenset[str | None]) -> list[BaseGeometry] | None:
        """The parts of the city outside of these zones, the largest first; None: nobody is there at all.
        Without a boundary nobody can tell where the city ends, so that nothing lies outside."""
        if not open_zones:
            return None
        if EVERYWHERE in open_zones or self._city is None:
            return []
        if open_zones not in self._known:
            self._known[open_zones] = self._outside(open_zones, self._city)
        return self._known[open_zones]

    def _outside(self, open_zones: frozenset[str | None], city: BaseGeometry) -> list[BaseGeometry]:
        rest = city.difference(shapely.union_all([self._areas[name] for name in open_zones if name]))
        parts = [part for part in shapely.get_parts(rest) if square_metres(part) > self._smallest_m2]
        return sorted(parts, key=square_metres, reverse=True)


def _gaps_of(
    system: str, network: Network | None, rules: Sequence[Competence], ground: _Ground
) -> Iterator[Gap]:
    own = [rule for rule in rules if rule.system == system and rule.network in (None, network)]
    for open_zones, spans in _weeks(own).items():
        parts = ground.uncovered(open_zones)
        if parts is None:
            yield Gap(system, network, spans)
        for part in parts or ():
            at = part.representative_point()
            yield Gap(system, network, spans, square_metres(part), at.y, at.x)


def _weeks(rules: Sequence[Competence]) -> dict[frozenset[str | None], Spans]:
    """The spans of the week by the zones (None: everywhere) in which somebody answers then."""
    spans = [(start, end, rule.zone) for rule in rules for start, end in rule.hours.spans()]
    edges = sorted({0, WEEK, *(edge for start, end, _ in spans for edge in (start, end))})
    found: dict[frozenset[str | None], list[tuple[int, int]]] = defaultdict(list)
    for start, end in pairwise(edges):
        open_zones = frozenset(zone for first, last, zone in spans if first <= start and end <= last)
        joined = found[open_zones]
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return {zones: tuple(times) for zones, times in found.items()}


def _overlap(smaller: Zone, larger: Zone) -> Overlap:
    shared = smaller.shape.intersection(larger.shape)
    at = shared.representative_point()
    share = shared.area / smaller.size
    is_same = min(share, shared.area / larger.size) > _ALL_BUT_NOTHING
    return Overlap(smaller.name, larger.name, square_metres(shared), share, at.y, at.x, is_same)
