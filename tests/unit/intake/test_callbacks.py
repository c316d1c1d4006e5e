"""Operators at the call-back queue, and the norms behind it."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.call_norms import CallClock
from services.intake.domain.callbacks import OPEN, Callback, CallbackState, Patience
from services.intake.domain.calls import Alarm, Call, Outcome, Recording
from services.intake.domain.privacy import Purpose
from services.intake.errors import (
    BadCallNorms,
    CallbackNotClaimed,
    CallbackNotFound,
    CallbackSettled,
    CallbackTaken,
    CallNotFound,
    ContactAwaitsCall,
    NotForYourRole,
    RequestNotFound,
)
from services.intake.schemas import voice
from services.intake.schemas.telephony import read_call_norms, read_telephony
from services.intake.usecases import callbacks, erasure
from services.intake.usecases.disclosure import Reader
from shared.clock import FixedClock
from tests.support import contracts
from tests.unit.intake.examples import NOON
from tests.unit.intake.fakes import FakeUnitOfWork
from tests.unit.intake.telephone import RECORDED, Telephone

PATIENCE = Patience()
ANNA = Reader("anna", frozenset({"operator"}), Purpose.CALL_BACK)
BORIS = Reader("boris", frozenset({"dispatcher"}), Purpose.CALL_BACK)


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork()


def missed(uow: FakeUnitOfWork, sid: str = "CA1", number: str = "+77010000001", key: str = "") -> Callback:
    phone = Telephone(uow, sid=sid, number=number)
    phone.rings()
    if key:
        phone.presses(key)
    phone.hangs_up()
    return next(c for c in uow.callbacks.rows.values() if c.call_sid == sid)


def later(uow: FakeUnitOfWork, minutes: int) -> None:
    uow.clock = FixedClock(NOON + timedelta(minutes=minutes))


@pytest.mark.rule("D-1.1-U7")
def test_who_claims_gets_the_number_and_the_reading_is_written_down(uow: FakeUnitOfWork) -> None:
    waiting = callbacks.claim(uow, missed(uow).id, ANNA, PATIENCE)
    assert waiting.person is not None
    assert waiting.person.phone == "+77010000001"
    (access,) = uow.access_log.rows.values()
    assert (access.actor_id, access.through, access.why) == ("anna", "callback", Purpose.CALL_BACK)


def test_two_operators_never_call_the_same_person(uow: FakeUnitOfWork) -> None:
    callback = missed(uow)
    callbacks.claim(uow, callback.id, ANNA, PATIENCE)
    callbacks.claim(uow, callback.id, ANNA, PATIENCE)
    with pytest.raises(CallbackTaken):
        callbacks.claim(uow, callback.id, BORIS, PATIENCE)
    later(uow, minutes=5)
    callbacks.claim(uow, callback.id, BORIS, PATIENCE)
    with pytest.raises(CallbackNotClaimed):
        callbacks.done(uow, callback.id, "anna")


def test_done_is_told_once(uow: FakeUnitOfWork) -> None:
    callback = missed(uow)
    with pytest.raises(CallbackNotClaimed):
        callbacks.done(uow, callback.id, "anna")
    callbacks.claim(uow, callback.id, ANNA, PATIENCE)
    for _ in range(2):
        waiting = callbacks.done(uow, callback.id, "anna")
    assert waiting.callback.state is CallbackState.DONE
    settled = [event for event in uow.emitted if event.type == "call.settled"]
    assert [event.data["outcome"] for event in settled] == ["done"]
    contracts.check("intake", "call.settled", settled[0].data)
    with pytest.raises(CallbackSettled):
        callbacks.claim(uow, callback.id, BORIS, PATIENCE)


def test_who_needs_nothing_any_more_leaves_no_draft(uow: FakeUnitOfWork) -> None:
    callback = missed(uow, key="1")
    callbacks.claim(uow, callback.id, ANNA, PATIENCE)
    callbacks.done(uow, callback.id, "anna", nothing_needed=True)
    assert uow.requests.rows[callback.request_id].is_dropped
    cancelled = [event for event in uow.emitted if event.type == "request.cancelled"]
    assert len(cancelled) == 1
    contracts.check("intake", "request.cancelled", cancelled[0].data)


def test_the_draft_of_a_person_who_was_reached_stays_to_be_completed(uow: FakeUnitOfWork) -> None:
    callback = missed(uow)
    callbacks.claim(uow, callback.id, ANNA, PATIENCE)
    callbacks.done(uow, callback.id, "anna")
    assert uow.requests.rows[callback.request_id].cancelled_at is None


def test_a_person_not_reached_is_tried_again_later_and_then_let_go(uow: FakeUnitOfWork) -> None:
    callback = missed(uow)
    for attempt in range(1, 4):
        callbacks.claim(uow, callback.id, ANNA, PATIENCE)
        kept = callbacks.no_answer(uow, callback.id, "anna", PATIENCE).callback
        assert kept.attempts == attempt
    assert kept.state is CallbackState.UNREACHED
    assert uow.types()[-1] == "call.settled"


@pytest.mark.rule("6.7")
def test_an_alarm_is_never_let_go(uow: FakeUnitOfWork) -> None:
    callback = missed(uow, key="1")
    for _ in range(5):
        callbacks.claim(uow, callback.id, ANNA, PATIENCE)
        kept = callbacks.no_answer(uow, callback.id, "anna", PATIENCE).callback
    assert (kept.state, kept.attempts) == (CallbackState.WAITING, 5)


def test_alarms_come_first_then_who_is_due_first_then_who_shall_be_tried_later(uow: FakeUnitOfWork) -> None:
    first = missed(uow, "CA1", "+77010000001")
    callbacks.claim(uow, first.id, ANNA, PATIENCE)
    callbacks.no_answer(uow, first.id, "anna", PATIENCE)
    later(uow, 1)
    second = missed(uow, "CA2", "+77010000002")
    later(uow, 2)
    third = missed(uow, "CA3", "+77010000003")
    gas = missed(uow, "CA4", "+77010000004", key="1")
    found = callbacks.list_callbacks(uow, OPEN, 10)
    assert [waiting.callback.id for waiting in found] == [gas.id, second.id, third.id, first.id]
    assert all(waiting.person is None for waiting in found)
    assert callbacks.list_callbacks(uow, frozenset({CallbackState.DONE}), 10) == []


def test_calls_are_linked_to_the_request_that_came_of_them(uow: FakeUnitOfWork) -> None:
    callback = missed(uow)
    (call,) = callbacks.list_calls(uow, callbacks.CallFilter(request_id=callback.request_id))
    assert call.outcome is Outcome.DROPPED
    missed(uow, "CA2", "+77010000002")
    callbacks.link_call(uow, "CA2", callback.request_id)
    assert len(callbacks.list_calls(uow, callbacks.CallFilter(request_id=callback.request_id))) == 2
    with pytest.raises(CallNotFound):
        callbacks.link_call(uow, "CA9", callback.request_id)
    with pytest.raises(RequestNotFound):
        callbacks.link_call(uow, "CA2", uuid4())


def test_figures_count_answers_and_waiting(uow: FakeUnitOfWork) -> None:
    missed(uow, "CA1", "+77010000001")
    phone = Telephone(uow, sid="CA2", number="+77010000002")
    phone.rings()
    phone.is_silent()
    phone.is_silent()
    later(uow, 3)
    phone.line_ends("completed", seconds=60)
    later(uow, 15)
    figures = callbacks.figures(uow, read_call_norms("kz"))
    assert (figures.calls, figures.answered, figures.answered_in_norm, figures.dropped) == (2, 1, 1, 1)
    assert (figures.answered_share, figures.waited_p50_s) == (0.5, 60)
    assert (figures.to_call_back, figures.overdue) == (1, 1)
    assert callbacks.figures(FakeUnitOfWork(), read_call_norms("kz")).answered_share is None


def test_whoever_waits_for_a_call_is_not_forgotten_yet(uow: FakeUnitOfWork) -> None:
    callback = missed(uow)
    assert callback.contact_ref is not None
    with pytest.raises(ContactAwaitsCall):
        erasure.erase_contact(uow, callback.contact_ref)
    callbacks.claim(uow, callback.id, ANNA, PATIENCE)
    callbacks.done(uow, callback.id, "anna")
    uow.calls.rows["CA1"] = replace(uow.calls.rows["CA1"], transcription="Иван, 87015551122")
    erasure.erase_contact(uow, callback.contact_ref)
    assert uow.calls.rows["CA1"].transcription == ""
    assert not uow.calls.replies


def test_what_is_not_there_and_who_may_not(uow: FakeUnitOfWork) -> None:
    with pytest.raises(CallbackNotFound):
        callbacks.claim(uow, uuid4(), ANNA, PATIENCE)
    master = Reader("m", frozenset({"administrator"}), Purpose.CALL_BACK)
    with pytest.raises(NotForYourRole):
        callbacks.claim(uow, missed(uow).id, master, PATIENCE)
    assert next(iter(uow.callbacks.rows.values())).state is CallbackState.WAITING


# What the provider tells, in any order.

FACTS: list[Callable[[Call], Call]] = [
    lambda call: call.answered(NOON + timedelta(seconds=20), None),
    lambda call: call.answered(NOON + timedelta(seconds=18), "desk"),
    lambda call: call.ended(NOON + timedelta(seconds=90)),
    lambda call: call.ended(NOON + timedelta(seconds=95)),
    lambda call: call.recorded(Recording("RE1", "https://x/RE1", 0)),
    lambda call: call.recorded(Recording("RE1", "https://x/RE1", 70)),
    lambda call: call.transcribed("нет воды"),
]


@given(st.permutations(FACTS), st.lists(st.sampled_from(FACTS), max_size=4))
def test_facts_in_any_order_and_repeated_make_the_same_call(
    order: list[Callable[[Call], Call]], repeats: list[Callable[[Call], Call]]
) -> None:
    call = Call("CA1", "ru", NOON, NOON)
    for fact in itertools.chain(order, repeats):
        call = fact(call)
    assert call == Call(
        "CA1",
        "ru",
        NOON,
        NOON,
        answered_at=NOON + timedelta(seconds=18),
        ended_at=NOON + timedelta(seconds=90),
        operator="desk",
        recording=Recording("RE1", "https://x/RE1", 70),
        transcription="нет воды",
    )
    assert (call.outcome, call.waited) == (Outcome.ANSWERED, timedelta(seconds=18))


# Norms (rule 6.9).


@pytest.mark.rule("6.9")
def test_a_default_is_never_shown_as_law() -> None:
    kazakh, uzbek, russian = (read_call_norms(country) for country in ("kz", "uz", "ru"))
    default = kazakh.of(CallClock.ANSWER, NOON)
    assert (default.id, default.is_law_in("kz"), default.limit) == (
        "ru-416.answer",
        False,
        timedelta(minutes=5),
    )
    assert uzbek.of(CallClock.ANSWER, NOON).limit == timedelta(minutes=3)
    assert uzbek.of(CallClock.CALL_BACK, NOON).id == "ru-416.call-back"
    assert russian.of(CallClock.CALL_BACK, NOON).is_law_in("ru")
    for norm in kazakh.rows:
        assert norm.legal["ru"]
        assert norm.legal["kk"]


def test_an_edition_ends_when_the_next_begins() -> None:
    norms = read_call_norms("kz")
    old = replace(norms.of(CallClock.ANSWER, NOON), valid_to=date(2026, 1, 1))
    new = replace(old, valid_from=date(2026, 1, 2), valid_to=None, limit=timedelta(minutes=2))
    changed = replace(norms, rows=(old, new))
    assert changed.of(CallClock.ANSWER, NOON).limit == timedelta(minutes=2)
    assert changed.find("ru-416.answer") == new
    with pytest.raises(BadCallNorms):
        changed.of(CallClock.REVIEW, NOON)


@pytest.mark.parametrize("text", ["norms: [", "norms: []", 'version: "1"\nnorms: [{id: x}]'])
def test_an_unreadable_table_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "norms.yml"
    path.write_text(text)
    with pytest.raises(BadCallNorms):
        read_call_norms("kz", path)
    with pytest.raises(BadCallNorms):
        read_call_norms("kz", tmp_path / "absent.yml")


# What comes over the wire.


@given(
    st.dictionaries(
        st.sampled_from(["Digits", "SpeechResult", "DialCallDuration", "RecordingUrl"]), st.text()
    )
)
def test_no_form_breaks_the_reader(form: dict[str, str]) -> None:
    said = voice.read_said({**form, "RecordingSid": "RE1"})
    assert "\x00" not in said.speech
    assert len(said.speech) <= 2000


@pytest.mark.parametrize(
    "changes",
    [
        {"RecordingSid": ""},
        {"RecordingUrl": "javascript:alert(1)"},
        {"RecordingUrl": ""},
        {"RecordingUrl": "https://x/" + "a" * 600},
        {"RecordingStatus": "absent"},
    ],
)
def test_what_is_no_recording(changes: dict[str, str]) -> None:
    assert voice.read_recording(RECORDED) is not None
    assert voice.read_recording({**RECORDED, **changes}) is None


def test_settings_name_operators_or_number_them() -> None:
    telephony = read_telephony({"voice_operators": ["night_1=sip:a@b", "+77010000099"]})
    told = [(operator.name, operator.address) for operator in telephony.telephones.operators]
    assert told == [("night_1", "sip:a@b"), ("operator-2", "+77010000099")]
    kazakh = read_telephony({"voice_say": {"kk": "kk-KZ"}, "voice_speech": {"kk": "kk-KZ"}})
    assert (kazakh.speakers["kk"].language, dict(kazakh.speakers["kk"].respell)) == ("kk-KZ", {})
    assert kazakh.speech == {"ru": "ru-RU", "kk": "kk-KZ"}


def test_an_alarm_in_a_later_call_is_kept() -> None:
    call = Call("CA2", "ru", NOON + timedelta(minutes=1), NOON, alarm=Alarm.LIFT)
    waiting = Callback(
        uuid4(), "CA1", NOON, uuid4(), Outcome.DROPPED, NOON, NOON + timedelta(minutes=10), "n"
    )
    again = waiting.rung_again(call, NOON + timedelta(minutes=11))
    assert (again.alarm, again.due_at, again.calls) == (Alarm.LIFT, waiting.due_at, 2)
