"""The seed file of ``routing``: zones and who answers for which system there (see the README)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from services.routing.domain.competence import EVERYWHERE, Competence, alike
from services.routing.domain.drawing import draw
from services.routing.domain.hours import ROUND_THE_CLOCK, Hours, Term
from services.routing.domain.networks import NETWORKED, Network
from services.routing.domain.words import SYSTEMS
from services.routing.domain.zones import Zone
from services.routing.errors import InvalidReference

EVERYWHERE_WORD = "everywhere"
ReadGeoJson = Callable[[str], Any]


class CompetenceShape(Schema):
    """What one organisation answers for, where and when: in ``zones``, or in the houses of managers
    (``houses_of``) by the names that the address registry gives them."""

    organisation_id = fields.UUID(required=True)
    systems = fields.List(
        fields.String(validate=validate.OneOf(SYSTEMS)), required=True, validate=validate.Length(min=1)
    )
    zones = fields.Raw(load_default=None)
    houses_of = fields.List(fields.String(), load_default=None, validate=validate.Length(min=1))
    network = fields.Enum(Network, by_value=True, load_default=None, allow_none=True)
    hours = fields.String(load_default=ROUND_THE_CLOCK)
    valid_from = fields.Date(load_default=None, allow_none=True)
    valid_until = fields.Date(load_default=None, allow_none=True)


class ZoneShape(Schema):
    """Either one zone (``name`` and ``geometry``) or a file of them, all or only those in ``names``."""

    name = fields.String(load_default=None)
    geometry = fields.Dict(load_default=None)
    file = fields.String(load_default=None)
    name_property = fields.String(load_default="name")
    names = fields.List(fields.String(), load_default=None)


class SeedShape(Schema):
    """The whole file. ``zones``: the path of a GeoJSON file, or a list of :class:`ZoneShape`; without
    it the zones there are stay."""

    zones = fields.Raw(load_default=None)
    competences = fields.List(fields.Nested(CompetenceShape), required=True)


def read_seed(contents: Any, read_geojson: ReadGeoJson) -> tuple[list[Zone] | None, list[Competence]]:
    """Zones (None: those there are) and competences of a seed file.

    Raises ValidationError, InvalidZone with the reason, or InvalidReference for what cannot be.
    """
    seed = SeedShape().load(contents)
    zones = None if seed["zones"] is None else _zones(seed["zones"], read_geojson)
    names = None if zones is None else {zone.name for zone in zones}
    if names is not None and zones is not None and len(names) < len(zones):
        raise InvalidReference("two zones have the same name")
    return zones, [entry for given in seed["competences"] for entry in _competences(given, names)]


def _zones(given: Any, read_geojson: ReadGeoJson) -> list[Zone]:
    shapes = [{"file": given}] if isinstance(given, str) else given
    return [zone for entry in ZoneShape(many=True).load(shapes) for zone in _entry(entry, read_geojson)]


def _entry(entry: Mapping[str, Any], read_geojson: ReadGeoJson) -> list[Zone]:
    if entry["file"] is None:
        return [draw(entry["name"] or "", entry["geometry"]).zone]
    features = {_name(f, entry["name_property"]): f for f in _features(entry["file"], read_geojson)}
    wanted = features.keys() if entry["names"] is None else entry["names"]
    unknown = sorted(set(wanted) - features.keys())
    if unknown:
        raise InvalidReference(f"{entry['file']} has no zone {', '.join(unknown)}")
    return [draw(name, features[name].get("geometry")).zone for name in wanted]


def _features(path: str, read_geojson: ReadGeoJson) -> Iterable[Mapping[str, Any]]:
    try:
        features: list[Mapping[str, Any]] = read_geojson(path)["features"]
    except (KeyError, TypeError) as broken:
        raise InvalidReference(f"{path} is not a GeoJSON FeatureCollection") from broken
    return features


def _name(feature: Mapping[str, Any], key: str) -> str:
    try:
        return str(feature["properties"][key])
    except (KeyError, TypeError) as unnamed:
        raise InvalidReference(f"a feature has no property {key!r} to be named by") from unnamed


def _competences(given: Mapping[str, Any], known: set[str] | None) -> list[Competence]:
    network = given["network"]
    if network is not None and not NETWORKED.issuperset(given["systems"]):
        raise InvalidReference(
            f"network: only {', '.join(sorted(NETWORKED))} have one, not {given['systems']}"
        )
    common = {
        "organisation_id": given["organisation_id"],
        "hours": Hours.read(given["hours"]),
        "network": network,
        "term": Term(given["valid_from"], given["valid_until"]),
    }
    places = _places(given["zones"], given["houses_of"], known)
    return [Competence(system=system, **place, **common) for system in given["systems"] for place in places]


def _places(zones: Any, houses_of: list[str] | None, known: set[str] | None) -> list[dict[str, Any]]:
    if (zones is None) == (houses_of is None):
        raise InvalidReference("a competence needs either zones or houses_of")
    if houses_of is not None:
        return [{"houses_of": _manager(name)} for name in houses_of]
    return [{"zone": zone} for zone in _zone_names(zones, known)]


def _manager(name: str) -> str:
    if not alike(name):
        raise InvalidReference(f"houses_of: {name!r} is no name")
    return alike(name)


def _zone_names(given: Any, known: set[str] | None) -> list[str | None]:
    if given == EVERYWHERE_WORD:
        return [EVERYWHERE]
    if not isinstance(given, list) or not given:
        raise InvalidReference(f"zones: expected {EVERYWHERE_WORD!r} or a list of names, not {given!r}")
    unknown = sorted({str(name) for name in given} - known) if known is not None else []
    if unknown:
        raise InvalidReference(f"unknown zone {', '.join(unknown)}")
    return list(given)
