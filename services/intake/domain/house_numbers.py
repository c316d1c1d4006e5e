"""House numbers as registries and residents write them, and how well one answers to another."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from services.intake.domain.lexicon import Lexicon

QUOTES = r"[\"'«»“”`]"
_CORNER = 12
"""A second number above this is the other street of a corner («8/30»), else a house of its own («8/1»)."""
_DIGITS = re.compile(r"\d+")
_REMEMBERED = 4_000
_LETTER = r"[^\W\d_](?!\w)"
_SHORTEST_BLOCK = 4
_EQUIVALENT = 0.01
_DEFAULT_LITERA = "a"
_FIRST = "1"
_OTHER_LITERA = 0.06
_WRONG_LITERA = 0.12
_CORNER_LEFT_OUT = 0.03
_LESS_EXACT = 0.04
RELATED = 0.35
"""The misfit of a house that shares only the leading number: to be asked about, not taken."""


@dataclass(frozen=True, slots=True)
class HouseNumber:
    """The parts of «27/3А, корпус 2, строение 1, литера Б», folded; ``upto`` is the end of «84-86»."""

    number: int
    letter: str = ""
    fraction: str = ""
    upto: str = ""
    corpus: str = ""
    structure: str = ""
    litera: str = ""

    @property
    def inner(self) -> tuple[str, ...]:
        """What follows the leading number: people write «24/1» for «24 корпус 1»."""
        return tuple(part for part in (self.fraction, self.corpus, self.structure) if part)

    @property
    def is_whole(self) -> bool:
        """Whether it is the house as such: its first structure counts as that."""
        return self.inner == ((_FIRST,) if self.structure == _FIRST else ())

    @property
    def is_corner(self) -> bool:
        """Whether the second number is only the house on the crossing street."""
        digits = _DIGITS.match(self.fraction)
        return digits is not None and int(digits.group()) > _CORNER and len(self.inner) == 1


def misfit(asked: HouseNumber, known: HouseNumber) -> float | None:
    """How badly a registered number answers to the one asked for: 0 is the same, None another house.

    From :data:`RELATED` on it is a neighbour under the same leading number.
    """
    parts = (_number(asked, known), _inner(asked, known), _letter(asked, known), _litera(asked, known))
    costs = [cost for cost in parts if cost is not None]
    return min(sum(costs), 2 * RELATED) if len(costs) == len(parts) else None


def _number(asked: HouseNumber, known: HouseNumber) -> float | None:
    if asked.number == known.number:
        return 0 if asked.upto in ("", known.upto) else _LESS_EXACT
    return _EQUIVALENT if str(asked.number) == known.upto else None


def _inner(asked: HouseNumber, known: HouseNumber) -> float | None:
    one, other = asked.inner, known.inner
    if (asked.fraction, asked.corpus, asked.structure) == (known.fraction, known.corpus, known.structure):
        return 0
    if one == other:
        return _EQUIVALENT
    if asked.is_whole and known.is_whole:
        return _LESS_EXACT
    if not one or not other:
        longer = asked if one else known
        return _CORNER_LEFT_OUT if longer.is_corner else RELATED
    shorter = min(len(one), len(other))
    return _LESS_EXACT if one[:shorter] == other[:shorter] else None


def _letter(asked: HouseNumber, known: HouseNumber) -> float | None:
    if asked.letter == known.letter:
        return 0
    if asked.letter and known.letter:
        return None
    if asked.letter == known.litera and asked.letter:
        return _EQUIVALENT
    return RELATED


def _litera(asked: HouseNumber, known: HouseNumber) -> float:
    if known.litera in (asked.litera, asked.letter) and known.litera:
        return 0
    if not asked.litera and not known.litera:
        return 0
    if not asked.litera:
        return _EQUIVALENT if known.litera == _DEFAULT_LITERA else _OTHER_LITERA
    return _LESS_EXACT if not known.litera else _WRONG_LITERA


class HouseNumbers:
    """Reads house numbers with the words of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        data = lexicon.data
        self._fold = lexicon.fold
        self._labels = data["labels"]
        self._shapes = str.maketrans(dict(data["latin_lookalikes"]))
        self._corpus = alternatives(data["corpus"])
        self._block = alternatives(word for word in data["corpus"] if len(word) >= _SHORTEST_BLOCK)
        self._no_corpus = rf"(?!(?:{self._corpus})\W{{0,2}}\d)"
        self._no_prepositions = {ord(letter): None for letter in data["prepositions"].upper()}
        self._structure = alternatives(data["structure"])
        self._litera = alternatives(data["litera"])
        self._letters = data["house_letters"] + "abcdefgh" + "".join(data["latin_lookalikes"])
        self._not_after_corpus = alternatives(word.rstrip("*") for word in data["not_after_corpus"])
        self._parts = re.compile(self._whole(), re.IGNORECASE)
        self.readings = lru_cache(maxsize=_REMEMBERED)(self._readings)

    @property
    def pattern(self) -> str:
        """Matches a number with whatever of letter, fraction, corpus, structure and litera follows it."""
        letters, upper = self._letters, self._letters.upper().translate(self._no_prepositions)
        follows = rf"(?:(?!\w)|(?=(?:{self._corpus})\d))"
        letter = rf"(?:-?[{letters}]{follows}|\s?{QUOTES}[{letters}]{QUOTES}|\s(?-i:[{upper}])(?!\w)"
        letter += rf"|\s(?-i:[{letters.upper()}])(?=\s*(?:[,;.]|$)))"
        letter = rf"(?:{self._no_corpus}{letter})?"
        digits = r"\d{1,4}(?!\d)"
        return rf"{digits}{letter}(?:\s?/\s?{digits}{letter})?(?:{self._tail()}){{0,3}}"

    def _tail(self) -> str:
        part = rf"(?:{self._corpus})\.?\s?№?\s?\d{{1,2}}(?!\d|\s*(?:{self._not_after_corpus}))"
        block = rf"(?:{self._block})\.?\s?{_LETTER}"
        structure = rf"(?:{self._structure})\.?\s?№?\s?(?:\d{{1,2}}(?!\d)|{_LETTER})"
        litera = rf"(?:{self._litera})\.?\s?{QUOTES}?[^\W\d_]{{1,2}}\d?(?!\w){QUOTES}?"
        return rf"[,.]?\s?(?:{part}|{block}|{structure}|{litera})"

    def _whole(self) -> str:
        letter = (
            rf"\s*-?{self._no_corpus}{QUOTES}?[{self._letters}](?:(?![^\W_])|(?=(?:{self._corpus})\W?\d))"
        )
        corpus = rf"(?:(?:{self._corpus})\W*(?=\d)|(?:{self._block})\W*)(?P<corpus>\d{{1,3}}|{_LETTER})"
        structure = rf"(?:{self._structure})\W*(?P<structure>\d{{1,3}}|{_LETTER})"
        litera = rf"(?:{self._litera})\W*(?P<litera>[^\W\d_]{{1,2}}\d?)(?!\w)"
        return (
            rf"(?P<number>\d+)(?P<letter>{letter})?(?:\s*/\s*(?P<fraction>\d+(?:{letter})?))?"
            rf"(?:\s*[-–]\s*(?P<upto>\d+)[^\W\d_]?)*"
            rf"(?:\W*{corpus})?(?:\W*{structure})?(?:\W*{litera})?"
        )

    def _readings(self, text: str) -> tuple[HouseNumber, ...]:
        found = self._parts.search(text)
        if found is None:
            return ()
        parts = {name: value or "" for name, value in found.groupdict().items()}
        number = int(parts.pop("number"))
        spelt = {name: self._folded(value) for name, value in parts.items()}
        drawn = {name: self._folded(value.lower().translate(self._shapes)) for name, value in parts.items()}
        return tuple(dict.fromkeys((HouseNumber(number, **spelt), HouseNumber(number, **drawn))))

    def _folded(self, part: str) -> str:
        return self._fold(re.sub(r"[\W_]", "", part))

    @staticmethod
    def leading(text: str) -> int:
        """The leading number of a house: 31 of «31/1б»; 0 if there is none."""
        found = _DIGITS.search(text)
        return int(found.group()) if found else 0

    def ends(self, text: str) -> tuple[int, ...]:
        """The leading number and, of «84-86», the last."""
        readings = self.readings(text) if "-" in text else ()
        return (self.leading(text), *{int(reading.upto) for reading in readings if reading.upto})

    def without_litera(self, text: str) -> str:
        """A number as :meth:`shown`, but for its litera."""
        return text.partition(self._labels["litera"])[0]

    def misfit(self, asked: str, known: str) -> float | None:
        """:func:`misfit` of two numbers as written; a Latin letter may mean its Cyrillic lookalike."""
        pairs = product(self.readings(asked), self.readings(known))
        return min((cost for pair in pairs if (cost := misfit(*pair)) is not None), default=None)

    def shown(self, text: str) -> str:
        """A house number as the registry writes it: «27А», «7к1», «31/1Б», «23 стр. 1», «5к2 лит. Б»."""
        found = self._parts.search(text)
        if found is None:
            return text.strip()
        marks = {"fraction": "/", "upto": "-", **self._labels}
        part = {name: re.sub(r"[\W_]", "", value or "").upper() for name, value in found.groupdict().items()}
        names = ("fraction", "upto", "corpus", "structure", "litera")
        tail = "".join(marks[name] + part[name] for name in names if part[name])
        return part["number"] + part["letter"] + tail

    def key(self, text: str) -> str:
        """The folded form, the same for all spellings of one number."""
        return self._folded_shown(self.shown(text))

    def _folded_shown(self, shown: str) -> str:
        return re.sub(r"[\s.]", "", self._fold(shown))


def alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
