"""Reads what a registry is made of: OpenStreetMap extracts, shapefiles, GeoJSON."""

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import osmium
import shapefile
from shapely.errors import ShapelyError
from shapely.geometry import shape

from services.intake.domain.gathering import Way
from services.intake.domain.placing import House
from services.intake.domain.registry import District, Name, NameRole, Point
from services.intake.errors import UnreadableFile

Progress = Callable[[str], None]
"""Hears in a few words what is being done."""

_MAJOR_ROADS = frozenset(["trunk", "primary", "secondary", "tertiary"])
_ROADS = _MAJOR_ROADS | {"unclassified", "residential", "living_street", "pedestrian", "service", "road"}
_PLACES = frozenset(["suburb", "quarter", "neighbourhood", "town", "village", "hamlet"])
_STREET_TAGS = ("addr:street", "addr:place", "addr:neighbourhood", "addr:suburb")
_NAME_TAGS = {
    "name:kk": NameRole.KK,
    "name:ru": NameRole.RU,
    "name:en": NameRole.EN,
    "int_name": NameRole.EN,
    "alt_name": NameRole.ALT,
    "loc_name": NameRole.ALT,
    "official_name": NameRole.ALT,
    "old_name": NameRole.OLD,
}


def read_osm(path: Path) -> tuple[list[Way], list[House]]:
    """Named roads and places, and buildings with a house number, of any ``.osm.pbf``."""
    ways: list[Way] = []
    houses: list[House] = []
    try:
        for element in osmium.FileProcessor(str(path)).with_areas():
            tags = dict(element.tags)
            house = _house(element, tags)
            if house is not None:
                houses.append(house)
            way = _way(element, tags)
            if way is not None:
                ways.append(way)
    except (RuntimeError, OSError) as broken:
        raise UnreadableFile(f"{path}: not an OpenStreetMap file (.osm.pbf): {broken}") from broken
    return ways, houses


def read_roads(path: Path) -> list[Way]:
    """Named roads of a shapefile (Geofabrik's layout: fields ``name``, ``fclass``), zipped or not."""
    try:
        with shapefile.Reader(str(path)) as reader:
            records = [
                Way((Name(record.record["name"], NameRole.OFFICIAL),), _lonlat(record.shape.points))
                for record in reader.iterShapeRecords()
                if record.record["name"] and record.record["fclass"] in _ROADS and record.shape.points
            ]
    except (shapefile.ShapefileException, zipfile.BadZipFile, IndexError, ValueError) as broken:
        raise UnreadableFile(f"{path}: not a shapefile of roads with fields name and fclass") from broken
    return records


def read_districts(path: Path) -> list[District]:
    """Districts of a GeoJSON FeatureCollection; the id is the property ``id`` or the name in lower case."""
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return [_district(feature) for feature in features]
    except (ValueError, KeyError, TypeError, ShapelyError) as broken:
        raise UnreadableFile(f"{path}: not a GeoJSON collection of named polygons") from broken


def _house(element: Any, tags: Mapping[str, str]) -> House | None:
    number = tags.get("addr:housenumber")
    street = next((tags[tag] for tag in _STREET_TAGS if tag in tags), "")
    points = _points(element) if number else []
    if not number or not points:
        return None
    lat = sum(point[0] for point in points) / len(points)
    lon = sum(point[1] for point in points) / len(points)
    return House(_id(element), street, number, round(lat, 6), round(lon, 6))


def _way(element: Any, tags: Mapping[str, str]) -> Way | None:
    is_place = tags.get("place") in _PLACES
    is_road = element.is_way() and tags.get("highway") in _ROADS
    if "name" not in tags or not (is_place or is_road):
        return None
    points = _points(element)
    if is_place and points:
        return Way(tuple(_names(tags)), tuple(points[:1]), is_place=True)
    return Way(tuple(_names(tags)), tuple(points)) if points else None


def _names(tags: Mapping[str, str]) -> Iterator[Name]:
    for tag, role in {"name": NameRole.OFFICIAL, **_NAME_TAGS}.items():
        yield from (Name(part.strip(), role) for part in tags.get(tag, "").split(";") if part.strip())


def _points(element: Any) -> list[Point]:
    """The element's nodes; an area counts only if it is a relation, closed ways come as ways already."""
    if element.is_node():
        return [(element.location.lat, element.location.lon)]
    if element.is_way():
        return [(node.lat, node.lon) for node in element.nodes if node.location.valid()]
    if element.is_area() and not element.from_way():
        return [(node.lat, node.lon) for ring in element.outer_rings() for node in ring]
    return []


def _id(element: Any) -> str:
    if element.is_area():
        return f"osm-r{element.orig_id()}"
    return f"osm-{'n' if element.is_node() else 'w'}{element.id}"


def _lonlat(points: Sequence[Any]) -> tuple[Point, ...]:
    return tuple((float(lat), float(lon)) for lon, lat, *_ in points)


def _district(feature: Mapping[str, Any]) -> District:
    properties = feature["properties"]
    roles = {"name": NameRole.OFFICIAL, "name_ru": NameRole.RU, "name_kk": NameRole.KK}
    names = tuple(Name(str(properties[key]), role) for key, role in roles.items() if properties.get(key))
    id_ = str(properties.get("id") or properties["name"]).lower().replace(" ", "-")
    return District(id_, names, shape(feature["geometry"]))
