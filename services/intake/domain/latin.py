"""Answers in Latin letters for those who write so: their telephone may show no others."""

from collections.abc import Mapping

_FEWEST_LETTERS = 4
_CYRILLIC = ("\u0400", "\u04ff")


class Latin:
    """Writes Russian and Kazakh text with plain Latin letters; built once from ``latin.yml``."""

    def __init__(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        russian = tables["ru"]
        self._tables = {language: {**russian, **own} for language, own in tables.items()}

    def __call__(self, text: str, language: str) -> str:
        """``text`` in Latin letters; what has no counterpart stays as it is."""
        table = self._tables[language]
        return "".join(_as_written(letter, table) for letter in text)


def _as_written(letter: str, table: Mapping[str, str]) -> str:
    latin = table.get(letter.lower(), letter)
    return latin.capitalize() if letter.isupper() and letter.lower() in table else latin


def is_latin(text: str) -> bool | None:
    """Whether somebody writes with Latin letters; None if the text does not show it."""
    letters = [letter for letter in text if letter.isalpha()]
    if any(_CYRILLIC[0] <= letter <= _CYRILLIC[1] for letter in letters):
        return False
    return True if len(letters) >= _FEWEST_LETTERS else None
