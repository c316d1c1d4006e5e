"""The table of Latin letters."""

import yaml

from services.notify.domain.script import Latin
from shared.config import ROOT


def read_latin() -> Latin:
    path = ROOT / "services" / "notify" / "data" / "latin.yml"
    return Latin(yaml.safe_load(path.read_text(encoding="utf-8")))
