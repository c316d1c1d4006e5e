"""Splits a message into words and house-like numbers, each with its place in the text."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from services.intake.domain.house_numbers import HouseNumbers, alternatives
from services.intake.domain.lexicon import Lexicon

MAX_TOKENS = 300
_REMEMBERED = 10_000
_TIME_OR_DATE = r"(?<!\d)(?:\d{1,2}:\d{2}|\d{1,2}\.\d{1,2}\.\d{2,4}|\d{4}-\d{2}-\d{2})(?!\d)"
_PHONE = r"\+?\d(?:[ ()-]{0,3}\d){8,}"
_LONG = r"\d{5,}"
_DIGITS = re.compile(r"\d+")


class Kind(StrEnum):
    WORD = "word"
    NUMBER = "number"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Token:
    """One word or number; ``key`` is folded, ``text[start:end]`` of the message is what was written."""

    kind: Kind
    key: str
    raw: str
    """A word as written, a house number tidied."""
    start: int
    end: int
    stem: str = ""
    """The key of a word without its case ending, of a number the key itself."""
    type: str | None = None
    """The class of street that this word names, if it does."""
    ordinal: bool = False
    dashed: bool = False
    """Written right after another number and a dash, as the 21 of 14-21."""


class Tokeniser:
    """Built once from a lexicon; splitting a text is linear in its length."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._word = lru_cache(maxsize=_REMEMBERED)(self._read_word)
        self.houses = HouseNumbers(lexicon)
        self._pattern = re.compile(_pattern(lexicon, self.houses.pattern), re.IGNORECASE)

    def __call__(self, text: str) -> list[Token]:
        tokens: list[Token] = []
        for match in self._pattern.finditer(text):
            tokens.append(self._token(match, tokens[-1] if tokens else None, text))
            if len(tokens) == MAX_TOKENS:
                break
        return tokens

    def _token(self, match: re.Match[str], before: Token | None, text: str) -> Token:
        raw, start, end = match.group(), match.start(), match.end()
        if match["number"] is None:
            if match["other"]:
                return Token(Kind.OTHER, "", raw, start, end)
            key, stem, type_ = self._word(raw)
            return Token(Kind.WORD, key, raw, start, end, stem, type_)
        dashed = before is not None and before.kind is Kind.NUMBER and text[before.end : start].strip() == "-"
        if match["ordinal"]:
            digits = _DIGITS.findall(match["ordinal"])[0]
            return Token(Kind.NUMBER, digits, digits, start, end, digits, ordinal=True, dashed=dashed)
        shown, key = self.houses.shown(match["house"]), self.houses.key(match["house"])
        return Token(Kind.NUMBER, key, shown, start, end, key, dashed=dashed)

    def _read_word(self, raw: str) -> tuple[str, str, str | None]:
        key = self._lexicon.fold(raw)
        return key, self._lexicon.stem(key), self._lexicon.street_type(key)


def _pattern(lexicon: Lexicon, house: str) -> str:
    ordinal = alternatives(lexicon.data["ordinals"])
    sign = rf"(?:№\s?|(?<!\w)(?:{alternatives(lexicon.data['number_signs'])})\.?\s?(?=\d))?"
    ordinals = rf"(?P<ordinal>\d{{1,4}}(?!\d)\s?-?(?:{ordinal})(?!\w))"
    number = rf"(?P<number>{sign}(?:{ordinals}|(?P<house>{house})))"
    abbreviations = alternatives(lexicon.data["abbreviations"])
    return rf"(?P<other>{_TIME_OR_DATE}|{_PHONE}|{_LONG})|{number}|(?<!\w)(?:{abbreviations})(?!\w)|[^\W\d_]+"
