"""Texts for people: gettext catalogues in Russian and Kazakh, read from ``.po`` without a build step."""

import gettext
import io
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("ru", "kk")
DEFAULT_LANGUAGE = "ru"
_FILLING = re.compile(r"(?<=one of: ).+(?=\.$)|-?\d+(?:\.\d+)?")
_SHARED = Path(__file__).parent / "locale"


class Catalog:
    """Messages of one service over those of ``shared``; a key nobody translated comes back as itself."""

    def __init__(self, locale_dir: Path) -> None:
        self._translations = {language: _layered(locale_dir, language) for language in LANGUAGES}

    def text(self, language: str, msgid: str, *values: Any, **params: Any) -> str:
        """The text of ``msgid`` in ``language`` (Russian if unknown) with ``params`` filled in."""
        translation = self._translations.get(language, self._translations[DEFAULT_LANGUAGE])
        return translation.gettext(msgid).format(*values, **params)

    def verbatim(self, language: str, message: str) -> str:
        """A translation of a library's own English message, or the message itself. Its figures and choices
        may be holes in the catalogue: "Longer than maximum length {}."."""
        holes, fillings = _FILLING.sub("{}", message), _FILLING.findall(message)
        for msgid, values in ((message, ()), (holes, fillings)):
            if message and self.has(language, msgid):
                return self.text(language, msgid, *values)
        return message

    def translated(self, language: str, errors: Any) -> Any:
        """What is wrong with each field, in words, in the same nesting."""
        if isinstance(errors, Mapping):
            return {str(name): self.translated(language, value) for name, value in errors.items()}
        if isinstance(errors, list | tuple):
            return [self.translated(language, value) for value in errors]
        return None if errors is None else self.verbatim(language, str(errors))

    def has(self, language: str, msgid: str) -> bool:
        return self._translations[language].gettext(msgid) != msgid


def choose_language(accept_language: str | None) -> str:
    """The first of our languages in an ``Accept-Language`` header, Russian otherwise."""
    for part in (accept_language or "").lower().split(","):
        tag = part.split(";")[0].strip().split("-")[0]
        if tag in LANGUAGES:
            return tag
    return DEFAULT_LANGUAGE


def _layered(locale_dir: Path, language: str) -> gettext.NullTranslations:
    own = _read(locale_dir, language)
    if locale_dir != _SHARED:
        own.add_fallback(_read(_SHARED, language))
    return own


@cache
def _compiled(path: Path) -> bytes:
    buffer = io.BytesIO()
    with path.open("rb") as source:
        write_mo(buffer, read_po(source))
    return buffer.getvalue()


def _read(locale_dir: Path, language: str) -> gettext.NullTranslations:
    path = locale_dir / language / "LC_MESSAGES" / "messages.po"
    return (
        gettext.GNUTranslations(io.BytesIO(_compiled(path))) if path.exists() else gettext.NullTranslations()
    )
