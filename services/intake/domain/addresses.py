"""Addresses as intake hands them on, and the candidates among which it chooses."""

from dataclasses import dataclass

from services.intake.domain import geometry
from services.intake.domain.houses import Precision
from services.intake.domain.registry import Point

ACCEPTED = 0.78
"""A candidate at least this good, and clear of the next one, is taken without asking."""
PLAUSIBLE = 0.5
"""A candidate below this is not even offered as a choice."""
MOST_CHOICES = 3
_CLEAR_BY = 0.045
_SAME_PLACE_M = 300.0


@dataclass(frozen=True, slots=True)
class Address:
    """A place to send a crew to; the shape of ``address`` in our events."""

    text: str
    building_id: str | None
    street: str | None
    house: str | None
    entrance: str | None
    floor: str | None
    flat: str | None
    district: str | None
    lat: float
    lon: float
    precision: Precision
    text_kk: str = ""
    """The same in Kazakh where the registry knows it; for residents, not for other services."""
    manager: str | None = None
    """Who looks after the house, as the registry names them; decides who answers for its networks."""

    def text_in(self, language: str) -> str:
        """The address as a resident reading ``language`` would write it."""
        return self.text_kk if language == "kk" and self.text_kk else self.text


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of a message as an address. ``span`` is the part of the text with street and house."""

    address: Address
    score: float
    reasons: tuple[str, ...]
    span: tuple[int, int]
    district_ru: str = ""
    district_kk: str = ""

    @property
    def is_complete(self) -> bool:
        """Says where on the street: a house or a crossing."""
        return self.address.house is not None or "crossing" in self.reasons

    @property
    def point(self) -> Point:
        return (self.address.lat, self.address.lon)

    def text_in(self, language: str) -> str:
        return self.address.text_in(language)

    def district_in(self, language: str) -> str:
        """The name of its district, empty outside all of them."""
        return self.district_kk if language == "kk" else self.district_ru


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a message says about its address; ``entrance``, ``floor``, ``flat`` hold even without a street."""

    candidates: tuple[Candidate, ...] = ()
    entrance: str | None = None
    floor: str | None = None
    flat: str | None = None

    @property
    def best(self) -> Candidate | None:
        """The candidate to take without asking: good enough and clear of every other place."""
        if not self.candidates or self.candidates[0].score < ACCEPTED:
            return None
        first, *others = self.candidates
        rivals = (other for other in others if can_be_told_apart(first, other))
        return first if all(first.score - rival.score >= _CLEAR_BY for rival in rivals) else None

    @property
    def choices(self) -> tuple[Candidate, ...]:
        """What to offer when nothing is clear enough: at most three, one for each place."""
        chosen: list[Candidate] = []
        for candidate in self.candidates:
            if candidate.score >= PLAUSIBLE and all(can_be_told_apart(candidate, other) for other in chosen):
                chosen.append(candidate)
        return tuple(chosen[:MOST_CHOICES])


def can_be_told_apart(one: Candidate, other: Candidate) -> bool:
    """Whether a resident could answer which of two is meant: another house, or another place named
    differently."""
    if one.address.text == other.address.text and one.address.district == other.address.district:
        return False
    houses = (one.address.building_id, other.address.building_id)
    if None not in houses:
        return houses[0] != houses[1]
    return geometry.metres(one.point, other.point) > _SAME_PLACE_M
