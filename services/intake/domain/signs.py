"""Finds phrases in residents' words: a few words in their order, close together, forgiving spelling."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from services.intake.domain.lexicon import Lexicon
from services.intake.domain.tokens import Kind, Tokeniser

_REACH = 3
"""The next word of a phrase is at most this many words further: two others may stand between."""
_BREAKS = frozenset(".,;:!?\n")
_SHORTEST_MISSPELT = 5
_LONG = 8
"""Letters from which a word may have two slips."""
_ENOUGH_KNOWN = 0.6
"""The share of a word that a known beginning must have to be the word itself."""
_MOST_KNOWN = 20_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found under its ``name`` at these words of the text."""

    name: str
    words: frozenset[int]


class Phrases:
    """Named phrases, folded and ready. ``a|b`` is either word, ``wat*`` any word that begins so."""

    def __init__(self, phrases: Mapping[str, Iterable[str]], lexicon: Lexicon) -> None:
        self._tokenise = Tokeniser(lexicon)
        self._fold = lexicon.fold
        self._slots: dict[str, int] = {}
        self._phrases = [
            (name, tuple(self._slot(word) for word in phrase.split()))
            for name, list_ in phrases.items()
            for phrase in list_
        ]
        self._whole, self._starts = self._words(self._fold)
        self._spelt = self._words(str.lower)
        self._known: dict[str, frozenset[int]] = {}

    def find(self, text: str) -> list[Hit]:
        """Every phrase of ``text``, once per name and place."""
        clauses = list(self._clauses(text))
        hits = {
            Hit(name, frozenset(words))
            for clause in clauses
            for name, slots in self._phrases
            if (words := _matched(clause, slots)) is not None
        }
        return sorted(hits, key=lambda hit: (min(hit.words), -len(hit.words), hit.name))

    def _clauses(self, text: str) -> Iterator[list[tuple[int, frozenset[int]]]]:
        """The words that mean anything, numbered, in runs that no punctuation breaks."""
        clause: list[tuple[int, frozenset[int]]] = []
        end = 0
        for at, token in enumerate(self._tokenise(text)):
            if _BREAKS.intersection(text[end : token.start]):
                yield clause
                clause = []
            end = token.end
            slots = self._slots_of(token.key, token.raw.lower()) if token.kind is Kind.WORD else frozenset()
            if slots:
                clause.append((at, slots))
        yield clause

    def _slot(self, word: str) -> int:
        return self._slots.setdefault(word, len(self._slots))

    def _words(self, spelling: Callable[[str], str]) -> tuple[dict[str, set[int]], dict[str, set[int]]]:
        """Whole words and beginnings, each with the slots that it fills."""
        whole: dict[str, set[int]] = {}
        starts: dict[str, set[int]] = {}
        for slot, number in self._slots.items():
            for word in slot.split("|"):
                kept = starts if word.endswith("*") else whole
                kept.setdefault(spelling(word.rstrip("*")), set()).add(number)
        return whole, starts

    def _slots_of(self, key: str, spelt: str) -> frozenset[int]:
        if spelt not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[spelt] = frozenset(self._meant_by(key, spelt))
        return self._known[spelt]

    def _meant_by(self, key: str, spelt: str) -> set[int]:
        """What a word means; one of which only a short beginning is known may be another one misspelt."""
        found = set(self._whole.get(key, ()))
        longest = len(key) if found else 0
        for length in range(1, len(key) + 1):
            if key[:length] in self._starts:
                found |= self._starts[key[:length]]
                longest = max(longest, length)
        if longest >= _ENOUGH_KNOWN * len(key):
            return found
        # Letters swapped as they were typed may be far apart once folded: я is two letters then.
        return found | _misspelt(key, self._whole, self._starts) | _misspelt(spelt, *self._spelt)


def _misspelt(key: str, whole: Mapping[str, set[int]], starts: Mapping[str, set[int]]) -> set[int]:
    """The slots of words of which this may be a slip."""
    if len(key) < _SHORTEST_MISSPELT:
        return set()
    return {
        number
        for words, cut in ((whole, False), (starts, True))
        for word, numbers in words.items()
        if _is_slip(key[: len(word)] if cut else key, word)
        for number in numbers
    }


def _is_slip(written: str, meant: str) -> bool:
    """A letter wrong, missing, doubled or swapped with its neighbour; the first is seldom the wrong one."""
    if len(meant) < _SHORTEST_MISSPELT or written[:1] != meant[:1]:
        return False
    most = 1 if len(meant) < _LONG else 2
    distance: int = OSA.distance(written, meant, score_cutoff=most)
    return distance <= most


def _matched(clause: Sequence[tuple[int, frozenset[int]]], slots: Sequence[int]) -> list[int] | None:
    """The words of a clause that fill the slots in order, the first such; None if they do not."""
    for start, (at, fits) in enumerate(clause):
        if slots[0] in fits:
            rest = _continued(clause[start + 1 :], slots[1:], at)
            if rest is not None:
                return [at, *rest]
    return None


def _continued(
    clause: Sequence[tuple[int, frozenset[int]]], slots: Sequence[int], before: int
) -> list[int] | None:
    if not slots:
        return []
    for offset, (at, fits) in enumerate(clause):
        if at - before > _REACH:
            return None
        if slots[0] in fits:
            rest = _continued(clause[offset + 1 :], slots[1:], at)
            if rest is not None:
                return [at, *rest]
    return None
