"""Patterns of words, written by people in the rules, and where they occur in a message.

``"труб*|стояк~ прорв*|лопну*"``: terms are separated by spaces; each term is a choice of words; every term
must occur, in any order, near each other. ``не+горит`` is a sequence: words side by side without a comma.
``@water`` stands for a named list of words. Nothing here is a regular expression: matching looks words up,
so its cost grows with the length of the message only in proportion.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise, product, takewhile
from typing import NamedTuple

from services.triage.domain.lexicon import Lexicon
from services.triage.domain.text import NUMBER, Token, fold

_FIRST_REACH = 5
_NEXT_REACH = 2
_MOST_NEAR = 16
_SHORTEST_STEM = 3

Words = tuple[str, ...]
Match = tuple[int, ...]
"""Numbers of the tokens that a pattern took, ascending."""


class BadPattern(ValueError):
    """The pattern cannot be read; the message says why."""


def is_number(written: str) -> bool:
    """``#`` is any number, ``#12`` one of at most 12."""
    return written == NUMBER or (written.startswith(NUMBER) and written[1:].isdecimal())


@dataclass(frozen=True, eq=False)
class Term:
    """A choice of words and sequences of words, one of which must occur."""

    choices: frozenset[Words]

    @cached_property
    def by_first_word(self) -> Mapping[str, "Openings"]:
        found: defaultdict[str, list[Words]] = defaultdict(list)
        for choice in sorted(self.choices):
            found[choice[0]].append(choice)
        return {word: Openings.of(choices) for word, choices in found.items()}


class Openings(NamedTuple):
    """The choices of a term that begin with one word: the word ``alone``, sequences by their second word."""

    alone: bool
    longer: Mapping[str, Sequence[Words]]

    @classmethod
    def of(cls, choices: Iterable[Words]) -> "Openings":
        longer: defaultdict[str, list[Words]] = defaultdict(list)
        alone = False
        for choice in choices:
            if len(choice) == 1:
                alone = True
            else:
                longer[choice[1]].append(choice)
        return cls(alone, dict(longer))


@dataclass(frozen=True, eq=False)
class Pattern:
    """Terms, each within ``reach`` places of the first (a comma counts 2 more, the end of a sentence 5)."""

    terms: tuple[Term, ...]
    reach: int

    @cached_property
    def needs(self) -> frozenset[Term]:
        """Every term must begin somewhere in a message, or the pattern cannot occur there."""
        return frozenset(self.terms)

    @property
    def words(self) -> frozenset[str]:
        return frozenset(word for term in self.terms for choice in term.choices for word in choice)

    def affirmed(self, negators: Collection[str]) -> Iterator[str]:
        """The words that it wants said, without those it wants right behind one of ``negators``."""
        for choice in (choice for term in self.terms for choice in term.choices):
            yield choice[0]
            yield from (word for before, word in pairwise(choice) if before not in negators)


def parse(
    written: str,
    lists: Mapping[str, Term],
    reach: int | None = None,
    read: Callable[[str, Mapping[str, Term]], Term] | None = None,
) -> Pattern:
    """Read a pattern; raises :class:`BadPattern`. Default reach: 5 places, 2 more for each term after two.
    ``read`` stands for :func:`parse_term`, so that many patterns may share terms that are written alike."""
    terms = tuple((read or parse_term)(term, lists) for term in written.split())
    if not terms:
        raise BadPattern("a pattern needs at least one word")
    return Pattern(terms, reach or _FIRST_REACH + _NEXT_REACH * max(0, len(terms) - 2))


def parse_term(written: str, lists: Mapping[str, Term]) -> Term:
    """Read one term: words, sequences and named lists between ``|``."""
    choices: set[Words] = set()
    for choice in written.split("|"):
        first, *others = (_part(part, lists) for part in choice.split("+"))
        choices |= _sequences(first, others) if others else first
    return Term(frozenset(choices))


def _sequences(first: frozenset[Words], others: Iterable[frozenset[Words]]) -> set[Words]:
    return {tuple(chain.from_iterable(joined)) for joined in product(first, *others)}


def _part(written: str, lists: Mapping[str, Term]) -> frozenset[Words]:
    if written.startswith("@"):
        if written[1:] not in lists:
            raise BadPattern(f"unknown list {written}")
        return lists[written[1:]].choices
    letters = written.rstrip("*~^")
    if not is_number(written) and (not letters.isalpha() or len(written) > len(letters) + 1):
        raise BadPattern(f"not a word: {written!r} (letters, then at most one of * ~ ^; or #, or #12)")
    if written.endswith("*") and len(fold(letters)) < _SHORTEST_STEM:
        raise BadPattern(f"{written!r}: a stem needs {_SHORTEST_STEM} letters, or it means too many words")
    return frozenset({(written,)})


