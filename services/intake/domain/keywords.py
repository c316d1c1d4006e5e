"""Commands by message: «статус 1042», «отмена», «помощь», STOP and START, in any spelling.

A message is a command only if it says nothing else: «отмените отключение воды» tells of trouble.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from services.intake.domain.lexicon import Lexicon

_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_LONGEST = 80
_MOST_DIGITS = 9


class Verb(StrEnum):
    """What a message may command."""

    STATUS = "status"
    CANCEL = "cancel"
    HELP = "help"
    STOP = "stop"
    START = "start"


_WITH_NUMBER = frozenset({Verb.STATUS, Verb.CANCEL})


@dataclass(frozen=True, slots=True)
class Command:
    """``number`` is that of the request meant, if one was named."""

    verb: Verb
    number: int | None = None


class CommandReader:
    """Built once from a lexicon; a phrase of two commands, as the English CANCEL, goes by its number."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._fold = lexicon.fold
        self._fillers = lexicon.words("command_fillers")
        self._verbs: dict[tuple[str, bool], Verb] = {}
        for verb in Verb:
            for phrase in lexicon.data["commands"][verb.value]:
                key = " ".join(self._folded(str(phrase)))
                for numbered in {False, verb in _WITH_NUMBER}:
                    self._verbs.setdefault((key, numbered), verb)
        for phrase in lexicon.data["commands"]["stop"]:
            self._verbs[" ".join(self._folded(str(phrase))), False] = Verb.STOP

    def __call__(self, text: str) -> Command | None:
        """The command that ``text`` is, or None."""
        numbers = _NUMBER.findall(text[: _LONGEST + 1])
        if len(text) > _LONGEST or len(numbers) > 1 or any(len(n) > _MOST_DIGITS for n in numbers):
            return None
        words = self._folded(text)
        verb = self._find(words, bool(numbers))
        return Command(verb, int(numbers[0]) if numbers else None) if verb is not None else None

    def _find(self, words: list[str], numbered: bool) -> Verb | None:
        """The command of these words as they stand, else without the words that go with any command."""
        whole = self._verbs.get((" ".join(words), numbered))
        own = [word for word in words if word not in self._fillers]
        return whole or self._verbs.get((" ".join(own), numbered))

    def _folded(self, text: str) -> list[str]:
        return [self._fold(word) for word in _WORD.findall(text)]
