"""One suite for rosters in memory and in PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.crews.domain.people import Organisation, Staff
from services.crews.domain.rosters import (
    Changes,
    DutyShift,
    RosterAct,
    RosterKind,
    RosterState,
    RosterStep,
    Side,
)
from tests.contract.crews.conftest import Open
from tests.unit.crews.examples import ANN, NOON, ORGANISATION
from tests.unit.crews.rostering import MONDAY, ROSTER, at, roster, shift

FULL = roster(
    shift(1, 0, 8, note="вместо Пятого"),
    shift(2, 1, 20, people=(ANN,), crew_id=None, post="dispatcher"),
    kind=RosterKind.CONTRACTOR,
    state=RosterState.PROPOSED,
    version=7,
    agreed={Side.CONTRACTOR: "contractor-1"},
    published_version=6,
)
DUTY = DutyShift(FULL.shifts[0], ROSTER, ORGANISATION, at(0, 8), None, at(0, 7), "crew-7")
LATER = DutyShift(FULL.shifts[1], ROSTER, ORGANISATION)


@pytest.fixture
def planned(staffed: Open) -> Open:
    with staffed() as uow:
        uow.staff.save(Staff({ORGANISATION: Organisation(ORGANISATION, "Водоканал", "water")}, {}, {}))
        uow.rosters.lock()
        uow.rosters.put(FULL)
        uow.rosters.put_duty(DUTY)
        uow.rosters.put_duty(LATER)
        uow.commit()
    return staffed


def test_a_roster_comes_back_as_it_was_put_and_put_again(planned: Open) -> None:
    changed = replace(FULL, shifts=FULL.shifts[:1], state=RosterState.DRAFT, version=8, agreed={})
    with planned() as uow:
        assert uow.rosters.get(ROSTER) == FULL
        assert uow.rosters.get(uuid4()) is None
        uow.rosters.put(changed)
        assert uow.rosters.get(ROSTER) == changed


def test_rosters_are_found_by_any_of_their_days(planned: Open) -> None:
    day = timedelta(days=1)
    with planned() as uow:
        assert uow.rosters.between(MONDAY - 9 * day, MONDAY) == [FULL]
        assert uow.rosters.between(MONDAY + 6 * day, MONDAY + 9 * day) == [FULL]
        assert uow.rosters.between(MONDAY - 9 * day, MONDAY - day) == []
        assert uow.rosters.between(MONDAY + 7 * day, MONDAY + 9 * day) == []


def test_history_comes_back_in_its_order(planned: Open) -> None:
    acts = [
        RosterAct(ROSTER, 1, RosterStep.SAVED, "m", NOON, Changes((UUID(int=1),), (), (UUID(int=2),))),
        RosterAct(ROSTER, 1, RosterStep.PUBLISHED, "m", NOON - timedelta(hours=1), Changes((), (), ())),
    ]
    with planned() as uow:
        for act in acts:
            uow.rosters.note(act)
        assert uow.rosters.history(ROSTER) == acts
        assert uow.rosters.history(uuid4()) == []


def test_duty_is_found_by_time_by_roster_and_by_itself(planned: Open) -> None:
    with planned() as uow:
        found = uow.rosters
        assert found.published(at(0, 0), at(9, 0)) == found.published_of(ROSTER) == [DUTY, LATER]
        assert found.published(at(0, 20), at(1, 20)) == []
        assert found.published(at(0, 19), at(0, 20)) == [DUTY]
        assert (found.duty(DUTY.shift.id), found.duty(uuid4())) == (DUTY, None)
        found.drop_duty(DUTY.shift.id)
        assert found.published_of(ROSTER) == [LATER]


def test_what_is_due_begins_or_ends(planned: Open) -> None:
    with planned() as uow:
        due = uow.rosters.take_due
        assert due(at(0, 19.9), 9) == []
        assert due(at(0, 20), 9) == [DUTY]
        assert due(at(1, 20), 9) == [DUTY, LATER]
        assert due(at(1, 20), 1) == [DUTY]
        uow.rosters.put_duty(replace(DUTY, ended_at=at(0, 20)))
        uow.rosters.put_duty(replace(LATER, begun_at=at(1, 20)))
        assert due(at(1, 21), 9) == []


def test_a_running_shift_that_nobody_confirmed_is_found(planned: Open) -> None:
    silent = replace(DUTY, confirmed_at=None, confirmed_by=None)
    with planned() as uow:
        found = uow.rosters.take_unconfirmed
        assert found(at(0, 9)) == []
        uow.rosters.put_duty(silent)
        uow.rosters.put_duty(replace(LATER, begun_at=at(1, 20)))  # a post has no crew to confirm it
        assert (found(at(0, 7.9)), found(at(0, 8)), found(at(2, 0))) == ([], [silent], [silent])
        uow.rosters.put_duty(replace(silent, ended_at=at(0, 20)))
        assert found(at(2, 0)) == []
