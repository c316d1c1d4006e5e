"""The norm file: YAML in, :class:`NormBook` out, with the place of every mistake."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.journal.domain.norms import ClockName, Hours, Norm, NormBook, Standing, Start
from services.journal.errors import BadNorms

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_LIMIT = re.compile(r"([1-9]\d*)([mhd])")


class Limit(fields.Field[timedelta]):
    """A length of time such as ``30m``, ``2h``, ``3d``."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> timedelta:
        match = _LIMIT.fullmatch(str(value))
        if match is None:
            raise ValidationError("must be a number with m, h or d, such as 30m")
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


class _Day(fields.Date):
    """YAML reads a bare date by itself."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super()._deserialize(str(value), *args, **kwargs)


class HoursShape(Schema):
    opens = fields.Time(format="%H:%M", required=True)
    closes = fields.Time(format="%H:%M", required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Hours:
        return Hours(**data)


def _set() -> fields.List[str]:
    return fields.List(fields.String(), load_default=list)


class About(Schema):
    categories = _set()
    systems = _set()
    faults = _set()
    hazards = _set()


class Whose(Schema):
    countries = _set()
    cities = _set()
    organisations = _set()


class LegalText(Schema):
    ru = fields.String(required=True, validate=validate.Length(min=1))
    kk = fields.String(required=True, validate=validate.Length(min=1))


class NormShape(Schema):
    """One row of the table."""

    id = fields.String(required=True)
    clock = fields.Enum(ClockName, by_value=True, required=True)
    limit = Limit(required=True)
    start = fields.Enum(Start, by_value=True, required=True)
    hours = fields.Nested(HoursShape, load_default=None, allow_none=True)
    about = fields.Nested(About, data_key="for", load_default=dict)
    whose = fields.Nested(Whose, data_key="where", load_default=dict)
    legal = fields.Nested(LegalText, required=True)
    mark = fields.String(required=True, validate=validate.OneOf(["V", "P", "M", "D"]))
    standing = fields.Enum(Standing, by_value=True, data_key="status", required=True)
    valid_from = _Day(required=True)
    valid_to = _Day(load_default=None, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Norm:
        conditions: dict[str, Any] = {**data.pop("about"), **data.pop("whose")}
        data |= {name: frozenset(values) for name, values in conditions.items()}
        return Norm(**data)


class NormFile(Schema):
    version = fields.String(required=True)
    norms = fields.List(fields.Nested(NormShape), required=True)


def read_norms(path: Path, **place: Any) -> NormBook:
    """The norm book of a file; ``place`` are NormBook's country, city, zone and approaching.

    Raises BadNorms that says what is wrong where.
    """
    try:
        table = NormFile().load(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as wrong:
        raise BadNorms(f"{path.name}: {wrong.messages}") from wrong
    except (OSError, yaml.YAMLError) as unreadable:
        raise BadNorms(f"{path.name}: {unreadable}") from unreadable
    return NormBook(table["version"], tuple(table["norms"]), **place)
