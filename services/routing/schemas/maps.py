"""Crews and zones as GeoJSON (RFC 7946), for any map."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields
from shapely.geometry import mapping

from services.routing.domain.crews import Crew, Position
from services.routing.domain.zones import Zone


class FeatureCollection(Schema):
    """GeoJSON: longitude before latitude, WGS84."""

    type = fields.String(required=True)
    features = fields.List(fields.Dict(), required=True)


def crews(found: Iterable[Crew], now: datetime) -> dict[str, Any]:
    """Each crew as a point where it was last seen, else at its base, else nowhere (a null geometry)."""
    return _collection([_crew(crew, now) for crew in found])


def zones(found: Iterable[Zone]) -> dict[str, Any]:
    """Each zone as its polygon, with its name."""
    return _collection([_feature(zone.name, mapping(zone.shape), {"name": zone.name}) for zone in found])


def _crew(crew: Crew, now: datetime) -> dict[str, Any]:
    place = crew.position or crew.base
    told = {name: getattr(crew, name) for name in ("name", "organisation_id", "busy_with")}
    told |= {"specialisations": sorted(crew.specialisations), "on_shift": crew.works_at(now)}
    told |= {"at_base": crew.position is None, "position_at": place.at if place else None}
    return _feature(str(crew.crew_id), _point(place), told)


def _point(place: Position | None) -> dict[str, Any] | None:
    return None if place is None else {"type": "Point", "coordinates": [place.lon, place.lat]}


def _feature(id_: str, geometry: Mapping[str, Any] | None, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "id": id_, "geometry": geometry, "properties": properties}


def _collection(features: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}
