"""Forms of Russian words from pymorphy3's dictionary, asked for once, when the rules are read."""

import warnings
from collections.abc import Iterator

import pymorphy3

from services.triage.domain.text import fold


class Morphology:
    """The dictionary, opened at the first question (25 MB while it lives)."""

    def __init__(self) -> None:
        self._analyser: pymorphy3.MorphAnalyzer | None = None

    def forms(self, word: str) -> frozenset[str]:
        """Every form of a word given in its dictionary form; empty if the dictionary has no such word."""
        if self._analyser is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # of the library's own imports
                self._analyser = pymorphy3.MorphAnalyzer(lang="ru")
        return frozenset(self._forms(self._analyser, word.lower()))

    @staticmethod
    def _forms(analyser: pymorphy3.MorphAnalyzer, word: str) -> Iterator[str]:
        wanted = fold(word)
        for parsed in analyser.parse(word):
            if parsed.is_known and fold(parsed.normal_form) == wanted:
                yield from (form.word for form in parsed.lexeme)
