"""Importing a city: many ways become streets, in two languages, with their former names."""

import json
import zipfile
from pathlib import Path

import osmium
import pytest
import shapefile

from services.intake.commands import files, lists
from services.intake.commands.__main__ import main
from services.intake.domain.city import CityBuilder, CitySources
from services.intake.domain.registry import NameRole, Street, StreetKind
from services.intake.errors import NoAddresses, UnreadableFile
from services.intake.schemas.lexicon import load_lexicon
from tests.unit.intake.examples import registry, sources, way


def street(label: str) -> Street:
    (found,) = [street for street in registry().streets if street.label == label]
    return found


def names(label: str) -> dict[str, str]:
    return {name.text: name.role.value for name in street(label).names}


def test_pieces_in_two_languages_are_one_street() -> None:
    assert names("проспект Абая") == {"проспект Абая": "official", "Абай даңғылы": "kk"}
    assert names("улица Сатпаева")["Сәтбаев көшесі"] == "kk"


def test_a_namesake_far_away_is_another_street() -> None:
    assert street("улица Абая").id != street("проспект Абая").id
    assert street("улица Абая").length_m < street("проспект Абая").length_m


def test_the_older_map_gives_former_names() -> None:
    assert names("проспект Назарбаева")["ул. Фурманова"] == "old"
    assert names("улица Гоголя") == {"улица Гоголя": "official", "ул. Гоголя": "alt", "ул. Торговая": "old"}


def test_lists_of_names_are_added() -> None:
    assert names("улица Кабанбай Батыра")["ул. Калинина"] == "old"


def test_microdistricts_come_from_addresses_and_brackets() -> None:
    areas = {street.label for street in registry().streets if street.kind is StreetKind.AREA}
    assert areas == {"микрорайон 6", "микрорайон Самал 2", "микрорайон Аксай 2", "микрорайон Береке"}


def test_trails_are_no_streets() -> None:
    assert [street for street in registry().streets if "водопад" in street.label] == []


def test_buildings_stand_on_their_streets_in_their_districts() -> None:
    places = {b.id: (b.street_id, b.house, b.district) for b in registry().buildings}
    avenue = street("проспект Абая").id
    assert places["osm-w1"] == (avenue, "12", "east")
    assert places["osm-w2"][0] == avenue
    assert places["osm-w3"][1:] == ("76А", "west")
    assert places["osm-w10"][1] == "7к1"
    assert {"osm-w12", "osm-w13"}.isdisjoint(places)


def test_a_second_build_of_the_same_map_is_the_same() -> None:
    again = CityBuilder(load_lexicon(), lambda _step: None).build(sources())
    assert [s.id for s in again.registry.streets] == [s.id for s in registry().streets]
    assert again.summary["buildings_left_out"] == 2
    assert again.summary["renamed"] == 1


def test_files_without_any_address_are_refused() -> None:
    with pytest.raises(NoAddresses):
        CityBuilder(load_lexicon(), lambda _step: None).build(CitySources("empty"))


@pytest.fixture
def pbf(tmp_path: Path) -> Path:
    path = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        places = [(1, 76.90, 43.24), (2, 76.91, 43.24), (3, 76.902, 43.2401)]
        for number, lon, lat in places[:2]:
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat)))
        house = {"addr:street": "улица Мира", "addr:housenumber": "5а"}
        writer.add_node(osmium.osm.mutable.Node(id=3, location=(76.902, 43.2401), tags=house))
        suburb = {"place": "suburb", "name": "Береке"}
        writer.add_node(osmium.osm.mutable.Node(id=4, location=(76.93, 43.25), tags=suburb))
        road = {
            "highway": "residential",
            "name": "улица Мира",
            "name:kk": "Бейбітшілік көшесі",
            "old_name": "А; Б",
        }
        writer.add_way(osmium.osm.mutable.Way(id=10, nodes=[1, 2], tags=road))
        writer.add_way(osmium.osm.mutable.Way(id=11, nodes=[1, 2], tags={"highway": "path", "name": "Тропа"}))
    return path