class Reading:
    """One message as the rules see it: which rule words stand where, and which of them are negated."""

    def __init__(self, tokens: Sequence[Token], lexicon: Lexicon) -> None:
        self.tokens = tokens
        self.recognised = [lexicon.recognise(token.folded) for token in tokens]
        self._said = [
            known.words if token.folded != NUMBER else known.words.union(lexicon.numbers_from(token.text))
            for token, known in zip(tokens, self.recognised, strict=True)
        ]
        self.words: defaultdict[str, list[int]] = defaultdict(list)
        for number, said in enumerate(self._said):
            for word in said:
                self.words[word].append(number)
        self.begun: frozenset[Term] | None = None
        """The rules' terms that begin somewhere here; the engine fills it in once."""
        self._negated_by: dict[int, int | None] = {}
        self._occurrences: dict[Term, tuple[list[int], list[Match]]] = {}

    def negate(self, number: int, by: int | None = None) -> None:
        """Take a word out of play, except (with ``by``) in a sequence that contains that negator itself."""
        self._negated_by[number] = by
        self._occurrences.clear()

    def follows(self, number: int) -> bool:
        """Whether this token stands right behind another, with nothing between them."""
        return number > 0 and self.tokens[number].place - self.tokens[number - 1].place == 1

    def in_one_clause(self, numbers: Collection[int]) -> bool:
        """Whether no comma or sentence end lies between these tokens."""
        first, last = min(numbers), max(numbers)
        return self.tokens[last].place - self.tokens[first].place == last - first

    def find(self, pattern: Pattern) -> Iterator[Match]:
        """Occurrences of the pattern, at most one for each occurrence of its first term."""
        first, *others = pattern.terms
        for term in others:
            if term.by_first_word.keys().isdisjoint(self.words):
                return
        for anchor in self._where(first)[1]:
            match = self._completed(anchor, others, pattern.reach)
            if match:
                yield match

    def _completed(self, anchor: Match, others: Iterable[Term], reach: int) -> Match | None:
        taken = anchor
        for term in others:
            near = (match for match in self._near(term, anchor, reach) if not set(match) & set(taken))
            nearest = min(near, key=lambda match: self._distance(anchor, match), default=None)
            if nearest is None:
                return None
            taken += nearest
        return tuple(sorted(taken))

    def _near(self, term: Term, anchor: Match, reach: int) -> Iterator[Match]:
        starts, matches = self._where(term)
        middle = bisect_left(starts, anchor[0])
        for side in (reversed(matches[:middle][-_MOST_NEAR:]), matches[middle : middle + _MOST_NEAR]):
            yield from takewhile(lambda match: self._distance(anchor, match) <= reach, side)

    def _distance(self, one: Match, other: Match) -> int:
        tokens = self.tokens
        after = tokens[other[0]].place - tokens[one[-1]].place
        before = tokens[one[0]].place - tokens[other[-1]].place
        return max(after, before)

    def _where(self, term: Term) -> tuple[list[int], list[Match]]:
        if term not in self._occurrences:
            matches = sorted(set(self._occurrences_of(term)))
            self._occurrences[term] = [match[0] for match in matches], matches
        return self._occurrences[term]

    def _occurrences_of(self, term: Term) -> Iterator[Match]:
        for word in term.by_first_word.keys() & self.words.keys():
            alone, longer = term.by_first_word[word]
            for start in self.words[word]:
                if alone and start not in self._negated_by:
                    yield (start,)
                if longer:
                    yield from self._sequences(longer, start)

    def _sequences(self, longer: Mapping[str, Sequence[Words]], start: int) -> Iterator[Match]:
        """Sequences from ``start`` whose words stand there one right after another."""
        if start + 1 == len(self.tokens) or not self.follows(start + 1):
            return
        for second in self._said[start + 1]:
            for choice in longer.get(second, ()):
                match = tuple(range(start, start + len(choice)))
                if self._goes_on(choice, match) and self._in_play(match):
                    yield match

    def _goes_on(self, choice: Words, match: Match) -> bool:
        return match[-1] < len(self.tokens) and all(
            self.follows(number) and word in self._said[number]
            for word, number in zip(choice[2:], match[2:], strict=True)
        )

    def _in_play(self, match: Match) -> bool:
        if not self._negated_by:
            return True
        return all(number not in self._negated_by or self._negated_by[number] in match for number in match)
