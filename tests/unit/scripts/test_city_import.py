"""Which of the files of ``city import`` teach crews their ways."""

import pytest

from scripts.commands import _road_maps


@pytest.mark.parametrize(
    ("words", "maps"),
    [
        (["import", "a.osm.pbf", "--city", "a"], ["a.osm.pbf"]),
        (["import", "--city", "a", "a.osm.pbf", "--roads", "r.zip", "--names", "n.csv"], ["r.zip"]),
        (["import", "list.csv", "--city", "a"], []),
        (["import", "list.csv.gz", "--city", "a", "--roads", "r.zip"], ["r.zip"]),
        ([], []),
    ],
)
def test_the_newer_map_of_roads_else_the_map(words: list[str], maps: list[str]) -> None:
    assert _road_maps("city", words) == maps
    assert _road_maps("routing", words) == []
