"""The telephone menu: what is said to a caller, what a caller may answer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.intake.domain.calls import Alarm
from services.intake.domain.language import KAZAKH, RUSSIAN
from services.intake.domain.lexicon import Lexicon, WordSet
from services.intake.domain.tokens import Kind, Tokeniser

_SHORT_ANSWER = 3
"""Words of an answer to the menu, such as «лифт», rather than of a story about one."""
_ALARM_KEYS = {"1": Alarm.GAS, "2": Alarm.LIFT}
_LANGUAGE_KEYS = {"3": KAZAKH, "4": RUSSIAN}
_NUMBER = re.compile(r"\d+")


class Step(StrEnum):
    """What the caller was asked, or what ended: the last part of the address that the provider calls."""

    RING = "ring"
    MENU = "menu"
    CONSENT = "consent"
    ADDRESS = "address"
    OPERATOR = "operator"
    WAITING = "waiting"
    QUEUE = "queue"
    OFFER = "offer"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Line:
    """A text of the catalogue to be spoken, in the caller's language unless another is named."""

    msgid: str
    params: Mapping[str, Any] = field(default_factory=dict)
    language: str | None = None


Lines = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """Speak, and take one key or, with ``speech``, a sentence; the answer comes as ``step``."""

    step: Step
    lines: Lines
    speech: bool = False


@dataclass(frozen=True, slots=True)
class Connect:
    """Ring the operators; an urgent call rings those who are kept free for it."""

    lines: Lines
    urgent: bool = False
    record: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """Wait in the queue of operators, urgent calls in the one that is emptied first."""

    lines: Lines
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class StayInQueue:
    """Go on waiting."""

    lines: Lines = ()


@dataclass(frozen=True, slots=True)
class LeaveQueue:
    """Out of the queue; what follows is asked for as ``Step.QUEUE``."""


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Speak, then record what the caller says."""

    lines: Lines


@dataclass(frozen=True, slots=True)
class Bye:
    """Speak and hang up."""

    lines: Lines = ()


Reply = Ask | Connect | Hold | StayInQueue | LeaveQueue | TakeMessage | Bye


class Ear:
    """Hears the few words that the menu listens for; anything else is left to the reader of messages."""

    def __init__(self, lexicon: Lexicon, words: Mapping[str, Sequence[str]]) -> None:
        self._words = {name: WordSet(entries, lexicon.fold) for name, entries in words.items()}
        self._tokenise = Tokeniser(lexicon)

    def alarm(self, digits: str, speech: str) -> Alarm | None:
        """A hot key, or gas or a trapped person in the caller's own words."""
        if digits in _ALARM_KEYS:
            return _ALARM_KEYS[digits]
        if self._has("gas", speech):
            return Alarm.GAS
        if self._has("lift", speech) and (self._is_short(speech) or self._has("trapped", speech)):
            return Alarm.LIFT
        return None

    def language(self, digits: str, speech: str) -> str | None:
        """The language asked for, by key or by its name."""
        if digits in _LANGUAGE_KEYS:
            return _LANGUAGE_KEYS[digits]
        if self._has("kazakh", speech):
            return KAZAKH
        return RUSSIAN if self._has("russian", speech) else None

    def wants_operator(self, digits: str, speech: str) -> bool:
        return digits == "0" or (self._is_short(speech) and self._has("operator", speech))

    def choice(self, digits: str, speech: str, offered: int) -> int | None:
        """Which of the places offered is meant, from 1; «да» is an answer when there is only one."""
        if offered == 1 and self._is_short(speech) and self._has("yes", speech):
            return 1
        said = digits or speech.strip(" .,")
        return int(said) if said in {str(n) for n in range(1, offered + 1)} else None

    def _has(self, name: str, speech: str) -> bool:
        return any(key in self._words[name] for key in self._keys(speech))

    def _is_short(self, speech: str) -> bool:
        return 0 < len(self._keys(speech)) <= _SHORT_ANSWER

    def _keys(self, speech: str) -> list[str]:
        return [token.key for token in self._tokenise(speech) if token.kind is Kind.WORD]


def spelt(figures: str, digits: Sequence[str]) -> str:
    """A number figure by figure, as it is best written down."""
    return " ".join(digits[int(figure)] for figure in figures if figure in "0123456789")


def with_numbers_in_words(text: str, digits: Sequence[str], tens: Sequence[str]) -> str:
    """``text`` with its numbers in words: tens and units below a hundred, else figure by figure.

    Left alone where there are no words for ``tens``: the voice then reads figures well by itself.
    """
    return _NUMBER.sub(lambda match: _in_words(match[0], digits, tens), text) if tens else text


def _in_words(figures: str, digits: Sequence[str], tens: Sequence[str]) -> str:
    number = int(figures) if len(figures) <= 2 and figures.isascii() else 0
    if number < 10 or figures.startswith("0"):
        return spelt(figures, digits)
    ten, unit = divmod(number, 10)
    return f"{tens[ten - 1]} {digits[unit]}" if unit else tens[ten - 1]
