"""Whose pipe or wire it is: inside the house (its manager's) or outside it (the utility's mains)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.routing.errors import InvalidReference

NETWORKED = frozenset({"water", "sewer", "heat", "power"})
"""Systems with a border between house and utility. Gas is 104's on both sides (design rule 6.7)."""


class Network(StrEnum):
    """The two sides of the outer wall of a house; shown under ``network.<code>``."""

    IN_HOUSE = "in_house"
    MAINS = "mains"

    @property
    def other(self) -> "Network":
        return Network.MAINS if self is Network.IN_HOUSE else Network.IN_HOUSE


class Basis(StrEnum):
    """What the side was decided by; shown under ``basis.<code>``."""

    SAID = "said"  # an organisation or a dispatcher said so
    FAULT = "fault"
    PLACE = "place"
    ASSUMED = "assumed"  # neither fault nor place tells: the likelier side

    @property
    def is_certain(self) -> bool:
        return self is not Basis.ASSUMED


@dataclass(frozen=True)
class Side:
    """The network a fault is in; None for systems without sides (gas, lifts, yards)."""

    network: Network | None
    basis: Basis


@dataclass(frozen=True)
class Networks:
    """The table: fault first, then place, then the likelier side of the fault, then of the system."""

    version: str
    faults: Mapping[str, Network]
    places: Mapping[str, Network]
    assumed: Mapping[str, Network]
    systems: Mapping[str, Network]

    def side(self, system: str, fault: str, place: str) -> Side:
        """Which side of the wall, and how we know."""
        if system not in self.systems:
            return Side(None, Basis.ASSUMED)
        if fault in self.faults:
            return Side(self.faults[fault], Basis.FAULT)
        if place in self.places:
            return Side(self.places[place], Basis.PLACE)
        return Side(self.assumed.get(fault, self.systems[system]), Basis.ASSUMED)


def read_networks(data: Mapping[str, Any]) -> Networks:
    """The table of a parsed ``networks.yml``; raises :class:`InvalidReference` saying where it is wrong."""
    try:
        tables = {
            name: {key: Network(side) for key, side in data[name].items()}
            for name in ("faults", "places", "assumed", "systems")
        }
        if not tables["systems"].keys() <= NETWORKED:
            raise InvalidReference(f"networks: only {', '.join(sorted(NETWORKED))} have two sides")
        return Networks(str(data["version"]), **tables)
    except (KeyError, TypeError, AttributeError, ValueError) as broken:
        raise InvalidReference(f"networks: {type(broken).__name__} {broken}") from broken
