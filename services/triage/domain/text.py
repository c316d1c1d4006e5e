"""Words of a message, brought to one spelling: case, accents, Kazakh letters, Latin typing, long letters.

Russian and Kazakh are folded into one alphabet, so that «жарық», "жарык" and "zharyq" are one word and
«нет воды» is "net vody". The folding is lossy on purpose (ы = и = й, э = е, щ = ш, doubled letters once):
rules are folded by the same function, so both sides always agree. The soft sign of льёт, бьёт
is kept as и, or pouring would be years (лет).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_COMMA_GAP = 2
SENTENCE_GAP = 5
_FOLD_CACHE = 10_000

KAZAKH_LETTERS = frozenset("әғқңөұүһі")
_KAZAKH = str.maketrans("әғқңөұүһі", "агкноуухи")
_ALIKE = str.maketrans("ыйэщ", "ииеш", "ъь")
_LATIN_TWINS = str.maketrans("aceopxykmthbi", "асеорхукмтнви")
_LATIN_WHOLE = str.maketrans({"ş": "sh", "ç": "ch", "ı": "y", "ğ": "g", "ŋ": "n"})
_LATIN_GROUPS = {
    "shch": "ш", "sch": "ш", "sh": "ш", "ch": "ч", "zh": "ж", "kh": "х", "gh": "г", "ts": "ц",
    "ya": "я", "yu": "ю", "yo": "е", "ye": "е",
}  # fmt: skip
_LATIN_LETTERS = dict(zip("abcdefghijklmnopqrstuvwxyz", "абкдефгхижклмнопкрстуввхиз", strict=True))
_LATIN = re.compile("|".join([*_LATIN_GROUPS, "[a-z]"]))
_TRANSLIT = _LATIN_GROUPS | _LATIN_LETTERS
_SOFT_FIRST = re.compile("(?<=^[бвлпш])ь(?=[еюя])")
_REPEATED = re.compile(r"(.)\1+")
_IS_CYRILLIC = re.compile("[\u0400-\u04ff]")
_IS_LATIN = re.compile("[a-zß-ɏ]")
_SKIPPED = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff'’‘`ʼ´]")
_PIECE = re.compile(
    r"(?P<minus>(?<![\w-])[-−–](?=\d))|(?P<plus>(?<![\w+])\+(?=\d))|(?P<word>[^\W\d_]+)|(?P<number>\d+)"
    r"|(?P<sentence>[.!?;…\n]+(?!\d))|(?P<comma>[,:()«»\"—–/]+)"
)
# Words that a full stop shortens rather than ends a sentence after.
_SHORTENED = """
    ул д дом кв пр просп пер мкр корп к стр лит эт г с п пос р им пл ш наб подъезд под пар тел руб тыс т е н
"""
_ABBREVIATED = frozenset(_SHORTENED.split())
MINUS = "минус"
PLUS = "плюс"
NUMBER = "#"
_SIGNS = {"minus": MINUS, "plus": PLUS}


@dataclass(frozen=True, slots=True)
class Token:
    """A word: as typed (lower case), folded, and its place in the message.

    Places of neighbours differ by 1; a comma widens the step by 2, the end of a sentence by 5.
    """

    text: str
    folded: str
    place: int


def tokens(message: str) -> list[Token]:
    """The words and numbers of ``message`` in order; every number is folded to ``#``."""
    return list(_tokens(_clean(message)))


@lru_cache(maxsize=_FOLD_CACHE)
def fold(word: str) -> str:
    """The one spelling of a word, in any case and of any of the alphabets that people type."""
    word = _clean(word).translate(_LATIN_WHOLE)
    word = _SKIPPED.sub("", unicodedata.normalize("NFKD", word))
    word = _SOFT_FIRST.sub("и", _to_cyrillic(word)).translate(_KAZAKH).translate(_ALIKE)
    return _REPEATED.sub(r"\1", word)


def _clean(message: str) -> str:
    composed = unicodedata.normalize("NFKC", message.replace("№", " ")).lower()
    return _SKIPPED.sub("", unicodedata.normalize("NFC", composed))


def _tokens(clean: str) -> Iterator[Token]:
    place, before = 0, ""
    for piece in _PIECE.finditer(clean):
        kind, text = piece.lastgroup, piece.group()
        if kind == "sentence":
            place += 0 if text == "." and before in _ABBREVIATED else SENTENCE_GAP
        elif kind == "comma":
            place += _COMMA_GAP
        else:
            place, before = place + 1, text
            yield Token(text, _folded(str(kind), text), place)


def _folded(kind: str, text: str) -> str:
    if kind in _SIGNS:
        return _SIGNS[kind]
    return NUMBER if kind == "number" else fold(text)


def _to_cyrillic(word: str) -> str:
    if not _IS_LATIN.search(word):
        return word
    if _IS_CYRILLIC.search(word):
        return word.translate(_LATIN_TWINS)
    return _LATIN.sub(lambda found: _TRANSLIT[found.group()], word)
