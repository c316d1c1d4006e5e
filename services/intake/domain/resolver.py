"""Finds the address inside a whole message: ranked candidates, each with a score and the reasons for it."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from services.intake.domain import geometry
from services.intake.domain.addresses import ACCEPTED, Address, Candidate, Resolution
from services.intake.domain.guesses import Guesser
from services.intake.domain.house_numbers import HouseNumbers
from services.intake.domain.houses import Houses, Place, Precision
from services.intake.domain.lexicon import Lexicon
from services.intake.domain.mentions import Mention, MentionFinder
from services.intake.domain.name_index import NameIndex
from services.intake.domain.names import NameParser
from services.intake.domain.ranking import Ranking, SaidHouse
from services.intake.domain.reading import Reader, Reading, Role
from services.intake.domain.registry import Point, Registry, Street, StreetKind

_MOST_CANDIDATES = 10
_CROSSING_SCORE = 0.9
_CROSSING_M = 150.0
_CROSSING_WORDS = 3
_ADDRESS_WORDS = 4
_MOST_CROSSINGS = 4


@dataclass(frozen=True, slots=True)
class _Option:
    """What a mention may mean, weighed, before it is written out as an address."""

    score: float
    mention: Mention
    place: Place
    house: SaidHouse | None

    @property
    def key(self) -> tuple[str, str | None]:
        """What makes two options one: the building, or the street with the number said."""
        if self.place.building is not None:
            return self.place.building.id, None
        return self.mention.entry.street.id, self.house.text if self.house else ""

    @property
    def is_house_at_name(self) -> bool:
        """A registered house whose number stands right at the name of its street."""
        return self.place.building is not None and (self.house is None or self.house.is_near)


class Resolver:
    """Built once for a registry; resolving a message takes a few milliseconds for thousands of streets."""

    def __init__(self, registry: Registry, lexicon: Lexicon) -> None:
        self.registry = registry
        self._lexicon = lexicon
        self._parse = NameParser(lexicon)
        self._read = Reader(lexicon)
        self._mentions = MentionFinder(NameIndex(registry.streets, self._parse), lexicon)
        self._localities = _Localities(registry.streets, self._parse, self._mentions)
        self._guess = Guesser(self._mentions, self._parse.generic, lexicon)
        self._houses = Houses(registry, HouseNumbers(lexicon))

    def resolve(self, text: str) -> Resolution:
        """Candidates for the address in ``text``, best first; none at all if it names no known street."""
        reading = self._read(text)
        exact = self._mentions.exact(reading)
        ranking, options = self._weighed(reading, exact)
        if not self._is_settled(reading, exact, options):
            ranking, options = self._weighed(reading, [*exact, *self._guess(reading, exact)])
        best = heapq.nsmallest(_MOST_CANDIDATES, _best_of_each(options), key=lambda option: -option.score)
        found = [self._candidate(reading, option, ranking) for option in best]
        found += self._crossings(reading, ranking)
        parts = (reading.value(role) for role in (Role.ENTRANCE, Role.FLOOR, Role.FLAT))
        return Resolution(tuple(_ranked(found)), *parts)

    def _weighed(self, reading: Reading, mentions: Sequence[Mention]) -> tuple[Ranking, list[_Option]]:
        ranking = Ranking(reading, mentions, self._localities.named_in(reading), self._lexicon)
        return ranking, [option for mention in mentions for option in self._options(mention, ranking)]

    def _options(self, mention: Mention, ranking: Ranking) -> Iterator[_Option]:
        """One for each house that the number may mean."""
        house = self._said_house(mention, ranking)
        for place in self._houses.locate(mention.entry.street, house.text if house else None):
            yield _Option(ranking.score(mention, place, house), mention, place, house)

    def _is_settled(self, reading: Reading, exact: Sequence[Mention], options: Sequence[_Option]) -> bool:
        """Whether the names as written are enough: a registered house is found at one of them, or the
        registry has too few houses to make a number doubtful."""
        if any(option.is_house_at_name and option.score >= ACCEPTED for option in options):
            return True
        is_marked = any(self._mentions.is_marked(reading, mention) for mention in exact)
        return is_marked and not self._houses.are_complete

    def _candidate(self, reading: Reading, option: _Option, ranking: Ranking) -> Candidate:
        return self._told(
            self._address(reading, option.mention, option.place, option.house),
            score=option.score,
            reasons=tuple(ranking.reasons(option.mention, option.place, option.house)),
            span=self._span(reading, option.mention, option.house),
        )

    def _said_house(self, mention: Mention, ranking: Ranking) -> SaidHouse | None:
        """The number said; what the dash of «84-86» means, the registry knows: one long house, a corpus of
        house 84, or else its flat 86."""
        house, street = ranking.house_of(mention), mention.entry.street
        if house is None or house.flat is None:
            return house
        if self._houses.has_range(street, house.text, house.flat):
            return replace(house, text=f"{house.text}-{house.flat}", flat=None)
        with_corpus = f"{house.text}/{house.flat}"
        if not self._houses.has(street, house.text) and self._houses.has(street, with_corpus):
            return replace(house, text=with_corpus, flat=None)
        return house

    def _address(self, reading: Reading, mention: Mention, place: Place, house: SaidHouse | None) -> Address:
        building, street = place.building, mention.entry.street
        if building is not None:
            street = self.registry.street_by_id[building.street_id]
        shown = _shown_house(place, house)
        return Address(
            text=_joined(street.label, shown),
            building_id=building.id if building else None,
            street=street.label,
            house=shown,
            entrance=reading.value(Role.ENTRANCE),
            floor=reading.value(Role.FLOOR),
            flat=reading.value(Role.FLAT) or (house.flat if house else None),
            district=building.district if building else self.registry.district_at(place.point),
            lat=round(place.point[0], 6),
            lon=round(place.point[1], 6),
            precision=place.precision,
            text_kk=_joined(street.label_in("kk"), shown),
            manager=building.manager if building else None,
        )

    def _told(
        self, address: Address, score: float, reasons: tuple[str, ...], span: tuple[int, int]
    ) -> Candidate:
        label = self.registry.district_label
        ru_kk = (label(address.district, "ru"), label(address.district, "kk"))
        return Candidate(address, round(score, 3), reasons, span, *ru_kk)

    def _span(self, reading: Reading, mention: Mention, house: SaidHouse | None) -> tuple[int, int]:
        """The text from street to house, with the words around it that only say that this is an address."""
        first, last = mention.first, mention.last
        if house is not None and abs(house.at - last) <= _ADDRESS_WORDS:
            first, last = min(first, house.at), max(last, house.last)
        while first > 0 and self._is_address_word(reading, first - 1):
            first -= 1
        while last + 1 < len(reading.tokens) and self._is_address_word(reading, last + 1):
            last += 1
        return (reading.tokens[first].start, reading.tokens[last].end)

    def _is_address_word(self, reading: Reading, at: int) -> bool:
        unit = reading.units.get(at)
        if unit is Role.HOUSE:
            return reading.partner.get(at) is not None
        token = reading.tokens[at]
        return token.type is not None or token.key in self._lexicon.words("address")

    def _crossings(self, reading: Reading, ranking: Ranking) -> Iterator[Candidate]:
        # «Абая – Розыбакиева»: two streets named side by side that do meet.
        streets = [m for m in ranking.mentions if m.is_exact and m.entry.street.kind is StreetKind.STREET]
        pairs = [(a, b) for a in streets for b in streets if self._is_joined(reading, a, b)]
        for one, other in pairs[:_MOST_CROSSINGS]:
            ends = (one.entry.street.points, other.entry.street.points)
            point = geometry.meeting_point(*ends, within_m=_CROSSING_M)
            if point is not None:
                yield self._crossing(reading, one, other, point, ranking)

    def _is_joined(self, reading: Reading, one: Mention, other: Mention) -> bool:
        gap = reading.tokens[one.last + 1 : other.first]
        if one.entry.street.label == other.entry.street.label:
            return False
        if other.first <= one.last or len(gap) > _CROSSING_WORDS:
            return False
        words = self._lexicon.words("crossing")
        return all(token.key in words or token.type for token in gap)

    def _crossing(
        self, reading: Reading, one: Mention, other: Mention, point: Point, ranking: Ranking
    ) -> Candidate:
        first, second = one.entry.street, other.entry.street
        address = Address(
            text=f"{first.label} / {second.label}",
            building_id=None,
            street=first.label,
            house=None,
            entrance=None,
            floor=None,
            flat=None,
            district=self.registry.district_at(point),
            lat=round(point[0], 6),
            lon=round(point[1], 6),
            precision=Precision.STREET,
            text_kk=f"{first.label_in('kk')} / {second.label_in('kk')}",
        )
        span = (reading.tokens[one.first].start, reading.tokens[other.last].end)
        score = _CROSSING_SCORE * one.entry.weight * other.entry.weight
        score += ranking.prominence(one) + ranking.prominence(other)
        return self._told(address, score, ("crossing",), span)


class _Localities:
    """Which streets lie in the towns and settlements that a message names."""

    def __init__(self, streets: Iterable[Street], parse: NameParser, finder: MentionFinder) -> None:
        key_of = cache(parse.locality)
        keys_of = cache(lambda names: frozenset(map(key_of, names)))
        self._of: dict[str, frozenset[str]] = {s.id: keys_of(s.localities) for s in streets if s.localities}
        self._known = frozenset(key for keys in self._of.values() for key in keys if key)
        self._finder = finder

    def named_in(self, reading: Reading) -> Callable[[Street], bool]:
        named = cache(lambda: self._finder.localities(reading, self._known))
        return lambda street: street.id in self._of and not self._of[street.id].isdisjoint(named())


def _shown_house(place: Place, house: SaidHouse | None) -> str | None:
    if place.building is not None:
        return place.building.house
    return house.text if house is not None else None


def _joined(label: str, house: str | None) -> str:
    return f"{label}, {house}" if house else label


def _best_of_each(options: Iterable[_Option]) -> Iterable[_Option]:
    """One option for each house or other place: the best scored."""
    best: dict[tuple[str, str | None], _Option] = {}
    for option in options:
        if option.key not in best or best[option.key].score < option.score:
            best[option.key] = option
    return best.values()


def _ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Best first, each address text and place once."""
    ranked: dict[tuple[str, Point], Candidate] = {}
    for candidate in sorted(candidates, key=lambda candidate: -candidate.score):
        ranked.setdefault((candidate.address.text, candidate.point), candidate)
    return list(ranked.values())[:_MOST_CANDIDATES]
