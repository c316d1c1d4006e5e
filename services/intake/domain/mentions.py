"""Finds where a message names a street or a microdistrict, well spelt or not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.intake.domain.lexicon import Lexicon
from services.intake.domain.names import Entry, NameIndex, NameParser, joined
from services.intake.domain.reading import Reading, Role
from services.intake.domain.tokens import Kind, Token

_LONGEST_NAME = 4
_MOST_MENTIONS = 60
_MISSPELT_WORDS = 3
_MOST_GUESSES = 8
_SHORTEST_WORD = 3
_PART_SAID = 0.97
_ADDRESS_ROLES = (Role.HOUSE, Role.ENTRANCE, Role.FLOOR, Role.FLAT)


@dataclass(frozen=True, slots=True)
class Mention:
    """Tokens ``first`` to ``last`` name ``entry``; ``similarity`` 0–1, ``type`` of the word beside them."""

    entry: Entry
    first: int
    last: int
    similarity: float
    type: str | None

    @property
    def is_exact(self) -> bool:
        return self.similarity >= _PART_SAID


class MentionFinder:
    def __init__(self, index: NameIndex, parse: NameParser, lexicon: Lexicon) -> None:
        self._index = index
        self._parse = parse
        self._lexicon = lexicon
        self._stop = lexicon.words("stop")

    def exact(self, reading: Reading) -> list[Mention]:
        """Names as some street or microdistrict bears them."""
        found = list(self._exact(reading))
        found += self._numbered_areas(reading, {mention.last for mention in found})
        return found[:_MOST_MENTIONS]

    def guesses(self, reading: Reading, exact: Sequence[Mention]) -> list[Mention]:
        """Shorter names inside the exact ones, and misspelt ones where something marks an address."""
        return [*self._parts(reading, exact), *self._misspelt(reading)][:_MOST_MENTIONS]

    def is_marked(self, reading: Reading, mention: Mention) -> bool:
        """Whether a house number follows, so that there is no need to guess."""
        after = mention.last + 1
        while after < len(reading.tokens) and self._is_filler(reading.tokens[after]):
            after += 1
        return after < len(reading.tokens) and (
            reading.is_free_number(after) or reading.roles.get(after) is Role.HOUSE
        )

    def localities(self, reading: Reading) -> frozenset[str]:
        """Keys of everything in the message that may name a locality."""
        spans = (
            self._key(reading, first, last)
            for first, last in _spans(reading, 3)
            if self._usable(reading, first, last)
        )
        return frozenset(spans)

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
            if first <= covered:
                continue
            for mention_last, entries in self._longest(reading, first):
                type_ = self.type_beside(reading, first, mention_last)
                covered = mention_last
                yield from (Mention(entry, first, mention_last, 1, type_) for entry in entries)

    def _longest(self, reading: Reading, first: int) -> Iterator[tuple[int, list[Entry]]]:
        """The longest name that starts at a token; a bare number or a word of trouble needs its type."""
        for last in range(min(first + _LONGEST_NAME, len(reading.tokens)) - 1, first - 1, -1):
            if not self._usable(reading, first, last):
                continue
            words = [self._parse.word(token) for token in reading.tokens[first : last + 1]]
            entries = self._index.exact(joined(words)) or self._index.shuffled(words)
            if entries and self._is_distinct(reading, first, last):
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
        return at > 0 and (at - 1 in street_ends or self._may_be_name(reading, at - 1))

    def _area_at(self, reading: Reading, number: int, first: int, last: int) -> Iterator[Mention]:
        for entry in self._index.exact(reading.tokens[number].key):
            if entry.type == Role.AREA.value:
                yield Mention(entry, first, last, 1, Role.AREA.value)

    def _parts(self, reading: Reading, exact: Sequence[Mention]) -> Iterator[Mention]:
        """Streets called by a part of the name said: «Шамши Калдаякова» may stand as Калдаякова."""
        for whole in {(mention.first, mention.last) for mention in exact}:
            for first, last in _inside(*whole):
                if not self._is_distinct(reading, first, last):
                    continue
                for entry in self._index.exact(self._key(reading, first, last)):
                    type_ = self.type_beside(reading, *whole)
                    yield Mention(entry, *whole, _PART_SAID, type_)

    def _misspelt(self, reading: Reading) -> Iterator[Mention]:
        for guesses, (first, last) in enumerate(self._marked_spans(reading)):
            if guesses == _MOST_GUESSES:
                return
            type_ = self.type_beside(reading, first, last)
            spelt = joined(token.key for token in reading.tokens[first : last + 1])
            for name, similarity in self._index.similar(self._key(reading, first, last), spelt):
                for entry in self._index.exact(name):
                    yield Mention(entry, first, last, similarity, type_)

    def _marked_spans(self, reading: Reading) -> Iterator[tuple[int, int]]:
        """Runs of words beside a type word or right before a number: where a street would stand."""
        for at, token in enumerate(reading.tokens):
            if token.type is not None:
                yield from self._words_before(reading, at)
                yield from self._words_after(reading, at)
            elif token.kind is Kind.NUMBER and reading.roles.get(at) in (None, Role.HOUSE):
                before = at
                while before and self._is_filler(reading.tokens[before - 1]):
                    before -= 1
                yield from self._words_before(reading, before)
                yield from ((first, at) for first, _ in self._words_before(reading, at))

    def _words_before(self, reading: Reading, at: int) -> Iterator[tuple[int, int]]:
        for first in range(at - 1, max(-1, at - 1 - _MISSPELT_WORDS), -1):
            if not self._may_be_name(reading, first):
                return
            yield first, at - 1

    def _words_after(self, reading: Reading, at: int) -> Iterator[tuple[int, int]]:
        for last in range(at + 1, min(len(reading.tokens), at + 1 + _MISSPELT_WORDS)):
            if not self._may_be_name(reading, last):
                return
            yield at + 1, last

    def _may_be_name(self, reading: Reading, at: int) -> bool:
        token = reading.tokens[at]
        return self._usable(reading, at, at) and token.key not in self._stop and token.kind is Kind.WORD

    def _is_filler(self, token: Token) -> bool:
        return token.key in self._lexicon.words("house") or token.key in self._lexicon.words("glue")

    def _is_distinct(self, reading: Reading, first: int, last: int) -> bool:
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

    def _usable(self, reading: Reading, first: int, last: int) -> bool:
        return all(self._is_usable(reading, at) for at in range(first, last + 1))

    def _is_usable(self, reading: Reading, at: int) -> bool:
        token = reading.tokens[at]
        if token.kind is Kind.NUMBER:
            return reading.roles.get(at) not in _ADDRESS_ROLES
        return token.kind is Kind.WORD and token.type is None and at not in reading.units

    def _key(self, reading: Reading, first: int, last: int) -> str:
        return joined(self._parse.word(token) for token in reading.tokens[first : last + 1])


def _inside(first: int, last: int) -> Iterator[tuple[int, int]]:
    """The spans of tokens within a longer one, longest first."""
    for length in range(last - first, 0, -1):
        for start in range(first, last - length + 2):
            yield start, start + length - 1


def _spans(reading: Reading, longest: int) -> Iterator[tuple[int, int]]:
    count = len(reading.tokens)
    for first in range(count):
        for last in range(first, min(first + longest, count)):
            yield first, last
