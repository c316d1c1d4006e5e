"""Guesses at misspelt and shortened street names, where something in a message marks an address."""

import re
from collections.abc import Iterator, Sequence

from services.intake.domain.lexicon import Lexicon
from services.intake.domain.mentions import PART_SAID, Mention, MentionFinder
from services.intake.domain.names import GenericWords, joined
from services.intake.domain.reading import Reading, Role
from services.intake.domain.tokens import Kind

_MOST_MENTIONS = 40
_ENDING = re.compile(r"(?<=\w{6})[aou]{1,2}(?:i|m|mu|go|ia)?$")
"""What a typing error leaves of the ending of an adjective: «Московскоум», «Ростовсуой»."""
_MISSPELT_WORDS = 3
_MOST_GUESSES = 12
_SHORTEST_PART = 4


class Guesser:
    """Looks for what :class:`MentionFinder` did not find as it is written."""

    def __init__(self, finder: MentionFinder, generic: GenericWords, lexicon: Lexicon) -> None:
        self._finder = finder
        self._index = finder.index
        self._generic = generic
        self._lexicon = lexicon

    def __call__(self, reading: Reading, exact: Sequence[Mention]) -> list[Mention]:
        """Shorter names inside the exact ones, and misspelt ones where something marks an address."""
        best: dict[tuple[str, int, int], Mention] = {}
        for mention in (*self._parts(reading, exact), *self._misspelt(reading)):
            key = (mention.entry.street.id, mention.first, mention.last)
            if key not in best or best[key].weight < mention.weight:
                best[key] = mention
        return sorted(best.values(), key=lambda mention: -mention.weight)[:_MOST_MENTIONS]

    def _parts(self, reading: Reading, exact: Sequence[Mention]) -> Iterator[Mention]:
        """Streets called by a part of the name said: «Шамши Калдаякова» may stand as Калдаякова."""
        for whole in dict.fromkeys((mention.first, mention.last) for mention in exact):
            type_ = self._finder.type_beside(reading, *whole)
            for first, last in _inside(*whole):
                if self._is_proper(reading, first, last):
                    for entry in self._index.exact(self._finder.key(reading, first, last)):
                        yield Mention(entry, *whole, PART_SAID, type_)

    def _is_proper(self, reading: Reading, first: int, last: int) -> bool:
        tokens = reading.tokens[first : last + 1]
        own = [token for token in tokens if token.kind is Kind.WORD and token.stem not in self._generic]
        return any(len(token.key) >= _SHORTEST_PART for token in own) and self._finder.is_distinct(
            reading, first, last
        )

    def _misspelt(self, reading: Reading) -> Iterator[Mention]:
        for first, last in self._best_marked(reading):
            type_ = self._finder.type_beside(reading, first, last)
            for name, similarity in self._index.similar(*self._spellings(reading, first, last)):
                for entry in self._index.exact(name):
                    yield Mention(entry, first, last, similarity, type_)

    def _spellings(self, reading: Reading, first: int, last: int) -> list[str]:
        """A run of words without endings, as written, with its double letters, with the ending torn off."""
        tokens = reading.tokens[first : last + 1]
        stem, written = self._finder.key(reading, first, last), joined(token.key for token in tokens)
        doubled = "".join(self._lexicon.fold.unsqueezed(token.raw) for token in tokens)
        torn = _ENDING.sub("", written) if stem == written else stem
        return [stem, written, self._lexicon.stem(doubled), torn]

    def _best_marked(self, reading: Reading) -> list[tuple[int, int]]:
        """The spans that most look like a street: a type beside them and a number at them."""
        marks: dict[tuple[int, int], int] = {}
        for span, strength in self._marked(reading):
            marks[span] = marks.get(span, 0) + strength
        return sorted(marks, key=lambda span: (-marks[span], span))[:_MOST_GUESSES]

    def _marked(self, reading: Reading) -> Iterator[tuple[tuple[int, int], int]]:
        """Runs of words beside a type word or a number, each with how strongly that marks a street."""
        for at, token in enumerate(reading.tokens):
            if token.type is not None:
                number_follows = self._is_house(reading, self._past_fillers(reading, at, 1))
                yield from ((span, 2 + number_follows) for span in self._words_before(reading, at))
                yield from ((span, 2) for span in self._words_after(reading, at))
            elif token.ordinal:
                yield from (((at, last), 3) for (_, last) in self._words_after(reading, at))
            elif self._is_house(reading, at):
                before, after = (self._past_fillers(reading, at, step) for step in (-1, 1))
                words = list(self._words_before(reading, before + 1))
                yield from ((span, 2) for span in words)
                yield from (((first, first), 1) for first, _ in words)
                yield from ((span, 1) for span in self._words_after(reading, after - 1))
                yield from (((first, at), 1) for (first, _) in self._words_before(reading, at))
                yield from (((at, last), 1) for (_, last) in self._words_after(reading, at))

    def _is_house(self, reading: Reading, at: int) -> bool:
        if not 0 <= at < len(reading.tokens) or reading.tokens[at].kind is not Kind.NUMBER:
            return False
        return reading.roles.get(at) in (None, Role.HOUSE, Role.AREA)

    def _past_fillers(self, reading: Reading, at: int, step: int) -> int:
        """The first position from ``at`` on, in the direction of ``step``, that is more than filling."""
        at += step
        while 0 <= at < len(reading.tokens) and self._finder.is_filler(reading.tokens[at]):
            at += step
        return at

    def _words_before(self, reading: Reading, at: int) -> Iterator[tuple[int, int]]:
        for first in range(at - 1, max(-1, at - 1 - _MISSPELT_WORDS), -1):
            if not self._finder.may_be_name(reading, first):
                return
            yield first, at - 1

    def _words_after(self, reading: Reading, at: int) -> Iterator[tuple[int, int]]:
        for last in range(at + 1, min(len(reading.tokens), at + 1 + _MISSPELT_WORDS)):
            if not self._finder.may_be_name(reading, last):
                return
            yield at + 1, last


def _inside(first: int, last: int) -> Iterator[tuple[int, int]]:
    """The spans of tokens within a longer one, longest first."""
    for length in range(last - first, 0, -1):
        for start in range(first, last - length + 2):
            yield start, start + length - 1
