"""Weighs the mentions of one message against each other: which street, which house, how sure."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.intake.domain.houses import Place, Precision
from services.intake.domain.lexicon import Lexicon
from services.intake.domain.mentions import Mention
from services.intake.domain.reading import Reading, Role
from services.intake.domain.registry import NameRole, Street, StreetKind

_TYPE_AGREES = 0.03
_TYPE_DIFFERS = -0.04
_ANY_STREET = "street"
"""People call an avenue a street, but not a lane."""
_TYPE_CONTRADICTS = -0.12
_KIND_DIFFERS = -0.12
_LOCALITY_NAMED = 0.1
_LESS_KNOWN = -0.12
_OUTSIDE = -0.06
_HOUSE_KNOWN = 0.08
_HOUSE_APART = -0.12
_WITHOUT_HOUSE = 0.72
_MOST_FILLERS = 3


@dataclass(frozen=True, slots=True)
class SaidHouse:
    """The number that goes with a mention: as written, its token, what was written after a dash.

    ``flat`` is what the dash says unless the registry knows better, ``last`` the token that ends it all. A
    number that is not ``near`` is called a house somewhere in the message.
    """

    text: str
    at: int
    last: int
    flat: str | None = None
    is_near: bool = True


class Ranking:
    """The context of one message in which its mentions are weighed."""

    def __init__(
        self,
        reading: Reading,
        mentions: Sequence[Mention],
        in_named_locality: Callable[[Street], bool],
        lexicon: Lexicon,
    ) -> None:
        self._has_districts = any(mention.entry.street.district for mention in mentions)
        self._reading = reading
        self.mentions = mentions
        self._in_named_locality = in_named_locality
        self._lexicon = lexicon
        self._longest = _longest_namesakes(mentions)

    def house_of(self, mention: Mention) -> SaidHouse | None:
        """The number right after the street, or one called a house if no other street is nearer to it."""
        near = self._number_after(mention) or self._number_before(mention)
        at = near if near is not None else self._named_house(mention)
        if at is None:
            return None
        text, is_near = self._reading.tokens[at].raw, near is not None
        if not self._is_flat_after_dash(at + 1):
            return SaidHouse(text, at, at, is_near=is_near)
        return SaidHouse(text, at, at + 1, self._reading.tokens[at + 1].raw, is_near)

    def score(self, mention: Mention, place: Place, house: SaidHouse | None) -> float:
        """How sure we are, about 0–1; only the order and the distance to the next candidate matter."""
        street = mention.entry.street
        score = mention.weight
        if place.precision is Precision.BUILDING:
            score += _HOUSE_KNOWN
        elif house is None:
            score *= _WITHOUT_HOUSE
        if house is not None and not house.is_near:
            score += _HOUSE_APART
        score -= place.misfit
        if self._in_named_locality(street):
            score += _LOCALITY_NAMED
        if self._has_districts and street.district is None:
            score += _OUTSIDE
        return score + self._type_fit(mention) + self.prominence(mention)

    def prominence(self, mention: Mention) -> float:
        """The avenue is meant rather than a lane of its name in some village: 0 for the longest."""
        known = mention.entry.street.length_m / self._longest[mention.first, mention.last]
        return _LESS_KNOWN * (1 - math.sqrt(known))

    def reasons(self, mention: Mention, place: Place, house: SaidHouse | None) -> Iterator[str]:
        """Stable words for the card: why this candidate."""
        yield "street_exact" if mention.is_exact else "street_misspelt"
        if mention.entry.role is NameRole.OLD:
            yield "old_name"
        if mention.type is not None and mention.type == mention.entry.type:
            yield "type_agrees"
        yield place.reason
        if house is not None and not house.is_near:
            yield "house_apart"

    def _number_after(self, mention: Mention) -> int | None:
        skipped: list[int] = []
        for at in range(mention.last + 1, len(self._reading.tokens)):
            if self._is_number_for(at, skipped):
                return at
            if not self._is_filler(at) or len(skipped) == _MOST_FILLERS:
                return None
            skipped.append(at)
        return None

    def _number_before(self, mention: Mention) -> int | None:
        """«18к5 по ул. Ботаническая»."""
        for at in range(mention.first - 1, max(-1, mention.first - 2 - _MOST_FILLERS), -1):
            if self._reading.is_free_number(at) or self._reading.roles.get(at) is Role.HOUSE:
                return at if self._reading.is_unbroken(at, mention.first) else None
            if not self._is_filler(at):
                return None
        return None

    def _is_number_for(self, at: int, skipped: Sequence[int]) -> bool:
        role = self._reading.roles.get(at)
        by_own_type = role is Role.AREA and any(self._reading.partner.get(unit) == at for unit in skipped)
        return self._reading.is_free_number(at) or role is Role.HOUSE or by_own_type

    def _is_filler(self, at: int) -> bool:
        token = self._reading.tokens[at]
        if token.type is not None:
            return True
        return any(token.key in self._lexicon.words(name) for name in ("house", "glue", "district"))

    def _named_house(self, mention: Mention) -> int | None:
        houses = [at for at, role in self._reading.roles.items() if role is Role.HOUSE]
        mine = [at for at in houses if self._distance(mention, at) <= self._nearest_other(mention, at)]
        return min(mine, key=lambda at: self._distance(mention, at), default=None)

    def _nearest_other(self, mention: Mention, at: int) -> float:
        """How far from a number the nearest name of other words is, guesses not counted against a name."""
        others = (m for m in self.mentions if m.last < mention.first or m.first > mention.last)
        rivals = (other for other in others if other.similarity >= mention.similarity)
        return min((_apart(rival.first, rival.last, at) for rival in rivals), default=math.inf)

    def _distance(self, mention: Mention, at: int) -> int:
        return _apart(mention.first, mention.last, at)

    def _is_flat_after_dash(self, at: int) -> bool:
        return self._reading.is_free_number(at) and self._reading.tokens[at].dashed

    def _type_fit(self, mention: Mention) -> float:
        said, known = mention.type, mention.entry.type
        if said is None:
            return 0
        if said == known:
            return _TYPE_AGREES
        is_area = mention.entry.street.kind is not StreetKind.STREET
        if (said == Role.AREA.value) != is_area:
            return _KIND_DIFFERS
        return _TYPE_DIFFERS if said == _ANY_STREET or known is None else _TYPE_CONTRADICTS


def _apart(first: int, last: int, at: int) -> int:
    return first - at if at < first else at - last


def _longest_namesakes(mentions: Sequence[Mention]) -> Mapping[tuple[int, int], float]:
    longest: dict[tuple[int, int], float] = {}
    for mention in mentions:
        span = (mention.first, mention.last)
        longest[span] = max(longest.get(span, 1.0), mention.entry.street.length_m)
    return longest
