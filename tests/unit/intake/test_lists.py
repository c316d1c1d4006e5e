"""A city's own lists: a registry of buildings and decisions on street names, both as CSV."""

import gzip
from pathlib import Path

import pytest

from services.intake.commands import lists
from services.intake.commands.__main__ import build, command_line
from services.intake.domain.addresses import Resolution
from services.intake.domain.city import CityBuilder, CityImport, CitySources
from services.intake.domain.places import address_of
from services.intake.domain.registry import NameRole, StreetKind
from services.intake.domain.resolver import Resolver
from services.intake.errors import UnreadableFile
from services.intake.schemas.lexicon import load_lexicon

LEXICON = load_lexicon()
REGISTRY = """id,address,lat,lon,district,complex,aliases,manager
1,"г. Астана, улица Сарайшык, дом 7/1",51.136,71.428,Есильский,Хайвилл,,ОСИ  «Хайвилл»
2,"г. Астана, улица Сарайшык, дом 7/2",51.1361,71.4281,Есильский,,
3,"г. Астана, проспект Кабанбай батыра, дом 11",51.12,71.43,Есильский,Арман; ЖК Север,улица Сыганак 54
4,"г. Астана, проспект Кабанбай батыра, дом 13",51.1202,71.4302,Есильский,ЖК Север,
5,"посёлок Мирный, Садовая улица, дом 5",51.30,71.60,Целиноградский,,
6,"г. Астана, Садовая улица, дом 5",51.15,71.45,Сарыаркинский,,
7,"г. Астана, Садовая улица, дом 7, корпус 1",51.1502,71.4502,Сарыаркинский,,
8,"г. Астана, Садовая улица, дом 7, корпус 2",51.1504,71.4504,Сарыаркинский,,
9,"г. Астана, Садовая улица, без номера",51.1504,71.4504,Сарыаркинский,,
"""
RENAMES = """city,district,place_type,old_name,new_name,status,year,source
Астана,,проспект,Республики,Кабанбай батыра,decided,2019,x
Астана,,улица,Весенняя,Сарайшык,proposed,2025,x
Алматы,,улица,Чужая,Сарайшык,decided,2019,x
"""


def imported(folder: Path, names: str = RENAMES) -> CityImport:
    (folder / "houses.csv").write_text(REGISTRY, encoding="utf-8")
    (folder / "renames.csv").write_text(names, encoding="utf-8")
    sources = CitySources("Астана", houses=lists.read_registry(folder / "houses.csv", LEXICON))
    sources.renamings = lists.read_names(folder / "renames.csv", "astana", LEXICON)
    return CityBuilder(LEXICON, lambda _step: None).build(sources)


@pytest.fixture
def resolver(tmp_path: Path) -> Resolver:
    return Resolver(imported(tmp_path).registry, LEXICON)


def building(resolution: Resolution) -> str | None:
    return resolution.best.address.building_id if resolution.best else None


def test_who_looks_after_a_house_comes_with_its_address(resolver: Resolver) -> None:
    managers = {}
    for house in ("7/1", "7/2"):
        best = resolver.resolve(f"улица Сарайшык, дом {house}").best
        assert best is not None
        managers[house] = best.address.manager
    assert managers == {"7/1": "ОСИ «Хайвилл»", "7/2": None}
    first = resolver.registry.buildings[0]
    assert address_of(resolver.registry, first).manager == first.manager


