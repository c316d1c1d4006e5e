"""Street names as they are written and as residents write them: parsing and the index to find them by."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rapidfuzz import process
from rapidfuzz.distance import OSA

from services.intake.domain.lexicon import Lexicon
from services.intake.domain.registry import Name, NameRole, Street
from services.intake.domain.tokens import Tokeniser

_ROLE_WEIGHT = {NameRole.OLD: 0.94}
_WITHOUT_GENERIC = 0.96
_REVERSED = 0.97
_ONE_WORD = 0.92
_SHORTEST_ALIAS = 4
_SHORTEST_PART = 5
_LETTERS_PER_ERROR = 4
_MOST_ERRORS = 3
_MOST_SIMILAR = 6
_BEGINNING = 5
_BEGINNINGS = range(1, _BEGINNING + 1)
_MOST_FOUND = 2 * _MOST_SIMILAR
_Bucket: TypeAlias = tuple[str, int, str, str]
_FIRST_LETTER = 0.08
"""People misspell a name seldom in its first letter; another first letter is more often another name."""


@dataclass(frozen=True, slots=True)
class Core:
    """A street name without its type.

    «проспект Абая (Акбулак)» has the words ``("abai",)``, the type ``avenue`` and the locality ``akbulak``.
    """

    words: tuple[str, ...]
    spelt: tuple[str, ...]
    """The words with their case endings."""
    type: str | None
    locality: str

    @property
    def key(self) -> str:
        return joined(self.words)


@dataclass(frozen=True, slots=True)
class Entry:
    """A street found under some key; ``weight`` (0–1) says how directly the key names it."""

    street: Street
    weight: float
    role: NameRole
    type: str | None


def joined(words: Iterable[str]) -> str:
    """One key for «Аль-Фараби» and «Альфараби»; a letter doubled by joining is written once."""
    key = ""
    for word in words:
        is_doubled = word[:1].isalpha() and key.endswith(word[0])
        key += word[1:] if is_doubled else word
    return key


class GenericWords:
    """Words that many names share (batyr, academician, big), in any case: nobody is found by one alone."""

    def __init__(self, lexicon: Lexicon) -> None:
        words = lexicon.words("generic")
        stems = (lexicon.stem(lexicon.fold(word)) for word in lexicon.data["generic"] if "*" not in word)
        self._words, self._stems = words, frozenset(stems)

    def __contains__(self, word: str) -> bool:
        return word in self._stems or word in self._words


class NameParser:
    """Cuts the name of a street into its type, its own words and the locality in brackets."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self.generic = GenericWords(lexicon)
        self._settlement = lexicon.words("settlement")
        self._tokenise = Tokeniser(lexicon)

    def __call__(self, text: str) -> Core:
        outside, _, inside = text.partition("(")
        tokens = self._tokenise(outside)
        own = [token for token in tokens if token.type is None]
        types = [token.type for token in tokens]
        return Core(
            words=tuple(token.stem for token in own),
            spelt=tuple(token.key for token in own),
            type=next((type_ for type_ in types if type_ is not None), None),
            locality=self.locality(inside) if inside else "",
        )

    def locality(self, text: str) -> str:
        """The key of a town or settlement, without the words for what it is."""
        tokens = self._tokenise(text.rpartition(",")[2])
        own = [token for token in tokens if token.type is None and token.key not in self._settlement]
        return joined(token.stem for token in own)

    def proper(self, words: tuple[str, ...]) -> str:
        """The key of a name without the words that many names share (batyr, khan)."""
        return joined(word for word in words if word not in self.generic) or joined(words)

    def bare(self, text: str) -> str:
        """A name as written, without the words for its type."""
        kept = [token.raw for token in self._tokenise(text) if token.type is None]
        return " ".join(kept)

    def is_kazakh(self, text: str) -> bool:
        """Whether the type in a name is a Kazakh word."""
        words = self._lexicon.words("kazakh_types")
        return any(token.key in words for token in self._tokenise(text))


class NameIndex:
    """Every name of every street by key, for exact and for misspelt look-ups."""

    def __init__(self, streets: Iterable[Street], parse: NameParser) -> None:
        self._parse = parse
        self._generic = parse.generic
        self._entries: defaultdict[str, dict[str, Entry]] = defaultdict(dict)
        self._bags: defaultdict[tuple[str, ...], dict[str, Entry]] = defaultdict(dict)
        for street in streets:
            self._add(street)
        self._beginnings = frozenset(key[:size] for key in self._entries for size in _BEGINNINGS)
        self._bag_words = frozenset(word for bag in self._bags for word in bag)
        self._keys_of: defaultdict[str, list[str]] = defaultdict(list)
        self._near_forms: defaultdict[_Bucket, list[str]] = defaultdict(list)
        for key in self._entries:
            for form in _forms(key):
                self._keys_of[form].append(key)
        for form in self._keys_of:
            for bucket in _buckets(form, len(form)):
                self._near_forms[bucket].append(form)

    def may_begin(self, stem: str) -> bool:
        """Whether any name can begin with this word: a cheap no for most words of a message."""
        return stem[:_BEGINNING] in self._beginnings or stem in self._bag_words

    def exact(self, key: str) -> list[Entry]:
        """Streets with a name of exactly this key."""
        return list(self._entries[key].values()) if key in self._entries else []

    def shuffled(self, words: Sequence[str]) -> list[Entry]:
        """Streets whose name has these words in another order, whatever of them is generic."""
        key = self._bag(words)
        return list(self._bags[key].values()) if key in self._bags else []

    def _bag(self, words: Sequence[str]) -> tuple[str, ...]:
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
            yield from ((key, similarity) for key in self._keys_of[near])

    def _add(self, street: Street) -> None:
        for name in street.names:
            core = self._parse(name.text)
            self._add_bag(core, name, street)
            for at, weight in self._aliases(core.words):
                entry = Entry(street, weight * _ROLE_WEIGHT.get(name.role, 1), name.role, core.type)
                self._enter(joined(core.words[i] for i in at), entry)
                self._enter(joined(core.spelt[i] for i in at), entry)

    def _add_bag(self, core: Core, name: Name, street: Street) -> None:
        bag = self._bag(core.words)
        if len(bag) > 1 and not any(word.isdigit() for word in bag):
            weight = _REVERSED * _ROLE_WEIGHT.get(name.role, 1)
            self._bags[bag].setdefault(street.id, Entry(street, weight, name.role, core.type))

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

    def _enter(self, key: str, entry: Entry) -> None:
        if not key:
            return
        known = self._entries[key].get(entry.street.id)
        if known is None or known.weight < entry.weight:
            self._entries[key][entry.street.id] = entry


def _forms(key: str) -> tuple[str, ...]:
    """A key, and as it is with я and ю as one letter again, so that leaving one out is one error."""
    compact = key.replace("ia", "ä").replace("iu", "ü")
    return (key,) if compact == key else (key, compact)


def _buckets(form: str, size: int) -> Iterator[_Bucket]:
    """Where forms of a size that may be near lie: with the same first letter or the same last one."""
    if form:
        yield digits(form), size, form[0], ""
        yield digits(form), size, "", form[-1]


def digits(key: str) -> str:
    return "".join(letter for letter in key if letter.isdigit())
