"""What a fault calls for before anybody has seen it: works (hence grades), equipment. Practice, not law."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.routing.domain.grades import Work
from services.routing.errors import InvalidReference


@dataclass(frozen=True)
class Need:
    """Works a crew must be allowed to do, equipment it must carry, vehicles it must have."""

    works: tuple[Work, ...] = ()
    equipment: frozenset[str] = frozenset()
    vehicles: frozenset[str] = frozenset()


NOTHING = Need()


@dataclass(frozen=True)
class Confined:
    """Spaces that nobody enters alone (F23-1.1-U1, F45-1.1-U1): kinds of place, works that lead into one, and
    how many people must come."""

    places: frozenset[str] = frozenset()
    works: frozenset[str] = frozenset()
    people: int = 2

    def awaits(self, place: str, need: Need) -> bool:
        """Whether a job at such a place, or with such works, leads into a confined space."""
        return place in self.places or any(work.kind in self.works for work in need.works)


@dataclass(frozen=True)
class Needs:
    """Needs by fault, else by system; and the rule of confined spaces."""

    version: str
    faults: Mapping[str, Need]
    systems: Mapping[str, Need]
    confined: Confined = Confined()

    def of(self, system: str, fault: str) -> Need:
        """What ``fault`` in ``system`` calls for; an unknown fault calls for what its system does."""
        return self.faults.get(fault) or self.systems.get(system, NOTHING)


def read_needs(data: Mapping[str, Any]) -> Needs:
    """The table of a parsed ``needs.yml``; raises :class:`InvalidReference` saying where it is wrong."""
    try:
        faults = {name: _need(row) for name, row in (data["faults"] or {}).items()}
        systems = {name: _need(row) for name, row in (data["systems"] or {}).items()}
        return Needs(str(data["version"]), faults, systems, _confined(data["confined"]))
    except (KeyError, TypeError, ValueError, AttributeError) as broken:
        raise InvalidReference(f"needs: {type(broken).__name__} {broken}") from broken


def _need(row: Mapping[str, Any]) -> Need:
    works = tuple(Work(kind) for kind in row.get("works", ()))
    return Need(works, frozenset(row.get("equipment", ())), frozenset(row.get("vehicles", ())))


def _confined(row: Mapping[str, Any]) -> Confined:
    rule = Confined(frozenset(row["places"]), frozenset(row["works"]), int(row["people"]))
    if rule.people < 2:
        raise InvalidReference(f"needs: confined: one person never goes alone, people is {rule.people}")
    return rule
