"""What a fault calls for before anybody has seen it: works (hence grades), equipment. Practice, not law."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.routing.domain.grades import Work
from services.routing.errors import InvalidReference


@dataclass(frozen=True)
class Need:
    """Works a crew must be allowed to do and equipment it must carry."""

    works: tuple[Work, ...] = ()
    equipment: frozenset[str] = frozenset()


NOTHING = Need()


@dataclass(frozen=True)
class Needs:
    """Needs by fault, else by system."""

    version: str
    faults: Mapping[str, Need]
    systems: Mapping[str, Need]

    def of(self, system: str, fault: str) -> Need:
        """What ``fault`` in ``system`` calls for; an unknown fault calls for what its system does."""
        return self.faults.get(fault) or self.systems.get(system, NOTHING)


def read_needs(data: Mapping[str, Any]) -> Needs:
    """The table of a parsed ``needs.yml``; raises :class:`InvalidReference` saying where it is wrong."""
    try:
        faults = {name: _need(row) for name, row in (data["faults"] or {}).items()}
        systems = {name: _need(row) for name, row in (data["systems"] or {}).items()}
        return Needs(str(data["version"]), faults, systems)
    except (KeyError, TypeError, AttributeError) as broken:
        raise InvalidReference(f"needs: {type(broken).__name__} {broken}") from broken


def _need(row: Mapping[str, Any]) -> Need:
    works = tuple(Work(kind) for kind in row.get("works", ()))
    return Need(works, frozenset(row.get("equipment", ())))
