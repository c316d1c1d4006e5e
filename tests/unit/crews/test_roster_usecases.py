"""Rosters from draft to duty: versions, agreement, publishing, crews that come on and off by themselves."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.crews.domain.access import Role
from services.crews.domain.officials import Official
from services.crews.domain.rosters import Changes, PlannedShift, Roster, RosterKind, RosterState, Side
from services.crews.errors import (
    BadRoster,
    RosterMoveNotAllowed,
    RosterNotFound,
    RosterRefused,
    VersionConflict,
    VersionRequired,
)
from services.crews.usecases import rosters
from services.crews.usecases.duty import ShiftWish, change_shift
from services.crews.usecases.unconfirmed import raise_unconfirmed
from shared.clock import FixedClock
from shared.errors import Forbidden
from tests.support import contracts
from tests.unit.crews.examples import ANN, CREW, ORGANISATION
from tests.unit.crews.fakes import FakeUnitOfWork
from tests.unit.crews.rostering import ADS, ALMATY, CARL, CROWD, MONDAY, POLICY, ROSTER, at, roster, shift

MASTER = Official("master-1", frozenset({Role.MASTER}), ORGANISATION)
CONTRACTOR = Official("contractor-1", frozenset({Role.CONTRACTOR}), ORGANISATION)
SENIOR = Official("senior-1", frozenset({Role.SENIOR_DISPATCHER}), ADS)
ADS_MASTER = Official("ads-master", frozenset({Role.MASTER}), ADS)
STRANGER = Official("master-9", frozenset({Role.MASTER}), uuid4())
DISPATCHER = Official("dispatcher-1", frozenset({Role.DISPATCHER}), ADS)
DAY = timedelta(hours=24)
MONDAYS, WEDNESDAYS = shift(1, 0, 8), shift(2, 2, 8)


class Office:
    """A store with people, and a clock that stands on Sunday."""

    def __init__(self) -> None:
        self.clock = FixedClock(at(-1, 12))
        self.uow = FakeUnitOfWork(self.clock)
        with self.uow as uow:
            uow.staff.save(CROWD)
            uow.commit()

    def put(self, wanted: Roster, based_on: int | None = None, by: Official = MASTER) -> Roster:
        return rosters.put_roster(self.uow, by, wanted, based_on, POLICY).roster

    def publish(self, version: int = 1, by: Official = MASTER) -> Roster:
        return rosters.publish_roster(self.uow, by, ROSTER, version, POLICY).roster

    def go_to(self, day: int, hour: float) -> int:
        """Let time pass, and the timer run."""
        self.clock.advance(at(day, hour) - self.clock.now())
        return rosters.turn_shifts(self.uow, ALMATY)

    @property
    def told(self) -> list[tuple[bool, Any]]:
        told = [e.data for e in self.uow.emitted if e.type == "crew.shift_changed"]
        return [(data["on_shift"], data["ends_at"]) for data in told]

    def duty(self, shift_: PlannedShift) -> Any:
        return self.uow.tables.duty.get(shift_.id)


@pytest.fixture
def office() -> Office:
    return Office()


def iso(moment: Any) -> str:
    return str(moment.isoformat().replace("+00:00", "Z"))


def test_a_draft_counts_for_nothing_until_it_is_published(office: Office) -> None:
    office.put(roster(MONDAYS))
    assert office.go_to(0, 9) == 0
    assert office.publish().state is RosterState.PUBLISHED
    assert [d.shift for d in rosters.who_is_on_duty(office.uow, MASTER, at(0, 9), at(0, 10))] == [MONDAYS]


def test_a_published_crew_comes_on_at_its_time_and_goes_off(office: Office) -> None:
    office.put(roster(MONDAYS))
    office.publish()
    assert [office.go_to(0, hour) for hour in (7.9, 8, 8.1, 20, 20.1)] == [0, 1, 0, 1, 0]
    assert [on for on, _ in office.told] == [True, False]
    assert office.uow.tables.shifts[CREW].on is False
    assert (office.duty(MONDAYS).begun_at, office.duty(MONDAYS).ended_at) == (at(0, 8), at(0, 20))


def test_a_crew_that_prolonged_its_shift_stays_on(office: Office) -> None:
    office.put(roster(MONDAYS))
    office.publish()
    office.go_to(0, 8)
    change_shift(office.uow, CREW, ShiftWish(True, at(0, 22)), DAY)
    office.go_to(0, 20)
    assert office.uow.tables.shifts[CREW].ends_at == at(0, 22)


def test_a_crew_that_came_early_is_on_until_the_planned_end(office: Office) -> None:
    office.put(roster(MONDAYS))
    office.publish()
    office.clock.advance(at(-1, 23) - office.clock.now())
    change_shift(office.uow, CREW, ShiftWish(True, at(0, 12)), DAY)
    office.go_to(0, 8)
    assert office.uow.tables.shifts[CREW].starts_at == at(-1, 23)
    assert office.uow.tables.shifts[CREW].ends_at == at(0, 20)


def test_routing_hears_of_the_people_planned_and_again_of_the_usual_ones(office: Office) -> None:
    office.put(roster(shift(1, 0, 8, people=(ANN, CARL))))
    office.publish()
    office.go_to(0, 8)
    office.go_to(0, 20)
    grades = [e.data["grades"] for e in office.uow.emitted if e.type == "crew.changed"]
    assert grades == [[5, 3], [5, 4]]


def test_a_timer_that_slept_puts_nobody_on_for_what_is_over(office: Office) -> None:
    office.put(roster(MONDAYS))
    office.publish()
    assert office.go_to(1, 8) == 1
    assert office.told == []


def test_what_refuses_is_not_published_and_the_reasons_are_told(office: Office) -> None:
    judged = rosters.put_roster(office.uow, MASTER, roster(shift(1, 0, 8, people=(ANN,))), None, POLICY)
    assert judged.objections[0].reason == "crew_too_small"
    with pytest.raises(RosterRefused) as refused:
        office.publish()
    assert [o["reason"] for o in refused.value.details["objections"]] == ["crew_too_small"]
    assert office.uow.tables.duty == {}


def test_a_warning_does_not_hold_a_roster_back(office: Office) -> None:
    judged = rosters.put_roster(office.uow, MASTER, roster(MONDAYS), None, POLICY)
    assert {o.reason for o in judged.objections} == {"nobody_on_duty"}
    office.publish()


def test_sending_a_roster_again_changes_nothing(office: Office) -> None:
    for _ in range(2):
        office.put(roster(MONDAYS))
    assert [act.step for act in office.uow.tables.roster_acts] == ["saved"]


def test_a_change_names_its_version(office: Office) -> None:
    office.put(roster(MONDAYS))
    changed = roster(MONDAYS, WEDNESDAYS)
    with pytest.raises(VersionRequired):
        office.put(changed)
    assert office.put(changed, 1).version == 2
    with pytest.raises(VersionConflict):
        office.put(roster(), 1)
    with pytest.raises(VersionConflict):
        office.publish(1)
    with pytest.raises(VersionConflict):
        office.put(replace(roster(), id=uuid4()), 1)


def test_a_published_roster_counts_until_its_change_is_published_too(office: Office) -> None:
    office.put(roster(MONDAYS, WEDNESDAYS))
    office.publish()
    later = replace(WEDNESDAYS, ends_at=at(2, 18))
    thursday = shift(3, 4, 8)
    assert office.put(roster(later, thursday), 1).state is RosterState.DRAFT
    assert set(office.uow.tables.duty) == {MONDAYS.id, WEDNESDAYS.id}
    office.publish(2)
    assert {id_: d.shift for id_, d in office.uow.tables.duty.items()} == {
        later.id: later,
        thursday.id: thursday,
    }
    acts = rosters.show_history(office.uow, MASTER, ROSTER)
    assert [act.step for act in acts] == ["saved", "published", "saved", "published"]
    assert acts[-1].changes == Changes((thursday.id,), (MONDAYS.id,), (WEDNESDAYS.id,))
    assert {act.by for act in acts} == {"master-1"}


def test_a_running_shift_taken_out_ends_now(office: Office) -> None:
    office.put(roster(MONDAYS))
    office.publish()
    office.go_to(0, 9)
    office.put(roster(), 1)
    office.publish(2)
    assert [on for on, _ in office.told] == [True, False]
    assert office.duty(MONDAYS).ended_at == at(0, 9)


def test_a_running_shift_made_longer_goes_on_without_a_gap(office: Office) -> None:
    office.put(roster(MONDAYS))
    office.publish()
    office.go_to(0, 9)
    office.put(roster(replace(MONDAYS, ends_at=at(0, 22))), 1)
    office.publish(2)
    assert [office.go_to(0, hour) for hour in (20, 22)] == [0, 1]
    assert [on for on, _ in office.told] == [True, True, False]


def test_a_running_shift_made_to_have_ended_is_over(office: Office) -> None:
    office.put(roster(MONDAYS))
    office.publish()
    office.go_to(0, 12)
    office.put(roster(replace(MONDAYS, ends_at=at(0, 11))), 1)
    office.publish(2)
    office.go_to(0, 13)
    assert [on for on, _ in office.told] == [True, False]
    assert office.duty(MONDAYS).ended_at == at(0, 13)


def test_what_is_over_stays_as_it_was(office: Office) -> None:
    office.put(roster(MONDAYS))
    office.publish()
    office.go_to(0, 8)
    office.go_to(1, 0)
    over = office.duty(MONDAYS)
    office.put(roster(WEDNESDAYS), 1)
    office.publish(2)
    assert office.duty(MONDAYS) == over


def test_the_crew_confirms_its_own_shift_once(office: Office) -> None:
    office.put(roster(MONDAYS))
    office.publish()
    assert [d.shift for d in rosters.duty_of_crew(office.uow, CREW, at(0, 0), at(7, 0))] == [MONDAYS]
    first = rosters.confirm_duty(office.uow, CREW, MONDAYS.id, "crew-7")
    office.clock.advance(DAY / 24)
    assert rosters.confirm_duty(office.uow, CREW, MONDAYS.id, "crew-7") == first
    assert (first.confirmed_at, first.confirmed_by) == (at(-1, 12), "crew-7")
    for crew, id_ in ((uuid4(), MONDAYS.id), (CREW, uuid4())):
        with pytest.raises(RosterNotFound):
            rosters.confirm_duty(office.uow, crew, id_, "crew-7")


@pytest.mark.rule("M-1.2-U7")
def test_a_shift_that_nobody_confirmed_in_time_calls_a_person_once(office: Office) -> None:
    office.put(roster(MONDAYS))
    office.publish()
    for hour, raised in ((8, 0), (8.2, 0), (8.25, 1), (9, 0)):
        office.go_to(0, hour)
        assert raise_unconfirmed(office.uow, DAY / 96) == raised
    [told] = [event.data for event in office.uow.emitted if event.type == "crew.signalled"]
    contracts.check("crews", "crew.signalled", told)
    assert (told["kind"], told["crew_id"], told["by"]) == ("unconfirmed_shift", str(CREW), "system")


def test_a_confirmed_shift_calls_nobody(office: Office) -> None:
    office.put(roster(MONDAYS))
    office.publish()
    rosters.confirm_duty(office.uow, CREW, MONDAYS.id, "crew-7")
    office.go_to(0, 9)
    assert raise_unconfirmed(office.uow, DAY / 96) == 0


@pytest.mark.parametrize("by", [STRANGER, DISPATCHER, ADS_MASTER])
def test_only_those_who_plan_an_organisation_write_its_rosters(office: Office, by: Official) -> None:
    with pytest.raises(Forbidden):
        office.put(roster(MONDAYS), by=by)


def test_rosters_of_others_are_not_there(office: Office) -> None:
    office.put(roster(MONDAYS))
    with pytest.raises(RosterNotFound):
        rosters.show_roster(office.uow, STRANGER, ROSTER, POLICY)
    assert rosters.list_rosters(office.uow, STRANGER, MONDAY, MONDAY) == []
    assert [r.id for r in rosters.list_rosters(office.uow, DISPATCHER, MONDAY, MONDAY)] == [ROSTER]
    assert rosters.list_rosters(office.uow, MASTER, MONDAY - DAY, MONDAY - DAY) == []


def test_a_roster_stays_with_its_organisation_and_kind(office: Office) -> None:
    office.put(roster(MONDAYS))
    with pytest.raises(BadRoster):
        office.put(roster(MONDAYS, WEDNESDAYS, kind=RosterKind.CONTRACTOR), 1)


# Schedules of contractors

THEIRS = roster(MONDAYS, kind=RosterKind.CONTRACTOR)


def propose(office: Office, by: Official, version: int) -> Roster:
    return rosters.propose_roster(office.uow, by, ROSTER, version, POLICY).roster


def agree(office: Office, by: Official, version: int) -> Roster:
    return rosters.agree_roster(office.uow, by, ROSTER, version, POLICY).roster


@pytest.mark.rule("M-1.2-U9")
@pytest.mark.parametrize("other", [SENIOR, ADS_MASTER])
def test_a_schedule_counts_when_both_sides_agreed(office: Office, other: Official) -> None:
    office.put(THEIRS, by=CONTRACTOR)
    assert propose(office, CONTRACTOR, 1).state is RosterState.PROPOSED
    with pytest.raises(RosterMoveNotAllowed):
        agree(office, CONTRACTOR, 1)
    agreed = agree(office, other, 1)
    assert agreed.state is RosterState.PUBLISHED
    assert agreed.agreed == {Side.CONTRACTOR: "contractor-1", Side.DISPATCH: other.id}
    assert set(office.uow.tables.duty) == {MONDAYS.id}


@pytest.mark.rule("M-1.2-U9")
def test_a_schedule_changed_by_the_other_side_goes_back_to_be_agreed(office: Office) -> None:
    office.put(THEIRS, by=CONTRACTOR)
    propose(office, CONTRACTOR, 1)
    office.put(replace(THEIRS, shifts=(WEDNESDAYS,)), 1, ADS_MASTER)
    with pytest.raises(RosterMoveNotAllowed):
        agree(office, CONTRACTOR, 2)
    propose(office, ADS_MASTER, 2)
    assert office.uow.tables.duty == {}
    agree(office, CONTRACTOR, 2)
    assert set(office.uow.tables.duty) == {WEDNESDAYS.id}
    steps = [(act.step, act.by) for act in rosters.show_history(office.uow, ADS_MASTER, ROSTER)]
    assert steps == [
        ("saved", "contractor-1"),
        ("proposed", "contractor-1"),
        ("saved", "ads-master"),
        ("proposed", "ads-master"),
        ("agreed", "contractor-1"),
    ]


@pytest.mark.rule("M-1.2-U9")
def test_nobody_publishes_a_contractors_schedule_alone(office: Office) -> None:
    office.put(THEIRS, by=CONTRACTOR)
    for by in (CONTRACTOR, SENIOR):
        with pytest.raises(RosterMoveNotAllowed):
            office.publish(by=by)
    with pytest.raises(RosterMoveNotAllowed):
        agree(office, SENIOR, 1)


def test_only_contractors_schedules_are_proposed(office: Office) -> None:
    office.put(roster(MONDAYS))
    with pytest.raises(RosterMoveNotAllowed):
        propose(office, MASTER, 1)


def test_a_published_roster_is_not_published_again(office: Office) -> None:
    office.put(roster(MONDAYS))
    office.publish()
    with pytest.raises(RosterMoveNotAllowed):
        office.publish()


def test_a_post_without_a_crew_begins_and_ends_too(office: Office) -> None:
    desk = shift(1, 0, 8, people=(UUID(int=12),), crew_id=None, post="dispatcher")
    office.put(roster(desk, kind=RosterKind.DISPATCHERS))
    office.publish()
    assert [office.go_to(0, hour) for hour in (8, 20)] == [1, 1]
    assert office.told == []
