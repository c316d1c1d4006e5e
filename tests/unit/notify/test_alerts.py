"""The state machine of one alert, alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.alert_attempts import MOVES, OUT, REACHED, UNSETTLED, Attempt, State
from services.notify.domain.alert_lists import Addressee, AlertList, Means, Mode, Starts, Step
from services.notify.domain.alert_news import What, news
from services.notify.domain.alerts import BETWEEN_ROUNDS, Alert, Stage, Subject
from services.notify.errors import AlertMoveNotAllowed, ForbiddenMove, UnknownAddressee
from tests.support.chance import examples
from tests.support.fakes import NOON

LEASE, WAIT = timedelta(seconds=60), timedelta(seconds=90)
SECOND = timedelta(seconds=1)


def somebody(code: str, means: Means = Means.VOICE) -> Addressee:
    return Addressee(code, {"ru": code, "kk": code}, means, ("ru",), (f"+7701000{len(code):04}",))


def step(mode: Mode, *codes: str, rounds: int = 2, means: Means = Means.VOICE) -> Step:
    return Step(mode, tuple(somebody(code, means) for code in codes), 90, rounds)


class Story:
    """One alert in the hands of a machine that obeys it."""

    def __init__(self, *steps: Step) -> None:
        ids = count(1)
        self.new_id = lambda: UUID(int=next(ids))
        self.now = NOON
        wanted = AlertList("gas", {"ru": "Газ", "kk": "Газ"}, Starts(), steps)
        begun = Alert.started(UUID(int=999), wanted, "key", Subject(), "system", NOON).begun(Subject(), NOON)
        self.alert = begun.advanced(NOON, self.new_id)
        self.rung: list[Attempt] = []

    def look(self) -> list[Attempt]:
        """What a worker takes now."""
        self.alert, taken = self.alert.advanced(self.now, self.new_id).leased(self.now, LEASE)
        return list(taken)

    def rings(self) -> list[str]:
        """Take what is due and let it ring; whom."""
        taken = self.look()
        for one in taken:
            self.rung.append(one)
            self.hears(one, State.PLACED)
        return [one.addressee for one in taken]

    def hears(self, one: Attempt, to: State, **told: Any) -> None:
        heard = self.alert.heard(one.id, to, self.now, **told)
        self.alert = heard.advanced(self.now, self.new_id)

    def says(self, code: str, to: State) -> None:
        """The last attempt at somebody ends so."""
        last = [one for one in self.alert.attempts if one.addressee == code][-1]
        self.hears(last, to)

    def later(self, by: timedelta = WAIT) -> None:
        self.now += by

    def states(self) -> list[tuple[str, int, State]]:
        return [(one.addressee, one.round, one.state) for one in self.alert.attempts]


def test_one_after_the_other_until_one_acknowledges() -> None:
    story = Story(step(Mode.UNTIL_ONE, "a", "b", "c"))
    assert story.rings() == ["a"]
    assert story.rings() == []
    story.says("a", State.BUSY)
    assert story.rings() == ["b"]
    story.says("b", State.ANSWERED)
    story.says("b", State.ACKNOWLEDGED)
    assert story.alert.stage is Stage.TOLD
    story.later()
    assert story.rings() == []
    assert [code for code, _, _ in story.states()] == ["a", "b"]


def test_everyone_is_told_at_once_and_tried_again_alone() -> None:
    story = Story(step(Mode.EVERYONE, "a", "b"))
    assert story.rings() == ["a", "b"]
    story.says("a", State.ACKNOWLEDGED)
    story.says("b", State.NO_ANSWER)
    assert story.rings() == []
    story.later(BETWEEN_ROUNDS)
    assert story.rings() == ["b"]
    story.says("b", State.MACHINE)
    assert (story.alert.stage, [one.code for one in story.alert.untold()]) == (Stage.UNANSWERED, ["b"])


def test_who_cannot_be_reached_is_for_a_person_at_once_though_others_are_still_waited_for() -> None:
    story = Story(step(Mode.EVERYONE, "a", "b", rounds=1))
    story.rings()
    before = story.alert
    story.says("a", State.BUSY)
    assert [one.code for one in story.alert.untold()] == ["a"]
    assert [one.what for one in news(before, story.alert)] == [What.NOT_REACHED, What.STEP_UNANSWERED]
    assert story.alert.stage is Stage.RUNNING


def test_who_does_not_acknowledge_in_time_has_not_been_told() -> None:
    story = Story(step(Mode.UNTIL_ONE, "a", rounds=1), step(Mode.EVERYONE, "b", rounds=1))
    story.rings()
    story.later(WAIT - SECOND)
    assert story.rings() == []
    story.later(SECOND)
    assert story.rings() == ["b"]
    story.says("b", State.ACKNOWLEDGED)
    assert story.states()[0] == ("a", 1, State.UNACKNOWLEDGED)
    before = story.alert
    story.says("a", State.ACKNOWLEDGED)
    assert (before.stage, story.alert.stage) == (Stage.UNANSWERED, Stage.TOLD)


def test_a_late_acknowledgement_spares_whoever_was_next() -> None:
    story = Story(step(Mode.UNTIL_ONE, "a", "b"), step(Mode.EVERYONE, "c"))
    story.rings()
    story.says("a", State.UNACKNOWLEDGED)
    story.says("a", State.ACKNOWLEDGED)
    assert (story.rings(), story.states()[1]) == (["c"], ("b", 1, State.DROPPED))


def test_a_message_on_the_phone_is_enough_where_everyone_is_told_and_not_where_one_must_answer() -> None:
    both = Story(
        step(Mode.EVERYONE, "a", means=Means.SMS), step(Mode.UNTIL_ONE, "b", rounds=1, means=Means.SMS)
    )
    both.rings()
    both.says("a", State.DELIVERED)
    assert both.rings() == ["b"]
    both.says("b", State.DELIVERED)
    assert both.alert.stage is Stage.RUNNING
    both.later()
    both.look()
    assert (both.alert.stage, [one.code for one in both.alert.untold()]) == (Stage.UNANSWERED, ["b"])


def test_a_dispatcher_who_told_somebody_takes_them_off_the_line() -> None:
    story = Story(step(Mode.EVERYONE, "a", "b"))
    story.rings()
    story.says("a", State.BUSY)
    story.alert = story.alert.told_by_hand("a", "dispatcher-1", "Петрова", NOON, story.new_id).advanced(
        NOON, story.new_id
    )
    story.later(BETWEEN_ROUNDS)
    assert story.rings() == []
    story.says("b", State.ACKNOWLEDGED)
    assert story.alert.stage is Stage.TOLD
    written = next(one for one in story.alert.attempts if one.means is Means.MANUAL)
    assert (written.received_by, written.note, written.acknowledged_at) == ("Петрова", "dispatcher-1", NOON)
    with pytest.raises(UnknownAddressee):
        story.alert.told_by_hand("z", "dispatcher-1", "Петрова", NOON, story.new_id)


def test_stopped_calls_nobody_else_and_may_still_be_acknowledged() -> None:
    story = Story(step(Mode.UNTIL_ONE, "a", "b"))
    story.rings()
    story.alert = story.alert.stopped("called myself", NOON)
    story.says("a", State.BUSY)
    story.later()
    assert story.rings() == []
    story.says("a", State.ACKNOWLEDGED)
    assert (story.alert.stage, story.states()) == (Stage.STOPPED, [("a", 1, State.ACKNOWLEDGED)])
    assert story.alert.stopped("again", NOON) == story.alert
    with pytest.raises(AlertMoveNotAllowed):
        story.alert.begun(Subject(), NOON)


def test_what_a_worker_never_finished_is_taken_again_but_not_once_it_is_unwanted() -> None:
    story = Story(step(Mode.UNTIL_ONE, "a", "b"))
    first = story.look()
    assert story.look() == []
    story.later(LEASE)
    again = story.look()
    assert [(one.id, one.tries, one.unsure_since) for one in again] == [(first[0].id, 2, NOON)]
    story.alert = story.alert.told_by_hand("b", "d", "x", NOON, story.new_id)
    story.later(LEASE)
    assert story.look() == []
    assert story.states()[0] == ("a", 1, State.DROPPED)
    story.says("a", State.ANSWERED)
    assert story.states()[0] == ("a", 1, State.ANSWERED)


def test_every_forbidden_move_is_refused() -> None:
    one = Attempt(UUID(int=1), 0, "a", 1, Means.VOICE, NOON, NOON)
    for state, allowed in MOVES.items():
        for to in set(State) - allowed:
            with pytest.raises(ForbiddenMove):
                replace(one, state=state).moved(to, NOON)


def test_news_tell_each_change_once() -> None:
    story = Story(step(Mode.UNTIL_ONE, "a", rounds=1))
    before = story.alert
    story.rings()
    story.says("a", State.BUSY)
    told = [(one.what, one.attempt and one.attempt.state) for one in news(before, story.alert)]
    assert told == [(What.NOT_REACHED, State.BUSY), (What.STEP_UNANSWERED, None), (What.UNANSWERED, None)]
    assert list(news(story.alert, story.alert)) == []


# Whatever happens in whatever order

_MEANS = st.sampled_from([Means.VOICE, Means.SMS])
_STEPS = st.builds(
    lambda mode, means, number, rounds: Step(
        mode, tuple(somebody("abc"[at], means) for at in range(number)), 90, rounds
    ),
    st.sampled_from(list(Mode)),
    _MEANS,
    st.integers(1, 3),
    st.integers(1, 3),
)
_WORDS = st.sampled_from(
    [
        State.PLACED,
        State.ANSWERED,
        State.DELIVERED,
        State.ACKNOWLEDGED,
        State.BUSY,
        State.NO_ANSWER,
        State.MACHINE,
        State.FAILED,
        State.UNACKNOWLEDGED,
    ]
)
_HAPPENS = st.one_of(
    st.tuples(st.just("hear"), st.integers(0, 8), _WORDS),
    st.tuples(st.just("later"), st.integers(1, 120), st.none()),
    st.tuples(st.just("look"), st.booleans(), st.none()),
    st.tuples(st.just("by_hand"), st.integers(0, 2), st.none()),
    st.tuples(st.just("stop"), st.none(), st.none()),
)


def happenings(story: Story, what: list[tuple[str, Any, Any]]) -> Iterator[tuple[Alert, list[Attempt]]]:
    """Each thing that happens, with the alert before it and the attempts that a worker took."""
    for kind, value, word in what:
        before, taken = story.alert, []
        if kind == "hear" and value < len(before.attempts):
            story.hears(before.attempts[value], word)
        elif kind == "later":
            story.later(value * SECOND)
        elif kind == "look":
            taken = story.look()
            for one in taken if value else ():
                story.hears(one, State.PLACED)
        elif kind == "by_hand" and any(one.find("abc"[value]) for one in before.steps):
            told = before.told_by_hand("abc"[value], "d", "x", story.now, story.new_id)
            story.alert = told.advanced(story.now, story.new_id)
        elif kind == "stop" and before.stage in (Stage.RUNNING, Stage.UNANSWERED):
            story.alert = before.stopped("reason", story.now).advanced(story.now, story.new_id)
        yield before, taken


@pytest.mark.rule("M-1.1-U1")
@examples(150)
@given(st.lists(_STEPS, min_size=1, max_size=3), st.lists(_HAPPENS, max_size=25))
def test_nobody_is_called_in_vain_nobody_twice_and_nobody_is_forgotten(
    steps: list[Step], what: list[tuple[str, Any, Any]]
) -> None:
    story = Story(*steps)
    told: list[What] = []
    for before, taken in happenings(story, what):
        told += [one.what for one in news(before, story.alert)]
        for one in taken:
            assert before.stage is Stage.RUNNING
            assert not before.is_done(one.step)
        _check(story.alert)
    _finish(story)
    _check(story.alert)
    if story.alert.stage is Stage.UNANSWERED:
        assert story.alert.untold()
    assert told.count(What.STOPPED) <= 1
    assert [bool(story.alert.is_done(at)) for at in range(len(steps))].count(False) == 0 or (
        story.alert.stage is not Stage.TOLD
    )


def _check(alert: Alert) -> None:
    tried = [(one.step, one.addressee, one.round) for one in alert.attempts]
    assert len(set(tried)) == len(tried), "the same attempt twice"
    for at, one in enumerate(alert.steps):
        of_step = [each for each in alert.attempts if each.step == at]
        waiting = [each for each in of_step if each.state in UNSETTLED and each.state not in OUT]
        if one.mode is Mode.UNTIL_ONE:
            assert len(waiting) <= 1, "two are called where one must answer"
        for each in waiting:
            in_hand = [other for other in of_step if other.addressee == each.addressee and other in waiting]
            assert len(in_hand) == 1, "somebody is called twice at once"


def _finish(story: Story) -> None:
    """Time goes on and nobody answers: every alert comes to an end, with everybody told or tried."""
    for _ in range(200):
        if story.alert.stage is not Stage.RUNNING:
            break
        assert story.alert.due_at is not None, "an alert that nobody looks after"
        story.now = max(story.now, story.alert.due_at)
        story.rings()
    assert story.alert.stage is not Stage.RUNNING
    if story.alert.stage is Stage.UNANSWERED:
        _everybody_was_tried(story.alert)


def _everybody_was_tried(alert: Alert) -> None:
    for at, one in enumerate(alert.steps):
        for person in one.addressees if not alert.is_done(at) else ():
            rounds = {
                each.round for each in alert.attempts if (each.step, each.addressee) == (at, person.code)
            }
            reached = any(
                each.state in REACHED
                for each in alert.attempts
                if (each.step, each.addressee) == (at, person.code)
            )
            assert reached or set(range(1, one.rounds + 1)) <= rounds


def test_times_of_the_record_are_those_at_which_it_happened() -> None:
    story = Story(step(Mode.UNTIL_ONE, "a"))
    story.rings()
    story.later(SECOND)
    story.says("a", State.ANSWERED)
    story.later(SECOND)
    story.says("a", State.ACKNOWLEDGED)
    (line,) = story.alert.attempts
    times: list[datetime | None] = [line.placed_at, line.answered_at, line.acknowledged_at, line.ended_at]
    assert times == [NOON, NOON + SECOND, NOON + 2 * SECOND, NOON + 2 * SECOND]
