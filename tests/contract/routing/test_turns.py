"""Queues of crews: one suite for the store in memory and the one in PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.routing.domain.case import Status
from services.routing.domain.turns import Turn
from services.routing.usecases import ports
from tests.contract.routing.test_store import put
from tests.unit.routing.examples import DISPATCH, GAS, NOW, assignment, case, profile, uid

Open = Callable[[], ports.Work]
CREW, OTHER_CREW = uid("crew-7"), uid("crew-8")
MINUTE = timedelta(minutes=1)


def turn(name: str, place: int = 0, **changes: Any) -> Turn:
    return replace(Turn(uid(name), DISPATCH, CREW, place, NOW, NOW, NOW + 20 * MINUTE), **changes)


def pinned(name: str, **changes: Any) -> Turn:
    return turn(name, pinned_by="dispatcher-1", pinned_at=NOW, **changes)


@pytest.fixture
def line(transactions: Open) -> Open:
    """Three requests wait, one has a crew, one is over."""
    own = {"organisation_id": DISPATCH, "routed_as": "water"}
    put(
        transactions,
        *(case(name, number=name, **own) for name in "abc"),
        case("sent", number="sent", status=Status.ASSIGNED, **own),
        case("over", number="over", status=Status.IDLE, **own),
    )
    return transactions


def plan(transactions: Open, *queues: Turn) -> bool:
    with transactions() as work:
        version = work.turns.claim(DISPATCH, NOW, NOW + MINUTE)
        assert version is not None
        replaced = work.turns.replace(DISPATCH, version, queues, NOW)
        work.commit()
    return replaced


def names(found: list[Turn]) -> list[str]:
    known = {uid(name): name for name in ("a", "b", "c", "sent", "over")}
    return [known[turn.request_id] for turn in found]


def test_a_plan_replaces_the_one_before_it(line: Open) -> None:
    assert plan(line, turn("a"), turn("b", 1))
    assert plan(line, turn("b"), turn("c", 0, crew_id=OTHER_CREW))
    with line() as work:
        assert {found.request_id: found for found in work.turns.of(DISPATCH)} == {
            uid("b"): turn("b"),
            uid("c"): turn("c", 0, crew_id=OTHER_CREW),
        }
        assert work.turns.of(GAS) == []
        assert work.turns.get(uid("b")) == turn("b")
        assert work.turns.get(uid("a")) is None


def test_what_is_no_longer_in_line_gets_no_turn(line: Open) -> None:
    assert plan(line, turn("a"), turn("sent", 1), turn("over", 2))
    with line() as work:
        assert names(work.turns.of(DISPATCH)) == ["a"]


def test_a_pin_stays_with_its_crew_and_gets_its_new_time(line: Open) -> None:
    with line() as work:
        work.turns.put(pinned("b", crew_id=OTHER_CREW))
        work.turns.put(pinned("sent"))
        work.turns.put(pinned("over"))
        work.commit()
    later = turn("b", 1, planned_at=NOW + MINUTE, arrives_at=NOW + 50 * MINUTE)
    assert plan(line, turn("a"), later)
    with line() as work:
        kept = work.turns.get(uid("b"))
        assert kept == replace(later, crew_id=OTHER_CREW, pinned_by="dispatcher-1", pinned_at=NOW)
        assert work.turns.get(uid("sent")) is not None
        assert work.turns.get(uid("over")) is None


def test_a_plan_made_before_a_change_is_not_stored(line: Open) -> None:
    with line() as work:
        version = work.turns.claim(DISPATCH, NOW, NOW + MINUTE)
        assert version is not None
        work.turns.put(pinned("b"))
        assert not work.turns.replace(DISPATCH, version, [turn("a")], NOW)
        assert names(work.turns.of(DISPATCH)) == ["b"]
        assert work.turns.claim(DISPATCH, NOW, NOW + MINUTE) == 1


def test_one_plans_at_a_time_until_the_lease_runs_out_or_the_plan_is_stored(line: Open) -> None:
    with line() as work:
        first = work.turns.claim(DISPATCH, NOW, NOW + MINUTE)
        assert first == 0
        assert work.turns.claim(DISPATCH, NOW, NOW + MINUTE) is None
        assert work.turns.claim(GAS, NOW, NOW + MINUTE) == 0
        assert work.turns.claim(DISPATCH, NOW + MINUTE, NOW + 2 * MINUTE) == 0
        assert work.turns.replace(DISPATCH, 0, [], NOW)
        assert work.turns.claim(DISPATCH, NOW, NOW + MINUTE) == 1


def test_the_head_of_a_queue_is_pinned_before_planned_and_still_waits(line: Open) -> None:
    plan(line, turn("a"), turn("b", 1), turn("c", 0, crew_id=OTHER_CREW))
    with line() as work:
        assert names(work.turns.next_up([CREW])) == ["a"]
        work.turns.put(pinned("b", place=1))
        assert names(work.turns.next_up([CREW])) == ["b"]
        assert set(names(work.turns.next_up([CREW, OTHER_CREW]))) == {"b", "c"}
        assert names(work.turns.of_crews([CREW])) == ["b", "a"]
        gone = work.cases.lock(uid("b"))
        assert gone is not None
        work.cases.save(replace(gone, status=Status.ASSIGNED))
        assert names(work.turns.next_up([CREW])) == names(work.turns.of_crews([CREW])) == ["a"]
        assert work.turns.next_up([]) == work.turns.of_crews([]) == []


def test_what_a_fresh_plan_or_a_person_keeps(line: Open) -> None:
    plan(line, turn("a"), turn("b", 1, planned_at=NOW - MINUTE))
    with line() as work:
        work.turns.put(pinned("c", planned_at=NOW - 60 * MINUTE))
        asked = [uid(name) for name in "abc"]
        assert work.turns.kept(asked, NOW - MINUTE) == {uid("a"), uid("c")}
        assert work.turns.kept([], NOW) == set()


def test_who_is_sent_leaves_the_line_unless_pinned(line: Open) -> None:
    plan(line, turn("a"))
    with line() as work:
        work.turns.put(pinned("b"))
        for name in "ab":
            work.turns.drop(uid(name), pinned_too=False)
        assert names(work.turns.of(DISPATCH)) == ["b"]
        work.turns.drop(uid("b"))
        assert work.turns.of(DISPATCH) == []


def test_organisations_with_a_line_or_queues_are_planned(line: Open) -> None:
    with line() as work:
        assert work.turns.organisations() == [DISPATCH]
        work.turns.put(turn("over", organisation_id=GAS))
        assert work.turns.organisations() == sorted([DISPATCH, GAS])
        assert names_of(work) == {uid("a"): "a", uid("b"): "b"}
        assert [found.request_id for found in work.cases.line_of(DISPATCH, 2)] == sorted(
            [uid("a"), uid("b"), uid("c")]
        )[:2]


def test_a_crew_shows_that_its_request_is_pinned(line: Open) -> None:
    with line() as work:
        work.roster.put_profile(CREW, profile(), 1)
        work.assignments.offer(assignment(request_id=uid("sent")))
        work.turns.put(pinned("sent"))
        found = work.roster.crew(CREW)
    assert found is not None
    assert found.holding is not None
    assert found.holding.pinned


def names_of(work: ports.Work) -> dict[Any, str]:
    return dict(work.cases.numbers([uid("a"), uid("b")]))
