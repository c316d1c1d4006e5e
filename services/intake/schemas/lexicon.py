"""The lexicon files of the service."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from services.intake.domain.latin import Latin
from services.intake.domain.lexicon import Lexicon

_DATA = Path(__file__).parent.parent / "data"


@cache
def load_lexicon() -> Lexicon:
    """The words by which this service reads messages: places (``lexicon``) and troubles (``troubles``)."""
    return Lexicon({**_read("lexicon"), "troubles": _read("troubles")})


def _read(name: str) -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load((_DATA / f"{name}.yml").read_text(encoding="utf-8"))
    return words


@cache
def load_latin() -> Latin:
    """How answers are written in Latin letters."""
    return Latin(_read("latin"))
