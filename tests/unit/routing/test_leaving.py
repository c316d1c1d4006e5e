"""An emergency is offered to a crew on site, which keeps its work until it accepts."""

from typing import Any

import pytest

from services.routing.domain.assignment import Leave, State
from services.routing.domain.words import Category
from services.routing.errors import UnknownAssignment
from services.routing.usecases import leaving
from tests.unit.routing.examples import uid
from tests.unit.routing.stage import Stage

PLANNED: dict[str, Any] = {"category": Category.PLANNED, "priority": "P3", "place": "flat"}


@pytest.fixture
def stage() -> Stage:
    """One crew, at work on something planned that it may leave."""
    ready = Stage()
    ready.crew("only")
    ready.request("lesser", **PLANNED)
    ready.at_work("lesser")
    return ready


def offered(stage: Stage) -> Stage:
    stage.request("burst")
    assert stage.holder("burst") == uid("only")
    return stage


def test_the_crew_keeps_its_work_until_it_accepts(stage: Stage) -> None:
    offered(stage)
    assert stage.holder("lesser") == uid("only")
    assert stage.told("assignment.withdrawn") == []
    assert stage.attempts("burst")[0].instead_of == stage.attempts("lesser")[0].assignment_id


def test_when_it_accepts_its_work_is_suspended_and_goes_back_in_line(stage: Stage) -> None:
    offered(stage).report(State.ACCEPTED, "burst")
    assert stage.holder("burst") == uid("only")
    assert stage.holder("lesser") is None
    lesser = stage.case("lesser")
    assert (lesser.wants_crew, lesser.preempted) == (True, 1)
    left = stage.attempts("lesser")[0]
    moves = [move.to_state for move in stage.work.assignments.moves(left.assignment_id)][-2:]
    assert moves == [State.SUSPENDED, State.WITHDRAWN]
    (told,) = stage.told("assignment.withdrawn")
    assert (told["reason"], told["request_id"]) == ("preempted", str(uid("lesser")))


def test_the_work_comes_back_to_it_when_the_emergency_is_over(stage: Stage) -> None:
    offered(stage)
    for step in (State.ACCEPTED, State.COMPLETED):
        stage.report(step, "burst")
    stage.round()
    assert stage.holder("lesser") == uid("only")


def test_who_declines_goes_on_with_its_work_as_if_nothing_had_been(stage: Stage) -> None:
    offered(stage).report(State.DECLINED, "burst")
    assert stage.holder("lesser") == uid("only")
    assert stage.holder("burst") is None
    stage.round()
    assert stage.holder("burst") is None


def test_who_cannot_leave_is_out_of_question_for_this_work(stage: Stage) -> None:
    offered(stage).report(State.DECLINED, "burst")
    stage.may_leave("lesser", can=False)
    stage.request("another")
    assert stage.holder("another") is None
    stage.may_leave("lesser", can=True)
    stage.round()
    assert stage.holder("another") == uid("only")


@pytest.mark.rule("F45-1.1-U3")
@pytest.mark.parametrize("told", [{"can": False}, {"holds": ["people_inside"]}])
def test_an_offer_that_finds_a_dangerous_step_goes_to_the_next_crew(stage: Stage, told: Any) -> None:
    offered(stage)
    stage.crew("far", metres_north=9000)
    stage.may_leave("lesser", *told.get("holds", ()), can=told.get("can"))
    assert stage.holder("burst") == uid("far")
    assert stage.holder("lesser") == uid("only")
    assert [told["reason"] for told in stage.told("assignment.withdrawn")] == ["crew_stays"]


def test_a_crew_that_did_not_answer_is_not_asked_by_the_next_emergency(stage: Stage) -> None:
    offered(stage).later(minutes=5)
    stage.round()
    assert stage.holder("burst") is None
    stage.request("another")
    assert stage.holder("another") is None
    assert stage.holder("lesser") == uid("only")
    stage.may_leave("lesser")
    stage.round()
    assert stage.holder("another") == uid("only")


def test_work_that_ends_meanwhile_leaves_an_offer_like_others(stage: Stage) -> None:
    offered(stage).report(State.COMPLETED, "lesser")
    assert stage.attempts("burst")[0].instead_of is None
    stage.report(State.ACCEPTED, "burst")
    assert stage.holder("burst") == uid("only")
    assert stage.told("assignment.withdrawn") == []


def test_it_is_asked_by_one_emergency_at_a_time(stage: Stage) -> None:
    offered(stage)
    stage.request("second")
    assert stage.holder("second") is None
    assert stage.holder("lesser") == uid("only")


def test_a_free_crew_goes_before_one_that_would_leave_its_work(stage: Stage) -> None:
    stage.crew("free", metres_north=1100)
    stage.request("burst")
    assert stage.holder("burst") == uid("free")


def test_a_stage_of_which_nothing_is_told_yet_keeps_the_crew(stage: Stage) -> None:
    stage.report(State.LOCALISED, "lesser")
    stage.request("burst")
    assert stage.holder("burst") is None
    stage.may_leave("lesser")
    stage.round()
    assert stage.holder("burst") == uid("only")


def test_older_news_changes_nothing(stage: Stage) -> None:
    held = stage.attempts("lesser")[0]
    stage.may_leave("lesser", can=False)
    assert not leaving.note_leave(
        stage.work, stage.desk, held.assignment_id, Leave(State.WORKING, (), None, sequence=1)
    )
    stage.request("burst")
    assert stage.holder("burst") is None


def test_an_assignment_that_was_never_made_is_refused(stage: Stage) -> None:
    with pytest.raises(UnknownAssignment):
        leaving.note_leave(stage.work, stage.desk, uid("nothing"), Leave(State.WORKING, (), None, 1))


def test_a_crew_that_suspends_meanwhile_may_still_go(stage: Stage) -> None:
    offered(stage).report(State.SUSPENDED, "lesser")
    stage.report(State.ACCEPTED, "burst")
    assert stage.holder("burst") == uid("only")
    assert stage.case("lesser").wants_crew
