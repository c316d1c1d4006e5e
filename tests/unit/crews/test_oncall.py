"""Who is called for what, in which order, and who of them is there."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from services.crews.domain.fitness import Absence, AbsenceKind
from services.crews.domain.oncall import OnCallList, OnCallStep, calls_for
from services.crews.domain.people import Staff
from services.crews.domain.rosters import DutyShift
from services.crews.errors import BadMasterData
from services.crews.usecases import staff
from services.crews.usecases.staff import Register, version_of
from shared.clock import FixedClock
from tests.unit.crews.examples import ANN, BEN, CREW, NOON, ORGANISATION
from tests.unit.crews.fakes import FakeUnitOfWork
from tests.unit.crews.rostering import ADS, CARL, CROWD, DINA, ROSTER, at, shift
from tests.unit.crews.test_staff_usecases import MASTER

pytestmark = pytest.mark.rule("M-1.1-U1")
STEPS = (
    OnCallStep(5, post="dispatcher"),
    OnCallStep(5, person_id=ANN),
    OnCallStep(10, crew_id=CREW),
    OnCallStep(15, organisation_id=ADS),
)
GAS = OnCallList(UUID(int=90), ORGANISATION, "Газ", ("gas",), STEPS)
DESK = shift(1, 0, 8, people=(DINA,), crew_id=None, post="dispatcher")


def people(*duty: Any, who: Staff = CROWD, lists: tuple[OnCallList, ...] = (GAS,)) -> list[Any]:
    return [(call.people, call.available) for call in calls_for("gas", lists, who, duty, at(0, 12))]


def test_steps_come_in_order_with_whom_they_mean_now() -> None:
    assert people(DESK) == [((DINA,), True), ((ANN,), True), ((ANN, BEN), True), ((), True)]


def test_a_post_nobody_is_at_is_passed_over() -> None:
    later = replace(DESK, starts_at=at(0, 13))
    assert people(later)[0] == people()[0] == ((), False)


def test_a_crew_on_duty_is_whoever_was_planned() -> None:
    assert people(shift(2, 0, 8, people=(ANN, CARL)))[2] == ((ANN, CARL), True)


def test_nobody_who_is_away_is_called() -> None:
    away = Absence(uuid4(), ANN, AbsenceKind.SICK, at(0, 0), None, "m")
    ill = CROWD.updated(Staff({}, {}, {}, {}, {away.id: away}))
    assert people(DESK, who=ill)[1:3] == [((), False), ((BEN,), True)]


def test_only_lists_in_use_for_the_purpose_count_by_name() -> None:
    first = replace(GAS, id=uuid4(), name="Авария", steps=STEPS[1:2])
    unused = replace(GAS, active=False), replace(GAS, purposes=("lift_trapped",))
    assert people(lists=(GAS, *unused, first)) == [((ANN,), True), *people()]


@pytest.mark.parametrize("named", [{}, {"post": "dispatcher", "person_id": ANN}])
def test_a_step_names_exactly_one(named: dict[str, Any]) -> None:
    with pytest.raises(BadMasterData):
        OnCallStep(5, **named)


def test_a_list_is_kept_like_other_master_data_and_names_only_whom_it_knows() -> None:
    uow = FakeUnitOfWork(FixedClock(NOON))
    zone = ZoneInfo("Asia/Almaty")
    with uow as opened:
        opened.staff.save(CROWD)
        opened.rosters.put_duty(DutyShift(replace(DESK, starts_at=NOON), ROSTER, ORGANISATION))
        opened.commit()
    assert staff.put_thing(uow, MASTER, Register.ON_CALL, GAS, None, zone)
    assert staff.show_thing(uow, MASTER, Register.ON_CALL, GAS.id) == GAS
    stranger = replace(GAS, steps=(OnCallStep(5, person_id=uuid4()),))
    with pytest.raises(BadMasterData):
        staff.put_thing(uow, MASTER, Register.ON_CALL, stranger, version_of(GAS), zone)
    calls, _ = staff.whom_to_call(uow, "gas")
    assert [call.people for call in calls][:2] == [(DINA,), (ANN,)]
