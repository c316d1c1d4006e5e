"""What one message says: the trouble, the place, the choice made among what was offered."""

import re
from dataclasses import dataclass

from services.intake.domain.addresses import PLAUSIBLE, Resolution
from services.intake.domain.judging import JudgementReader
from services.intake.domain.keywords import CommandReader
from services.intake.domain.language import Guess, LanguageReader
from services.intake.domain.lexicon import Lexicon
from services.intake.domain.requests import Details
from services.intake.domain.resolver import Resolver
from services.intake.domain.tokens import Kind, Tokeniser
from services.intake.domain.troubles import TroubleReader

_CHOICE = re.compile(r"\W*([1-9])\W*")
_EDGES = " \t\r\n,.;:-–—!?"
_GAPS = re.compile(r"\s*[,;]\s*[,;.]+|[ \t]{2,}")
_SHORTEST_WORD = 2


@dataclass(frozen=True, slots=True)
class Heard:
    """One message understood. ``problem`` is empty if it only says where, or only cries for help."""

    text: str
    problem: str
    resolution: Resolution
    details: Details
    language: Guess
    choice: int | None
    refuses: bool = False
    """Nothing but a no: «НЕТ» to what was just said."""

    @property
    def is_silent(self) -> bool:
        """Neither place nor trouble: a greeting, thanks, a smile."""
        return not self.problem and not self.resolution.choices


class Listener:
    """Reads messages by one registry; built anew when the registry changes."""

    def __init__(self, resolver: Resolver, lexicon: Lexicon) -> None:
        self.resolver = resolver
        self.troubles = TroubleReader(lexicon)
        self._language = LanguageReader(lexicon)
        self._tokenise = Tokeniser(lexicon)
        self._refusal = lexicon.words("refusal")
        self.command = CommandReader(lexicon)
        self.judgement = JudgementReader(lexicon)
        self._grave = lexicon.words("danger")
        self._negation = lexicon.words("negation")
        self._little = [lexicon.words(name) for name in ("small_talk", "entrance", "floor", "flat", "house")]

    def hear(self, text: str, usual_language: str, said_of_place: str = "") -> Heard:
        """Understands ``text``; ``said_of_place`` is what earlier messages said about the address."""
        resolution = self.resolver.resolve(text)
        rest = self._without_address(text, resolution)
        choice = _CHOICE.fullmatch(text)
        if said_of_place and not _names_a_house(resolution):
            resolution = self._together(resolution, said_of_place, text)
        return Heard(
            text=text,
            problem=rest if self._says_something(rest) else "",
            resolution=resolution,
            details=Details(resolution.entrance, resolution.floor, resolution.flat),
            language=self._language(rest, usual_language),
            choice=int(choice[1]) if choice else None,
            refuses=self._refuses(text),
        )

    def is_grave(self, text: str) -> bool:
        """Whether a text speaks of danger: such a message passes every limit."""
        words = [token.key for token in self._tokenise(text) if token.kind is Kind.WORD]
        denied = ("", *words)  # a lamp that does not burn is no fire
        return any(w in self._grave and d not in self._negation for w, d in zip(words, denied, strict=False))

    def _together(self, alone: Resolution, said_of_place: str, text: str) -> Resolution:
        """A street, asked for the house, then a number: the two make one address."""
        together = self.resolver.resolve(f"{said_of_place}, {text}")
        return together if _names_a_house(together) or not alone.candidates else alone

    def _without_address(self, text: str, resolution: Resolution) -> str:
        """The message without street and house: Gas Street must not sound like a smell of gas."""
        first = next(iter(resolution.candidates), None)
        if first is None or first.score < PLAUSIBLE:
            return text.strip()
        start, end = first.span
        return _GAPS.sub(" ", f"{text[:start].rstrip(_EDGES)}, {text[end:].lstrip(_EDGES)}").strip(_EDGES)

    def _refuses(self, text: str) -> bool:
        words = [token.key for token in self._tokenise(text)]
        said = [word for word in words if word in self._refusal]
        return bool(said) and all(word in self._refusal or word in self._little[0] for word in words)

    def _says_something(self, text: str) -> bool:
        words = (token.key for token in self._tokenise(text) if token.kind is Kind.WORD)
        return any(
            len(word) >= _SHORTEST_WORD and not any(word in little for little in self._little)
            for word in words
        )


def _names_a_house(resolution: Resolution) -> bool:
    return any(candidate.is_complete for candidate in resolution.choices)
