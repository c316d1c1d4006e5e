"""Work orders from the bus to the crew and back."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.crews.domain.moments import DeviceTime
from services.crews.domain.orders import Stage, Step
from services.crews.domain.safety import Reading
from services.crews.errors import AssignmentNotFound, AssignmentWithdrawn, SafetyGateClosed
from services.crews.usecases.commands import perform
from services.crews.usecases.orders import (
    list_orders,
    receive_order,
    report_stage,
    show_order,
    withdraw_order,
)
from shared.idempotency import KeyReused
from tests.support import contracts
from tests.unit.crews.examples import ASSIGNMENT, CARD, CREW, GATE, NOON, command, order, step
from tests.unit.crews.fakes import FakeUnitOfWork

S = Stage
WITHDRAWAL = Step(S.WITHDRAWN, "dispatcher-1", NOON, reason="dispatcher", note="другая бригада ближе")


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork()


@pytest.fixture
def offered(uow: FakeUnitOfWork) -> FakeUnitOfWork:
    receive_order(uow, CARD)
    return uow


def report(
    uow: FakeUnitOfWork,
    stage: Stage,
    key: str | None = None,
    time: DeviceTime | None = None,
    crew_id: UUID = CREW,
    **details: Any,
) -> dict[str, Any]:
    told = command(stage.value, key, crew_id=crew_id, time=time, **details)
    return perform(uow, told, partial(report_stage, step=step(stage, **details), gate=GATE))


def stage_of(uow: FakeUnitOfWork) -> Stage:
    return uow.tables.orders[ASSIGNMENT].stage


@pytest.mark.rule("D-2.B-U2")
def test_every_stage_is_told_as_the_contract_says(offered: FakeUnitOfWork) -> None:
    for stage in (S.ACCEPTED, S.DEPARTED, S.ARRIVED, S.WORKING, S.LOCALISED, S.COMPLETED):
        report(offered, stage)
    for told in offered.emitted:
        assert told.subject == str(ASSIGNMENT)
        contracts.check("crews", told.type, told.data)
    moved = [told.data for told in offered.emitted if told.type == "assignment.progressed"]
    assert [(told["stage"], told["eta_minutes"]) for told in moved] == [
        ("accepted", 9),
        ("departed", 9),
        ("arrived", None),
        ("working", None),
        ("localised", None),
        ("completed", None),
    ]


def test_the_time_on_the_device_is_kept_beside_the_servers(offered: FakeUnitOfWork) -> None:
    report(offered, S.ACCEPTED, device_at=NOON - timedelta(hours=2))
    last = show_order(offered, CREW, ASSIGNMENT).steps[-1]
    assert (last.at, last.recorded_at, last.device_at) == (NOON, NOON, NOON - timedelta(hours=2))
    assert offered.emitted[-1].data["device_at"] == (NOON - timedelta(hours=2)).isoformat()


def test_readings_travel_with_the_stage(offered: FakeUnitOfWork) -> None:
    report(offered, S.ACCEPTED, readings=(Reading("pressure", 4.5, "bar"),))
    assert offered.emitted[-1].data["readings"] == [{"kind": "pressure", "value": 4.5, "unit": "bar"}]


def test_the_same_key_gets_the_same_answer_and_tells_nothing_twice(offered: FakeUnitOfWork) -> None:
    first = report(offered, S.ACCEPTED, key="k1")
    report(offered, S.DEPARTED)
    assert report(offered, S.ACCEPTED, key="k1") == first
    assert first["stage"] == "accepted"
    assert stage_of(offered) is S.DEPARTED
    assert len(offered.emitted) == 2


def test_a_key_with_another_body_is_a_mistake(offered: FakeUnitOfWork) -> None:
    report(offered, S.ACCEPTED, key="k1")
    with pytest.raises(KeyReused):
        report(offered, S.ACCEPTED, key="k1", note="другое")


def test_a_stage_repeated_under_a_new_key_succeeds_and_tells_nothing(offered: FakeUnitOfWork) -> None:
    bare: dict[str, Any] = {"reason": None, "result": None, "readings": (), "safety": None}
    first = report(offered, S.ACCEPTED, **bare)
    assert report(offered, S.ACCEPTED, **bare) == first
    assert len(offered.emitted) == 1


def test_what_comes_with_a_stage_that_the_order_has_is_kept(offered: FakeUnitOfWork) -> None:
    report(offered, S.ACCEPTED)
    report(offered, S.ACCEPTED, note="Заезд со двора")
    [note] = show_order(offered, CREW, ASSIGNMENT).notes
    assert (note.command, note.entered["note"], note.refused) == ("accepted", "Заезд со двора", None)
    contracts.check("crews", "assignment.noted", offered.emitted[-1].data)


def test_a_refused_report_leaves_no_trace(uow: FakeUnitOfWork) -> None:
    receive_order(uow, order(place="well").card)
    for stage in (S.ACCEPTED, S.DEPARTED, S.ARRIVED):
        report(uow, stage)
    with pytest.raises(SafetyGateClosed):
        report(uow, S.WORKING, safety=None)
    assert stage_of(uow) is S.ARRIVED
    assert show_order(uow, CREW, ASSIGNMENT).steps[-1].stage is S.ARRIVED
    assert [told.type for told in uow.emitted].count("assignment.progressed") == 3


def test_another_crews_order_does_not_exist_for_this_one(offered: FakeUnitOfWork) -> None:
    with pytest.raises(AssignmentNotFound):
        report(offered, S.ACCEPTED, crew_id=uuid4())
    with pytest.raises(AssignmentNotFound):
        show_order(offered, uuid4(), ASSIGNMENT)
    assert list_orders(offered, uuid4(), None, 10).orders == []


def test_an_order_made_twice_is_one_order(offered: FakeUnitOfWork) -> None:
    report(offered, S.ACCEPTED)
    receive_order(offered, CARD)
    assert stage_of(offered) is S.ACCEPTED


def test_a_withdrawal_is_final_even_after_the_crew_accepted(offered: FakeUnitOfWork) -> None:
    report(offered, S.ACCEPTED)
    withdraw_order(offered, ASSIGNMENT, WITHDRAWAL)
    with pytest.raises(AssignmentWithdrawn):
        report(offered, S.DEPARTED)
    assert list_orders(offered, CREW, after=2, limit=10).orders[0].stage is S.WITHDRAWN


def test_a_withdrawal_that_comes_first_is_remembered(uow: FakeUnitOfWork) -> None:
    withdraw_order(uow, ASSIGNMENT, WITHDRAWAL)
    receive_order(uow, CARD)
    shown = show_order(uow, CREW, ASSIGNMENT)
    assert shown.order.stage is S.WITHDRAWN
    assert {step_.stage for step_ in shown.steps} == {S.OFFERED, S.WITHDRAWN}
    with pytest.raises(AssignmentWithdrawn):
        report(uow, S.ACCEPTED)


def test_a_withdrawal_after_the_work_is_done_is_only_noted(offered: FakeUnitOfWork) -> None:
    report(offered, S.DECLINED)
    withdraw_order(offered, ASSIGNMENT, WITHDRAWAL)
    shown = show_order(offered, CREW, ASSIGNMENT)
    assert shown.order.stage is S.DECLINED
    assert shown.steps[-1] == WITHDRAWAL


def test_a_device_synchronises_by_cursor(uow: FakeUnitOfWork) -> None:
    ids = [UUID(int=number) for number in range(1, 6)]
    for id_ in ids:
        receive_order(uow, order(assignment_id=id_).card)
    first = list_orders(uow, CREW, after=0, limit=2)
    assert (first.cursor, first.more) == (2, True)
    withdraw_order(uow, ids[0], WITHDRAWAL)
    rest = list_orders(uow, CREW, after=first.cursor, limit=10)
    assert [shown.card.assignment_id for shown in rest.orders] == [*ids[2:], ids[0]]
    assert (rest.cursor, rest.more) == (6, False)
    assert list_orders(uow, CREW, after=rest.cursor, limit=10).cursor == 6


def test_without_a_cursor_a_device_gets_what_is_still_to_do(offered: FakeUnitOfWork) -> None:
    receive_order(offered, order(assignment_id=uuid4()).card)
    report(offered, S.DECLINED)
    page = list_orders(offered, CREW, after=None, limit=10)
    assert len(page.orders) == 1
    assert page.cursor == 3
