"""The file of Open311 services."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from services.intake.domain.open311 import Attribute, Datatype, Service, Where, Wording

_FILE = Path(__file__).parent.parent / "data" / "open311.yml"
_LANGUAGES = ("ru", "kk")


@cache
def load_services() -> Mapping[str, Service]:
    """What may be reported, by code, in the order of the file."""
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    attributes = {code: _attribute(code, entry) for code, entry in data["attributes"].items()}
    return {entry["code"]: _service(entry, data["groups"], attributes) for entry in data["services"]}


def _attribute(code: str, entry: Mapping[str, Any]) -> Attribute:
    return Attribute(
        code=code,
        datatype=Datatype(entry["datatype"]),
        wordings={
            language: Wording(entry[language]["description"], entry[language]["hint"])
            for language in _LANGUAGES
        },
        values=entry.get("values", {}),
    )


def _service(
    entry: Mapping[str, Any], groups: Mapping[str, Any], attributes: Mapping[str, Attribute]
) -> Service:
    return Service(
        code=entry["code"],
        group=groups[entry["group"]],
        where=Where(entry["where"]),
        wordings={language: Wording(**entry[language]) for language in _LANGUAGES},
        attributes=tuple(attributes[code] for code in entry["ask"]),
    )
