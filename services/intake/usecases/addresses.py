"""Looking up an address that an operator types: our own registry, then an online geocoder if there is one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.intake.domain.addresses import Address, Candidate
from services.intake.domain.hearing import Listener
from services.intake.domain.houses import Precision
from services.intake.domain.places import AT_BUILDING_M, address_of
from services.intake.domain.registry import Box, Point, Registry

_SHORTEST_QUESTION = 5
_GEOCODED_SCORE = 0.6
"""Below what is taken without asking: a person chooses what somebody else's map says."""


@dataclass(frozen=True)
class Found:
    """A place as a geocoder names it."""

    text: str
    point: Point


class Geocoder(Protocol):
    """Finds addresses in somebody else's map; never raises, an empty answer means it knows nothing."""

    def find(self, text: str, box: Box) -> Sequence[Found]: ...


def find_addresses(listener: Listener, geocoder: Geocoder, query: str) -> Sequence[Candidate]:
    """Candidates for what is being typed; the geocoder is asked only where the registry knows no such house.

    No transaction is open here, and no resident waits: a slow geocoder delays an operator's list at most by
    its timeout.
    """
    resolver = listener.resolver
    own = resolver.resolve(query).candidates
    box = resolver.registry.box
    is_known = any(candidate.address.building_id for candidate in own)
    if is_known or box is None or len(query.strip()) < _SHORTEST_QUESTION:
        return own
    return [*own, *_in_city(resolver.registry, geocoder.find(query, box))]


def _in_city(registry: Registry, found: Sequence[Found]) -> Iterator[Candidate]:
    """What the geocoder says, where it lies in our city; our own building, if one stands there."""
    for place in found:
        if not registry.covers(place.point):
            continue
        building = registry.nearest_building(place.point, AT_BUILDING_M)
        address = address_of(registry, building) if building else _elsewhere(registry, place)
        label = registry.district_label
        yield Candidate(
            address,
            _GEOCODED_SCORE,
            ("geocoded",),
            (0, 0),
            label(address.district, "ru"),
            label(address.district, "kk"),
        )


def _elsewhere(registry: Registry, place: Found) -> Address:
    return Address(
        text=place.text,
        building_id=None,
        street=None,
        house=None,
        entrance=None,
        floor=None,
        flat=None,
        district=registry.district_at(place.point),
        lat=round(place.point[0], 6),
        lon=round(place.point[1], 6),
        precision=Precision.STREET,
    )
