"""Every name of every street, to be found as it is written, in another order of words, or misspelt."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rapidfuzz import process
from rapidfuzz.distance import OSA

from services.intake.domain.names import NameParser, digits, joined
from services.intake.domain.registry import Name, NameRole, Street

_ROLE_WEIGHT = {NameRole.OLD: 0.94}
_WITHOUT_GENERIC = 0.96
_REVERSED = 0.97
_ONE_WORD = 0.92
_SHORTEST_ALIAS = 4
_SHORTEST_PART = 5
_LETTERS_PER_ERROR = 4
_MOST_ERRORS = 3
_MOST_SIMILAR = 10
_PLAIN = str.maketrans("äü", "au")
_END = 2
"""Letters at either end of a name, of which an error spoils at most one end."""
_BEGINNING = 4
_BEGINNINGS = range(1, _BEGINNING + 1)
_MOST_FOUND = 2 * _MOST_SIMILAR
_Bag: TypeAlias = tuple[str, ...]
_Bucket: TypeAlias = tuple[str, int, str, str]
_FIRST_LETTER = 0.08
"""People misspell a name seldom in its first letter; another first letter is more often another name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A street found under some key; ``weight`` (0–1) says how directly the key names it."""

    street: Street
    weight: float
    role: NameRole
    type: str | None


class NameIndex:
    """Every name of every street by key, for exact and for misspelt look-ups."""

    def __init__(self, streets: Iterable[Street], parse: NameParser) -> None:
        self._parse = parse
        self._generic = parse.generic
        by_key: defaultdict[str, dict[str, Entry]] = defaultdict(dict)
        by_bag: defaultdict[_Bag, dict[str, Entry]] = defaultdict(dict)
        for street in streets:
            for name in street.names:
                self._add(street, name, by_key, by_bag)
        self._entries = {key: tuple(entries.values()) for key, entries in by_key.items()}
        self._bags = {bag: tuple(entries.values()) for bag, entries in by_bag.items()}
        self._beginnings = frozenset(key[:size] for key in self._entries for size in _BEGINNINGS)
        self._bag_words = frozenset(word for bag in self._bags for word in bag)
        self._key_of_form = {form: key for key in self._entries for form in _forms(key) if form != key}
        self._near_forms: defaultdict[_Bucket, list[str]] = defaultdict(list)
        for form in dict.fromkeys(form for key in self._entries for form in _forms(key)):
            for bucket in _buckets(form, len(form)):
                self._near_forms[bucket].append(form)

    def may_begin(self, stem: str) -> bool:
        """Whether any name can begin with this word: a cheap no for most words of a message."""
        return stem[:_BEGINNING] in self._beginnings or stem in self._bag_words

    def exact(self, key: str) -> Sequence[Entry]:
        """Streets with a name of exactly this key."""
        return self._entries.get(key, ())

    def shuffled(self, words: Sequence[str]) -> Sequence[Entry]:
        """Streets whose name has these words in another order, whatever of them is generic."""
        return self._bags.get(self._bag(words), ())

    def _bag(self, words: Sequence[str]) -> _Bag:
        return tuple(sorted(word for word in words if word not in self._generic))

    def similar(self, *spellings: str) -> list[tuple[str, float]]:
        """Keys within one typing error per four letters (three at most) of a spelling, with similarity 0–1.

        Numbers in a name are never guessed at: «Жетысу-2» is not a misspelt «Жетысу-4».
        """
        found: dict[str, float] = {}
        for form in dict.fromkeys(form for spelling in spellings for form in _forms(spelling)):
            for key, similarity in self._near(form):
                found[key] = max(similarity, found.get(key, 0))
        return sorted(found.items(), key=lambda pair: -pair[1])[:_MOST_SIMILAR]

    def _near(self, spelling: str) -> Iterator[tuple[str, float]]:
        errors = min(_MOST_ERRORS, len(spelling) // _LETTERS_PER_ERROR)
        sizes = range(len(spelling) - errors, len(spelling) + errors + 1) if errors else ()
        buckets = dict.fromkeys(bucket for size in sizes for bucket in _buckets(spelling, size))
        forms = [form for bucket in buckets for form in self._near_forms.get(bucket, ())]
        found = process.extract(spelling, forms, scorer=OSA.distance, score_cutoff=errors, limit=_MOST_FOUND)
        for near, distance, _ in found:
            slip = _FIRST_LETTER if near[0] != spelling[0] else 0
            similarity = 1 - distance / max(len(near), len(spelling)) - slip
            yield self._key_of_form.get(near, near), similarity

    def _add(
        self,
        street: Street,
        name: Name,
        by_key: defaultdict[str, dict[str, Entry]],
        by_bag: defaultdict[_Bag, dict[str, Entry]],
    ) -> None:
        core, trust = self._parse(name.text), _ROLE_WEIGHT.get(name.role, 1.0)
        bag = self._bag(core.words)
        if len(bag) > 1 and not any(word.isdigit() for word in bag):
            by_bag[bag].setdefault(street.id, Entry(street, _REVERSED * trust, name.role, core.type))
        for at, weight in self._aliases(core.words):
            entry = Entry(street, weight * trust, name.role, core.type)
            for key in {joined(core.words[i] for i in at), joined(core.spelt[i] for i in at)}:
                known = by_key[key].get(street.id) if key else entry
                if known is None or known.weight < weight * trust:
                    by_key[key][street.id] = entry

    def _aliases(self, words: tuple[str, ...]) -> Iterator[tuple[tuple[int, ...], float]]:
        """Which words of a name people say instead of the whole, and how well that names the street."""
        everything = tuple(range(len(words)))
        yield everything, 1.0
        if len(words) == 1 or any(word.isdigit() for word in words):
            return
        proper = tuple(at for at in everything if words[at] not in self._generic)
        if proper != everything and len(joined(words[at] for at in proper)) >= _SHORTEST_ALIAS:
            yield proper, _WITHOUT_GENERIC
        if len(words) == 2:
            yield everything[::-1], _REVERSED
        for at in proper:
            if len(words[at]) >= _SHORTEST_PART:
                yield (at,), _ONE_WORD


def _forms(key: str) -> tuple[str, ...]:
    """A key, and as it is with я and ю as one letter again, so that leaving one out is one error."""
    compact = key.replace("ia", "ä").replace("iu", "ü")
    return (key,) if compact == key else (key, compact)


def _buckets(form: str, size: int) -> Iterator[_Bucket]:
    """Where forms of a size that may be near lie: with the same beginning or the same end."""
    if form:
        ends = form.translate(_PLAIN)
        yield digits(form), size, ends[:_END], ""
        yield digits(form), size, "", ends[-_END:]
