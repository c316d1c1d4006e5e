"""Seed files of zones and competences: read, or refused saying where."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from marshmallow import ValidationError
from shapely.geometry import mapping

from services.routing.commands import __main__ as commands
from services.routing.domain.competence import EVERYWHERE
from services.routing.domain.hours import Term
from services.routing.domain.networks import Network
from services.routing.errors import InvalidReference, InvalidZone
from services.routing.schemas.seed import read_seed
from services.routing.usecases.reference import read_matrix, replace_reference
from tests.unit.routing.examples import ALMATY, DISPATCH, LAT, LON, NOW, ROOM, competence, question, square
from tests.unit.routing.fakes import FakeWork

YARD = {"name": "yard", "geometry": mapping(square("yard", LAT, LON, 0.01).shape)}
CITY = {
    "features": [
        {"properties": {"name": name}, "geometry": mapping(square(name, LAT, LON + index, 0.1).shape)}
        for index, name in enumerate(("Almaly", "Medeu"))
    ]
}


def entry(**changes: Any) -> dict[str, Any]:
    whole = {"organisation_id": str(DISPATCH), "systems": ["water", "sewer"], "zones": "everywhere"}
    return {**whole, **changes}


def read(*entries: dict[str, Any], zones: Any = (YARD,)) -> Any:
    shapes = zones if isinstance(zones, str) else list(zones)
    return read_seed({"zones": shapes, "competences": list(entries)}, lambda _: CITY)


def test_one_entry_answers_for_each_system_in_each_zone() -> None:
    _, found = read(entry(zones=["yard"], hours="08:00-20:00"), entry(systems=["gas"]))
    assert [(c.system, c.zone, str(c.hours)) for c in found] == [
        ("water", "yard", "08:00-20:00"),
        ("sewer", "yard", "08:00-20:00"),
        ("gas", EVERYWHERE, "24/7"),
    ]


def test_an_entry_may_be_for_the_houses_of_managers_one_side_of_the_wall_and_a_contract() -> None:
    _, [rule] = read(
        entry(
            systems=["water"],
            zones=None,
            houses_of=["КСК «Орбита-3»"],
            network="in_house",
            valid_from="2026-01-01",
            valid_until="2026-12-31",
        )
    )
    assert (rule.houses_of, rule.zone, rule.network) == ("кск орбита 3", EVERYWHERE, Network.IN_HOUSE)
    assert rule.term == Term(date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("zones", "names"),
    [
        ("city.geojson", ["Almaly", "Medeu"]),
        ([{"file": "city.geojson", "names": ["Medeu"]}, YARD], ["Medeu", "yard"]),
        ([], []),
    ],
)
def test_zones_come_from_a_file_or_are_written_out(zones: Any, names: list[str]) -> None:
    found, _ = read(entry(), zones=zones)
    assert [zone.name for zone in found] == names


@pytest.mark.parametrize(
    ("changes", "zones"),
    [
        ({"zones": ["nowhere"]}, [YARD]),
        ({"zones": []}, [YARD]),
        ({"zones": "yard"}, [YARD]),
        ({"houses_of": ["КСК Орбита"]}, [YARD]),
        ({"zones": None}, [YARD]),
        ({"zones": None, "houses_of": [" «» "]}, [YARD]),
        ({"systems": ["lift"], "network": "mains"}, [YARD]),
        ({"systems": ["gas"], "network": "in_house"}, [YARD]),
        ({"valid_from": "2027-01-01", "valid_until": "2026-12-31"}, [YARD]),
        ({"hours": "always"}, [YARD]),
        ({}, [YARD, YARD]),
        ({}, [{"file": "city.geojson", "names": ["Atlantis"]}]),
        ({}, [{"file": "city.geojson", "name_property": "osm_name"}]),
    ],
)
def test_what_contradicts_itself_is_refused(changes: dict[str, Any], zones: Any) -> None:
    with pytest.raises(InvalidReference):
        read(entry(**changes), zones=zones)


@pytest.mark.parametrize(
    "changes",
    [
        {"systems": []},
        {"systems": ["magic"]},
        {"organisation_id": "7"},
        {"network": "underground"},
        {"valid_until": "soon"},
        {"houses_of": []},
    ],
)
def test_what_has_the_wrong_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read(entry(**changes))


def test_a_broken_polygon_is_refused_with_its_zone() -> None:
    with pytest.raises(InvalidZone, match="yard"):
        read(entry(), zones=[{"name": "yard"}])


def test_a_file_that_is_no_collection_is_refused() -> None:
    with pytest.raises(InvalidReference):
        read_seed({"zones": "x", "competences": []}, lambda _: ["no"])


def test_the_shipped_example_is_a_seed_file() -> None:
    zones, competences = commands.read_file(ROOM / "data" / "example-competence.yml")
    assert zones is not None
    assert {zone.name for zone in zones} == {"old-town", "quarter-12"}
    assert {c.organisation_id for c in competences} == {
        UUID(f"{n * 8}-{n * 4}-4{n * 3}-8{n * 3}-{n * 12}") for n in "1234"
    }


def test_what_is_loaded_is_what_is_routed_by() -> None:
    work = FakeWork()
    assert read_matrix(work, known_version=0, local_time=ALMATY) is None
    replace_reference(work, [square("yard", LAT, LON, 0.01)], [competence(DISPATCH, "water", "yard")])
    found = read_matrix(work, known_version=0, local_time=ALMATY)
    assert found is not None
    version, matrix = found
    assert matrix.answering(question(), NOW) == [DISPATCH]
    assert read_matrix(work, version, ALMATY) is None


def seed_file(home: Path, *entries: dict[str, Any]) -> str:
    (home / "city.geojson").write_text(json.dumps(CITY))
    path = home / "competence.yml"
    path.write_text(yaml.safe_dump({"zones": "city.geojson", "competences": list(entries)}))
    return str(path)


def test_checking_a_file_says_what_is_doubtful(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = seed_file(tmp_path, entry(zones=["Almaly"]), entry(organisation_id=str(UUID(int=1))))
    assert commands.main(["zones", "check", path]) == 0
    said = capsys.readouterr().out
    assert "2 zones" in said
    assert "heat: nobody answers for it" in said
    assert "overlap" not in said


def test_two_answers_to_one_question_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = seed_file(tmp_path, entry(), entry(organisation_id=str(UUID(int=1))))
    commands.main(["zones", "check", path])
    assert "water in everywhere: two organisations answer" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("competences: 5", "not a seed file"),
        ("zones: [", "not readable"),
        ("zones: nowhere.geojson\ncompetences: []", "No such file"),
    ],
)
def test_a_bad_file_gets_one_clear_line(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.yml"
    path.write_text(text)
    assert commands.main(["zones", "check", str(path)]) == 1
    refusal = capsys.readouterr().err.strip()
    assert said in refusal
    assert "Traceback" not in refusal
