"""Which organisation answers: competence in the system first, then place, the most specific rule winning
(D-1.3-U2, D4-3.1-U1).

A rule says organisation × system × place × network × hours × days of contract. Among the rules that hold
comes first: the one for the side of the wall where the fault is (one for the other side holds only where
the side is a guess); the one for the houses of a manager, then for a zone, the smaller the earlier, then
for everywhere; the narrower one (one side of the wall, fewer hours, a shorter contract); the one with the
lower id.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from services.routing.domain.hours import ALWAYS, OPEN_ENDED, Hours, Term
from services.routing.domain.networks import Basis, Network, Side
from services.routing.domain.zones import Zones

EVERYWHERE = None
NO_SIDE = Side(None, Basis.ASSUMED)
_NOT_ALIKE = re.compile(r"[\W_]+")


class Objection(StrEnum):
    """Why a rule does not decide; shown under ``objection.<code>``."""

    OTHER_HOUSE = "other_house"
    OUTSIDE_ZONE = "outside_zone"
    OTHER_NETWORK = "other_network"
    NOT_YET = "not_yet"
    RUN_OUT = "run_out"
    OUTSIDE_HOURS = "outside_hours"
    UNKNOWN_ORGANISATION = "unknown_organisation"
    INACTIVE = "inactive"
    REFUSED = "refused"
    LESS_SPECIFIC = "less_specific"


@dataclass(frozen=True)
class Competence:
    """One organisation answers for one system in one place, at these hours, as long as the contract runs.

    ``houses_of`` is a house manager as :func:`alike` writes it: the rule is for the houses that the address
    registry says it manages. Else ``zone`` names a zone, None everywhere. ``network`` None: on both sides.
    """

    organisation_id: UUID
    system: str
    zone: str | None = EVERYWHERE
    hours: Hours = ALWAYS
    network: Network | None = None
    houses_of: str | None = None
    term: Term = OPEN_ENDED

    @cached_property
    def narrowness(self) -> tuple[Any, ...]:
        """Smaller is narrower; never equal for two rules that differ in who answers."""
        return (self.network is None, self.hours.minutes, self.term.days, str(self.organisation_id))


@dataclass(frozen=True)
class Question:
    """Who answers for this system here? ``lat`` and ``lon`` in degrees, None where nobody knows."""

    system: str
    lat: float | None
    lon: float | None
    side: Side = NO_SIDE
    manager: str | None = None


@dataclass(frozen=True)
class Weighed:
    """A rule of the system asked for, and why it does not decide; None for the one that does."""

    rule: Competence
    objection: Objection | None = None


class Matrix:
    """Every rule, ready to be asked."""

    def __init__(self, zones: Zones, competences: Iterable[Competence], local_time: tzinfo) -> None:
        self._zones = zones
        self._local_time = local_time
        self._by_system: dict[str, _Rules] = defaultdict(_Rules)
        for competence in competences:
            self._by_system[competence.system].add(competence)

    def answering(self, question: Question, at: datetime) -> list[UUID]:
        """Organisations that answer now, the most specific rule first.

        The caller takes the first one that is active; an empty list means that nobody answers.
        """
        return list(dict.fromkeys(rule.organisation_id for rule in self.holding(question, at)))

    def holding(self, question: Question, at: datetime) -> list[Competence]:
        """The rules by which somebody answers now, the most specific first."""
        rules = self._by_system.get(question.system)
        if rules is None:
            return []
        places, local = self._places(question), at.astimezone(self._local_time)
        found = [
            (_sidedness(rule, question.side), place, rule.narrowness, rule)
            for place, rule in rules.at(places)
            if _objection(rule, question, places, local) is None
        ]
        return [rule for *_, rule in sorted(found, key=lambda entry: entry[:3])]

    def explain(
        self, question: Question, at: datetime, out: Mapping[UUID, Objection] | None = None
    ) -> list[Weighed]:
        """Every rule for the system: the one that decides, those it outranks in their order, then the others.

        ``out``: organisations that may not be asked, and why.
        """
        out = out or {}
        holding = self.holding(question, at)
        able = [rule for rule in holding if rule.organisation_id not in out]
        told = [
            Weighed(rule, None if not place else Objection.LESS_SPECIFIC) for place, rule in enumerate(able)
        ]
        told += [Weighed(rule, out[rule.organisation_id]) for rule in holding if rule.organisation_id in out]
        places, local = self._places(question), at.astimezone(self._local_time)
        every = self._by_system[question.system].all() if question.system in self._by_system else []
        for rule in sorted(every, key=lambda rule: rule.narrowness):
            objection = _objection(rule, question, places, local)
            if objection is not None:
                told.append(Weighed(rule, objection))
        return told

    def systems(self) -> dict[str, bool]:
        """Every system somebody answers for, and whether somebody answers for it everywhere."""
        return {system: rules.has_everywhere for system, rules in sorted(self._by_system.items())}

    def disputed(self) -> list[tuple[str, str | None]]:
        """(system, zone) for which two organisations answer by rules of the same reach: their ids decide."""
        return [
            (system, zone)
            for system, rules in self._by_system.items()
            for zone, entries in rules.by_zone.items()
            if len({(rule.hours, rule.network, rule.term) for rule in entries}) < len(entries)
        ]

    def _places(self, question: Question) -> "_Places":
        if question.lat is None or question.lon is None:
            return _Places(question.manager, ())
        return _Places(question.manager, self._zones.around(question.lat, question.lon))


def alike(name: str) -> str:
    """A manager's name as two registries may both write it: «КСК "Орбита-3"» and «кск Орбита 3» are one."""
    return _NOT_ALIKE.sub(" ", name.casefold()).strip()


