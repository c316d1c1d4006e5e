"""Every word that the rules know, and how a typed word is recognised: whole, by its stem, or with a typo."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from services.triage.domain.text import KAZAKH_LETTERS, NUMBER, fold

_SHORTEST_WHOLE = 5
_SHORTEST_STEM = 6
_SHORTEST_CHANGED = 7
_CACHE = 10_000
_LONGEST_NUMBER = 9
_LONGEST_SUFFIX = 5
_MOST_SUFFIXES = 4


class Recognised(NamedTuple):
    """The rule words that a typed word stands for; ``corrected`` when a typing error had to be mended."""

    words: frozenset[str]
    corrected: bool = False


class Lexicon:
    """Recognises folded words.

    A rule word is written ``нет`` (whole), ``затоп*`` (stem and anything), ``вод~`` (stem and one of the
    ``endings`` of Russian and Kazakh, or, of a stem with a Kazakh letter, a chain of Kazakh
    ``suffixes``: құбыр-лар-ымыз-дан), ``висеть^``
    (any of its ``forms``) or ``#12`` (a number of at most 12). ``ordinary`` words (same notation) are known
    but mean nothing: they are never taken for a misspelt rule word.

    A typing error is two neighbouring letters swapped in a word of 5 letters or a stem of 6, or one letter
    wrong, missing or added where 7 are known; the outer letters are right or swapped. Shorter words have too
    many innocent neighbours («дымом», «домом»).
    """

    def __init__(
        self,
        words: Collection[str],
        endings: Sequence[str],
        ordinary: Iterable[str],
        forms: Mapping[str, Collection[str]] | None = None,
        suffixes: Iterable[str] = (),
    ) -> None:
        self._formed = forms or {}
        self._suffixes = frozenset(fold(suffix) for suffix in suffixes)
        self._bounds = sorted(int(word[1:]) for word in words if word.startswith(NUMBER) and word != NUMBER)
        self._declined: defaultdict[str, set[str]] = defaultdict(set)
        self._whole: defaultdict[str, set[str]] = defaultdict(set)
        self._stems: defaultdict[str, set[str]] = defaultdict(set)
        self._forms = {word for word in words if word.endswith("~")}
        for word in words:
            self._add(word, word, endings)
        self._whole_index = _index(self._mendable(), _SHORTEST_WHOLE)
        self._stem_index = _index(self._stems, _SHORTEST_STEM)
        for word in ordinary:
            self._add(word, None, endings)
        self._longest_stem = max(map(len, self._stems), default=0)
        self._longest_stem = max([self._longest_stem, *map(len, self._declined)])
        self.recognise = lru_cache(maxsize=_CACHE)(self._recognise)
        self.knows = lru_cache(maxsize=_CACHE)(self._knows)

    def _knows(self, folded: str) -> bool:
        """Whether the word is known without mending, as a rule word or an ordinary one."""
        return folded in self._whole or any(
            stem in self._stems or self._is_declined(stem, folded) for stem in self._heads(folded)
        )

    def numbers_from(self, digits: str) -> Iterator[str]:
        """The rule words ``#12`` that a number is not above."""
        if self._bounds and len(digits) <= _LONGEST_NUMBER:
            yield from (f"{NUMBER}{bound}" for bound in self._bounds if int(digits) <= bound)

    def _is_declined(self, stem: str, folded: str) -> bool:
        return stem in self._declined and self._is_chain(folded[len(stem) :])

    def _is_chain(self, rest: str, links: int = _MOST_SUFFIXES) -> bool:
        """Whether ``rest`` is a chain of Kazakh suffixes."""
        if rest in self._suffixes:
            return True
        return links > 1 and any(
            rest[:at] in self._suffixes and self._is_chain(rest[at:], links - 1)
            for at in range(1, min(len(rest), _LONGEST_SUFFIX + 1))
        )

    def _add(self, written: str, meaning: str | None, endings: Sequence[str]) -> None:
        meanings = {meaning} if meaning else set()
        if written.endswith("*"):
            self._stems[fold(written[:-1])] |= meanings
        elif written.endswith("^"):
            for form in self._formed.get(written[:-1], ()):
                self._whole[fold(form)] |= meanings
        elif written.endswith("~"):
            if not KAZAKH_LETTERS.isdisjoint(written):
                self._declined[fold(written[:-1])] |= meanings
            for ending in ("", *endings):
                self._whole[fold(written[:-1] + ending)] |= meanings
        else:
            self._whole[fold(written)] |= meanings

    def _mendable(self) -> list[str]:
        """Whole words but for the many forms of short stems, which resemble too much."""
        short = {word for word in self._forms if len(fold(word[:-1])) < _SHORTEST_WHOLE}
        return [whole for whole, meanings in self._whole.items() if not meanings <= short]

    def _recognise(self, folded: str) -> Recognised:
        if self.knows(folded):
            return Recognised(frozenset(self._exact(folded)))
        return self._mended(folded)

    def _exact(self, folded: str) -> Iterator[str]:
        yield from self._whole.get(folded, ())
        for stem in self._heads(folded):
            yield from self._stems.get(stem, ())
            if self._is_declined(stem, folded):
                yield from self._declined[stem]

    def _heads(self, folded: str) -> Iterator[str]:
        return (folded[:length] for length in range(1, min(len(folded), self._longest_stem) + 1))

    def _mended(self, folded: str) -> Recognised:
        found: set[str] = set()
        for right in _near(folded, self._whole_index):
            found |= self._whole[right]
        for length in range(_SHORTEST_STEM - 1, min(len(folded), self._longest_stem + 1) + 1):
            for right in _near(folded[:length], self._stem_index):
                found |= self._stems[right]
        return Recognised(frozenset(found), corrected=bool(found))


def _index(words: Iterable[str], shortest: int) -> Mapping[str, Sequence[str]]:
    """Words by everything they become when one letter is lost (two words one slip apart meet there)."""
    index: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        if len(word) >= shortest:
            for variant in _one_letter_lost(word):
                index[variant].append(word)
    return dict(index)


def _near(typed: str, index: Mapping[str, Sequence[str]]) -> set[str]:
    meeting = {right for variant in _one_letter_lost(typed) for right in index.get(variant, ())}
    return {right for right in meeting if _is_slip(typed, right)}


def _one_letter_lost(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _is_slip(typed: str, right: str) -> bool:
    if OSA.distance(typed, right, score_cutoff=1) > 1:
        return False
    if len(right) < _SHORTEST_CHANGED and sorted(typed) != sorted(right):
        return False
    return _same_edge(typed[:2], right[:2]) and _same_edge(typed[:-3:-1], right[:-3:-1])


def _same_edge(typed: str, right: str) -> bool:
    """Outer letters equal, or the outer two swapped."""
    return typed[0] == right[0] or typed == right[::-1]
