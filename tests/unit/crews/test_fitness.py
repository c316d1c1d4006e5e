"""Permits, checks and absences: who and what may be sent out, and what routing hears of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from services.crews.domain.concerns import Concern, find_concerns, has_experience
from services.crews.domain.fitness import Absence, AbsenceKind, Equipment, Moment, Permit
from services.crews.domain.people import Person, Staff
from services.crews.errors import BadMasterData
from tests.unit.crews.examples import ANN, BEN, CREW, NOON, ORGANISATION, SEVEN, STAFF

ALMATY = ZoneInfo("Asia/Almaty")
NOW = Moment.of(NOON, ALMATY)
TODAY = NOW.today
DAY = timedelta(days=1)
PUMP = Equipment(UUID(int=50), ORGANISATION, "pump", "Мотопомпа", "0042", CREW, TODAY)


def away(person: UUID, starts_at: datetime = NOON, hours: float | None = None) -> Absence:
    ends_at = starts_at + timedelta(hours=hours) if hours else None
    return Absence(UUID(int=60 + person.int), person, AbsenceKind.SICK, starts_at, ends_at, "master-1")


def having(*things: Equipment | Absence | Person) -> Staff:
    new = Staff(
        {},
        {thing.id: thing for thing in things if isinstance(thing, Person)},
        {},
        {thing.id: thing for thing in things if isinstance(thing, Equipment)},
        {thing.id: thing for thing in things if isinstance(thing, Absence)},
    )
    return STAFF.updated(new)


def concerns(staff: Staff, ahead: timedelta = 30 * DAY) -> list[tuple[Concern, UUID]]:
    return [(found.concern, found.subject_id) for found in find_concerns(staff, NOW, ahead)]


def test_the_day_is_the_one_where_the_crews_work() -> None:
    assert Moment.of(datetime(2026, 11, 24, 20, tzinfo=UTC), ALMATY).today == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("pieces", "offered"),
    [
        ([], ("pump",)),
        ([PUMP], ("pump",)),
        ([replace(PUMP, check_due=TODAY - DAY)], ()),
        ([replace(PUMP, active=False)], ()),
        ([replace(PUMP, check_due=None)], ("pump",)),
        ([replace(PUMP, check_due=TODAY - DAY), replace(PUMP, id=UUID(int=51))], ("pump",)),
        ([replace(PUMP, kind="welder")], ("pump", "welder")),
        ([replace(PUMP, kind="welder", check_due=TODAY - DAY)], ("pump",)),
        ([replace(PUMP, crew_id=None, check_due=TODAY - DAY)], ("pump",)),
    ],
    ids=[
        "listed",
        "checked",
        "overdue",
        "broken",
        "no check",
        "a second",
        "another",
        "other overdue",
        "free",
    ],
)
def test_equipment_with_an_overdue_check_is_not_offered(
    pieces: list[Equipment], offered: tuple[str, ...]
) -> None:
    assert having(*pieces).profile(CREW, NOW).equipment == offered


def test_an_absent_leader_does_not_lead_and_an_absent_member_does_not_count() -> None:
    assert STAFF.profile(CREW, NOW).leader_grade == 5
    profile = having(away(ANN)).profile(CREW, NOW)
    assert (profile.grades, profile.leader_grade, profile.active) == ((4,), None, True)


def test_a_crew_of_which_nobody_is_there_is_not_sent() -> None:
    profile = having(away(ANN), away(BEN)).profile(CREW, NOW)
    assert (profile.active, profile.grades) == (False, (5, 4))


@pytest.mark.parametrize(
    ("absence", "is_away"),
    [
        (away(ANN), True),
        (away(ANN, NOON + timedelta(seconds=1)), False),
        (away(ANN, NOON - timedelta(hours=1), 1), False),
        (away(ANN, NOON - timedelta(hours=1), 1.1), True),
    ],
    ids=["from now", "later", "just back", "still"],
)
def test_an_absence_runs_from_its_beginning_until_before_its_end(absence: Absence, is_away: bool) -> None:
    assert having(absence).is_absent(ANN, NOON) is is_away


def test_an_absence_that_ends_before_it_begins_is_none() -> None:
    with pytest.raises(BadMasterData):
        away(ANN, NOON, -1)


@pytest.mark.parametrize("strange", [away(UUID(int=99)), replace(PUMP, crew_id=UUID(int=99))])
def test_what_belongs_to_nobody_known_is_refused(strange: Any) -> None:
    with pytest.raises(BadMasterData):
        having(strange)


@pytest.mark.parametrize(
    ("expires_on", "concern"),
    [
        (TODAY - DAY, Concern.PERMIT_EXPIRED),
        (TODAY, Concern.PERMIT_EXPIRES),
        (TODAY + 29 * DAY, Concern.PERMIT_EXPIRES),
        (TODAY + 30 * DAY, None),
        (None, None),
    ],
)
def test_a_permit_is_told_of_when_it_ran_out_and_a_month_before(
    expires_on: date | None, concern: Concern | None
) -> None:
    ann = replace(STAFF.people[ANN], permits=(Permit("welding", "17", expires_on),))
    assert ([concern, ANN] if concern else []) == [part for pair in concerns(having(ann)) for part in pair]


def test_an_overdue_check_is_told_of() -> None:
    overdue = replace(PUMP, check_due=TODAY - DAY)
    assert concerns(having(overdue)) == [(Concern.CHECK_OVERDUE, PUMP.id)]
    assert concerns(having(PUMP)) == [(Concern.CHECK_DUE, PUMP.id)]
    assert concerns(having(replace(overdue, active=False))) == []


@pytest.mark.rule("6.5")
@pytest.mark.parametrize(
    ("grade", "days", "enough"),
    [(2, 0, True), (3, 181, False), (3, 182, True), (4, 364, False), (4, 365, True), (5, 1094, False)],
)
def test_a_grade_asks_for_experience(grade: int, days: int, enough: bool) -> None:
    person = replace(STAFF.people[ANN], grade=grade, works_since=TODAY - timedelta(days=days))
    assert has_experience(person, TODAY) is enough
    assert has_experience(replace(person, works_since=None), TODAY)


@pytest.mark.rule("6.5")
def test_a_crew_without_somebody_of_grade_5_or_6_to_lead_it_is_told_of() -> None:
    low = replace(STAFF.people[ANN], grade=4)
    assert concerns(having(low)) == [(Concern.CREW_WITHOUT_LEADER, CREW)]
    assert set(concerns(having(away(ANN)))) == {
        (Concern.PERSON_ABSENT, ANN),
        (Concern.CREW_TOO_SMALL, CREW),
        (Concern.CREW_WITHOUT_LEADER, CREW),
    }
    assert SEVEN.leader == ANN
