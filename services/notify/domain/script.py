"""Messages in Latin letters for those who write so: their telephone may show no others; pure.

Intake answers them in the same letters. No service imports another, so the table is kept twice and a test
holds the two together.
"""

from collections.abc import Callable, Mapping

CYRILLIC, LATIN = "cyrillic", "latin"

Letters = Callable[[str, str], str]
"""Writes a text of a language in Latin letters."""


class Latin:
    """Built once from ``data/latin.yml``; what a language does not list is as in Russian."""

    def __init__(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        russian = tables["ru"]
        self._tables = {language: {**russian, **own} for language, own in tables.items()}

    def __call__(self, text: str, language: str) -> str:
        """``text`` in Latin letters; what has no counterpart stays as it is."""
        table = self._tables.get(language, self._tables["ru"])
        return "".join(_as_written(letter, table) for letter in text)


def as_it_is(text: str, language: str) -> str:  # noqa: ARG001 - whoever reads Cyrillic
    return text


def _as_written(letter: str, table: Mapping[str, str]) -> str:
    latin = table.get(letter.lower(), letter)
    return latin.capitalize() if letter.isupper() and letter.lower() in table else latin
