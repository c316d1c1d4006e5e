"""Areas of files: GeoJSON and OpenStreetMap, taken over, told and exported again."""

import argparse
import json
from pathlib import Path
from typing import Any

import osmium
import pytest
from shapely import box
from shapely.geometry import mapping

from services.routing.commands import __main__ as commands
from services.routing.commands.areas import Area, read_areas
from services.routing.commands.zones import as_geojson, draw_all, read_zones, tell_changes
from services.routing.domain.drawing import draw
from services.routing.domain.zones import Kind, Zone
from services.routing.errors import InvalidReference, UnreadableMap
from services.routing.usecases.reference import Fate, import_zones, replace_reference
from tests.unit.routing.examples import DISPATCH, LAT, LON, competence, square
from tests.unit.routing.fakes import FakeWork

YARD, DISTRICT = square("yard", LAT, LON, 0.01), square("district", LAT, LON, 0.05)


def collection(*zones: Zone, **more: Any) -> dict[str, Any]:
    features = [
        {"type": "Feature", "properties": {"name": zone.name}, "geometry": mapping(zone.shape)}
        for zone in zones
    ]
    return {"type": "FeatureCollection", "features": features, **more}


def geojson(path: Path, contents: Any) -> Path:
    path.write_text(json.dumps(contents), encoding="utf-8")
    return path


def test_areas_of_a_geojson_file(tmp_path: Path) -> None:
    found = read_areas(geojson(tmp_path / "areas.geojson", collection(YARD, DISTRICT)))
    assert [area.name for area in found] == ["yard", "district"]
    assert draw("yard", found[0].geometry).zone.is_drawn_as(YARD)


@pytest.mark.parametrize(
    "contents",
    [
        [],
        "areas",
        {"type": "Topology"},
        {"type": "FeatureCollection"},
        {"type": "FeatureCollection", "features": [5]},
        collection(YARD, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}),
        collection(YARD, crs={"type": "link"}),
    ],
)
def test_what_is_no_geojson_in_degrees_is_refused(contents: Any, tmp_path: Path) -> None:
    with pytest.raises(UnreadableMap, match="areas"):
        read_areas(geojson(tmp_path / "areas.geojson", contents))


def test_wgs84_may_be_said_outright(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert len(read_areas(geojson(tmp_path / "areas.geojson", collection(YARD, crs=crs)))) == 1


def osm(path: Path) -> Path:
    """Two districts, one of them with a border that leaves the file, and a nature reserve."""
    corners = [(76.9, 43.2), (77.0, 43.2), (77.0, 43.3), (76.9, 43.3)]
    border = {"type": "boundary", "boundary": "administrative"}
    with osmium.SimpleWriter(str(path)) as writer:
        for number, corner in enumerate(corners, start=1):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=corner))
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2, 3]))
        writer.add_way(osmium.osm.mutable.Way(id=2, nodes=[3, 4, 1]))
        for number, (members, tags) in enumerate(
            [
                ([1, 2], {**border, "admin_level": "6", "name": "Алмалы", "name:kk": "Алмалы ауданы"}),
                ([1], {**border, "admin_level": "6", "name": "Медеу"}),
                ([1, 2], {**border, "admin_level": "4", "name": "Алматы"}),
                ([1, 2], {"type": "boundary", "boundary": "protected_area", "name": "Парк"}),
            ],
            start=1,
        ):
            way_members = [("w", way, "outer") for way in members]
            writer.add_relation(osmium.osm.mutable.Relation(id=number, members=way_members, tags=tags))
    return path


@pytest.mark.rule("D4-3.1-U1")
def test_administrative_borders_of_an_openstreetmap_extract(tmp_path: Path) -> None:
    path = osm(tmp_path / "city.osm.pbf")
    assert {area.name for area in read_areas(path)} == {"Алмалы", "Алматы", "Медеу"}
    found = {area.name: area.geometry for area in read_areas(path, "name:kk", ["6"])}
    assert found.keys() == {"Алмалы ауданы", "Медеу"}
    assert found["Медеу"] is None
    assert draw("Алмалы", found["Алмалы ауданы"]).zone.shape.equals(box(76.9, 43.2, 77.0, 43.3))


@pytest.mark.parametrize("name", ["missing.geojson", "broken.osm.pbf", "broken.geojson"])
def test_what_is_no_map_is_refused(name: str, tmp_path: Path) -> None:
    if not name.startswith("missing"):
        (tmp_path / name).write_bytes(b"no map at all")
    with pytest.raises(UnreadableMap, match=name):
        read_areas(tmp_path / name)


def test_every_refused_area_is_named_and_the_others_are_taken() -> None:
    areas = [
        Area("yard", mapping(YARD.shape)),
        Area("open", None),
        Area("yard", mapping(YARD.shape)),
        Area("yard", mapping(DISTRICT.shape)),
        Area("", mapping(YARD.shape)),
    ]
    drawn, errors = draw_all(areas, Kind.SERVICE, None)
    assert [one.zone.name for one in drawn] == ["yard"]
    assert [error.details["flaw"] for error in errors] == ["unreadable", "duplicate", "no_name"]


def options(path: Path, **changes: Any) -> argparse.Namespace:
    usual = {"name_property": "name", "level": [], "only": [], "kind": "service", "tolerance": 1.0}
    return argparse.Namespace(**{"file": path, "skip_broken": False, **usual, **changes})


