"""Queues of crews: planned in the background, kept by pins, served when the crew is free."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.assignment import State
from services.routing.domain.crews import Position
from services.routing.domain.desk import Desk
from services.routing.domain.picture import Picture, Waiting, planned, situation_of
from services.routing.domain.turns import Turn
from services.routing.domain.words import Category
from services.routing.errors import AssignedElsewhere, CaseChanged, CrewUnsuitable, NothingToPin, NotPinned
from services.routing.usecases import events, pinning, planning
from services.routing.usecases.dispatch import Order, assign_crew
from tests.support.chance import examples
from tests.unit.routing.examples import DISPATCH, NOW, classification, crew, job, registration, uid
from tests.unit.routing.examples import desk as rules
from tests.unit.routing.stage import Stage

PLANNED: dict[str, Any] = {"category": Category.PLANNED, "priority": "P3", "place": "flat"}
URGENT: dict[str, Any] = {"category": Category.URGENT, "priority": "P2", "place": "flat"}


def search(picture: Picture, desk: Desk) -> list[Turn]:
    return planned(picture, desk, lambda: False, 10)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def replan(stage: Stage) -> int:
    return planning.replan(lambda: stage.work, stage.desk, search)


def turn(stage: Stage, name: str) -> Turn | None:
    return stage.work.tables.turns.get(uid(name))


def pin(stage: Stage, name: str, crew_id: UUID | None = None, version: int | None = None) -> None:
    pinning.pin_request(stage.work, stage.desk, Order("dispatcher-1", uid(name), version), crew_id)


def finish(stage: Stage, name: str) -> None:
    stage.report(State.ACCEPTED, name)
    stage.report(State.COMPLETED, name)


def test_who_waits_gets_a_place_in_a_queue(stage: Stage) -> None:
    crew_id = stage.crew("only")
    for name in ("first", "second", "third"):
        stage.request(name, **URGENT)
    assert replan(stage) == 2
    places = {name: turn(stage, name) for name in ("second", "third")}
    assert {found.crew_id for found in places.values() if found} == {crew_id}
    assert sorted(found.place for found in places.values() if found) == [0, 1]
    assert all(found.arrives_at > NOW for found in places.values() if found and found.arrives_at)
    assert turn(stage, "first") is None


def test_a_crew_that_is_free_again_gets_the_head_of_its_queue(stage: Stage) -> None:
    crew_id = stage.crew("only")
    for name in ("first", "second"):
        stage.request(name, **URGENT)
    replan(stage)
    finish(stage, "first")
    stage.round()
    assert stage.holder("second") == crew_id
    assert turn(stage, "second") is None


def test_what_is_more_urgent_and_not_planned_yet_goes_before_the_head_of_the_queue(stage: Stage) -> None:
    crew_id = stage.crew("only")
    stage.request("first", **URGENT)
    stage.request("planned", **PLANNED)
    replan(stage)
    stage.request("urgent", **URGENT)
    finish(stage, "first")
    stage.round()
    assert stage.holder("urgent") == crew_id
    finish(stage, "urgent")
    stage.round()
    assert stage.holder("planned") == crew_id


def test_a_norm_that_can_still_be_kept_gets_the_free_crew_before_one_that_is_lost(stage: Stage) -> None:
    crew_id = stage.crew("only")
    stage.request("first")
    stage.report(State.ACCEPTED, "first")
    stage.report(State.ARRIVED, "first")
    stage.request("lost")
    stage.later(minutes=35)
    events.note_registration(
        stage.work, stage.desk, registration(uid("fresh"), number="fresh", registered_at=stage.clock.now())
    )
    events.note_classification(stage.work, stage.desk, classification(uid("fresh")))
    replan(stage)
    stage.report(State.COMPLETED, "first")
    stage.round()
    assert (stage.asked("fresh"), stage.asked("lost")) == ([crew_id], [])


def test_in_a_storm_a_few_requests_for_each_crew_are_planned_the_gravest(stage: Stage) -> None:
    stage.crew("only")
    stage.request("first")
    for number in range(9):
        stage.request(f"planned-{number}", **PLANNED)
    stage.request("graver", **URGENT)
    assert replan(stage) == 6
    assert turn(stage, "graver") is not None


def test_a_request_keeps_the_moment_it_came_into_a_queue(stage: Stage) -> None:
    stage.crew("only")
    stage.request("first", **URGENT)
    stage.request("second", **URGENT)
    replan(stage)
    stage.later(minutes=5)
    replan(stage)
    found = turn(stage, "second")
    assert found is not None
    assert (found.since, found.planned_at) == (NOW, NOW + timedelta(minutes=5))


def test_what_a_fresh_plan_keeps_for_a_busy_crew_is_left_to_it_until_the_plan_is_old(stage: Stage) -> None:
    stage.crew("near")
    stage.request("first", **PLANNED)
    stage.request("second", **PLANNED)
    replan(stage)
    far = stage.crew("far", metres_north=30_000)
    stage.round()
    assert stage.holder("second") is None
    stage.later(seconds=61)
    stage.round()
    assert stage.holder("second") == far


def test_an_emergency_never_waits_for_a_queue(stage: Stage) -> None:
    stage.crew("near")
    stage.request("first")
    stage.request("second")
    replan(stage)
    far = stage.crew("far", metres_north=20_000)
    stage.round()
    assert stage.holder("second") == far


def test_a_pinned_request_waits_for_its_crew_whoever_else_is_free(stage: Stage) -> None:
    crew_id = stage.crew("only")
    stage.request("first", **URGENT)
    stage.request("second", **URGENT)
    pin(stage, "second", crew_id)
    stage.crew("free")
    stage.later(minutes=2)
    replan(stage)
    stage.round()
    assert stage.holder("second") is None
    finish(stage, "first")
    stage.round()
    assert stage.holder("second") == crew_id


def test_an_emergency_does_not_turn_round_a_crew_on_pinned_work(stage: Stage) -> None:
    crew_id = stage.crew("only")
    stage.request("lesser", **PLANNED)
    pin(stage, "lesser")
    stage.request("burst")
    assert stage.holder("lesser") == crew_id
    assert stage.holder("burst") is None
    pinning.unpin_request(stage.work, Order("dispatcher-1", uid("lesser")))
    stage.round()
    assert stage.holder("burst") == crew_id


def test_pinning_to_a_free_crew_asks_it_at_once(stage: Stage) -> None:
    stage.crew("lifts", specialisations=["lift"])
    stage.request("pipe", **URGENT)
    late = stage.crew("late")
    pin(stage, "pipe", late)
    assert stage.holder("pipe") == late


def test_a_pin_ends_when_its_crew_declines(stage: Stage) -> None:
    crew_id = stage.crew("wanted", metres_north=3000)
    other = stage.crew("other", metres_north=9000)
    stage.request("pipe", **URGENT)
    pin(stage, "pipe", crew_id)
    stage.report(State.DECLINED, "pipe")
    assert stage.holder("pipe") == other
    assert turn(stage, "pipe") is None


def test_who_may_not_be_pinned_and_why(stage: Stage) -> None:
    stage.request("pipe", **URGENT)
    lifts = stage.crew("lifts", specialisations=["lift"])
    with pytest.raises(NothingToPin):
        pin(stage, "pipe")
    with pytest.raises(CrewUnsuitable):
        pin(stage, "pipe", lifts)
    with pytest.raises(NotPinned):
        pinning.unpin_request(stage.work, Order("dispatcher-1", uid("pipe")))
    with pytest.raises(CaseChanged):
        pin(stage, "pipe", lifts, version=0)
    stage.crew("plumbers")
    stage.round()
    with pytest.raises(AssignedElsewhere):
        pin(stage, "pipe", lifts)


def test_assigning_by_hand_undoes_the_pin(stage: Stage) -> None:
    stage.crew("first")
    second = stage.crew("second", metres_north=5000)
    stage.request("pipe", **URGENT)
    pin(stage, "pipe")
    assign_crew(stage.work, stage.desk, Order("dispatcher-1", uid("pipe")), second, None)
    assert stage.holder("pipe") == second
    assert turn(stage, "pipe") is None


def test_one_replica_plans_at_a_time_and_nothing_newer_is_overwritten(stage: Stage) -> None:
    crew_id = stage.crew("only")
    stage.request("first", **URGENT)
    stage.request("second", **URGENT)

    def slow(picture: Picture, desk: Desk) -> list[Turn]:
        assert replan(stage) == 0
        pin(stage, "second", crew_id)
        return search(picture, desk)

    assert planning.replan(lambda: stage.work, stage.desk, slow) == 0
    kept = turn(stage, "second")
    assert kept is not None
    assert kept.pinned_by == "dispatcher-1"


def test_a_replica_that_died_while_planning_holds_nobody_up_for_long(stage: Stage) -> None:
    stage.crew("only")
    stage.request("first", **URGENT)
    stage.request("second", **URGENT)

    def die(picture: Picture, desk: Desk) -> list[Turn]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        planning.replan(lambda: stage.work, stage.desk, die)
    assert replan(stage) == 0
    stage.later(seconds=11)
    assert replan(stage) == 1


def test_what_is_called_off_leaves_the_queue(stage: Stage) -> None:
    crew_id = stage.crew("only")
    stage.request("first", **URGENT)
    stage.request("second", **URGENT)
    pin(stage, "second", crew_id)
    stage.state("cancelled", "second")
    stage.request("third", **URGENT)
    replan(stage)
    assert turn(stage, "second") is None
    assert turn(stage, "third") is not None


def test_a_clock_that_jumps_and_a_norm_that_has_run_out_lose_nothing(stage: Stage) -> None:
    stage.crew("only")
    stage.request("first", **URGENT)
    stage.request("second", **URGENT)
    ahead = stage.work.tables.cases[uid("second")]
    stage.work.tables.cases[uid("second")] = replace(
        ahead, registered_at=NOW + timedelta(hours=9), clocks={"arrive": NOW - timedelta(days=1)}
    )
    assert replan(stage) == 1


def test_a_crew_that_nobody_knows_where_to_find_is_left_out() -> None:
    lost = crew("lost", base=None)
    line = [Waiting(job(), NOW, {})]
    found = situation_of(Picture(DISPATCH, NOW, [lost, crew()], line, []), rules())
    assert [vehicle.crew_id for vehicle in found.vehicles] == [uid("crew-7")]


def test_a_request_of_zero_norm_is_refused_by_nobody() -> None:
    line = [Waiting(job(due_at=NOW), NOW, {})]
    picture = Picture(DISPATCH, NOW, [crew()], line, [])
    assert [found.request_id for found in search(picture, rules())] == [uid("request")]


_PLACES = st.tuples(st.floats(43.1, 43.4), st.floats(76.7, 77.1))


@examples(15)
@given(st.lists(_PLACES, max_size=6), st.lists(_PLACES, min_size=1, max_size=4), st.data())
def test_every_request_is_in_one_queue_at_most_and_pins_stay(
    spots: list[tuple[float, float]], bases: list[tuple[float, float]], data: st.DataObject
) -> None:
    crews = [crew(f"crew-{n}", base=Position(*at)) for n, at in enumerate(bases)]
    line = [
        Waiting(job(request_id=uid(f"r{n}"), lat=at[0], lon=at[1], category=Category.URGENT), NOW, {})
        for n, at in enumerate(spots)
    ]
    pinned = {}
    for waiting in line:
        if data.draw(st.booleans()):
            chosen = data.draw(st.sampled_from(crews)).crew_id
            pinned[waiting.job.request_id] = Turn(
                waiting.job.request_id, DISPATCH, chosen, 0, NOW, NOW, pinned_by="d", pinned_at=NOW
            )
    found = search(Picture(DISPATCH, NOW, crews, line, list(pinned.values())), rules())
    assert len({turn.request_id for turn in found}) == len(found) <= len(line)
    assert all(turn.crew_id == pinned[turn.request_id].crew_id for turn in found if turn.request_id in pinned)
    for made in crews:
        places = [turn.place for turn in found if turn.crew_id == made.crew_id]
        assert places == list(range(len(places)))


def test_a_late_entry_is_planned_like_any_other(stage: Stage) -> None:
    stage.crew("only")
    stage.request("first", **URGENT)
    stage.request("second", **URGENT)
    assert registration(uid("second")).registered_at == NOW
    stage.later(days=30)
    assert replan(stage) == 0  # the shift is over: nobody can take it, and it stays in line
    assert stage.case("second").wants_crew
