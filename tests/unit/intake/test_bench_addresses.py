"""The bench of addresses takes another city's files as documented, and its typing errors are errors."""

import json
import random
import sys
from pathlib import Path

import pytest

from bench import addresses
from bench.address_sets import Case, enlarged, from_files

HOUSES = """id,address,lat,lon
1,улица Сарайшык 7,51.1,71.4
2,улица Сарайшык 9,51.101,71.4
3,проспект Абая 7,51.2,71.4
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    registry, texts = tmp_path / "houses.csv", tmp_path / "texts.jsonl"
    registry.write_text(HOUSES, encoding="utf-8")
    rows = [
        {"id": "a", "text": "нет воды, Сарайшык 7", "address": "улица Сарайшык 7", "buildings": ["1"]},
        {"id": "b", "text": "Абая 7 засор", "address": "проспект Абая 7", "lat": 51.2, "lon": 71.4},
        {"id": "c", "text": "Сарайшык 9", "address": "улица Сарайшык 9", "buildings": ["3"]},
    ]
    texts.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return registry, texts


def test_another_city_is_measured_by_its_files(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "report.json"
    options = ["--registry", str(files[0]), "--texts", str(files[1]), "--half", "all", "--buildings", "0"]
    monkeypatch.setattr(sys, "argv", ["addresses", *options, "--json", str(report)])
    addresses.main()
    measured = json.loads(report.read_text(encoding="utf-8"))["measured"]
    clean = next(one for one in measured if one["method"] == "avariyka" and one["texts"] == "clean")
    assert clean["asked"] == 3
    assert clean["right"] == pytest.approx(2 / 3)
    assert clean["wrong"] == pytest.approx(1 / 3)
    assert {one["method"] for one in measured} == {"avariyka", "rapidfuzz"}


def test_an_error_changes_one_word_of_the_street_and_is_the_same_for_a_seed() -> None:
    case = Case("1", "нет воды, Розыбакиева 7", "улица Розыбакиева, дом 7", frozenset(), 0, 0)
    text = addresses.misspelt(case, random.Random(4))
    assert text == addresses.misspelt(case, random.Random(4))
    assert text is not None
    assert text != case.text
    assert (text.startswith("нет воды, Р"), text.endswith(" 7")) == (True, True)


def test_a_text_that_does_not_name_the_street_gets_no_error() -> None:
    case = Case("1", "во дворе бьёт вода", "улица Розыбакиева, дом 7", frozenset(), 0, 0)
    assert addresses.misspelt(case, random.Random(4)) is None


def test_an_enlarged_registry_has_as_many_buildings_under_names_of_its_own(files: tuple[Path, Path]) -> None:
    houses = list(enlarged(from_files(*files, within_m=100).listed, 8))
    assert len(houses) == len({house.id for house in houses}) == 8
    assert {house.street for house in houses if house.id.startswith("1")} == {
        "улица Сарайшык",
        "улица Арайшыкс",
        "улица Райшыкса",
    }
