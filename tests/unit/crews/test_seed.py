"""Seed files: what they may hold, and what sowing them tells the other services."""

from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from marshmallow import ValidationError

from services.crews.errors import BadMasterData
from services.crews.schemas.seed_reader import read_seed
from services.crews.usecases.masterdata import sow
from shared.clock import FixedClock
from shared.config import ROOT
from tests.support import contracts
from tests.unit.crews.examples import NOON
from tests.unit.crews.fakes import FakeUnitOfWork, PlainPasswords

EXAMPLE = ROOT / "services" / "crews" / "data" / "example-seed.yml"
DAY = timedelta(hours=24)
ZONE = ZoneInfo("Asia/Almaty")
MINIMAL: dict[str, Any] = {
    "organisations": [
        {
            "key": "water",
            "name": "Водоканал",
            "kind": "water",
            "people": [
                {"key": "ann", "name": "Первая", "grade": 5},
                {"key": "ben", "name": "Второй", "grade": 3},
            ],
            "crews": [
                {
                    "key": "seven",
                    "name": "Бригада 7",
                    "specialisations": ["water"],
                    "members": ["ben", "ann"],
                    "leader": "ann",
                    "base": {"lat": 43.24, "lon": 76.91},
                    "access": {"login": "Crew-7", "password": "long enough"},
                    "shift": {"hours": 12},
                }
            ],
        }
    ]
}


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork(FixedClock(NOON))


def sown(uow: FakeUnitOfWork, contents: Any) -> list[str]:
    """Sow and return the logins that are new."""
    seed = read_seed(contents, uow.clock.now(), lambda: "made up for you")
    return sow(lambda: uow, PlainPasswords(), seed, DAY, ZONE)


def changed(*path: str | int, to: Any) -> dict[str, Any]:
    """The minimal seed with one value changed."""
    contents = deepcopy(MINIMAL)
    place: Any = contents["organisations"][0]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return contents


@pytest.mark.parametrize("contents", [MINIMAL, yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))])
def test_sowing_tells_everything_as_the_contracts_say(uow: FakeUnitOfWork, contents: Any) -> None:
    sown(uow, contents)
    for told in uow.emitted:
        contracts.check("crews", told.type, told.data)
    assert set(uow.types()) == {"organisation.changed", "crew.changed", "crew.shift_changed"}


def test_routing_hears_the_grades_highest_first_and_the_leaders_own(uow: FakeUnitOfWork) -> None:
    sown(uow, MINIMAL)
    crew = next(told.data for told in uow.emitted if told.type == "crew.changed")
    assert (crew["grades"], crew["leader_grade"]) == ([5, 3], 5)


def test_sowing_again_changes_nothing(uow: FakeUnitOfWork) -> None:
    assert sown(uow, MINIMAL) == ["crew-7"]
    before, told = uow.tables, len(uow.emitted)
    assert sown(uow, MINIMAL) == []
    assert uow.tables == before
    assert len(uow.emitted) == told


def test_a_login_keeps_its_password_when_the_file_has_another(uow: FakeUnitOfWork) -> None:
    sown(uow, MINIMAL)
    sown(uow, changed("crews", 0, "access", "password", to="quite another"))
    assert uow.tables.logins["crew-7"][1] == "hash of long enough"


def test_a_members_new_grade_is_told_though_the_crew_is_the_same(uow: FakeUnitOfWork) -> None:
    sown(uow, MINIMAL)
    del uow.emitted[:]
    sown(uow, changed("people", 1, "grade", to=4))
    assert uow.types() == ["crew.changed"]
    assert uow.emitted[0].data["grades"] == [5, 4]


def test_a_crew_out_of_use_is_told_and_cannot_log_in(uow: FakeUnitOfWork) -> None:
    sown(uow, MINIMAL)
    sown(uow, changed("crews", 0, "active", to=False))
    assert uow.emitted[-1].data["active"] is False
    assert uow.tables.logins["crew-7"][0].active is False


def test_ids_follow_from_keys_unless_they_are_given(uow: FakeUnitOfWork) -> None:
    given = "c2a7e1d4-3b5f-4c6a-8d9e-0f1a2b3c4d5e"
    first = read_seed(MINIMAL, NOON, str)
    assert first.staff.crews.keys() == read_seed(deepcopy(MINIMAL), NOON, str).staff.crews.keys()
    assert [str(id_) for id_ in read_seed(changed("crews", 0, "id", to=given), NOON, str).staff.crews] == [
        given
    ]


def test_a_generated_password_is_made_for_each_login_that_asks() -> None:
    contents = changed("crews", 0, "access", to={"login": "crew-7", "generate": True})
    assert [given.password for given in read_seed(contents, NOON, lambda: "made up").logins] == ["made up"]


def test_the_example_has_no_password_in_it() -> None:
    assert "password:" not in EXAMPLE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "contents",
    [
        [],
        {"organisations": [{"key": "x"}]},
        changed("kind", to="bakery"),
        changed("people", 0, "grade", to=7),
        changed("crews", 0, "specialisations", to=["plumbing"]),
        changed("crews", 0, "access", to={"login": "crew-7"}),
        changed("crews", 0, "access", to={"login": "crew-7", "password": "long enough", "generate": True}),
        changed("crews", 0, "access", to={"login": "crew-7", "password": "short"}),
        changed("crews", 0, "shift", to={"hours": 12, "until": NOON}),
        changed("people", 0, "access", to={"login": "ann", "generate": True, "roles": ["crew"]}),
    ],
    ids=[
        "no object",
        "half an organisation",
        "unknown kind",
        "grade 7",
        "unknown specialisation",
        "no password",
        "two passwords",
        "short password",
        "two ends of a shift",
        "a person as a crew",
    ],
)
def test_what_is_no_seed_file_is_refused(contents: Any) -> None:
    with pytest.raises(ValidationError):
        read_seed(contents, NOON, lambda: "made up")


@pytest.mark.parametrize(
    "contents",
    [
        changed("crews", 0, "members", to=["ann", "stranger"]),
        changed("crews", 0, "leader", to="stranger"),
        changed("crews", 0, "members", to=["ben"]),
        changed("people", 1, "grade", to=None),
        changed("people", 1, "key", to="ann"),
        changed("people", 0, "access", to={"login": "CREW-7 ", "generate": True, "roles": ["fitter"]}),
    ],
    ids=["unknown member", "unknown leader", "leader no member", "no grade", "same key", "same login"],
)
def test_staff_that_contradicts_itself_is_refused(uow: FakeUnitOfWork, contents: Any) -> None:
    with pytest.raises(BadMasterData):
        sown(uow, contents)
    assert uow.emitted == []


def test_a_seed_without_shift_leaves_the_crew_at_home(uow: FakeUnitOfWork) -> None:
    sown(uow, changed("crews", 0, "shift", to=None))
    assert uow.tables.shifts == {}


def test_the_example_lies_where_the_readme_says() -> None:
    readme = (ROOT / "services" / "crews" / "README.md").read_text(encoding="utf-8")
    assert str(Path("services") / "crews" / "data" / "example-seed.yml") in readme
