"""Reads areas from GeoJSON files and administrative borders from OpenStreetMap extracts."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import osmium

from services.routing.errors import UnreadableMap

_OSM = (".pbf", ".osm", ".osm.gz", ".osm.bz2")
_WGS84 = ("CRS84", "4326")


@dataclass(frozen=True)
class Area:
    """A name and a GeoJSON geometry, not looked at yet; ``geometry`` None: a border that is not closed."""

    name: str
    geometry: Any


def read_areas(path: Path, name_property: str = "name", levels: Collection[str] = ()) -> list[Area]:
    """The areas of a file; of an OpenStreetMap extract its administrative borders, of ``levels`` if any are
    given, named by the tag ``name_property``. Raises :class:`UnreadableMap`."""
    if not path.is_file():
        raise UnreadableMap(f"{path}: no such file")
    if path.name.endswith(_OSM):
        return list(_read_osm(path, name_property, levels))
    return list(_read_geojson(path, name_property))


def _read_geojson(path: Path, name_property: str) -> Iterator[Area]:
    try:
        contents = json.loads(path.read_text(encoding="utf-8-sig"))
        features = contents["features"] if contents["type"] == "FeatureCollection" else [contents]
        _check_crs(path, contents.get("crs"))
        for feature in features:
            properties = feature["properties"] or {}
            yield Area(str(properties.get(name_property) or ""), feature["geometry"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as broken:
        raise UnreadableMap(f"{path}: not a GeoJSON FeatureCollection: {broken}") from broken


def _check_crs(path: Path, crs: Any) -> None:
    """Old GeoJSON names its reference system; any but WGS84 is not ours to guess."""
    name = str(crs["properties"]["name"]) if crs else _WGS84[0]
    if not name.endswith(_WGS84):
        raise UnreadableMap(f"{path}: coordinates in {name}: save it in WGS84 (EPSG:4326)")


def _read_osm(path: Path, name_tag: str, levels: Collection[str]) -> Iterator[Area]:
    factory = osmium.geom.GeoJSONFactory()
    borders: dict[int, str] = {}
    try:
        for element in osmium.FileProcessor(str(path)).with_areas():
            tags = dict(element.tags)
            if not _is_border(tags, levels):
                continue
            name = tags.get(name_tag) or tags.get("name", "")
            if isinstance(element, osmium.osm.Relation):
                borders[element.id] = name
            elif isinstance(element, osmium.osm.Area):
                borders.pop(element.orig_id(), None)
                yield Area(name, _assembled(factory, element))
    except (RuntimeError, OSError) as broken:
        raise UnreadableMap(f"{path}: not an OpenStreetMap file (.osm.pbf): {broken}") from broken
    yield from (Area(name, None) for name in borders.values())


def _assembled(factory: Any, area: osmium.osm.Area) -> Any:
    try:
        return json.loads(factory.create_multipolygon(area))
    except RuntimeError:  # a member of the border lies outside the extract
        return None


def _is_border(tags: Mapping[str, str], levels: Collection[str]) -> bool:
    is_level = not levels or tags.get("admin_level") in levels
    return tags.get("boundary") == "administrative" and is_level
