"""The catalogue of materials (``data/materials.yml``): codes by the unit they are counted in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, validate

from shared.config import Misconfigured
from shared.i18n import Catalog


class MaterialShape(Schema):
    """A material that has a code."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)
    unit_name = fields.String(required=True)


class MaterialList(Schema):
    """The catalogue in the caller's language."""

    materials = fields.List(fields.Nested(MaterialShape), required=True)


_FILE = fields.Dict(
    keys=fields.String(validate=validate.Length(1, 20)),
    values=fields.List(fields.String(validate=validate.Regexp("^[a-z0-9_]{1,60}$"))),
)


def read_materials(path: Path) -> Mapping[str, str]:
    """The unit of each code; raises Misconfigured for a file that is none, or a code that stands twice."""
    try:
        by_unit: Any = _FILE.deserialize(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as broken:
        raise Misconfigured(f"crews: {path}: {broken}") from broken
    pairs = [(code, unit) for unit, codes in by_unit.items() for code in codes]
    if len(dict(pairs)) != len(pairs):
        raise Misconfigured(f"crews: {path}: a code stands twice")
    return dict(pairs)


def materials(units: Mapping[str, str], catalog: Catalog, language: str) -> dict[str, Any]:
    """The catalogue in the shape of :class:`MaterialList`, by name."""
    listed = [
        {
            "code": code,
            "name": catalog.text(language, f"paper.material.{code}"),
            "unit": unit,
            "unit_name": catalog.text(language, f"paper.unit.{unit}"),
        }
        for code, unit in units.items()
    ]
    return {"materials": sorted(listed, key=lambda material: material["name"])}
