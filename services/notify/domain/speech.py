"""How a text is read aloud by a provider's voice that may not know its language; pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_NUMBER = re.compile(r"\d+")
_LONGEST_AS_ONE = 2


@dataclass(frozen=True)
class Speaker:
    """By which voice a language is spoken, with which letters and figures; ``recorded``: where a person's
    recording of each event's name lies (``alert.<event>.mp3``), played before the text."""

    language: str
    digits: Sequence[str] = ()
    respell: Mapping[str, str] = field(default_factory=dict)
    voice: str | None = None
    recorded: str | None = None

    def spelt(self, text: str) -> str:
        """As the voice is to read it: long numbers figure by figure, letters that it knows."""
        read = _NUMBER.sub(lambda number: self._figures(number[0]), text)
        return read.translate({ord(letter): other for letter, other in self.respell.items()})

    def _figures(self, number: str) -> str:
        if self.digits:
            return " ".join(self.digits[int(figure)] for figure in number)
        return number if len(number) <= _LONGEST_AS_ONE else " ".join(number)