def test_a_list_of_buildings_makes_streets_districts_and_complexes(tmp_path: Path) -> None:
    city = imported(tmp_path)
    kinds = {street.label: street.kind for street in city.registry.streets}
    assert kinds["проспект Кабанбай батыра"] is StreetKind.STREET
    assert kinds["ЖК Хайвилл"] is StreetKind.COMPLEX
    assert sorted(district.id for district in city.registry.districts) == [
        "есильский",
        "сарыаркинский",
        "целиноградский",
    ]
    assert city.summary["buildings"] == 8
    assert city.summary["buildings_left_out"] == 1


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("Сарайшық 7/1 су жоқ", "1"),
        ("Sarayshyk 7/2", "2"),
        ("ЖК «Хайвилл», нет воды", "1"),
        ("жк хайвил лифт застрял", "1"),
        ("ЖК Север дом 13", "4"),
        ("Сыганак 54 течёт крыша", "3"),
        ("пр. Республики 11", "3"),
        ("Весенняя 7/1", "1"),
        ("посёлок Мирный, Садовая 5", "5"),
        ("Садовая 7 корпус 2 засор", "8"),
        ("Садовая 7-2 засор", "8"),
        ("возле дома 13 по Кабанбай батыра прорвало трубу", "4"),
        ("Қабанбай батыр 13 үйдің жанында су ағып жатыр", "4"),
    ],
)
def test_houses_of_the_list_are_found_as_people_call_them(resolver: Resolver, text: str, id_: str) -> None:
    assert building(resolver.resolve(text)) == id_


def test_a_complex_of_two_houses_is_asked_for_the_house(resolver: Resolver) -> None:
    resolution = resolver.resolve("ЖК Север нет света")
    assert resolution.best is None
    assert resolution.choices[0].address.text == "ЖК Север"


def test_a_house_known_only_with_corpuses_is_asked_for(resolver: Resolver) -> None:
    resolution = resolver.resolve("Садовая 7 засор")
    assert resolution.best is None
    assert [choice.address.house for choice in resolution.choices] == ["7к1", "7к2", "7"]
    assert resolution.choices[0].reasons == ("street_exact", "house_similar")


def test_in_a_complete_list_an_unknown_number_is_asked_about(resolver: Resolver) -> None:
    assert resolver.resolve("Сарайшык 99").best is None


def test_a_decision_in_force_gives_a_former_name_and_a_plan_only_another(tmp_path: Path) -> None:
    names = {name.text: name.role for street in imported(tmp_path).registry.streets for name in street.names}
    assert names["проспект Республики"] is NameRole.OLD
    assert names["улица Весенняя"] is NameRole.ALT
    assert "улица Чужая" not in names


def test_the_command_takes_a_list_as_the_map_or_beside_it(tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text(REGISTRY, encoding="utf-8")
    (tmp_path / "more.csv").write_text("street,house,lat,lon\nулица Мира,5,51.1,71.4\n", encoding="utf-8")
    (tmp_path / "renames.csv").write_text(RENAMES, encoding="utf-8")
    files = [str(tmp_path / name) for name in ("houses.csv", "more.csv", "renames.csv")]
    command = ["import-city", files[0], "--city", "astana", "--buildings", files[1], "--names", files[2]]
    city = build(command_line().parse_args(command), lambda _step: None)
    labels = {street.label for street in city.registry.streets}
    assert {"улица Мира", "ЖК Хайвилл"} <= labels
    assert city.summary["buildings"] == 9


def test_a_list_may_be_packed_and_without_ids(tmp_path: Path) -> None:
    path = tmp_path / "houses.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as packed:
        packed.write("street,house,lat,lon,locality\nулица Мира,5,51.1,71.4,Мирный\n")
    (house,) = lists.read_registry(path, LEXICON)
    assert (house.street, house.number, house.locality, len(house.id)) == ("улица Мира", "5", "Мирный", 16)
    assert lists.read_registry(path, LEXICON)[0].id == house.id


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("street,lat,lon\nМира,51,71\n", "a column is missing"),
        ("address,lat,lon\nМира 5,север,71\n", "line 2"),
        ("address,lat,lon\nМира 5,71,510\n", "no place on earth"),
    ],
)
def test_a_broken_list_is_refused_with_the_place(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "houses.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableFile, match=complaint):
        lists.read_registry(path, LEXICON)


@pytest.mark.parametrize("name", ["houses.csv", "houses.csv.gz"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xff\xfe\x00 nothing of that kind")
    with pytest.raises(UnreadableFile, match="not a list of"):
        lists.read_registry(path, LEXICON)
    with pytest.raises(UnreadableFile, match="not a list of"):
        lists.read_names(path, "astana", LEXICON)
