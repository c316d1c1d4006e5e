"""Finds where a message names a street or a microdistrict, well spelt or not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.intake.domain.lexicon import Lexicon
from services.intake.domain.name_index import Entry, NameIndex
from services.intake.domain.names import joined
from services.intake.domain.reading import Reading, Role
from services.intake.domain.tokens import Kind, Token

_LONGEST_NAME = 4
_LONGEST_LOCALITY = 3
_MOST_MENTIONS = 60
_SHORTEST_WORD = 3
_LONG_WORD = 8
PART_SAID = 0.97
"""The similarity of a street of which only a part of the name said is its own."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Tokens ``first`` to ``last`` name ``entry``; ``similarity`` 0–1, ``type`` of the word beside them."""

    entry: Entry
    first: int
    last: int
    similarity: float
    type: str | None

    @property
    def weight(self) -> float:
        """How directly the words name the street, 0–1."""
        return self.similarity * self.entry.weight

    @property
    def is_exact(self) -> bool:
        return self.similarity >= PART_SAID


class MentionFinder:
    def __init__(self, index: NameIndex, lexicon: Lexicon) -> None:
        self.index = index
        self._stop = lexicon.words("stop")
        self._fillers = (lexicon.words("house"), lexicon.words("glue"))
        self._towns = lexicon.words("towns")
        self._district = lexicon.words("district")

    def exact(self, reading: Reading) -> list[Mention]:
        """Names as some street or microdistrict bears them."""
        found = list(self._exact(reading))
        found += self._numbered_areas(reading, {mention.last for mention in found})
        return found[:_MOST_MENTIONS]

    def is_marked(self, reading: Reading, mention: Mention) -> bool:
        """Whether a house number follows, so that there is no need to guess."""
        after = mention.last + 1
        while after < len(reading.tokens) and self.is_filler(reading.tokens[after]):
            after += 1
        return after < len(reading.tokens) and (
            reading.is_free_number(after) or reading.roles.get(after) is Role.HOUSE
        )

    def localities(self, reading: Reading, known: frozenset[str]) -> frozenset[str]:
        """Keys of the known localities that the message names."""
        return known.intersection(self.key(reading, *span) for span in _spans(reading, _LONGEST_LOCALITY))

    def type_beside(self, reading: Reading, first: int, last: int) -> str | None:
        """The class of the type word right before or right after a name."""
        for at in (first - 1, last + 1):
            if 0 <= at < len(reading.tokens):
                type_ = reading.tokens[at].type
                if type_ is not None:
                    return type_
        return None

    def _exact(self, reading: Reading) -> Iterator[Mention]:
        covered = -1
        for first in range(len(reading.tokens)):
            if first <= covered or not self.index.may_begin(reading.tokens[first].stem):
                continue
            for mention_last, entries in self._longest(reading, first):
                if self._names_district(reading, first, mention_last) or self._names_town(reading, first):
                    continue
                type_ = self.type_beside(reading, first, mention_last)
                covered = mention_last
                yield from (Mention(entry, first, mention_last, 1, type_) for entry in entries)

    def _names_district(self, reading: Reading, first: int, last: int) -> bool:
        """«Жилкомсервис Невского района» is no address on Nevsky."""
        after = last + 1
        is_district = after < len(reading.tokens) and reading.tokens[after].key in self._district
        return is_district and self.type_beside(reading, first, last) is None

    def _names_town(self, reading: Reading, first: int) -> bool:
        """«город Ломоносов, улица …» is no address on Lomonosov's street."""
        return first > 0 and reading.tokens[first - 1].key in self._towns

    def _longest(self, reading: Reading, first: int) -> Iterator[tuple[int, Sequence[Entry]]]:
        """The longest name that starts at a token; a bare number or a word of trouble needs its type."""
        for last in range(min(first + _LONGEST_NAME, len(reading.tokens)) - 1, first - 1, -1):
            if not all(reading.may_name[first : last + 1]):
                continue
            words = [token.stem for token in reading.tokens[first : last + 1]]
            entries = self.index.exact(joined(words)) or self.index.shuffled(words)
            if entries and self.is_distinct(reading, first, last):
                yield last, entries
                return

    def _numbered_areas(self, reading: Reading, street_ends: set[int]) -> Iterator[Mention]:
        # «6 мкр», and the «14-21» of operators: microdistrict and house with nothing but a dash.
        for unit, at in reading.partner.items():
            if reading.units[unit] is Role.AREA:
                yield from self._area_at(reading, at, min(unit, at), max(unit, at))
        for at, token in enumerate(reading.tokens):
            is_pair = token.dashed and reading.is_free_number(at) and reading.is_free_number(at - 1)
            if is_pair and not self._follows_name(reading, at - 1, street_ends):
                yield from self._area_at(reading, at - 1, at - 1, at - 1)

    def _follows_name(self, reading: Reading, at: int, street_ends: set[int]) -> bool:
        """Whether a number comes right after a word that may well be a street."""
        return at > 0 and (at - 1 in street_ends or self.may_be_name(reading, at - 1))

    def _area_at(self, reading: Reading, number: int, first: int, last: int) -> Iterator[Mention]:
        for entry in self.index.exact(reading.tokens[number].key):
            if entry.type == Role.AREA.value:
                yield Mention(entry, first, last, 1, Role.AREA.value)

    def may_be_name(self, reading: Reading, at: int) -> bool:
        """Whether a word may belong to a misspelt name; «Искровсеий проспект» sparks no stop word."""
        token = reading.tokens[at]
        if token.kind is not Kind.WORD or not reading.may_name[at] or self.is_filler(token):
            return False
        is_typed = len(token.key) >= _LONG_WORD and self.type_beside(reading, at, at) is not None
        return is_typed or token.key not in self._stop

    def is_filler(self, token: Token) -> bool:
        return any(token.key in words for words in self._fillers)

    def is_distinct(self, reading: Reading, first: int, last: int) -> bool:
        """Not a bare number, and a letter or a word of trouble only with a type or a house beside it."""
        tokens = reading.tokens[first : last + 1]
        type_ = self.type_beside(reading, first, last)
        if all(token.kind is Kind.NUMBER for token in tokens):
            is_count = reading.roles.get(first) is Role.COUNT
            return type_ not in (None, Role.AREA.value) and not is_count
        words = [token.key for token in tokens if token.kind is Kind.WORD]
        if type_ is not None or not all(len(word) < _SHORTEST_WORD or word in self._stop for word in words):
            return True
        is_named = len(words) < len(tokens) or any(len(word) >= _SHORTEST_WORD for word in words)
        return reading.is_free_number(last + 1) and is_named

    def key(self, reading: Reading, first: int, last: int) -> str:
        return joined(token.stem for token in reading.tokens[first : last + 1])


def _spans(reading: Reading, longest: int) -> Iterator[tuple[int, int]]:
    """All runs of tokens that may be a name."""
    for first in range(len(reading.tokens)):
        for last in range(first, min(first + longest, len(reading.tokens))):
            if not reading.may_name[last]:
                break
            yield first, last
