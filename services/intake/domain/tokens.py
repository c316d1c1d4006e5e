"""Splits a message into words and house-like numbers, each with its place in the text."""

import re
from dataclasses import dataclass
from enum import StrEnum

from services.intake.domain.lexicon import Lexicon, squeeze

MAX_TOKENS = 300
_TIME_OR_DATE = r"(?<!\d)(?:\d{1,2}:\d{2}|\d{1,2}\.\d{1,2}\.\d{2,4}|\d{4}-\d{2}-\d{2})(?!\d)"
_PHONE = r"\+?\d(?:[ ()-]{0,3}\d){8,}"
_LONG = r"\d{5,}"
_QUOTES = r"[\"'«»“”]"


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
    type: str | None = None
    """The class of street that this word names, if it does."""
    ordinal: bool = False
    dashed: bool = False
    """Written right after another number and a dash, as the 21 of 14-21."""


class Tokeniser:
    """Built once from a lexicon; splitting a text is linear in its length."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._fold = lexicon.fold
        self._street_type = lexicon.street_type
        self._lookalikes = dict(lexicon.data["latin_lookalikes"])
        self._pattern = re.compile(_pattern(lexicon), re.IGNORECASE)
        self._corpus = re.compile(_alternatives(lexicon.data["corpus"]), re.IGNORECASE)
        self._corpus_letter = lexicon.data["corpus"][0]
        self._corpus_number = re.compile(rf"(?:{_alternatives(lexicon.data['corpus'])})(\d+)", re.IGNORECASE)

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
            key = self._fold(raw)
            return Token(Kind.WORD, key, raw, start, end, self._street_type(key))
        dashed = before is not None and before.kind is Kind.NUMBER and text[before.end : start].strip() == "-"
        house = match["house"] + (match["suffix"] or "")
        shown = self.tidy_house(house)
        key, ordinal = self.house_key(house), bool(match["ordinal"])
        return Token(Kind.NUMBER, key, shown, start, end, ordinal=ordinal, dashed=dashed)

    def tidy_house(self, house: str) -> str:
        """A house number as the registry writes it: no blanks, no quotes, its letter a capital."""
        bare = re.sub(rf"{_QUOTES}|[\s.-]", "", house)
        return self._corpus_number.sub(lambda match: f"{self._corpus_letter}{match[1]}", bare.upper())

    def house_key(self, house: str) -> str:
        """A house number in its folded form.

        «52 "Б"» and «52б» are ``52b``, «7 корпус 1» and «7 к1» are ``7k1``.
        """
        bare = re.sub(rf"{_QUOTES}|[\s.]", "", self._corpus.sub("k", house.lower()))
        return squeeze(self._fold(re.sub(r"(?<=\d)-(?=\D)", "", bare)))

    def house_keys(self, house: str) -> list[str]:
        """The keys under which a house may be registered; a Latin letter may mean its Cyrillic lookalike."""
        shapes = "".join(self._lookalikes.get(letter, letter) for letter in house.lower())
        keys = [self.house_key(house), self.house_key(shapes)]
        keys += [re.sub(r"(?<=\d)k(?=\d)", "/", keys[0])]
        return list(dict.fromkeys(keys))


def _pattern(lexicon: Lexicon) -> str:
    letters = lexicon.data["house_letters"] + "abcdefgh" + "".join(lexicon.data["latin_lookalikes"])
    upper = "".join(
        letter for letter in letters.upper() if letter not in lexicon.data["prepositions"].upper()
    )
    ordinal = _alternatives(lexicon.data["ordinals"])
    corpus = _alternatives(lexicon.data["corpus"])
    suffix = (
        rf"(?:-?[{letters}](?!\w)|\s?{_QUOTES}[{letters}]{_QUOTES}|\s(?-i:[{upper}])(?!\w))"
        rf"|\s?(?:{corpus})\.?\s?\d{{1,2}}(?!\d)"
    )
    digits = r"\d{1,4}(?!\d)(?:\s?/\s?\d{1,4}(?!\d))?"
    number = (
        rf"(?P<number>(?P<house>{digits})(?:(?P<ordinal>\s?-?(?:{ordinal})(?!\w))|(?P<suffix>{suffix}))?)"
    )
    abbreviations = _alternatives(lexicon.data["abbreviations"])
    return rf"(?P<other>{_TIME_OR_DATE}|{_PHONE}|{_LONG})|{number}|(?<!\w)(?:{abbreviations})(?!\w)|[^\W\d_]+"


def _alternatives(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
