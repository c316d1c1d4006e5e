"""Rosters for tests: Almaty's clock on the wall, one organisation, people of several grades."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from services.crews.domain.people import Organisation, Person, Staff
from services.crews.domain.roster_rules import Case, Objection, RosterPolicy, judge_roster
from services.crews.domain.rosters import DutyShift, PlannedShift, Roster, RosterKind
from tests.unit.crews.examples import ANN, BEN, CREW, NOON, ORGANISATION, SEVEN, STAFF

ALMATY = ZoneInfo("Asia/Almaty")
MONDAY = date(2026, 11, 30)
CARL, DINA = UUID(int=11), UUID(int=12)
ADS = UUID(int=70)
ROSTER = UUID(int=80)
CROWD = STAFF.updated(
    Staff(
        {ADS: Organisation(ADS, "АДС", "dispatch")},
        {
            CARL: Person(CARL, ORGANISATION, "Карл", 3),
            DINA: Person(DINA, ORGANISATION, "Дина"),
        },
        {CREW: SEVEN},
    )
)
POLICY = RosterPolicy(
    zone=ALMATY,
    longest=timedelta(hours=24),
    rest=timedelta(hours=12),
    long_shift=timedelta(hours=16),
    rest_after_long=timedelta(hours=48),
    fewest_in_crew=2,
    night_from=time(22),
    night_until=time(6),
    night_least=timedelta(hours=4),
    most_nights=3,
    week_hours=timedelta(hours=48),
)


def at(day: int, hour: float) -> datetime:
    """So many days after Monday, at an hour on the wall."""
    return datetime.combine(MONDAY, time(), ALMATY) + timedelta(days=day, hours=hour)


def shift(
    number: int,
    day: int,
    hour: float,
    hours: float = 12,
    people: tuple[UUID, ...] = (ANN, BEN),
    **changes: Any,
) -> PlannedShift:
    """A shift of crew seven under Ann."""
    begins = at(day, hour)
    usual: dict[str, Any] = {"crew_id": CREW, "leader": ANN if ANN in people else None}
    return PlannedShift(
        UUID(int=1000 + number), begins, begins + timedelta(hours=hours), people, **{**usual, **changes}
    )


def roster(*shifts: PlannedShift, days: int = 7, **changes: Any) -> Roster:
    """A week of crews from Monday."""
    usual: dict[str, Any] = {"organisation_id": ORGANISATION, "kind": RosterKind.CREWS, "changed_at": NOON}
    ends_on = MONDAY + timedelta(days=days - 1)
    return Roster(
        ROSTER, starts_on=MONDAY, ends_on=ends_on, shifts=shifts, changed_by="m", **{**usual, **changes}
    )


def judged(
    *shifts: PlannedShift,
    others: tuple[PlannedShift, ...] = (),
    staff: Staff = CROWD,
    policy: RosterPolicy = POLICY,
    **changes: Any,
) -> list[Objection]:
    """What is wrong with a roster, gaps left aside."""
    case = Case(roster(*shifts, **changes), staff, others, policy)
    return [found for found in judge_roster(case) if found.reason != "nobody_on_duty"]


def without(staff: Staff, person: UUID, **changes: Any) -> Staff:
    """The staff with something else about one person."""
    return staff.updated(Staff({}, {person: replace(staff.people[person], **changes)}, {}))


def ben_alone() -> DutyShift:
    """A published shift around noon in which the crew is one man, who leads."""
    shift = PlannedShift(
        uuid4(), NOON - timedelta(hours=4), NOON + timedelta(hours=4), (BEN,), crew_id=CREW, leader=BEN
    )
    return DutyShift(shift, uuid4(), ORGANISATION)
