"""The state machine of a work order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.crews.domain.orders import (
    FINAL,
    MOVES,
    Result,
    Stage,
    WorkOrder,
    advance,
    withdraw,
)
from services.crews.errors import (
    AssignmentWithdrawn,
    LocaliseFirst,
    MoveNotAllowed,
    ReasonRequired,
    ResultRequired,
)
from tests.unit.crews.examples import GATE, order, step, walked

S = Stage
TO_WORK = (S.ACCEPTED, S.DEPARTED, S.ARRIVED, S.WORKING)
reported = st.sampled_from([stage for stage in Stage if stage is not S.WITHDRAWN])


@pytest.mark.rule("D-2.B-U2")
def test_a_crew_reports_every_stage_from_offer_to_completion() -> None:
    done = walked(order(), [*TO_WORK, S.LOCALISED, S.COMPLETED])
    assert done.stage is S.COMPLETED
    assert done.reached == {S.OFFERED, *TO_WORK, S.LOCALISED, S.COMPLETED}


@pytest.mark.parametrize("category", ["urgent", "planned"])
def test_work_that_is_no_emergency_may_end_without_being_localised(category: str) -> None:
    assert walked(order(category=category), [*TO_WORK, S.COMPLETED]).stage is S.COMPLETED


def test_an_emergency_is_localised_before_it_is_completed() -> None:
    with pytest.raises(LocaliseFirst) as refused:
        walked(order(category="emergency"), [*TO_WORK, S.COMPLETED])
    assert refused.value.details["allowed"] == (S.LOCALISED, S.SUSPENDED)


def test_a_forbidden_move_tells_what_is_true_now() -> None:
    with pytest.raises(MoveNotAllowed) as refused:
        advance(order(), step(S.ARRIVED))
    assert refused.value.details == {
        "stage": S.OFFERED,
        "wanted": S.ARRIVED,
        "allowed": (S.ACCEPTED, S.DECLINED),
    }


@pytest.mark.parametrize("stages", [[S.ACCEPTED], [*TO_WORK], [S.DECLINED]])
def test_repeating_the_stage_changes_nothing(stages: list[Stage]) -> None:
    before = walked(order(), stages)
    assert advance(before, step(before.stage, reason=None, safety=None)) is before


@pytest.mark.parametrize("stages", [[], [S.ACCEPTED], [*TO_WORK], [*TO_WORK, S.LOCALISED, S.SUSPENDED]])
def test_the_dispatcher_may_take_back_any_order_that_has_not_ended(stages: list[Stage]) -> None:
    assert withdraw(walked(order(), stages), step(S.WITHDRAWN)).stage is S.WITHDRAWN


@pytest.mark.parametrize("stages", [[S.DECLINED], [*TO_WORK, S.LOCALISED, S.COMPLETED]])
def test_an_order_that_has_ended_stays_as_it_ended(stages: list[Stage]) -> None:
    ended = walked(order(), stages)
    assert withdraw(ended, step(S.WITHDRAWN)) is ended


def test_a_withdrawn_order_refuses_the_crew_by_its_own_code() -> None:
    withdrawn = withdraw(walked(order(), [S.ACCEPTED]), step(S.WITHDRAWN))
    with pytest.raises(AssignmentWithdrawn):
        advance(withdrawn, step(S.DEPARTED))


@pytest.mark.parametrize(("stages", "stage"), [([], S.DECLINED), ([S.ACCEPTED], S.SUSPENDED)])
@pytest.mark.parametrize("reason", [None, ""])
def test_declining_and_suspending_take_a_reason(
    stages: list[Stage], stage: Stage, reason: str | None
) -> None:
    with pytest.raises(ReasonRequired):
        advance(walked(order(), stages), step(stage, reason=reason))


def test_completing_takes_a_result() -> None:
    working = walked(order(category="urgent"), TO_WORK)
    with pytest.raises(ResultRequired) as refused:
        advance(working, step(S.COMPLETED, result=None), GATE)
    assert refused.value.details["results"] == tuple(Result)


def test_a_suspended_order_resumes_on_site_only_after_an_arrival() -> None:
    on_the_way = walked(order(), [S.ACCEPTED, S.DEPARTED, S.SUSPENDED])
    assert on_the_way.may_become == (S.DEPARTED,)
    on_site = walked(order(), [*TO_WORK, S.SUSPENDED])
    assert on_site.may_become == (S.DEPARTED, S.WORKING)


def test_what_was_localised_before_a_suspension_stays_localised() -> None:
    resumed = walked(order(), [*TO_WORK, S.LOCALISED, S.SUSPENDED, S.WORKING, S.COMPLETED])
    assert resumed.stage is S.COMPLETED


@given(st.lists(reported, max_size=25), st.sampled_from(["emergency", "urgent", "planned"]))
def test_whatever_a_crew_tries_the_order_only_makes_moves_of_the_table(
    tries: list[Stage], category: str
) -> None:
    current = order(category=category)
    for stage in tries:
        current = _tried(current, stage)
    if current.stage is S.COMPLETED:
        assert {S.ACCEPTED, S.DEPARTED, S.ARRIVED, S.WORKING} <= current.reached
        assert category != "emergency" or S.LOCALISED in current.reached


@given(st.lists(reported, max_size=25))
def test_may_become_is_exactly_what_is_not_refused(tries: list[Stage]) -> None:
    current = order()
    for stage in tries:
        allowed = current.may_become
        after = _tried(current, stage)
        assert (after is not current) == (stage in allowed and stage is not current.stage)
        current = after


def _tried(current: WorkOrder, stage: Stage) -> WorkOrder:
    try:
        after = advance(current, step(stage), GATE)
    except MoveNotAllowed:
        return current
    assert after.stage is current.stage or after.stage in MOVES[current.stage]
    assert current.stage not in FINAL or after is current
    return after