def test_a_file_with_a_broken_area_is_taken_only_when_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contents = collection(YARD, DISTRICT)
    contents["features"][1]["geometry"] = {"type": "Point", "coordinates": [LON, LAT]}
    path = geojson(tmp_path / "areas.geojson", contents)
    with pytest.raises(InvalidReference, match="district: Point is no area"):
        read_zones(options(path), None)
    assert [one.zone.name for one in read_zones(options(path, skip_broken=True), None)] == ["yard"]
    assert "left out: zone district" in capsys.readouterr().err
    with pytest.raises(InvalidReference, match="no area"):
        read_zones(options(path, only=["nowhere"]), None)


def fates(work: FakeWork, *zones: Zone, **how: Any) -> dict[str, str]:
    changes = import_zones(work, zones, how.pop("source", "areas.geojson"), **how)
    return {change.zone.name: change.fate.value for change in changes}


@pytest.mark.rule("D4-3.1-U1")
def test_the_same_file_again_changes_nothing_and_a_new_shape_is_a_new_version() -> None:
    work = FakeWork()
    assert fates(work, YARD, DISTRICT) == {"yard": "new", "district": "new"}
    assert fates(work, YARD, DISTRICT) == {"yard": "unchanged", "district": "unchanged"}
    assert work.reference.version() == 1
    larger = square("yard", LAT, LON, 0.02)
    assert fates(work, larger) == {"yard": "changed"}
    stored = {zone.name: zone for zone in work.reference.zones()}
    assert stored["yard"].version == 2
    assert stored["yard"].source == "areas.geojson"
    assert stored["district"].version == 1
    assert work.reference.version() == 2


def test_what_a_file_holds_no_longer_goes_if_nobody_answers_there() -> None:
    work = FakeWork()
    fates(work, YARD, DISTRICT)
    fates(work, square("other", LAT, LON, 0.03), source="others.geojson")
    assert fates(work, DISTRICT, prune=True) == {"district": "unchanged", "yard": "removed"}
    assert {zone.name for zone in work.reference.zones()} == {"district", "other"}
    replace_reference(work, None, [competence(DISPATCH, "water", "district")])
    with pytest.raises(InvalidReference, match="district"):
        fates(work, YARD, prune=True)


def test_a_seed_without_zones_keeps_them_and_the_same_seed_again_changes_nothing() -> None:
    work = FakeWork()
    fates(work, YARD)
    rules = [competence(DISPATCH, "water", "yard")]
    replace_reference(work, None, rules)
    replace_reference(work, None, rules)
    assert work.reference.version() == 2
    with pytest.raises(InvalidReference, match="nowhere"):
        replace_reference(work, None, [competence(DISPATCH, "water", "nowhere")])


def test_a_seed_with_zones_replaces_them_but_never_the_city() -> None:
    work = FakeWork()
    city = Zone("almaty", DISTRICT.shape, Kind.CITY)
    fates(work, YARD, city)
    replace_reference(work, [DISTRICT], [competence(DISPATCH, "water", "district")])
    assert {zone.name for zone in work.reference.zones()} == {"almaty", "district"}


def test_an_import_says_what_it_did_and_what_it_repaired() -> None:
    work = FakeWork()
    drawn = draw_all([Area("yard", {"type": "Polygon", "coordinates": [HIGH]})], Kind.SERVICE, None)[0]
    lines = list(tell_changes(import_zones(work, [one.zone for one in drawn], "x"), drawn))
    assert lines[0].startswith("- yard: new, version 1, ")
    assert lines[0].endswith("m²; heights are left out")
    assert lines[-1] == "1 new, 0 changed, 0 unchanged, 0 removed"
    assert [fate.value for fate in Fate] == ["new", "changed", "unchanged", "removed"]


HIGH = [[LON, LAT, 800.0], [LON + 0.1, LAT, 800.0], [LON, LAT + 0.1, 800.0], [LON, LAT, 800.0]]


def test_what_is_exported_is_imported_again(tmp_path: Path) -> None:
    told = as_geojson([YARD, DISTRICT], [competence(DISPATCH, "water", "yard")])
    assert told["features"][0]["properties"]["answering"] == [
        {"system": "water", "organisation_id": str(DISPATCH)}
    ]
    again = draw_all(read_areas(geojson(tmp_path / "out.geojson", told)), Kind.SERVICE, None)[0]
    assert [one.zone.is_drawn_as(zone) for one, zone in zip(again, (YARD, DISTRICT), strict=True)] == [
        True
    ] * 2


def test_a_check_tells_overlaps_gaps_and_contracts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    geojson(tmp_path / "areas.geojson", collection(YARD, square("neighbour", LAT, LON + 0.015, 0.01)))
    path = tmp_path / "seed.yml"
    rule = {"organisation_id": str(DISPATCH), "systems": ["water"], "zones": "everywhere"}
    rule |= {"valid_until": "2020-01-01", "network": "mains"}
    night = {
        "organisation_id": str(DISPATCH),
        "systems": ["lift"],
        "zones": "everywhere",
        "hours": "20:00-08:00",
    }
    path.write_text(json.dumps({"zones": "areas.geojson", "competences": [rule, night]}))
    assert commands.main(["zones", "check", str(path)]) == 0
    said = capsys.readouterr().out
    assert "zones neighbour and yard overlap: 900,730 m² (25.0% of neighbour, which decides" in said
    assert "no boundary of the city" in said
    assert "heat: nobody answers for it\n" in said
    assert "water: nobody answers for it\n" in said
    assert "lift: nobody answers for it at Mo 08:00 - Mo 20:00, " in said
    assert "water in everywhere: the contract ran out on 2020-01-01" in said
