"""A competence file: who answers for which systems, in which zones, at which hours (see the README)."""

from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.routing.domain.competence import Competence, Hours

SYSTEMS = ("water", "sewer", "heat", "power", "gas", "lift", "structure", "yard", "dispatch", "other")
EVERYWHERE = "everywhere"


class ZoneNames(fields.Field[list[str | None]]):
    """The word ``everywhere``, or a list of names of zones."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[str | None]:
        if value == EVERYWHERE:
            return [None]
        if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
            return list(value)
        raise ValidationError("Give everywhere or a list of zone names.")


class CompetenceShape(Schema):
    """One organisation's systems, zones and hours."""

    organisation_id = fields.UUID(required=True)
    systems = fields.List(
        fields.String(validate=validate.OneOf(SYSTEMS)), required=True, validate=validate.Length(min=1)
    )
    zones = ZoneNames(required=True)
    hours = fields.String(load_default="24/7")


class CompetenceFile(Schema):
    """The whole file. ``zones`` is a path to a GeoJSON file whose features have a ``name``."""

    zones = fields.String(load_default=None, allow_none=True)
    competences = fields.List(fields.Nested(CompetenceShape), required=True, validate=validate.Length(min=1))


def competences(loaded: dict[str, Any]) -> Iterator[Competence]:
    """A row for each organisation × system × zone of a loaded file."""
    for entry in loaded["competences"]:
        hours = Hours.read(entry["hours"])
        for system in entry["systems"]:
            for zone in entry["zones"]:
                yield Competence(entry["organisation_id"], system, zone, hours)