@dataclass(frozen=True)
class _Places:
    """The house's manager and the zones around, the smallest first."""

    manager: str | None
    zones: Sequence[str]


class _Rules:
    """The rules for one system by their place."""

    def __init__(self) -> None:
        self.by_manager: dict[str, list[Competence]] = defaultdict(list)
        self.by_zone: dict[str | None, list[Competence]] = defaultdict(list)

    @property
    def has_everywhere(self) -> bool:
        return EVERYWHERE in self.by_zone

    def add(self, rule: Competence) -> None:
        if rule.houses_of is not None:
            self.by_manager[rule.houses_of].append(rule)
        else:
            self.by_zone[rule.zone].append(rule)

    def all(self) -> list[Competence]:
        tables = (*self.by_manager.values(), *self.by_zone.values())
        return [rule for entries in tables for rule in entries]

    def at(self, places: _Places) -> Iterator[tuple[int, Competence]]:
        """The rules for these places with the rank of the place, the most specific first."""
        of_house = self.by_manager.get(places.manager, ()) if places.manager else ()
        tables = [of_house, *(self.by_zone.get(zone, ()) for zone in (*places.zones, EVERYWHERE))]
        return ((rank, rule) for rank, entries in enumerate(tables) for rule in entries)


def _objection(rule: Competence, question: Question, places: _Places, local: datetime) -> Objection | None:
    objections = (
        _of_place(rule, places),
        _of_network(rule, question.side),
        _of_term(rule.term, local.date()),
        None if rule.hours.cover(local) else Objection.OUTSIDE_HOURS,
    )
    return next((objection for objection in objections if objection is not None), None)


def _of_place(rule: Competence, places: _Places) -> Objection | None:
    if rule.houses_of is not None:
        return None if rule.houses_of == places.manager else Objection.OTHER_HOUSE
    if rule.zone is EVERYWHERE or rule.zone in places.zones:
        return None
    return Objection.OUTSIDE_ZONE


def _of_network(rule: Competence, side: Side) -> Objection | None:
    return Objection.OTHER_NETWORK if side.basis.is_certain and _sidedness(rule, side) else None


def _sidedness(rule: Competence, side: Side) -> bool:
    """Whether the rule is for the other side of the wall."""
    return rule.network is not None and rule.network is not side.network


def _of_term(term: Term, day: date) -> Objection | None:
    if term.is_ahead(day):
        return Objection.NOT_YET
    return Objection.RUN_OUT if term.is_over(day) else None
