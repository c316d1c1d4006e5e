"""Commands that waited on a device: however a queue is sent, it ends the same and loses nothing."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.crews.domain.moments import DeviceTime
from services.crews.domain.notes import Command
from services.crews.domain.orders import VERBS, Stage, Step
from services.crews.errors import AssignmentWithdrawn
from services.crews.usecases.commands import Outcome, Work, perform, perform_or_keep
from services.crews.usecases.feed import changes_since
from services.crews.usecases.notes import add_note
from services.crews.usecases.orders import receive_order, report_stage, show_order, withdraw_order
from shared.clock import FixedClock
from shared.errors import AvariykaError
from tests.support import contracts
from tests.support.chance import examples
from tests.unit.crews.examples import ASSIGNMENT, CARD, CREW, GATE, NOON, command, order, step
from tests.unit.crews.fakes import FakeUnitOfWork

WITHDRAWAL = Step(Stage.WITHDRAWN, "dispatcher-1", NOON, reason="dispatcher")
HOUR = timedelta(hours=1)
ORDERS = (ASSIGNMENT, UUID(int=7))


def stage(verb: str, note: str | None = None) -> Work:
    return partial(report_stage, step=step(VERBS[verb], note=note, reason="причина"), gate=GATE)


@pytest.fixture
def uow() -> FakeUnitOfWork:
    uow = FakeUnitOfWork(FixedClock(NOON + HOUR))
    receive_order(uow, CARD)
    return uow


def queue(uow: FakeUnitOfWork, told: Command) -> Outcome:
    return perform_or_keep(lambda: uow, told, stage(told.name, told.entered.get("note")))


def test_what_was_done_on_a_withdrawn_order_is_kept_and_answered_with_what_is_true(
    uow: FakeUnitOfWork,
) -> None:
    withdraw_order(uow, ASSIGNMENT, WITHDRAWAL)
    outcome = queue(uow, command("accept", note="Выезжаем"))
    assert outcome.status == 409
    assert outcome.body["code"] == "assignment_withdrawn"
    assert outcome.body["details"] == {"stage": "withdrawn", "allowed": []}
    [note] = show_order(uow, CREW, ASSIGNMENT).notes
    assert (note.command, note.refused, note.entered["note"]) == (
        "accept",
        "assignment_withdrawn",
        "Выезжаем",
    )
    contracts.check("crews", "assignment.noted", uow.emitted[-1].data)
    with pytest.raises(AssignmentWithdrawn):
        perform(uow, command("accept", "other"), stage("accept"))


def test_work_on_a_withdrawn_order_calls_a_person(uow: FakeUnitOfWork) -> None:
    queue(uow, command("accept"))
    withdraw_order(uow, ASSIGNMENT, WITHDRAWAL)
    late = command("complete", note="Заменили участок")
    for _ in range(2):
        queue(uow, late)
    queue(uow, command("depart"))
    [told] = [event.data for event in uow.emitted if event.type == "crew.signalled"]
    contracts.check("crews", "crew.signalled", told)
    assert (told["kind"], told["note"]) == ("late_report", "Заменили участок")
    assert told["request_id"] == str(CARD.request_id)


def test_a_refusal_is_final_for_its_key_also_when_sent_one_by_one(uow: FakeUnitOfWork) -> None:
    early = command("depart", "k1")
    first = queue(uow, early)
    queue(uow, command("accept", "k2"))
    assert queue(uow, early) == first
    with pytest.raises(AvariykaError) as again:
        perform(uow, early, stage("depart"))
    assert again.value.code == "move_not_allowed"
    assert show_order(uow, CREW, ASSIGNMENT).order.stage is Stage.ACCEPTED
    assert len(show_order(uow, CREW, ASSIGNMENT).notes) == 1


def test_a_command_about_a_strangers_order_is_kept_for_its_crew(uow: FakeUnitOfWork) -> None:
    unknown = uuid4()
    outcome = queue(uow, command("complete", assignment_id=unknown, note="Готово"))
    assert outcome.body["code"] == "assignment_not_found"
    [note] = uow.notes.on([unknown], CREW)
    assert note.entered["note"] == "Готово"
    assert uow.emitted == []


def test_a_key_used_for_something_else_is_refused_and_the_entry_kept(uow: FakeUnitOfWork) -> None:
    queue(uow, command("accept", "k1"))
    for _ in range(2):
        outcome = queue(uow, command("accept", "k1", note="другое"))
        assert outcome.body["code"] == "idempotency_key_reused"
    assert [note.entered["note"] for note in show_order(uow, CREW, ASSIGNMENT).notes] == ["другое"]


def test_a_stage_has_the_time_at_which_it_happened(uow: FakeUnitOfWork) -> None:
    wrong = timedelta(days=-300)
    time = DeviceTime(NOON + wrong + timedelta(minutes=20), NOON + wrong + HOUR)
    queue(uow, command("accept", time=time))
    last = show_order(uow, CREW, ASSIGNMENT).steps[-1]
    assert (last.at, last.recorded_at) == (NOON + timedelta(minutes=20), NOON + HOUR)
    told = uow.emitted[-1].data
    contracts.check("crews", "assignment.progressed", told)
    assert (told["at"], told["recorded_at"]) == (last.at.isoformat(), (NOON + HOUR).isoformat())


def test_no_stage_happens_before_the_one_it_follows(uow: FakeUnitOfWork) -> None:
    queue(uow, command("accept", time=DeviceTime(NOON, NOON + HOUR / 2)))
    queue(uow, command("depart", time=DeviceTime(NOON - HOUR, NOON)))
    _, accepted, departed = show_order(uow, CREW, ASSIGNMENT).steps
    assert accepted.at == NOON + HOUR / 2
    assert departed.at == accepted.at + timedelta(milliseconds=1)


def test_a_note_in_words_goes_with_any_stage(uow: FakeUnitOfWork) -> None:
    withdraw_order(uow, ASSIGNMENT, WITHDRAWAL)
    receipt = perform(uow, command("note", note="Вентиль закис"), add_note)
    [note] = show_order(uow, CREW, ASSIGNMENT).notes
    assert (str(note.id), note.refused) == (receipt["id"], None)


def test_a_device_learns_what_changed_and_everything_when_its_cursor_is_not_ours(uow: FakeUnitOfWork) -> None:
    whole = changes_since(uow, CREW, None, 10)
    assert (whole.whole, whole.cursor, len(whole.orders)) == (True, 1, 1)
    assert changes_since(uow, CREW, whole.cursor, 10).orders == []
    perform(uow, command("note", note="…"), add_note)
    news = changes_since(uow, CREW, whole.cursor, 10)
    assert (news.whole, news.cursor, news.more, len(news.orders[0].notes)) == (False, 2, False, 1)
    assert changes_since(uow, CREW, 1_000, 10).whole


commands = st.builds(
    lambda verb, number, order_id: command(
        verb, f"key {number}", order_id, note=f"запись {number}", time=DeviceTime(NOON, NOON)
    ),
    st.sampled_from(sorted(VERBS)),
    st.integers(0, 10**6),
    st.sampled_from(ORDERS),
)
queues = st.lists(commands, unique_by=lambda told: told.key, max_size=8)
Sending = Command | UUID
"""A command, or the order that the dispatcher takes back at this moment."""


def end(sendings: Sequence[Sending]) -> tuple[FakeUnitOfWork, dict[str, set[str]]]:
    """What is in the database after these came in, and every answer that each key got."""
    uow = FakeUnitOfWork(FixedClock(NOON + HOUR))
    for id_ in ORDERS:
        receive_order(uow, order(assignment_id=id_).card)
    answers: dict[str, set[str]] = {}
    for sending in sendings:
        if isinstance(sending, UUID):
            withdraw_order(uow, sending, WITHDRAWAL)
        else:
            answers.setdefault(sending.key, set()).add(repr(queue(uow, sending)))
    return uow, answers


def state(uow: FakeUnitOfWork) -> Any:
    known = [show_order(uow, CREW, id_) for id_ in ORDERS]
    return [(each.order, each.steps, each.notes) for each in known]


def entries(uow: FakeUnitOfWork) -> set[str]:
    """Everything that was ever typed, as it is found among steps and notes."""
    known = [show_order(uow, CREW, id_) for id_ in ORDERS]
    steps = {step_.note for each in known for step_ in each.steps if step_.note}
    return steps | {str(note.entered["note"]) for each in known for note in each.notes}


@examples(50)
@given(st.data())
def test_queues_in_any_interleaving_and_repetition_end_the_same_and_lose_nothing(data: st.DataObject) -> None:
    told = data.draw(queues)
    sendings: list[Sending] = data.draw(
        st.permutations([*told, *data.draw(st.sets(st.sampled_from(ORDERS)))])
    )
    repeated = list(sendings)
    for again in data.draw(st.lists(st.sampled_from(told), max_size=4)) if told else []:
        repeated.insert(data.draw(st.integers(repeated.index(again) + 1, len(repeated))), again)
    once, _ = end(sendings)
    often, answers = end(repeated)
    assert state(often) == state(once)
    assert often.emitted == once.emitted
    assert all(len(different) == 1 for different in answers.values())
    assert entries(often) == {str(each.entered["note"]) for each in told}


@examples(30)
@given(queues)
def test_queues_about_different_orders_do_not_touch_each_other(told: list[Command]) -> None:
    apart = sorted(told, key=lambda each: ORDERS.index(each.assignment_id or ASSIGNMENT))
    mixed, alone = state(end(told)[0]), state(end(apart)[0])
    for here, there in zip(mixed, alone, strict=True):
        assert here[0].stage is there[0].stage
        assert here[1:] == there[1:]
