"""The assignment's state machine, strict for us and forgiving towards a bus that reorders."""

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.assignment import (
    FINAL,
    LIVE,
    MOVES,
    Move,
    State,
    follow,
    move,
    report,
    withdraw,
)
from services.routing.errors import ForbiddenMove
from tests.unit.routing.examples import NOW, assignment, uid

_STATES = st.sampled_from(sorted(State))


def told(stage: State) -> Move:
    return Move(uid("assignment"), State.OFFERED, stage, NOW, "crew-7", "system", None)


@given(_STATES, _STATES)
def test_a_forbidden_move_raises_and_an_allowed_one_arrives(state: State, to: State) -> None:
    if to in MOVES[state]:
        assert move(state, to) is to
    else:
        with pytest.raises(ForbiddenMove):
            move(state, to)


def test_live_and_final_divide_the_states() -> None:
    assert set(State) == LIVE | FINAL
    assert not LIVE & FINAL
    assert frozenset({State.COMPLETED, State.DECLINED, State.WITHDRAWN}) == FINAL


@pytest.mark.parametrize("state", sorted(LIVE))
def test_whatever_lives_can_be_withdrawn(state: State) -> None:
    assert withdraw(replace(assignment(), state=state), NOW).state is State.WITHDRAWN


@pytest.mark.parametrize("state", sorted(FINAL))
def test_what_has_ended_cannot_be_withdrawn(state: State) -> None:
    with pytest.raises(ForbiddenMove):
        withdraw(replace(assignment(), state=state), NOW)


def test_a_later_stage_that_overtook_an_earlier_one_moves_forward() -> None:
    assert follow(State.OFFERED, State.ARRIVED) is State.ARRIVED
    ahead, _ = report(assignment(), told(State.ARRIVED), 3)
    after, late = report(ahead, told(State.DEPARTED), 2)
    assert after.state is State.ARRIVED
    assert not late.applied


@given(st.sampled_from(sorted(FINAL)), _STATES)
def test_a_report_never_revives_what_has_ended(state: State, stage: State) -> None:
    assert follow(state, stage) is None


@pytest.mark.parametrize("state", sorted(LIVE - {State.OFFERED}))
def test_a_crew_that_has_accepted_can_no_longer_decline(state: State) -> None:
    assert follow(state, State.DECLINED) is None


@st.composite
def _histories(draw: st.DrawFn) -> list[State]:
    """What one crew may report, in its own order."""
    walk = [State.OFFERED]
    while (following := sorted(MOVES[walk[-1]] - {State.WITHDRAWN})) and len(walk) < 12:
        walk.append(draw(st.sampled_from(following)))
    return walk[1:]


@given(_histories(), st.randoms(use_true_random=False))
def test_in_whatever_order_reports_come_the_last_one_told_decides(
    history: list[State], random: Random
) -> None:
    numbered = list(enumerate(history, start=1))
    random.shuffle(numbered)
    made = assignment()
    for sequence, stage in numbered:
        made, _ = report(made, told(stage), sequence)
    assert made.state is history[-1]


@given(_histories())
def test_every_report_is_kept_applied_or_not(history: list[State]) -> None:
    made = assignment()
    for sequence, stage in enumerate(history, start=1):
        made, first = report(made, told(stage), sequence)
        again, second = report(made, told(stage), sequence)
        assert first.applied
        assert not second.applied
        assert again == made


def test_each_step_of_the_ordinary_way_is_allowed() -> None:
    way = [
        State.OFFERED,
        State.ACCEPTED,
        State.DEPARTED,
        State.ARRIVED,
        State.WORKING,
        State.LOCALISED,
        State.COMPLETED,
    ]
    assert all(move(state, to) is to for state, to in pairwise(way))
