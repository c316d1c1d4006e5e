"""Which deadlines a request has, when they start, and what stops them."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from services.journal.domain.clocks import PROMISE, Clock, clocks, is_overdue
from services.journal.domain.facts import Kind
from services.journal.domain.fold import fold
from services.journal.domain.norms import ClockName, Hours, NormBook, Start
from services.journal.domain.states import State
from tests.unit.journal.lives import BOOK, CREW_STAGES, START, Story, book, dispatched, finished, norm


def running(story: Story, norms: NormBook = BOOK) -> dict[str, Clock]:
    return {clock.name: clock for clock in clocks(fold(story.facts, norms), norms)}


def at(story: Story, kind: Kind) -> datetime:
    return next(fact.at for fact in reversed(story.facts) if fact.kind is kind)


def test_nothing_runs_before_the_category_is_known() -> None:
    assert running(Story().registered()) == {}


def test_an_emergency_has_its_clocks_from_registration() -> None:
    story = Story().registered().classified()
    found = running(story)
    registered = at(story, Kind.REGISTERED)
    assert set(found) == {"arrive", "localise", "complete"}
    assert found["localise"].due_at == registered + timedelta(minutes=30)
    assert found["localise"].approaching_at == registered + timedelta(minutes=24)
    assert {clock.stopped_at for clock in found.values()} == {None}


@pytest.mark.rule("D-1.1-U2")
def test_a_late_entry_has_its_clocks_from_the_paper_journal() -> None:
    written = START - timedelta(hours=5)
    story = Story().tell(Kind.REGISTERED, number="1042", received_at=written, late=True).classified()
    assert running(story)["localise"].started_at == written
    assert is_overdue(fold(story.facts, BOOK), BOOK, at(story, Kind.REGISTERED))


@pytest.mark.parametrize("start", [Start.CALL, Start.DAMAGE])
def test_a_norm_may_count_from_the_call(start: Start) -> None:
    norms = book(norm(ClockName.LOCALISE, timedelta(minutes=15), start=start))
    story = Story().registered().classified()
    assert running(story, norms)["localise"].started_at == START


HOUR = timedelta(hours=1)


def put_off(hours: float, **classified: Any) -> Story:
    """Classified a minute after it was registered, put off a minute later."""
    story = Story().registered().classified(**classified)
    return story.tell(Kind.DEFERRED, until=story.now + story.step + timedelta(hours=hours))


@pytest.mark.rule("D-2.B-K2")
def test_while_work_is_put_off_its_clocks_rest_and_go_on_from_the_date() -> None:
    story = put_off(hours=10)
    registered = at(story, Kind.REGISTERED)
    complete = running(story)["complete"]
    assert (complete.due_at, complete.stopped_at) == (registered + 14 * HOUR, None)
    assert complete.approaching_at == registered + 0.8 * 4 * HOUR + 10 * HOUR
    story.tell(Kind.RESUMED, after=10 * HOUR)
    assert fold(story.facts, BOOK).state is State.CLASSIFIED
    assert running(story)["complete"] == complete
    story.transferred().offered().crew(*CREW_STAGES).completed()
    assert not is_overdue(fold(story.facts, BOOK), BOOK, story.now)


def test_what_is_taken_up_before_its_date_rests_only_so_long() -> None:
    story = put_off(hours=10).tell(Kind.RESUMED, after=3 * HOUR)
    registered = at(story, Kind.REGISTERED)
    assert running(story)["complete"].due_at == registered + 7 * HOUR
    again = story.tell(Kind.DEFERRED, until=story.now + story.step + 2 * HOUR)
    assert running(again)["complete"].due_at == registered + 9 * HOUR


def test_putting_off_does_not_undo_a_norm_that_was_missed() -> None:
    story = Story().registered().classified()
    registered = at(story, Kind.REGISTERED)
    story.tell(Kind.DEFERRED, after=5 * HOUR, until=registered + 20 * HOUR)
    assert running(story)["complete"].due_at == registered + 4 * HOUR
    assert is_overdue(fold(story.facts, BOOK), BOOK, story.now)


def test_hours_of_a_norm_and_rest_go_together() -> None:
    day = Hours(time(8), time(20))
    norms = book(norm(ClockName.COMPLETE, 6 * HOUR, hours=day), zone=UTC)
    story = Story(now=datetime(2026, 11, 24, 10, tzinfo=UTC), step=HOUR).registered().classified()
    story.tell(Kind.DEFERRED, until=datetime(2026, 11, 25, 18, tzinfo=UTC))  # registered 11:00, put off 13:00
    due = running(story, norms)["complete"].due_at
    assert due == datetime(2026, 11, 26, 10, tzinfo=UTC), "two hours before, two in the evening, two next day"


def test_each_stage_stops_its_clock() -> None:
    story = finished()
    found = running(story)
    assert found["acknowledge"].stopped_at == at(story, Kind.ACCEPTED)
    assert found["arrive"].stopped_at == at(story, Kind.ARRIVED)
    assert found["localise"].stopped_at == at(story, Kind.LOCALISED)
    assert found["complete"].stopped_at == at(story, Kind.COMPLETED)


def test_work_done_without_localisation_stops_that_clock_too() -> None:
    story = dispatched().crew(Kind.ACCEPTED, Kind.WORKING).completed()
    assert running(story)["localise"].stopped_at == at(story, Kind.COMPLETED)


@pytest.mark.rule("D-1.3-U5")
def test_the_transfer_s_own_promise_is_the_acknowledgement_clock() -> None:
    story = Story().registered().classified().transferred()
    clock = running(story)["acknowledge"]
    assert (clock.norm, clock.due_at) == (PROMISE, story.facts[-1].answer_by)


def test_a_taken_back_order_must_be_acknowledged_again() -> None:
    story = dispatched().crew(Kind.ACCEPTED).crew(Kind.WITHDRAWN, reason="dispatcher")
    clock = running(story)["acknowledge"]
    assert clock.stopped_at is None
    assert clock.due_at >= at(story, Kind.WITHDRAWN) + timedelta(seconds=60)


def test_returned_work_runs_again() -> None:
    story = finished("no_access")
    assert running(story)["complete"].stopped_at is None


def test_an_override_brings_the_clocks_of_the_new_category() -> None:
    story = Story().registered().classified("planned")
    assert set(running(story)) == {"complete"}
    story.tell(Kind.OVERRIDDEN, category="emergency", priority="P1")
    assert set(running(story)) == {"arrive", "localise", "complete"}


def test_the_end_of_a_request_stops_everything() -> None:
    story = dispatched().crew(Kind.WITHDRAWN, reason="request_cancelled")
    assert {clock.stopped_at for clock in running(story).values()} == {story.now}


def test_overdue_means_later_than_the_norm_of_the_work_not_of_the_arrival() -> None:
    story = dispatched().crew(*CREW_STAGES)
    life = fold(story.facts, BOOK)
    due = running(story)["complete"].due_at
    assert not is_overdue(life, BOOK, due)
    assert is_overdue(life, BOOK, due + timedelta(seconds=1))
    slow_arrival = dispatched(category="planned").crew(*CREW_STAGES)
    assert not is_overdue(fold(slow_arrival.facts, BOOK), BOOK, START + timedelta(hours=1))
