"""What a request needs to be closed, and what follows by itself from each result."""

from datetime import timedelta

import pytest

from services.journal.domain.closing import check_closing
from services.journal.domain.facts import Fact, Kind
from services.journal.domain.fold import fold
from services.journal.domain.life import Life, Origin
from services.journal.domain.states import State
from services.journal.errors import ClosingNoteRequired, DelayReasonRequired, NotDone, ResultRequired
from tests.unit.journal.lives import BOOK, CREW_STAGES, Story, dispatched, finished


def overdue() -> Story:
    story = dispatched().crew(*CREW_STAGES)
    return story.completed(after=timedelta(hours=5))


def close(story: Story, **fields: str) -> Life:
    return fold([*story.facts, closing(story, **fields)], BOOK)


def closing(story: Story, **fields: str) -> Fact:
    return Fact("close", Kind.CLOSED, story.now + timedelta(minutes=1), **fields)  # type: ignore[arg-type]


@pytest.mark.rule("D-1.1-U5")
@pytest.mark.parametrize("result", ["fixed", "no_fault_found"])
def test_work_done_in_time_with_a_result_is_closed_at_once(result: str) -> None:
    life = fold(finished(result).facts, BOOK)
    assert (life.state, life.result) == (State.CLOSED, result)
    assert life.moves[-1].origin is Origin.AUTOMATIC
    assert life.moves[-1].at == life.moves[-2].at


@pytest.mark.rule("6.4")
@pytest.mark.rule("D-2.B-U3")
def test_an_overdue_request_stays_done_until_a_delay_reason_is_given() -> None:
    story = overdue()
    assert fold(story.facts, BOOK).state is State.DONE
    with pytest.raises(DelayReasonRequired):
        check_closing(fold(story.facts, BOOK), closing(story), BOOK)
    life = close(story, reason="no_spare_parts")
    assert (life.state, life.delay_reason) == (State.CLOSED, "no_spare_parts")


@pytest.mark.rule("6.4")
def test_late_localisation_alone_makes_a_request_overdue() -> None:
    story = dispatched().crew(Kind.ACCEPTED, Kind.ARRIVED, Kind.WORKING)
    story.tell(Kind.LOCALISED, after=timedelta(minutes=40), order_id="a1").completed()
    assert fold(story.facts, BOOK).state is State.DONE


@pytest.mark.rule("D-1.1-U5")
def test_without_a_result_nothing_is_closed() -> None:
    story = finished(None)
    assert fold(story.facts, BOOK).state is State.DONE
    with pytest.raises(ResultRequired):
        check_closing(fold(story.facts, BOOK), closing(story), BOOK)
    assert close(story).state is State.DONE


def test_a_temporary_fix_needs_a_word_about_the_lasting_repair() -> None:
    story = finished("temporary_fix")
    assert fold(story.facts, BOOK).state is State.DONE
    with pytest.raises(ClosingNoteRequired):
        check_closing(fold(story.facts, BOOK), closing(story), BOOK)
    assert close(story, note="order 17 for Thursday").state is State.CLOSED


@pytest.mark.parametrize("result", ["no_access", "handed_over"])
def test_unsolved_work_returns_to_the_dispatcher_and_is_counted(result: str) -> None:
    life = fold(finished(result).facts, BOOK)
    assert (life.state, life.returns, life.order_id) == (State.RETURNED, 1, None)
    again = finished(result).offered("a2").crew(Kind.ACCEPTED, Kind.WORKING, order_id="a2")
    assert fold(again.completed(order_id="a2").facts, BOOK).state is State.CLOSED


def test_only_done_work_can_be_closed() -> None:
    story = dispatched().crew(Kind.ACCEPTED)
    with pytest.raises(NotDone) as refused:
        check_closing(fold(story.facts, BOOK), closing(story), BOOK)
    assert refused.value.details == {"state": State.ACKNOWLEDGED}
