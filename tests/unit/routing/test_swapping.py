"""A request moves to a crew that has become free only if nobody has set out and the gain is worth it."""

from dataclasses import replace
from typing import Any

import pytest

from services.routing.domain.assignment import State
from services.routing.domain.crews import Position
from services.routing.domain.words import Category, Mode
from services.routing.usecases import events, pinning, swapping
from services.routing.usecases.dispatch import Order, assign_crew
from tests.unit.routing.examples import LAT, LON, policy, uid
from tests.unit.routing.stage import Stage

URGENT: dict[str, Any] = {"category": Category.URGENT, "priority": "P2", "place": "flat"}


@pytest.fixture
def stage() -> Stage:
    """The far crew has accepted; then one comes on shift next door."""
    made = Stage()
    made.crew("far", metres_north=9000)
    made.request("pipe", **URGENT)
    made.report(State.ACCEPTED, "pipe")
    return made


def swap(stage: Stage) -> int:
    return swapping.swap_crews(lambda: stage.work, stage.desk)


def test_a_crew_next_door_takes_over(stage: Stage) -> None:
    near = stage.crew("near")
    assert swap(stage) == 1
    assert stage.holder("pipe") == near
    assert [told["reason"] for told in stage.told("assignment.withdrawn")] == ["replanned"]
    assert swap(stage) == 0


def test_a_small_gain_changes_nothing(stage: Stage) -> None:
    stage.crew("hardly", metres_north=6500)
    assert swap(stage) == 0
    assert stage.holder("pipe") == uid("far")


def test_who_has_come_closer_meanwhile_keeps_it(stage: Stage) -> None:
    stage.crew("near")
    here = Position(LAT, LON, stage.clock.now())
    events.note_position(stage.work, uid("far"), here)
    assert swap(stage) == 0


@pytest.mark.parametrize("state", [State.DEPARTED, State.ARRIVED, State.WORKING])
def test_who_has_set_out_goes_on(stage: Stage, state: State) -> None:
    stage.crew("near")
    stage.report(state, "pipe")
    assert swap(stage) == 0


def test_what_a_person_decided_is_not_changed(stage: Stage) -> None:
    stage.crew("near")
    pinning.pin_request(stage.work, stage.desk, Order("dispatcher-1", uid("pipe")), None)
    assert swap(stage) == 0
    stage.crew("farther", metres_north=12_000)
    assign_crew(stage.work, stage.desk, Order("dispatcher-1", uid("pipe")), uid("farther"), None)
    assert swap(stage) == 0
    assert stage.holder("pipe") == uid("farther")


def test_where_a_dispatcher_confirms_nothing_moves_by_itself(stage: Stage) -> None:
    stage.crew("near")
    advising = replace(policy().conduct, mode=dict.fromkeys(policy().conduct.mode, Mode.ADVISE))
    stage.desk = replace(stage.desk, policy=replace(policy(), conduct=advising))
    assert swap(stage) == 0


def test_one_that_declined_it_does_not_get_it_back(stage: Stage) -> None:
    near = stage.crew("near")
    swap(stage)
    stage.report(State.DECLINED, "pipe")
    assert stage.holder("pipe") != near
    assert swap(stage) == 0
