"""The lexicon file of the service."""

from functools import cache
from pathlib import Path

import yaml

from services.intake.domain.lexicon import Lexicon

_FILE = Path(__file__).parent.parent / "data" / "lexicon.yml"


@cache
def load_lexicon() -> Lexicon:
    """The words by which this service reads messages."""
    return Lexicon(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
