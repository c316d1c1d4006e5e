"""Roads as maps have them, in both formats, and files that are none."""

from pathlib import Path

import osmium
import pytest
import shapefile

from services.routing.commands.maps import read_roads
from services.routing.domain.roads import Road
from services.routing.errors import UnreadableMap

WAYS = {
    1: ({"highway": "residential", "name": "Абая"}, [1, 2, 3]),
    2: ({"highway": "primary", "oneway": "yes", "maxspeed": "60"}, [3, 4]),
    3: ({"highway": "service", "oneway": "-1", "maxspeed": "RU:urban"}, [4, 1]),
    4: ({"highway": "tertiary", "junction": "roundabout"}, [1, 2]),
    5: ({"highway": "residential", "access": "private"}, [1, 3]),
    6: ({"highway": "footway"}, [1, 4]),
    7: ({"building": "yes"}, [1, 2]),
}


def point(number: int) -> tuple[float, float]:
    return (43.2 + number / 1000, 76.9)


def osm(path: Path) -> Path:
    with osmium.SimpleWriter(str(path)) as writer:
        for number in range(1, 5):
            lat, lon = point(number)
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat)))
        for number, (tags, nodes) in WAYS.items():
            writer.add_way(osmium.osm.mutable.Way(id=number, tags=tags, nodes=nodes))
    return path


def test_roads_of_an_openstreetmap_extract(tmp_path: Path) -> None:
    roads = read_roads(osm(tmp_path / "town.osm.pbf"))
    assert [(road.kind, road.forward, road.backward, road.limit_kmh) for road in roads] == [
        ("residential", True, True, 0),
        ("primary", True, False, 60),
        ("service", False, True, 0),
        ("tertiary", True, False, 0),
    ]
    assert [pytest.approx(place) for place in roads[0].line] == [point(1), point(2), point(3)]


def test_roads_of_a_shapefile(tmp_path: Path) -> None:
    with shapefile.Writer(str(tmp_path / "roads")) as writer:
        for name, kind, size in (("fclass", "C", 28), ("oneway", "C", 1), ("maxspeed", "N", 3)):
            writer.field(name, kind, size)
        for fclass, oneway, limit in (("primary", "F", 60), ("service", "T", 0), ("footway", "B", 0)):
            writer.line([[(76.9, 43.2), (76.9, 43.21)]])
            writer.record(fclass, oneway, limit)
    line = ((43.2, 76.9), (43.21, 76.9))
    assert read_roads(tmp_path / "roads.shp") == [
        Road("primary", line, True, False, 60),
        Road("service", line, False, True, 0),
    ]


@pytest.mark.parametrize("name", ["broken.osm.pbf", "broken.zip", "missing.zip"])
def test_what_is_no_map_is_refused(tmp_path: Path, name: str) -> None:
    if not name.startswith("missing"):
        (tmp_path / name).write_bytes(b"no map at all")
    with pytest.raises(UnreadableMap, match=name):
        read_roads(tmp_path / name)
