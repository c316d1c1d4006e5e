"""Reads roads that a car may use from OpenStreetMap extracts and from shapefiles in Geofabrik's layout."""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import osmium
import shapefile

from services.routing.domain.roads import Road
from services.routing.errors import UnreadableMap

DRIVEN = frozenset(
    kind + link
    for kind in ("motorway", "trunk", "primary", "secondary", "tertiary")
    for link in ("", "_link")
) | {"unclassified", "residential", "living_street", "service", "track", "road"}
_CLOSED = frozenset({"no", "private"})
_AGAINST = frozenset({"-1", "reverse"})


def read_roads(path: Path) -> list[Road]:
    """The roads of a map; raises :class:`UnreadableMap`."""
    if not path.is_file():
        raise UnreadableMap(f"{path}: no such file")
    read = _read_osm if path.name.endswith((".pbf", ".osm", ".osm.gz", ".osm.bz2")) else _read_shapes
    return list(read(path))


def _read_osm(path: Path) -> Iterator[Road]:
    try:
        for way in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations():
            if isinstance(way, osmium.osm.Way) and _is_driven(tags := dict(way.tags)):
                line = tuple((node.lat, node.lon) for node in way.nodes if node.location.valid())
                forward, backward = _directions(tags)
                yield Road(tags["highway"], line, forward, backward, _limit(tags.get("maxspeed", "")))
    except (RuntimeError, OSError) as broken:
        raise UnreadableMap(f"{path}: not an OpenStreetMap file (.osm.pbf): {broken}") from broken


def _read_shapes(path: Path) -> Iterator[Road]:
    try:
        with shapefile.Reader(str(path)) as reader:
            for found in reader.iterShapeRecords():
                if found.record["fclass"] in DRIVEN:
                    line = tuple((float(lat), float(lon)) for lon, lat, *_ in found.shape.points)
                    way = found.record["oneway"]
                    limit = int(found.record["maxspeed"] or 0)
                    yield Road(found.record["fclass"], line, way != "T", way != "F", limit)
    except (shapefile.ShapefileException, zipfile.BadZipFile, IndexError, ValueError) as broken:
        raise UnreadableMap(f"{path}: not a shapefile of roads (fields fclass, oneway, maxspeed)") from broken


def _is_driven(tags: Mapping[str, str]) -> bool:
    return tags.get("highway") in DRIVEN and _CLOSED.isdisjoint((tags.get("access"), tags.get("vehicle")))


def _directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Whether it may be driven along and against the line."""
    oneway = tags.get("oneway", "")
    if oneway in _AGAINST:
        return False, True
    around = tags.get("junction") in ("roundabout", "circular") or tags.get("highway") == "motorway"
    return True, not (oneway in ("yes", "1", "true") or (around and oneway != "no"))


def _limit(sign: Any) -> int:
    """km/h of a sign; 0 for what is not a plain number."""
    return int(sign) if str(sign).isdigit() else 0
