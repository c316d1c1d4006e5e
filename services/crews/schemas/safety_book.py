"""Reads the file of safety scripts (``data/safety.yml``): every word checked before the service starts."""

from pathlib import Path
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.crews.domain.gate import Ask, Before, Item, SafetyBook, Script
from services.crews.domain.safety import CONFINED_PLACES, GATED_HAZARDS
from services.crews.errors import BadSafetyScript

BASES = ("standard", "practice")


class ItemShape(Schema):
    """One thing asked; its id is the key it stands under."""

    ask = fields.Enum(Ask, by_value=True, required=True)
    before = fields.Enum(Before, by_value=True, required=True)
    source = fields.String(required=True, validate=validate.Length(min=1))
    basis = fields.String(required=True, validate=validate.OneOf(BASES))
    least = fields.Integer(load_default=1, strict=True, validate=validate.Range(min=0))
    counted_by = fields.String(load_default=None)
    may_be_absent = fields.Boolean(load_default=False)
    lasts = fields.Boolean(load_default=False)


class ScriptShape(Schema):
    """The items asked at some places or with some hazards."""

    id = fields.String(required=True)
    places = fields.List(fields.String(validate=validate.OneOf(sorted(CONFINED_PLACES))), load_default=list)
    hazards = fields.List(fields.String(validate=validate.OneOf(sorted(GATED_HAZARDS))), load_default=list)
    items = fields.List(fields.String(), required=True, validate=validate.Length(min=1))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Script:
        places, hazards = frozenset(data["places"]), frozenset(data["hazards"])
        return Script(data["id"], tuple(data["items"]), places, hazards)


class BookShape(Schema):
    """The whole file."""

    version = fields.String(required=True, validate=validate.Length(min=1))
    items = fields.Dict(keys=fields.String(), values=fields.Nested(ItemShape), required=True)
    scripts = fields.List(fields.Nested(ScriptShape), required=True, validate=validate.Length(min=1))


def read_safety_book(path: Path) -> SafetyBook:
    """The scripts in a file; raises BadSafetyScript, naming what is wrong, rather than leave a danger out."""
    try:
        given = BookShape().load(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as invalid:
        raise BadSafetyScript(f"{path.name}: {invalid.messages}") from invalid
    except (OSError, yaml.YAMLError) as broken:
        raise BadSafetyScript(f"{path}: {broken}") from broken
    items = {name: Item(name, **item) for name, item in given["items"].items()}
    book = SafetyBook(given["version"], items, tuple(given["scripts"]))
    book.check()
    return book
