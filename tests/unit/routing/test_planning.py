"""The planner: who does what, in which order (D-2.C-U1, D-2.C-U2)."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.planning import (
    Plan,
    Rules,
    Situation,
    Why,
    follow,
    improve,
    insert,
    journeys,
    options,
    place,
    standing,
    still_takes,
)
from services.routing.domain.planning.quotes import Quotes
from services.routing.domain.planning.routes import IMPOSSIBLE, Routes
from services.routing.domain.travel import StraightLine
from services.routing.domain.words import Category
from services.routing.errors import InvalidSituation
from tests.support.chance import examples
from tests.unit.routing.examples import NOW, uid
from tests.unit.routing.planning import KINDS, city, situation, task, vehicle

EMERGENCY, URGENT, PLANNED = KINDS


def queue_of(plan: Plan, crew: str) -> list[Any]:
    return next([s.request_id for s in q.stops] for q in plan.queues if q.crew_id == uid(crew))


def test_a_new_task_goes_to_the_crew_that_is_there_first() -> None:
    now = situation([task("pipe", EMERGENCY, 600)], [vehicle("far", 2000), vehicle("near", 500)])
    plan, option = insert(now, uid("pipe"))
    assert queue_of(plan, "near") == [uid("pipe")]
    assert option is not None
    assert (option.crew_id, option.arrives_at, option.in_norm) == (
        uid("near"),
        NOW + timedelta(seconds=100),
        True,
    )


def test_an_emergency_goes_in_front_of_what_can_wait_and_the_effect_is_told() -> None:
    work = [task("tap", PLANNED, 100), task("pipe", EMERGENCY, 900)]
    now = situation(work, [vehicle("crew", 0, "tap")])
    plan, option = insert(now, uid("pipe"))
    assert queue_of(plan, "crew") == [uid("pipe"), uid("tap")]
    assert option is not None
    (effect,) = option.effects
    assert (effect.request_id, effect.becomes_late) == (uid("tap"), False)
    assert effect.later_by == timedelta(seconds=900 + 1800 + 800 - 100)


def test_an_emergency_interrupts_lesser_work_only_where_it_may() -> None:
    work = [task("tap", PLANNED, 0, reached=True, takes=timedelta(hours=2)), task("pipe", EMERGENCY, 300)]
    free_to_go = vehicle("crew", 0, "tap", pinned=1, interruptible=True)
    (left,) = options(situation(work, [free_to_go]), uid("pipe"))
    assert (left.interrupts, left.position, left.in_norm) == (uid("tap"), 0, True)
    (stays,) = options(situation(work, [replace(free_to_go, interruptible=False)]), uid("pipe"))
    assert (stays.interrupts, stays.position, stays.in_norm) == (None, 1, False)


def test_a_short_shift_keeps_no_crew_from_a_danger() -> None:
    tap = task("tap", PLANNED, 0, reached=True, takes=timedelta(minutes=50))
    work = [tap, task("lamp", PLANNED, 100), task("pipe", EMERGENCY, 300, takes=timedelta(minutes=60))]
    ends = NOW + timedelta(minutes=95)
    free_to_go = vehicle("crew", 0, "tap", "lamp", pinned=1, interruptible=True, shift_ends_at=ends)
    plan, option = insert(situation(work, [free_to_go]), uid("pipe"))
    assert option is not None
    assert (option.interrupts, option.in_norm) == (uid("tap"), True)
    assert set(option.displaced) == {uid("tap"), uid("lamp")} == set(plan.unplanned)
    assert queue_of(plan, "crew") == [uid("pipe")]


def test_a_full_queue_makes_room_for_what_is_graver_and_for_nothing_else() -> None:
    work = [task("tap", PLANNED, 100, takes=timedelta(hours=2)), task("lamp", PLANNED, 100)]
    full = vehicle("crew", 0, "tap", "lamp", shift_ends_at=NOW + timedelta(hours=2, minutes=40))
    graver = situation([*work, task("pipe", EMERGENCY, 300)], [full])
    assert queue_of(improve(graver), "crew") == [uid("pipe"), uid("tap")]
    assert insert(situation([*work, task("bulb", PLANNED, 300)], [full]), uid("bulb"))[1] is None
    pinned = situation([*work, task("pipe", EMERGENCY, 300)], [replace(full, pinned=2)])
    assert improve(pinned).unplanned == {uid("pipe"): Why.NO_TIME}


def test_a_norm_that_can_be_kept_comes_first_but_no_danger_waits_for_ever() -> None:
    def order(overdue: timedelta) -> list[Any]:
        lost = task("lost", EMERGENCY, opened_at=NOW - timedelta(minutes=30) - overdue)
        fresh = task("fresh", EMERGENCY, opened_at=NOW - timedelta(minutes=20))
        leak = task("leak", URGENT, opened_at=NOW - timedelta(minutes=90))
        return queue_of(improve(situation([lost, fresh, leak], [vehicle("crew")])), "crew")

    assert order(timedelta(minutes=5)) == [uid("fresh"), uid("lost"), uid("leak")]
    assert order(timedelta(hours=6)) == [uid("lost"), uid("fresh"), uid("leak")]


def test_an_arrival_at_the_last_minute_is_no_safe_one() -> None:
    work = [task("tap", PLANNED, 0, reached=True, takes=timedelta(hours=2)), task("pipe", EMERGENCY, 300)]
    crews = [vehicle("busy", 0, "tap", pinned=1, interruptible=True), vehicle("idle", 300 + 1790)]
    assert options(situation(work, crews), uid("pipe"))[0].interrupts == uid("tap")


@pytest.mark.parametrize("new", [URGENT, PLANNED])
def test_lesser_work_interrupts_nothing(new: Category) -> None:
    work = [task("tap", PLANNED, 0, reached=True, takes=timedelta(hours=2)), task("leak", new, 300)]
    crew = vehicle("crew", 0, "tap", pinned=1, interruptible=True)
    (option,) = options(situation(work, [crew]), uid("leak"))
    assert option.interrupts is None


def test_an_idle_crew_near_by_is_better_than_an_interruption() -> None:
    work = [task("tap", PLANNED, 0, reached=True), task("pipe", EMERGENCY, 300)]
    crews = [vehicle("busy", 0, "tap", pinned=1, interruptible=True), vehicle("idle", 900)]
    assert options(situation(work, crews), uid("pipe"))[0].crew_id == uid("idle")


def test_a_crew_keeps_what_it_was_told_unless_the_gain_is_worth_it() -> None:
    told = vehicle("told", 500, "tap", told=1)
    nearer = vehicle("nearer", 100)
    now = situation([task("tap", PLANNED, 0)], [told, nearer])
    assert queue_of(improve(now), "told") == [uid("tap")]
    assert queue_of(improve(now, replace(Rules(), told_price=100.0)), "nearer") == [uid("tap")]


def test_the_shift_ends_before_the_work_does() -> None:
    short = vehicle("crew", shift_ends_at=NOW + timedelta(minutes=20))
    plan = improve(situation([task("leak")], [short]))
    assert plan.unplanned == {uid("leak"): Why.NO_TIME}


def test_an_emergency_is_begun_though_the_shift_ends_before_it_is_done() -> None:
    short = vehicle("crew", shift_ends_at=NOW + timedelta(minutes=40))
    pipe = task("pipe", EMERGENCY, takes=timedelta(hours=2), shift_left=timedelta(minutes=30))
    assert queue_of(improve(situation([pipe], [short])), "crew") == [uid("pipe")]
    late = replace(short, shift_ends_at=NOW + timedelta(minutes=20))
    assert improve(situation([pipe], [late])).unplanned == {uid("pipe"): Why.NO_TIME}


def test_why_nobody_goes() -> None:
    now = situation([task("a"), task("b")], [vehicle("crew")])
    now = replace(now, may=np.array([[False, True]]), to_task=np.array([[0.0, np.inf]]))
    assert improve(now).unplanned == {uid("a"): Why.NO_CREW_MAY, uid("b"): Why.NO_WAY}


def test_a_crew_that_is_gone_leaves_its_tasks_to_others() -> None:
    now = situation([task("a", at=10), task("b", at=20)], [vehicle("here")])
    assert sorted(queue_of(improve(now), "here"), key=str) == sorted([uid("a"), uid("b")], key=str)


def test_what_is_used_up_counts() -> None:
    now = situation([task("a", load=2), task("b", load=2)], [vehicle("tank", capacity=3)])
    assert list(improve(now).unplanned.values()) == [Why.NO_TIME]


def test_nobody_comes_before_the_resident_expects_it() -> None:
    at = NOW + timedelta(hours=2)
    plan = improve(situation([task("leak", not_before=at)], [vehicle("crew")]))
    assert plan.queues[0].stops[0].arrives_at == at


def test_the_oldest_planned_work_is_not_put_off_for_ever() -> None:
    week = task("old", PLANNED, 300, opened_at=NOW - timedelta(days=2))
    fresh = [task(f"new-{n}", URGENT, 10.0 * n, opened_at=NOW - timedelta(hours=3)) for n in range(6)]
    queue = queue_of(improve(situation([week, *fresh], [vehicle("crew")])), "crew")
    assert queue.index(uid("old")) < 6


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda: task("a", due_at=NOW), "norm is zero"),
        (lambda: task("a", takes=timedelta(-1)), "less than no time"),
        (lambda: task("a", at=float("nan")), "no place"),
        (lambda: task("a", not_before=NOW.replace(tzinfo=None)), "zone"),
        (lambda: vehicle("c", float("nan")), "no place"),
        (lambda: vehicle("c", 0, "a", pinned=2), "more is pinned"),
        (lambda: situation([task("a", opened_at=NOW + timedelta(minutes=2))], []), "clock jumped"),
        (lambda: situation([task("a"), task("a")], []), "comes twice"),
        (lambda: situation([], [vehicle("c"), vehicle("c")]), "comes twice"),
        (lambda: situation([], [vehicle("c", 0, "a")]), "no task"),
        (lambda: situation([task("a")], [vehicle("c", 0, "a"), vehicle("d", 0, "a")]), "two crews"),
        (lambda: situation([task("a")], [], may=np.ones((1, 1), np.bool_)), "shapes"),
        (lambda: situation([task("a")], [vehicle("c")], to_task=np.array([[np.nan]])), "zero or more"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(broken: Any, says: str) -> None:
    with pytest.raises(InvalidSituation, match=says):
        broken()


@st.composite
def evenings(draw: st.DrawFn) -> Situation:
    """A random city in which some work is held, some of that pinned, told, or in hand."""
    now = city(draw(st.integers(0, 5)), draw(st.integers(0, 9)), draw(st.integers(0, 10_000)))
    now = follow(now, improve(now, rounds=draw(st.integers(0, 5))))
    vehicles = []
    for crew in now.vehicles:
        queue = crew.queue[: draw(st.integers(0, len(crew.queue)))]
        pinned = draw(st.integers(0, len(queue)))
        told = draw(st.integers(0, len(queue)))
        ends = NOW + timedelta(hours=draw(st.integers(1, 8)))
        leaves = draw(st.booleans())
        vehicles.append(
            replace(crew, queue=queue, pinned=pinned, told=told, shift_ends_at=ends, interruptible=leaves)
        )
    return replace(now, vehicles=tuple(vehicles))


def check(now: Situation, plan: Plan) -> None:
    """What holds for every plan."""
    placed = [stop.request_id for queue in plan.queues for stop in queue.stops]
    assert Counter([*placed, *plan.unplanned]) == Counter(task.request_id for task in now.tasks)
    assert [queue.crew_id for queue in plan.queues] == [crew.crew_id for crew in now.vehicles]
    for number, (crew, queue) in enumerate(zip(now.vehicles, plan.queues, strict=True)):
        for stop in queue.stops:
            pinned = stop.request_id in crew.queue[: crew.pinned]
            assert pinned or now.may[number, now.number[stop.request_id]]
        if len(queue.stops) > crew.pinned:
            assert crew.shift_ends_at is not None
            for stop in queue.stops:
                of = now.tasks[now.number[stop.request_id]]
                needs = of.takes if of.shift_left is None else of.shift_left
                assert stop.arrives_at + needs <= crew.shift_ends_at + timedelta(milliseconds=1)


@examples(60)
@given(evenings(), st.integers(0, 3))
def test_no_task_is_lost_and_pins_hold_and_nothing_gets_worse(now: Situation, seed: int) -> None:
    before, after = standing(now), improve(now, rounds=15, seed=seed)
    check(now, before)
    check(now, after)
    for crew, queue in zip(now.vehicles, after.queues, strict=True):
        assert tuple(stop.request_id for stop in queue.stops)[: crew.pinned] == crew.queue[: crew.pinned]
    assert after.worth.total <= before.worth.total + 0.01
    assert improve(now, rounds=15, seed=seed) == after


@examples(60)
@given(evenings())
def test_options_are_what_they_say(now: Situation) -> None:
    for unplaced in standing(now).unplanned:
        found = options(now, unplaced)
        assert [option.added for option in found] == sorted(option.added for option in found)
        for option in found:
            plan = place(now, unplaced, option)
            check(now, plan) if option.interrupts is None else None
            queue = next(queue for queue in plan.queues if queue.crew_id == option.crew_id)
            assert queue.stops[option.position].request_id == unplaced
            assert queue.stops[option.position].arrives_at == option.arrives_at


@examples(40)
@given(evenings())
def test_one_option_is_dearer_than_another_by_what_its_plan_is_worse(now: Situation) -> None:
    calm = [replace(crew, told=0, interruptible=False) for crew in now.vehicles]
    now = replace(now, vehicles=tuple(calm))
    for unplaced in standing(now).unplanned:
        found = options(now, unplaced)
        whole = [place(now, unplaced, option).worth.total for option in found]
        for option, price in zip(found, whole, strict=True):
            assert option.added - found[0].added == pytest.approx(price - whole[0], abs=1.0)


def test_the_search_ends_with_its_time_and_begins_with_what_stands() -> None:
    now = city(4, 8, seed=3)
    shares = iter([0.0] * 20 + [0.5, 0.9])
    some = improve(now, rounds=1000, spent=lambda: next(shares, 1.0))
    assert next(shares, None) is None
    check(now, some)
    assert improve(now, spent=lambda: 1.0) == standing(now)
    assert some.worth <= improve(now, rounds=0).worth


def test_the_travel_of_a_situation_is_asked_in_one_go() -> None:
    work = [task("a", lat=43.2, lon=76.9), task("b", lat=43.21, lon=76.9)]
    crews = [vehicle("c", lat=43.2, lon=76.89)]
    to_task, between = journeys(StraightLine(speed_kmh=36, detour=1), work, crews)
    assert (to_task.shape, between.shape) == ((1, 2), (2, 2))
    assert between[0].tolist() == pytest.approx([0, 111.2], abs=0.1)
    assert to_task[0].tolist() == pytest.approx([81.1, 137.6], rel=0.01)


@examples(60)
@given(evenings())
def test_a_quote_is_what_the_column_says(now: Situation) -> None:
    routes = Routes(now, Rules())
    quotes, tasks = Quotes(routes), np.arange(len(now.tasks))
    for crew in range(len(now.vehicles)):
        prices, _ = routes.column(crew, tasks)
        held = set(routes.route[crew])
        for n in set(tasks.tolist()) - held:
            quoted, spot = quotes.cheapest(crew, n)
            assert quoted == pytest.approx(prices[n], rel=1e-12, abs=0.5)
            if quoted < IMPOSSIBLE:
                first = routes.pinned[crew]
                assert routes.positions(crew, np.array([n]), first)[spot - first, 0] == pytest.approx(
                    quoted, rel=1e-12, abs=0.5
                )
            assert quotes.cheapest(crew, n, quoted)[0] == IMPOSSIBLE


def test_who_may_not_do_a_task_is_not_interrupted_for_it() -> None:
    work = [task("tap", PLANNED, 0, reached=True), task("pipe", EMERGENCY, 300)]
    crew = vehicle("crew", 0, "tap", pinned=1, interruptible=True)
    assert options(situation(work, [crew], may=np.array([[True, False]])), uid("pipe")) == []


def test_work_that_runs_over_is_not_about_to_end() -> None:
    hour = timedelta(hours=1)
    assert still_takes(hour, timedelta()) == hour
    assert still_takes(hour, timedelta(minutes=20)) == timedelta(minutes=40)
    assert still_takes(hour, timedelta(hours=3)) == timedelta(minutes=24)
