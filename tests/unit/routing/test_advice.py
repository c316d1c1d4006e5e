"""Where a dispatcher confirms: the machine only advises, and acts when nobody decides in time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.routing.domain.alarms import AlarmCode
from services.routing.domain.assignment import State
from services.routing.domain.words import Category, Mode
from services.routing.usecases import pinning
from services.routing.usecases.dispatch import Order, assign_crew
from tests.unit.routing.examples import NOW, policy, uid
from tests.unit.routing.stage import Stage

PLANNED: dict[str, Any] = {"category": Category.PLANNED, "priority": "P3", "place": "flat"}
CONDUCT = policy().conduct
MODES = {Category.EMERGENCY: Mode.AUTOMATIC, Category.URGENT: Mode.ADVISE, Category.PLANNED: Mode.ADVISE}


@pytest.fixture
def stage() -> Stage:
    return Stage(policy=replace(policy(), conduct=replace(CONDUCT, mode=MODES)))


def advised(stage: Stage, name: str = "pipe") -> str | None:
    advice = stage.case(name).advice
    known = {uid(crew): crew for crew in ("near", "far")}
    return known[advice.crew_id] if advice else None


def test_the_request_waits_with_the_advice_and_an_alarm(stage: Stage) -> None:
    stage.crew("near")
    stage.crew("far", metres_north=9000)
    case = stage.request("pipe", **PLANNED)
    assert stage.holder("pipe") is None
    assert case.wants_crew
    assert case.advice is not None
    assert (advised(stage), case.advice.at) == ("near", NOW)
    assert case.advice.decide_by == NOW + CONDUCT.advise_within[Category.PLANNED]
    assert AlarmCode.ADVICE in [alarm.code for alarm in stage.alarms()]
    assert stage.told("assignment.made") == []


def test_a_dispatcher_confirms_by_assigning(stage: Stage) -> None:
    near = stage.crew("near")
    stage.request("pipe", **PLANNED)
    assign_crew(stage.work, stage.desk, Order("dispatcher-1", uid("pipe")), near, None)
    assert stage.holder("pipe") == near
    assert stage.case("pipe").advice is None
    assert AlarmCode.ADVICE not in [alarm.code for alarm in stage.alarms()]


def test_without_a_decision_the_machine_acts_when_the_time_is_over(stage: Stage) -> None:
    near = stage.crew("near")
    stage.request("pipe", **PLANNED)
    stage.later(seconds=CONDUCT.advise_within[Category.PLANNED].total_seconds() - 1)
    stage.round()
    assert stage.holder("pipe") is None
    stage.later(seconds=1)
    stage.round()
    assert stage.holder("pipe") == near


def test_a_better_crew_changes_the_advice_but_not_the_time_to_decide(stage: Stage) -> None:
    stage.crew("far", metres_north=9000)
    stage.request("pipe", **PLANNED)
    before = stage.case("pipe").advice
    assert advised(stage) == "far"
    stage.later(minutes=5)
    stage.crew("near")
    stage.round()
    after = stage.case("pipe").advice
    assert advised(stage) == "near"
    assert before is not None
    assert after is not None
    assert (after.at, after.decide_by) == (before.at, before.decide_by)


def test_another_round_changes_nothing_nor_the_version(stage: Stage) -> None:
    stage.crew("near")
    before = stage.request("pipe", **PLANNED)
    stage.round()
    assert stage.case("pipe") == before


def test_other_urgencies_are_sent_by_the_machine(stage: Stage) -> None:
    near = stage.crew("near")
    stage.request("pipe", **PLANNED)
    stage.request("burst")
    assert stage.holder("burst") == near


def test_after_a_decline_a_dispatcher_decides_again(stage: Stage) -> None:
    near = stage.crew("near")
    stage.request("pipe", **PLANNED)
    assign_crew(stage.work, stage.desk, Order("dispatcher-1", uid("pipe")), near, None)
    stage.crew("far", metres_north=9000)
    stage.later(hours=2)
    stage.report(State.DECLINED, "pipe")
    advice = stage.case("pipe").advice
    assert advised(stage) == "far"
    assert advice is not None
    assert advice.at == NOW + timedelta(hours=2)


def test_a_pin_is_a_decision(stage: Stage) -> None:
    near = stage.crew("near")
    stage.request("pipe", **PLANNED)
    pinning.pin_request(stage.work, stage.desk, Order("dispatcher-1", uid("pipe")), near)
    assert stage.holder("pipe") == near
    assert stage.attempts("pipe")[0].by == "dispatcher-1"


def test_what_is_called_off_needs_no_decision(stage: Stage) -> None:
    stage.crew("near")
    stage.request("pipe", **PLANNED)
    stage.state("cancelled", "pipe")
    assert stage.case("pipe").advice is None
