"""The official life of a request that rides on an outage (rule 6.8)."""

import itertools

import pytest

from services.journal.domain.clocks import clocks, is_overdue
from services.journal.domain.closing import OUTAGE_OVER
from services.journal.domain.facts import Kind
from services.journal.domain.fold import fold
from services.journal.domain.life import Life
from services.journal.domain.states import State
from tests.unit.journal.lives import BOOK, Story

pytestmark = pytest.mark.rule("6.8")
OUTAGE = "outage-1"


def life(story: Story) -> Life:
    return fold(story.facts, BOOK)


def states(story: Story) -> list[State]:
    return [move.to for move in life(story).moves]


def joined(story: Story) -> Story:
    return story.tell(Kind.JOINED, outage_id=OUTAGE)


def test_joined_from_the_first_and_closed_with_the_outage() -> None:
    story = Story().registered(outage_id=OUTAGE).classified().tell(Kind.RIDE_ENDED)
    assert states(story) == [State.REGISTERED, State.JOINED, State.CLOSED]
    assert life(story).result == OUTAGE_OVER
    assert life(story).category == "emergency"


def test_its_clocks_stand_while_it_rides_and_it_is_not_overdue() -> None:
    story = Story().registered(outage_id=OUTAGE).classified()
    assert all(clock.stopped_at is not None for clock in clocks(life(story), BOOK))
    story.tell(Kind.RIDE_ENDED, after=10 * story.step * 60)
    assert not is_overdue(life(story), BOOK, story.now)


def test_split_off_its_clocks_run_since_its_registration() -> None:
    story = Story().registered(outage_id=OUTAGE).classified().tell(Kind.SPLIT)
    assert life(story).state is State.CLASSIFIED
    assert all(clock.stopped_at is None for clock in clocks(life(story), BOOK))
    story.transferred().offered().crew(Kind.ACCEPTED)
    assert life(story).state is State.ACKNOWLEDGED


def test_split_before_anybody_classified_it_waits_for_that() -> None:
    story = Story().registered(outage_id=OUTAGE).tell(Kind.SPLIT)
    assert life(story).state is State.REGISTERED
    assert life(story.classified()).state is State.CLASSIFIED


def test_joined_after_its_crew_was_asked_and_split_again() -> None:
    story = joined(Story().registered().classified().transferred().offered())
    story.tell(Kind.WITHDRAWN, order_id="a1", reason="joined_outage")
    assert life(story).state is State.JOINED
    story.tell(Kind.SPLIT).transferred("t2").offered("a2").crew(Kind.ACCEPTED, order_id="a2")
    assert life(story).state is State.ACKNOWLEDGED
    assert life(story).waiting == ()


def test_offered_while_it_was_being_joined_it_rides_after_all() -> None:
    """Routing gave it to a crew before it heard of the outage, and then took it back."""
    story = joined(Story().registered()).classified().transferred().offered()
    story.tell(Kind.WITHDRAWN, order_id="a1", reason="joined_outage")
    assert life(story).state is State.JOINED
    story.tell(Kind.RIDE_ENDED)
    assert (life(story).state, life(story).result, life(story).waiting) == (State.CLOSED, OUTAGE_OVER, ())


@pytest.mark.parametrize(("hazards", "ends"), [((), State.CLOSED), (("gas",), State.TRANSFERRED)])
def test_handed_over_while_it_was_being_joined_it_ends_with_the_outage_unless_in_danger(
    hazards: tuple[str, ...], ends: State
) -> None:
    story = joined(Story().registered()).classified(hazards=hazards).transferred().tell(Kind.RIDE_ENDED)
    assert life(story).state is ends
    assert life(story).waiting == ()


def test_dispatched_for_its_dangers_before_anybody_split_it() -> None:
    story = Story().registered(outage_id=OUTAGE).classified().transferred().offered().tell(Kind.SPLIT)
    assert life(story).state is State.TRANSFERRED
    assert life(story).waiting == ()


def test_a_crew_that_took_it_on_keeps_it() -> None:
    story = joined(Story().registered().classified().transferred().offered().crew(Kind.ACCEPTED))
    story.tell(Kind.RIDE_ENDED)
    assert life(story).state is State.ACKNOWLEDGED
    assert life(story).waiting == ()


def test_work_on_it_counts_even_if_it_was_thought_to_ride() -> None:
    story = joined(Story().registered().classified().transferred().offered())
    story.crew(Kind.ACCEPTED, Kind.WORKING).completed()
    assert life(story).state is State.CLOSED
    assert life(story).result == "fixed"


def test_any_order_of_arrival_gives_the_same_life() -> None:
    story = Story().registered(outage_id=OUTAGE).classified().tell(Kind.SPLIT).transferred()
    expected = life(story).state
    for order in itertools.permutations(story.facts):
        assert fold(order, BOOK).state is expected
