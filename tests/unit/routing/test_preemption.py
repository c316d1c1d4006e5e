"""Whose crew may be turned round for a graver request, and whose never."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.routing.domain.assignment import Leave, State
from services.routing.domain.crews import Holding, Position
from services.routing.domain.options import weigh
from services.routing.domain.preemption import why_kept
from services.routing.domain.words import Category, Kept, Way
from tests.unit.routing.examples import LAT, LON, NOW, crew, desk, job, needs, policy, uid
from tests.unit.routing.stage import Stage

PLANNED: dict[str, Any] = {"category": Category.PLANNED, "priority": "P3", "place": "flat"}
HELD = Holding(
    request_id=uid("lesser"),
    assignment_id=uid("assignment"),
    number="1041",
    state=State.DEPARTED,
    since=NOW - timedelta(minutes=5),
    there_at=NOW + timedelta(minutes=5),
    category=Category.PLANNED,
    place="flat",
    hazards=(),
    lat=LAT + 0.02,
    lon=LON,
)


def leave(stage: State, *holds: str, can: bool | None = None) -> Leave:
    return Leave(stage, holds, can, sequence=1)


def kept(graver: Category = Category.EMERGENCY, **held: Any) -> Kept | None:
    return why_kept(replace(HELD, **held), graver, policy().conduct, needs().confined)


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.parametrize("state", [State.OFFERED, State.ACCEPTED, State.DEPARTED])
@pytest.mark.parametrize("category", [Category.PLANNED, Category.URGENT])
def test_a_crew_not_there_yet_leaves_lesser_work_for_an_emergency(state: State, category: Category) -> None:
    assert kept(state=state, category=category) is None


@pytest.mark.parametrize(
    ("held", "why"),
    [
        ({"category": Category.EMERGENCY}, Kept.NO_LESSER),
        ({"hazards": ("health",)}, Kept.DANGER),
        ({"state": State.ARRIVED}, Kept.UNSURE),
        ({"state": State.WORKING, "leave": leave(State.ARRIVED)}, Kept.UNSURE),
        ({"state": State.WORKING, "leave": leave(State.WORKING, "gas_open")}, Kept.STEP_RUNS),
        ({"state": State.LOCALISED, "leave": leave(State.LOCALISED, can=False)}, Kept.CANNOT_LEAVE),
        ({"state": State.WORKING, "hazards": ("gas",), "leave": leave(State.WORKING)}, Kept.DANGER),
        ({"state": State.WORKING, "place": "well"}, Kept.CONFINED),
        ({"state": State.SUSPENDED}, Kept.SUSPENDED),
        ({"preempted": 2}, Kept.OFTEN_ENOUGH),
        ({"pinned": True}, Kept.PINNED),
    ],
)
def test_nobody_is_called_off_where_it_would_harm(held: dict[str, Any], why: Kept) -> None:
    assert kept(**held) is why


@pytest.mark.parametrize("graver", [Category.URGENT, Category.PLANNED])
def test_only_an_emergency_takes_a_crew_from_others(graver: Category) -> None:
    assert kept(graver) is Kept.NO_LESSER


@pytest.mark.rule("F45-1.1-U3")
@pytest.mark.parametrize("stage", [State.ARRIVED, State.WORKING, State.LOCALISED])
@pytest.mark.parametrize("said", [None, True])
def test_a_crew_at_no_dangerous_step_may_leave_lesser_work(stage: State, said: bool | None) -> None:
    assert kept(state=stage, leave=leave(stage, can=said)) is None


@pytest.mark.parametrize("place", ["basement", "well", "chamber", "trench"])
def test_nobody_is_called_out_of_a_confined_space_whatever_is_told(place: str) -> None:
    assert kept(state=State.WORKING, leave=leave(State.WORKING), place=place) is Kept.CONFINED


def test_configuration_may_close_every_site() -> None:
    timid = replace(policy().conduct, preempts_on_site=frozenset())
    at_work = replace(HELD, state=State.WORKING, leave=leave(State.WORKING))
    assert why_kept(at_work, Category.EMERGENCY, timid, needs().confined) is Kept.ON_SITE


def test_a_crew_is_called_off_only_for_a_gain() -> None:
    busy = crew("busy", holding=HELD, busy_with=HELD.request_id, position=Position(LAT, LON, NOW))
    near = crew("near", position=Position(LAT + 0.01, LON, NOW))
    far = crew("far", position=Position(LAT + 0.2, LON, NOW))
    ways = [
        (option.candidate.crew.name, option.candidate.way)
        for option in weigh(job(), [far, busy, near], desk(), NOW).ranked
    ]
    assert ways == [("near", Way.NOW), ("busy", Way.INSTEAD), ("far", Way.NOW)]


def test_a_crew_that_must_finish_first_comes_after_everybody_who_can_go_at_once() -> None:
    at_work = replace(HELD, state=State.WORKING, since=NOW - timedelta(minutes=55), lat=LAT)
    busy = crew("busy", holding=at_work, busy_with=HELD.request_id)
    far = crew("far", position=Position(LAT + 0.2, LON, NOW))
    found = weigh(job(), [busy, far], desk(), NOW).ranked
    assert [option.candidate.way for option in found] == [Way.NOW, Way.AFTER]
    assert found[1].kept is Kept.UNSURE
    # Work that has nearly used up its hour is not about to end.
    assert found[1].candidate.eta == timedelta(minutes=24)


def test_the_shift_must_last_for_the_work_in_hand_too() -> None:
    soon_over = crew(
        holding=replace(HELD, state=State.ARRIVED, since=NOW),
        busy_with=HELD.request_id,
        shift_ends_at=NOW + timedelta(minutes=80),
    )
    found = weigh(job(), [soon_over], desk(), NOW)
    assert not found.ranked
    assert [entry.reasons for entry in found.refused] == [("shift_ends_soon",)]


def test_an_emergency_turns_the_crew_round_and_the_lesser_request_goes_back_in_line(stage: Stage) -> None:
    crew_id = stage.crew("only")
    stage.request("lesser", **PLANNED)
    stage.report(State.ACCEPTED, "lesser")
    stage.report(State.DEPARTED, "lesser")
    stage.request("burst")
    assert stage.holder("burst") == crew_id
    lesser = stage.case("lesser")
    assert (lesser.wants_crew, lesser.preempted) == (True, 1)
    (taken,) = stage.told("assignment.withdrawn")
    assert (taken["reason"], taken["request_id"]) == ("preempted", str(uid("lesser")))


def test_who_was_called_off_is_asked_again_as_soon_as_it_is_free(stage: Stage) -> None:
    crew_id = stage.crew("only")
    stage.request("lesser", **PLANNED)
    stage.request("burst")
    for step in (State.ACCEPTED, State.COMPLETED):
        stage.report(step, "burst")
    stage.round()
    assert stage.holder("lesser") == crew_id


def test_an_emergency_never_takes_the_crew_of_another(stage: Stage) -> None:
    stage.crew("only")
    stage.request("first")
    stage.request("second")
    assert stage.holder("first")
    assert stage.holder("second") is None


def test_urgent_work_waits_until_a_crew_is_free(stage: Stage) -> None:
    stage.crew("only")
    stage.request("planned", **PLANNED)
    stage.request("urgent", category=Category.URGENT, priority="P2")
    assert stage.holder("planned")
    assert stage.holder("urgent") is None
