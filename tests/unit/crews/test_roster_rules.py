"""What a roster is judged by, each rule with its edge; checklist M-1.2-U7, M-1.2-K7, design §6.5."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.crews.domain.fitness import Absence, AbsenceKind, Permit
from services.crews.domain.people import Staff
from services.crews.domain.roster_rules import Case, Reason, hours_of, judge_roster, night_hours
from services.crews.domain.rosters import PlannedShift, RosterKind
from services.crews.errors import BadRoster
from tests.unit.crews.examples import ANN, BEN, CLERK
from tests.unit.crews.rostering import (
    CARL,
    CROWD,
    DINA,
    MONDAY,
    POLICY,
    at,
    judged,
    roster,
    shift,
    without,
)

pytestmark = pytest.mark.rule("M-1.2-U7")
HOUR = timedelta(hours=1)


def reasons(*args: Any, **changes: Any) -> list[Reason]:
    return [found.reason for found in judged(*args, **changes)]


def test_a_good_week_has_no_objection() -> None:
    assert reasons(shift(1, 0, 8), shift(2, 2, 8), shift(3, 4, 8)) == []


@pytest.mark.parametrize(("later", "found"), [(20, []), (19.9, [Reason.REST_SHORT])])
def test_between_two_shifts_lies_the_rest(later: float, found: list[Reason]) -> None:
    two = shift(1, 0, 0, 8), shift(2, 0, later, 8)
    assert set(reasons(*two)) == set(found)


@pytest.mark.parametrize(("later", "found"), [(72, []), (71, [Reason.REST_SHORT])])
def test_after_a_day_and_night_the_rest_is_longer(later: float, found: list[Reason]) -> None:
    assert set(reasons(shift(1, 0, 0, 24), shift(2, 0, later, 8))) == set(found)


def test_the_rest_is_counted_across_rosters_and_only_ones_own_shifts_are_judged() -> None:
    sunday = shift(1, -1, 20, 12)
    assert reasons(shift(2, 0, 8, 8), others=(sunday,)) == [Reason.REST_SHORT, Reason.REST_SHORT]
    assert reasons(shift(2, 2, 8, 8), others=(sunday, shift(3, 0, 9, 8))) == []


def test_nobody_works_twice_at_one_time() -> None:
    found = judged(shift(1, 0, 8), shift(2, 0, 10, 2))
    assert {(o.reason, o.person_id) for o in found} == {
        (Reason.OVERLAP, ANN),
        (Reason.OVERLAP, BEN),
        (Reason.CREW_OVERLAP, None),
    }


def test_a_long_shift_overlaps_every_short_one_in_it() -> None:
    inside = [shift(number, 0, hour, 1, (ANN, CARL)) for number, hour in ((2, 1), (3, 14), (4, 20))]
    found = judged(shift(1, 0, 0, 24), *inside)
    assert [o.shift_id for o in found if o.reason is Reason.OVERLAP] == [s.id for s in inside]


@pytest.mark.parametrize(("hours", "found"), [(24, []), (24.5, [Reason.SHIFT_TOO_LONG])])
def test_a_shift_is_not_longer_than_the_longest(hours: float, found: list[Reason]) -> None:
    assert reasons(shift(1, 0, 8, hours)) == found


@pytest.mark.parametrize(("day", "found"), [(0, []), (6, []), (7, [Reason.OUT_OF_PERIOD])])
def test_a_shift_begins_on_a_day_of_its_roster(day: int, found: list[Reason]) -> None:
    assert reasons(shift(1, day, 23, 8)) == found


def test_a_crew_is_at_least_two_and_a_post_at_least_one() -> None:
    assert reasons(shift(1, 0, 8, people=(ANN,))) == [Reason.CREW_TOO_SMALL]
    desk = shift(1, 0, 8, people=(DINA,), crew_id=None, post="dispatcher")
    assert reasons(desk, kind=RosterKind.DISPATCHERS) == []
    assert reasons(replace(desk, people=()), kind=RosterKind.DISPATCHERS) == [Reason.CREW_TOO_SMALL]


@pytest.mark.rule("6.5")
@pytest.mark.parametrize(
    ("people", "leader", "found"),
    [
        ((ANN, CARL), ANN, []),
        ((ANN, CARL), None, [Reason.NO_LEADER]),
        ((BEN, CARL), BEN, [Reason.NO_LEADER]),
        ((ANN, BEN), None, []),
    ],
    ids=["a 5 leads a 3", "nobody leads", "a 4 leads a 3", "a 5 and a 4"],
)
def test_grades_2_and_3_go_out_under_a_5_or_6(
    people: tuple[UUID, ...], leader: UUID | None, found: list[Reason]
) -> None:
    assert reasons(shift(1, 0, 8, people=people, leader=leader)) == found


@pytest.mark.parametrize("who", [DINA, CLERK, UUID(int=99)], ids=["no grade", "left", "unknown"])
def test_a_crew_is_made_of_people_with_grades_who_work_here(who: UUID) -> None:
    assert Reason.UNKNOWN_PERSON in reasons(shift(1, 0, 8, people=(ANN, BEN, who)))


def test_a_crew_roster_names_crews_of_its_organisation() -> None:
    assert Reason.UNKNOWN_CREW in reasons(shift(1, 0, 8, crew_id=UUID(int=99)))
    assert Reason.UNKNOWN_CREW in reasons(shift(1, 0, 8, crew_id=None))


def test_a_permit_that_runs_out_before_the_shift_is_warned_of_and_one_that_is_needed_refuses() -> None:
    late = without(CROWD, ANN, permits=(Permit("height", expires_on=MONDAY),))
    assert reasons(shift(1, 0, 8), staff=late) == []
    [warned] = judged(shift(1, 1, 8), staff=late)
    assert (warned.reason, warned.refuses) == (Reason.PERMIT_EXPIRED, False)
    needing = replace(POLICY, permits={"water": ("height",)})
    found = judged(shift(1, 1, 8), staff=late, policy=needing)
    assert [(o.reason, o.person_id, o.refuses) for o in found] == [
        (Reason.PERMIT_MISSING, ANN, True),
        (Reason.PERMIT_MISSING, BEN, True),
    ]


def test_nobody_is_planned_while_away() -> None:
    away = Absence(UUID(int=5), BEN, AbsenceKind.LEAVE, at(1, 0), at(3, 8), "m")
    staff = CROWD.updated(Staff({}, {}, {}, {}, {away.id: away}))
    found = judged(shift(1, 0, 8), shift(2, 2, 20), shift(3, 4, 8), staff=staff)
    assert [(o.reason, o.shift_id) for o in found] == [(Reason.ABSENT, UUID(int=1002))]


def test_many_nights_in_a_row_are_warned_of() -> None:
    nights = [shift(day, day, 20, 11) for day in range(4)]
    assert reasons(*nights[:3]) == []
    found = judged(*nights)
    assert {(o.reason, o.shift_id) for o in found} == {(Reason.NIGHTS_IN_A_ROW, nights[3].id)}
    apart = [*nights[:2], shift(9, 3, 20, 11), shift(10, 4, 20, 11)]
    assert reasons(*apart) == []


def test_a_long_week_is_warned_of_once() -> None:
    week = [shift(day, day, 8, 8) for day in range(7)]
    assert reasons(*week[:6]) == []
    found = judged(*week)
    assert {(o.reason, o.person_id) for o in found} == {
        (Reason.WEEK_TOO_LONG, ANN),
        (Reason.WEEK_TOO_LONG, BEN),
    }
    assert found[0].details == {"hours": 56.0, "most": 48.0}


def test_hours_with_nobody_on_duty_are_warned_of() -> None:
    days = roster(shift(1, 0, 0, 12), shift(2, 0, 11, 9), shift(3, 1, 0, 24), days=2)
    found = [o for o in judge_roster(Case(days, CROWD, (), POLICY)) if o.reason is Reason.NOBODY_ON_DUTY]
    assert [(o.details["from"], o.details["until"]) for o in found] == [(at(0, 20), at(1, 0))]
    assert not found[0].refuses


def test_a_contractors_schedule_may_leave_hours_free() -> None:
    theirs = roster(shift(1, 0, 8), kind=RosterKind.CONTRACTOR)
    assert judge_roster(Case(theirs, CROWD, (), POLICY)) == []


@pytest.mark.parametrize(
    ("hour", "hours", "night"), [(8, 12, 0), (20, 12, 8), (21, 2, 1), (5, 2, 1), (0, 24, 8), (22, 32, 16)]
)
def test_night_hours_are_those_between_ten_and_six(hour: float, hours: float, night: float) -> None:
    assert night_hours(shift(1, 0, hour, hours), POLICY) == night * HOUR


def test_the_time_sheet_adds_up_hours_and_nights() -> None:
    sheet = hours_of([shift(1, 0, 20, 12), shift(2, 2, 8, 8, (ANN,))], POLICY)
    assert sheet == {ANN: (20.0, 8.0), BEN: (12.0, 8.0)}


def test_what_refuses_stands_first() -> None:
    crowded = [shift(day, day, 8, 8) for day in range(7)]
    found = judged(*crowded, shift(9, 6, 9, 1))
    refusing = [o.refuses for o in found]
    assert refusing == sorted(refusing, reverse=True)
    assert set(refusing) == {True, False}


@pytest.mark.parametrize(
    "nonsense",
    [
        lambda: shift(1, 0, 8, 0),
        lambda: shift(1, 0, 8, people=(ANN, ANN)),
        lambda: shift(1, 0, 8, people=(BEN,), leader=ANN),
        lambda: roster(days=0),
        lambda: roster(days=94),
        lambda: roster(shift(1, 0, 8), shift(1, 1, 8)),
    ],
    ids=["no length", "twice", "leader elsewhere", "no days", "too many days", "same id"],
)
def test_a_roster_that_contradicts_itself_is_none(nonsense: Any) -> None:
    with pytest.raises(BadRoster):
        nonsense()


spans = st.tuples(
    st.integers(0, 6 * 24), st.integers(1, 30), st.sampled_from([(ANN, BEN), (ANN, CARL), (BEN, CARL)])
)


@given(st.lists(spans, max_size=12))
def test_whatever_is_planned_an_overlap_is_found_if_and_only_if_there_is_one(planned: list[Any]) -> None:
    shifts = [shift(n, 0, hour, hours, people) for n, (hour, hours, people) in enumerate(planned)]
    found = {o.person_id for o in judged(*shifts) if o.reason is Reason.OVERLAP}
    assert found == {person for person in (ANN, BEN, CARL) if _is_doubled(person, shifts)}


def _is_doubled(person: UUID, shifts: list[PlannedShift]) -> bool:
    own = [s for s in shifts if person in s.people]
    return any(a.overlaps(b) for n, a in enumerate(own) for b in own[n + 1 :])