def test_an_osm_extract_is_read(pbf: Path) -> None:
    ways, houses = files.read_osm(pbf)
    assert [(house.id, house.street, house.number) for house in houses] == [("osm-n3", "улица Мира", "5а")]
    read = {way.names[0].text: way for way in ways}
    assert set(read) == {"улица Мира", "Береке"}
    assert [(name.text, name.role) for name in read["улица Мира"].names[1:]] == [
        ("Бейбітшілік көшесі", NameRole.KK),
        ("А", NameRole.OLD),
        ("Б", NameRole.OLD),
    ]
    assert read["Береке"].is_place


def test_a_shapefile_of_roads_is_read_from_its_zip(tmp_path: Path) -> None:
    with shapefile.Writer(str(tmp_path / "roads")) as writer:
        writer.field("name", "C", size=100)
        writer.field("fclass", "C", size=28)
        for name, kind in (("улица Мира", "residential"), ("Тропа", "path"), ("", "primary")):
            writer.line([[[76.90, 43.24], [76.91, 43.24]]])
            writer.record(name, kind)
    packed = tmp_path / "roads.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for part in ("shp", "shx", "dbf"):
            archive.write(tmp_path / f"roads.{part}", f"roads.{part}")
    (road,) = files.read_roads(packed)
    assert (road.names[0].text, road.line) == ("улица Мира", ((43.24, 76.90), (43.24, 76.91)))


def test_districts_are_read_with_their_names(tmp_path: Path) -> None:
    square = [[[76.8, 43.2], [76.9, 43.2], [76.9, 43.3], [76.8, 43.2]]]
    feature = {
        "properties": {"name": "Almaly", "name_ru": "Алмалинский район"},
        "geometry": {"type": "Polygon", "coordinates": square},
    }
    path = tmp_path / "districts.geojson"
    path.write_text(json.dumps({"features": [feature]}), encoding="utf-8")
    (district,) = files.read_districts(path)
    assert (district.id, district.label_in("ru"), district.label_in("kk")) == (
        "almaly",
        "Алмалинский район",
        "Almaly",
    )


def test_other_names_are_read(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("name,old_name,name_kk\nулица Мира,ул. Ленина,\n,x,y\n", encoding="utf-8")
    (renaming,) = lists.read_names(path, "town", load_lexicon())
    assert [(name.text, name.role) for name in renaming.others] == [("ул. Ленина", NameRole.OLD)]


@pytest.mark.parametrize("reader", [files.read_osm, files.read_roads, files.read_districts])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, reader: object) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("nothing of that kind", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="notes"):
        reader(path)  # type: ignore[operator]


def test_the_command_says_what_is_missing(
    tmp_path: Path, pbf: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AVARIYKA_INTAKE_DATABASE_URL", raising=False)
    assert main(["import-city", str(pbf), "--city", "town"]) == 1
    assert "AVARIYKA_INTAKE_DATABASE_URL" in capsys.readouterr().err
    monkeypatch.setenv("AVARIYKA_INTAKE_DATABASE_URL", "postgresql+psycopg2://nobody@127.0.0.1:1/none")
    assert main(["import-city", str(tmp_path / "no.osm.pbf"), "--city", "town"]) == 1
    assert "no such file" in capsys.readouterr().err
    assert main(["import-city", str(pbf), "--city", "town"]) == 1
    assert "database does not answer" in capsys.readouterr().err


def test_a_bigger_gap_is_bridged_in_a_longer_street() -> None:
    pieces = [
        way("улица Мира", (43.18, 76.90), (43.22, 76.90)),
        way("улица Мира", (43.227, 76.90), (43.26, 76.90)),
    ]
    lanes = [way("Узкая", (43.20, 76.95), (43.2005, 76.95)), way("Узкая", (43.21, 76.95), (43.2105, 76.95))]
    built = CityBuilder(load_lexicon(), lambda _step: None).build(CitySources("town", pieces + lanes))
    assert sorted(street.label for street in built.registry.streets) == ["Узкая", "Узкая", "улица Мира"]
