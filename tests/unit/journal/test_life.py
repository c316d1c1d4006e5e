"""How the facts of a request add up to its life."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.journal.domain.facts import Fact, Kind
from services.journal.domain.fold import announcements, fold
from services.journal.domain.life import Life, Origin
from services.journal.domain.states import MOVES, State
from tests.unit.journal.lives import BOOK, CREW_STAGES, NO_NORMS, START, Story, dispatched, finished, lives


def path(life: Life) -> list[str]:
    return [move.to.value for move in life.moves]


def test_a_plain_life_passes_every_official_state() -> None:
    life = fold(Story().tell(Kind.DRAFTED).facts + finished().facts, BOOK)
    assert path(life) == [
        "draft",
        "registered",
        "classified",
        "transferred",
        "acknowledged",
        "in_work",
        "localised",
        "done",
        "closed",
    ]
    assert life.waiting == ()
    assert life.result == "fixed"


def test_nothing_is_known_without_facts() -> None:
    assert fold([], BOOK) == Life()


@given(lives(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_and_any_duplicates_give_the_same_life(life: list[Fact], random: object) -> None:
    shuffled = life + life[:3]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled, BOOK) == fold(life, BOOK)


@given(lives())
def test_a_valid_life_leaves_no_fact_waiting_and_makes_only_allowed_moves(facts: list[Fact]) -> None:
    life = fold(facts, BOOK)
    assert life.waiting == ()
    assert all(move.to in MOVES[move.before] for move in life.moves)


@given(lives(), st.randoms(use_true_random=False))
def test_what_is_announced_ends_in_the_official_state(facts: list[Fact], random: object) -> None:
    random.shuffle(facts)  # type: ignore[attr-defined]
    told: list[State] = []
    before = fold([], BOOK)
    for known in range(1, len(facts) + 1):
        after = fold(facts[:known], BOOK)
        told += [move.to for move in announcements(before, after)]
        before = after
    assert told[-1] is before.state


@given(st.lists(st.integers(-120, 120), min_size=9, max_size=9))
def test_clocks_of_services_that_differ_cannot_lose_the_state(skews: list[int]) -> None:
    story = finished()
    assert len(story.facts) == len(skews)
    skewed = [
        replace(fact, at=fact.at + timedelta(seconds=skew))
        for fact, skew in zip(story.facts, skews, strict=True)
    ]
    life = fold(skewed, NO_NORMS)
    assert life.state is State.CLOSED
    assert life.waiting == ()


def test_a_late_fact_catches_up_with_those_that_waited_for_it() -> None:
    facts = finished().facts
    without_classification = [fact for fact in facts if fact.kind is not Kind.CLASSIFIED]
    stuck = fold(without_classification, BOOK)
    assert stuck.state is State.REGISTERED
    assert {fact.kind for fact in stuck.waiting} >= {Kind.TRANSFERRED, Kind.COMPLETED}
    assert fold(facts, BOOK).state is State.CLOSED


def test_a_skipped_stage_is_written_down_as_implied() -> None:
    story = dispatched().crew(Kind.ACCEPTED, Kind.LOCALISED)
    life = fold(story.facts, BOOK)
    assert path(life)[-3:] == ["acknowledged", "in_work", "localised"]
    assert [move.origin for move in life.moves[-3:]] == [
        Origin.REPORTED,
        Origin.IMPLIED,
        Origin.REPORTED,
    ]
    assert life.moves[-2].cause == life.moves[-1].cause
    assert life.moves[-2].at == life.moves[-1].at


def test_the_stage_itself_replaces_the_implied_one_when_it_comes_at_last() -> None:
    story = dispatched().crew(*CREW_STAGES)
    without = [fact for fact in story.facts if fact.kind is not Kind.WORKING]
    before, after = fold(without, BOOK), fold(story.facts, BOOK)
    assert Origin.IMPLIED in {move.origin for move in before.moves}
    assert Origin.IMPLIED not in {move.origin for move in after.moves}
    assert announcements(before, after) == ()


def test_work_without_danger_may_end_without_localisation() -> None:
    story = dispatched(category="planned").crew(Kind.ACCEPTED, Kind.WORKING).completed()
    assert path(fold(story.facts, BOOK))[-3:] == ["in_work", "done", "closed"]


@pytest.mark.parametrize("taken_back", [Kind.DECLINED, Kind.WITHDRAWN])
def test_a_crew_that_is_taken_off_puts_the_request_back_to_transferred(taken_back: Kind) -> None:
    story = dispatched().crew(Kind.ACCEPTED).crew(taken_back, reason="crew_unavailable")
    life = fold(story.facts, BOOK)
    assert path(life)[-2:] == ["acknowledged", "transferred"]
    again = fold(story.offered("a2").crew(Kind.ACCEPTED, order_id="a2").facts, BOOK)
    assert path(again)[-3:] == ["acknowledged", "transferred", "acknowledged"]


def test_a_new_order_alone_puts_an_acknowledged_request_back_to_transferred() -> None:
    story = dispatched().crew(Kind.ACCEPTED).offered("a2")
    assert fold(story.facts, BOOK).state is State.TRANSFERRED


def test_an_offer_that_nobody_accepted_moves_nothing_when_it_goes() -> None:
    story = dispatched().crew(Kind.WITHDRAWN, reason="no_response").offered("a2")
    life = fold(story.facts, BOOK)
    assert path(life)[-1] == "transferred"
    assert path(life).count("transferred") == 1


def test_a_withdrawn_crew_cannot_move_the_request() -> None:
    story = dispatched().crew(Kind.WITHDRAWN, reason="no_response").offered("a2")
    story.crew(Kind.ACCEPTED, order_id="a1")
    life = fold(story.facts, BOOK)
    assert (life.state, life.waiting) == (State.TRANSFERRED, ()), "pressed before it heard: nothing to raise"
    life = fold(story.crew(Kind.WORKING, order_id="a1").facts, BOOK)
    assert life.state is State.TRANSFERRED
    assert [fact.kind for fact in life.waiting] == [Kind.WORKING]


def test_a_withdrawal_of_a_finished_work_changes_nothing() -> None:
    story = finished("temporary_fix").crew(Kind.WITHDRAWN, reason="dispatcher")
    assert fold(story.facts, BOOK).state is State.DONE


def test_withdrawn_because_the_request_is_cancelled_cancels_it() -> None:
    story = dispatched().crew(Kind.ACCEPTED).crew(Kind.WITHDRAWN, reason="request_cancelled")
    life = fold(story.facts, BOOK)
    assert life.state is State.CANCELLED
    assert life.order_id is None


def test_a_new_order_for_a_done_request_is_a_counted_return() -> None:
    life = fold(finished("temporary_fix").offered("a2").facts, BOOK)
    assert path(life)[-3:] == ["done", "returned", "transferred"]
    assert life.returns == 1


def test_a_second_transfer_must_be_acknowledged_anew() -> None:
    story = dispatched().tell(Kind.ACKNOWLEDGED, transfer_id="t1").transferred("t2", organisation_id="org-2")
    life = fold(story.facts, BOOK)
    assert (life.state, life.organisation_id) == (State.TRANSFERRED, "org-2")
    late = story.tell(Kind.ACKNOWLEDGED, transfer_id="t1")
    assert fold(late.facts, BOOK).state is State.TRANSFERRED
    assert fold(late.facts, BOOK).waiting == ()
    assert fold(late.tell(Kind.ACKNOWLEDGED, transfer_id="t2").facts, BOOK).state is State.ACKNOWLEDGED


@pytest.mark.rule("6.3")
def test_what_an_organisation_gives_back_is_confirmed_by_nobody_until_the_next_one_does() -> None:
    story = dispatched().tell(Kind.ACKNOWLEDGED, transfer_id="t1").tell(Kind.REFUSED, transfer_id="t1")
    back = fold(story.facts, BOOK)
    assert (back.state, back.acknowledge_by is None) == (State.TRANSFERRED, False)
    assert back.waiting == ()
    story.transferred("t2", organisation_id="org-2").tell(Kind.REFUSED, transfer_id="t1")
    assert fold(story.tell(Kind.ACKNOWLEDGED, transfer_id="t2").facts, BOOK).state is State.ACKNOWLEDGED


def test_an_acknowledgement_of_an_unknown_transfer_waits_for_it() -> None:
    story = dispatched().tell(Kind.ACKNOWLEDGED, transfer_id="t9")
    assert [fact.kind for fact in fold(story.facts, BOOK).waiting] == [Kind.ACKNOWLEDGED]


def test_acknowledged_by_the_unit_and_accepted_by_the_crew_is_one_move() -> None:
    story = dispatched().crew(Kind.ACCEPTED).tell(Kind.ACKNOWLEDGED, transfer_id="t1")
    life = fold(story.facts, BOOK)
    assert path(life).count("acknowledged") == 1
    assert life.waiting == ()


def test_unroutable_is_remembered_until_someone_takes_the_request() -> None:
    story = Story().registered().classified().tell(Kind.UNROUTABLE, reason="all_crews_busy")
    assert fold(story.facts, BOOK).unroutable_at == story.now
    assert fold(story.transferred().facts, BOOK).unroutable_at is None


@pytest.mark.rule("6.2")
def test_an_override_wins_over_any_classification_whenever_it_comes() -> None:
    story = Story().registered().classified("urgent")
    story.tell(Kind.OVERRIDDEN, category="emergency", priority="P1").classified("planned")
    life = fold(story.facts, BOOK)
    assert (life.category, life.priority, life.overridden) == ("emergency", "P1", True)


def test_an_override_waits_for_the_classification() -> None:
    override = Fact("o", Kind.OVERRIDDEN, START, category="emergency")
    assert fold([override], BOOK).waiting == (override,)


def test_a_consultation_is_answered_and_closed_without_a_crew() -> None:
    life = fold(Story().registered().classified("consultation", priority=None).facts, BOOK)
    assert path(life)[-3:] == ["classified", "consulted", "closed"]
    assert life.result == "consulted"


def test_a_consultation_that_needs_a_person_waits_for_one() -> None:
    story = Story().registered().classified("consultation", priority=None, needs_person=True)
    assert fold(story.facts, BOOK).state is State.CLASSIFIED
    story.tell(Kind.OVERRIDDEN, category="consultation")
    assert fold(story.facts, BOOK).state is State.CLOSED


def test_a_consultation_that_was_none_is_taken_up_again() -> None:
    story = Story().registered().classified("consultation", priority=None)
    story.tell(Kind.OVERRIDDEN, category="emergency", priority="P1").transferred()
    life = fold(story.facts, BOOK)
    assert path(life)[-3:] == ["closed", "classified", "transferred"]
    assert life.result is None


def test_a_request_closed_with_a_result_is_not_taken_up_again() -> None:
    story = finished().tell(Kind.OVERRIDDEN, category="urgent", priority="P2")
    assert fold(story.facts, BOOK).state is State.CLOSED


def test_an_order_for_a_closed_request_waits_and_is_seen() -> None:
    life = fold(finished().offered("a2").facts, BOOK)
    assert life.state is State.CLOSED
    assert [fact.kind for fact in life.waiting] == [Kind.OFFERED]


def test_a_correction_is_told_when_a_late_fact_changes_the_past() -> None:
    story = dispatched().crew(Kind.ACCEPTED)
    withdrawn = Fact(
        "w", Kind.WITHDRAWN, story.now + timedelta(seconds=1), order_id="a1", reason="dispatcher"
    )
    story.crew(Kind.WORKING)
    before, after = fold(story.facts, BOOK), fold([*story.facts, withdrawn], BOOK)
    assert (before.state, after.state) == (State.IN_WORK, State.TRANSFERRED)
    (told,) = announcements(before, after)
    assert (told.before, told.to, told.origin) == (State.IN_WORK, State.TRANSFERRED, Origin.CORRECTED)


@pytest.mark.parametrize("story", [Story().tell(Kind.DRAFTED), Story().registered().classified("planned")])
def test_what_the_applicant_calls_off_in_time_is_cancelled(story: Story) -> None:
    life = fold(story.tell(Kind.CANCELLED, channel="sms").facts, BOOK)
    assert (life.state, life.cancelled_on, life.waiting) == (State.CANCELLED, "sms", ())


def test_a_wish_to_call_off_waits_until_triage_has_spoken_of_danger() -> None:
    story = Story().registered().tell(Kind.CANCELLED, channel="sms")
    assert fold(story.facts, BOOK).state is State.REGISTERED
    assert fold(story.classified().facts, BOOK).state is State.CANCELLED
    gas = Story().registered().tell(Kind.CANCELLED, channel="sms").classified(hazards=("gas",))
    life = fold(gas.facts, BOOK)
    assert (life.state, life.cancellation_asked_at) == (State.CLASSIFIED, gas.facts[1].at)


@pytest.mark.parametrize(
    "risky",
    [
        dispatched(hazards=("gas",)),
        dispatched().crew(Kind.ACCEPTED, Kind.ARRIVED),
        dispatched().crew(Kind.ACCEPTED, Kind.WORKING, Kind.LOCALISED),
    ],
)
def test_danger_or_a_crew_on_site_leave_the_decision_to_a_dispatcher(risky: Story) -> None:
    before = fold(risky.facts, BOOK).state
    asked = fold(risky.tell(Kind.CANCELLED, channel="sms").facts, BOOK)
    assert (asked.state, asked.cancellation_asked_at is not None, asked.waiting) == (before, True, ())
    decided = fold(risky.tell(Kind.CANCELLED, by_dispatcher=True).facts, BOOK)
    assert (decided.state, decided.cancelled_on) == (State.CANCELLED, None)


def test_what_was_on_its_way_when_the_request_was_called_off_leaves_nothing_waiting() -> None:
    story = Story().registered().tell(Kind.CANCELLED, channel="sms").classified().transferred().offered()
    story.crew(Kind.ACCEPTED).crew(Kind.WITHDRAWN, reason="request_cancelled")
    life = fold(story.facts, BOOK)
    assert (life.state, life.waiting) == (State.CANCELLED, ())


def test_what_has_ended_is_not_called_off() -> None:
    life = fold(finished().tell(Kind.CANCELLED, channel="sms").facts, BOOK)
    assert (life.state, life.waiting) == (State.CLOSED, ())


@given(lives(), st.integers(0, 40), st.booleans(), st.randoms(use_true_random=False))
def test_a_cancellation_at_any_time_and_in_any_order_gives_one_state(
    life: list[Fact], place: int, by_dispatcher: bool, random: object
) -> None:
    at = life[place % len(life)].at + timedelta(seconds=1)
    facts = [*life, Fact("wish", Kind.CANCELLED, at, channel="sms", by_dispatcher=by_dispatcher)]
    expected = fold(facts, BOOK)
    random.shuffle(facts)  # type: ignore[attr-defined]
    assert fold(facts, BOOK) == expected


def test_deferred_work_is_out_of_the_crews_hands_until_it_is_handed_over_again() -> None:
    story = dispatched()
    story.crew(Kind.ACCEPTED).tell(Kind.WITHDRAWN, order_id="a1", reason="dispatcher").tell(Kind.DEFERRED)
    life = fold(story.facts, BOOK)
    assert (life.state, life.order_id, life.acknowledge_by) == (State.DEFERRED, None, None)
    story.tell(Kind.DEFERRED)
    assert fold(story.facts, BOOK).state is State.DEFERRED
    story.transferred("t2")
    assert fold(story.facts, BOOK).state is State.TRANSFERRED


def not_fixed(story: Story, **fields: Any) -> Story:
    return story.tell(Kind.JUDGED, **{"channel": "sms", "fixed": False, "after": timedelta(days=2), **fields})


@pytest.mark.parametrize("result", ["fixed", "no_fault_found", "temporary_fix"])
def test_what_the_applicant_says_is_not_fixed_goes_back_to_the_dispatcher(result: str) -> None:
    story = dispatched().crew(Kind.ACCEPTED, Kind.ARRIVED, Kind.WORKING, Kind.LOCALISED).completed(result)
    life = fold(not_fixed(story).facts, BOOK)
    assert (life.state, life.returns, life.answered_on, life.waiting) == (State.RETURNED, 1, "sms", ())
    again = fold(story.transferred("t2").offered("a2").facts, BOOK)
    assert (again.state, again.answered_on) == (State.TRANSFERRED, None)


def test_that_it_is_fixed_moves_nothing() -> None:
    life = fold(not_fixed(finished(), fixed=True).facts, BOOK)
    assert (life.state, life.returns, life.waiting) == (State.CLOSED, 0, ())


def test_said_twice_it_goes_back_once() -> None:
    life = fold(not_fixed(not_fixed(finished())).facts, BOOK)
    assert (life.state, life.returns, life.waiting) == (State.RETURNED, 1, ())


def test_after_the_second_repair_it_may_go_back_again() -> None:
    story = not_fixed(finished()).transferred("t2").offered("a2").crew(Kind.ACCEPTED, order_id="a2")
    story.completed(order_id="a2")
    done = fold(story.facts, BOOK)
    assert done.state is State.DONE, "late by now: a person closes it with the reason"
    assert fold(not_fixed(story).facts, BOOK).returns == 2


def test_a_no_that_comes_before_the_crews_report_waits_for_it() -> None:
    story = dispatched().crew(Kind.ACCEPTED, Kind.WORKING)
    early = Fact("n", Kind.JUDGED, story.now + timedelta(seconds=1), channel="sms", fixed=False)
    assert fold([*story.facts, early], BOOK).waiting == (early,)
    life = fold([*story.completed().facts, early], BOOK)
    assert (life.state, life.waiting) == (State.RETURNED, ())


@pytest.mark.parametrize(
    "story",
    [
        Story().registered().classified("consultation"),
        Story().registered().classified("planned").tell(Kind.CANCELLED, channel="sms"),
    ],
)
def test_there_is_nothing_to_give_back_where_nothing_was_repaired(story: Story) -> None:
    before = fold(story.facts, BOOK).state
    life = fold(not_fixed(story).facts, BOOK)
    assert (life.state, life.waiting) == (before, ())
