"""Which language a resident writes in, also without Kazakh letters or in Latin ones."""

from dataclasses import dataclass

from services.intake.domain.lexicon import Lexicon
from services.intake.domain.tokens import Kind, Tokeniser

KAZAKH = "kk"
RUSSIAN = "ru"


@dataclass(frozen=True, slots=True)
class Guess:
    """A language, and whether the text really shows it («12» shows nothing)."""

    language: str
    is_sure: bool


class LanguageReader:
    def __init__(self, lexicon: Lexicon) -> None:
        self._letters = frozenset(lexicon.data["kazakh_letters"])
        self._kazakh = lexicon.words("kazakh_words")
        self._russian = lexicon.words("russian_words")
        self._tokenise = Tokeniser(lexicon)

    def __call__(self, text: str, usual: str = RUSSIAN) -> Guess:
        """The language of ``text``; ``usual`` is that of the same person before.

        Give the text without its address: a Kazakh street name says nothing about the writer.
        """
        if any(letter in self._letters for letter in text.lower()):
            return Guess(KAZAKH, is_sure=True)
        keys = [token.key for token in self._tokenise(text) if token.kind is Kind.WORD]
        if any(key in self._kazakh for key in keys):
            return Guess(KAZAKH, is_sure=True)
        if any(key in self._russian for key in keys):
            return Guess(RUSSIAN, is_sure=True)
        return Guess(usual, is_sure=False)
