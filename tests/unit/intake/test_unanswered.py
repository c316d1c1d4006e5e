"""When nobody answers: the queue, messages, call-backs; webhooks that come again, late or never."""

from datetime import timedelta

import pytest

from services.intake.domain.callbacks import CallbackState
from services.intake.domain.calls import Alarm, Outcome
from services.intake.domain.requests import Request
from services.intake.usecases import call_facts
from services.intake.usecases.calls import Ring, brief
from shared.clock import FixedClock
from tests.support import contracts
from tests.unit.intake.examples import NOON
from tests.unit.intake.fakes import FakeUnitOfWork
from tests.unit.intake.telephone import Telephone, exchange, narrator


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork()


@pytest.fixture
def phone(uow: FakeUnitOfWork) -> Telephone:
    telephone = Telephone(uow)
    telephone.rings()
    return telephone


def only_request(uow: FakeUnitOfWork) -> Request:
    (request,) = uow.requests.rows.values()
    return request


def test_an_answered_call_leaves_no_draft_and_nobody_to_call(uow: FakeUnitOfWork, phone: Telephone) -> None:
    phone.is_silent()
    phone.is_silent()
    phone.line_ends("completed", seconds=40)
    phone.hangs_up()
    assert phone.call.outcome is Outcome.ANSWERED
    assert phone.call.answered_at == NOON - timedelta(seconds=40)
    assert not uow.requests.rows
    assert not uow.callbacks.rows


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "canceled"])
def test_when_nobody_answers_a_call_back_is_promised(
    uow: FakeUnitOfWork, phone: Telephone, status: str
) -> None:
    phone.is_silent()
    phone.is_silent()
    phone.line_ends(status)
    assert "в течение 10 минут" in phone.words
    phone.is_silent()
    assert phone.verbs == ["Say", "Hangup"]
    phone.hangs_up()
    (callback,) = uow.callbacks.rows.values()
    assert (callback.reason, callback.due_at) == (Outcome.CALLBACK, NOON + timedelta(minutes=10))
    assert callback.norm == "ru-416.call-back"
    assert only_request(uow).id == callback.request_id == phone.call.request_id
    assert only_request(uow).needs_operator


def test_a_message_is_recorded_and_waits_for_an_ear(uow: FakeUnitOfWork, phone: Telephone) -> None:
    phone.is_silent()
    phone.is_silent()
    phone.line_ends("no-answer")
    phone.presses("2")
    (record,) = phone.root.iter("Record")
    assert record.attrib["recordingStatusCallback"] == "/twilio/voice/recording"
    phone.leaves_message()
    assert "10 минут" in phone.words
    phone.hangs_up()
    assert phone.call.outcome is Outcome.MESSAGE
    assert phone.call.recording is not None
    assert phone.call.recording.seconds == 7
    assert len(uow.callbacks.rows) == 1


def test_a_transcribed_message_fills_the_draft(uow: FakeUnitOfWork, phone: Telephone) -> None:
    phone.hangs_up()
    said = "Прорвало трубу, Абая 12"
    call_facts.note_transcription(uow, phone.exchange, Ring("CA1"), said)
    request = only_request(uow)
    assert (request.number, request.problem, phone.call.transcription) == (1001, "Прорвало трубу", said)


def test_who_rides_on_an_outage_hears_that_it_is_known_already(uow: FakeUnitOfWork) -> None:
    for flat in range(1, 4):
        phone = Telephone(uow, sid=f"CA{flat}", number=f"+7701000000{flat}")
        phone.rings()
        phone.says(f"Нет горячей воды, проспект Абая 12, квартира {flat}")
    assert "Об этом уже знаем: нет горячей воды" in phone.words


@pytest.mark.parametrize("bridged", ["false", "true"])
def test_an_answering_machine_is_no_operator(uow: FakeUnitOfWork, phone: Telephone, bridged: str) -> None:
    phone.is_silent()
    phone.is_silent()
    (number,) = phone.root.iter("Number")
    assert number.attrib["url"] == "/twilio/voice/accept?call=CA1&name=operator-2"
    phone.post(phone.action, {"DialCallStatus": "completed", "DialBridged": bridged})
    phone.hangs_up()
    assert len(uow.callbacks.rows) == (bridged == "false")


def test_an_operator_hears_who_calls_before_taking_the_call(uow: FakeUnitOfWork, phone: Telephone) -> None:
    phone.presses("1")
    phone.says("Абая 12")
    call, lines = brief(uow, "CA1")
    phone.twiml = phone.narrator.asks_operator(lines, call, "operator-2")
    assert phone.words.startswith("Запах газа Адрес: проспект Абая, 12.")
    assert phone.verbs == ["Gather", "Hangup"]


def test_an_operator_takes_the_urgent_ones_out_of_the_queue_first(phone: Telephone) -> None:
    phone.twiml = narrator(voice_queue="avariyka").for_operator("desk")
    assert [queue.text for queue in phone.root.iter("Queue")] == ["avariyka-urgent", "avariyka"]


@pytest.mark.parametrize("number", ["anonymous", "+266696687", "", "Restricted"])
def test_a_caller_without_a_number_is_asked_for_a_message(uow: FakeUnitOfWork, number: str) -> None:
    phone = Telephone(uow, number=number)
    phone.rings()
    phone.is_silent()
    phone.is_silent()
    phone.line_ends("busy")
    assert "номер не определился" in phone.words
    assert phone.verbs[1] == "Record"
    phone.hangs_up()
    (callback,) = uow.callbacks.rows.values()
    assert callback.contact_ref is None
    assert only_request(uow).missing == ("address", "problem", "contact")


def test_callers_without_a_number_do_not_share_an_address(uow: FakeUnitOfWork) -> None:
    for sid in ("CA1", "CA2"):
        phone = Telephone(uow, sid=sid, number="anonymous")
        phone.rings()
        phone.presses("1")
        assert "Назовите улицу" in phone.words
        phone.says("Абая 12")


def test_a_dropped_call_is_not_lost(uow: FakeUnitOfWork, phone: Telephone) -> None:
    phone.hangs_up()
    assert phone.call.outcome is Outcome.DROPPED
    assert [event.type for event in uow.emitted] == ["contact.known", "request.drafted", "call.missed"]
    contracts.check("intake", "call.missed", uow.emitted[-1].data)


def test_a_call_of_which_nothing_more_is_heard_is_swept_up(uow: FakeUnitOfWork, phone: Telephone) -> None:
    assert not call_facts.sweep(uow, phone.exchange)
    uow.clock = FixedClock(NOON + timedelta(minutes=7))
    assert call_facts.sweep(uow, phone.exchange)
    assert len(uow.callbacks.rows) == 1
    assert not call_facts.sweep(uow, phone.exchange)


def test_who_rings_again_stands_in_the_queue_once(uow: FakeUnitOfWork, phone: Telephone) -> None:
    phone.hangs_up()
    phone.hangs_up()
    again = Telephone(uow, sid="CA2")
    again.rings()
    again.presses("1")
    again.hangs_up()
    phone.hangs_up()
    (callback,) = uow.callbacks.rows.values()
    assert (callback.calls, callback.alarm) == (2, Alarm.GAS)


def test_who_gets_through_later_needs_no_call_back(uow: FakeUnitOfWork, phone: Telephone) -> None:
    phone.hangs_up()
    uow.clock = FixedClock(NOON + timedelta(minutes=1))
    again = Telephone(uow, sid="CA2")
    again.rings()
    call_facts.note_answer(uow, again.exchange, Ring("CA2"), "desk")
    (callback,) = uow.callbacks.rows.values()
    assert callback.state is CallbackState.ANSWERED
    contracts.check("intake", "call.settled", uow.emitted[-1].data)
    assert only_request(uow).is_dropped, "a silent call that was made good leaves nothing to do"


def test_what_an_alarm_left_stays_for_the_operator_who_answers_later(uow: FakeUnitOfWork) -> None:
    phone = Telephone(uow)
    phone.rings()
    phone.presses("1")
    phone.hangs_up()
    uow.clock = FixedClock(NOON + timedelta(minutes=1))
    again = Telephone(uow, sid="CA2")
    again.rings()
    call_facts.note_answer(uow, again.exchange, Ring("CA2"), "desk")
    assert not only_request(uow).is_dropped


def test_without_operators_everybody_is_offered_a_call_back(uow: FakeUnitOfWork) -> None:
    phone = Telephone(uow, exchange=exchange(has_operators=False))
    phone.rings()
    phone.is_silent()
    assert "перезвоним" in phone.words


def test_the_queue_tells_the_place_in_it_and_lets_out_by_a_key(uow: FakeUnitOfWork) -> None:
    lines = narrator(voice_queue="avariyka")
    phone = Telephone(uow, exchange=exchange(has_queue=True), narrator=lines)
    phone.rings()
    phone.presses("1")
    phone.presses("0")
    phone.line_ends("busy")
    (queue,) = phone.root.iter("Enqueue")
    assert (queue.text, queue.attrib["waitUrl"]) == ("avariyka-urgent", "/twilio/voice/wait")
    leave = phone.action
    phone.twiml = lines.waiting("ru", phone.call.turn, 3, is_too_long=False)
    assert "Вы в очереди: 3" in phone.words
    assert phone.presses("1").endswith("<Response><Leave /></Response>")
    phone.post(leave, {"QueueResult": "leave", "QueueTime": "30"})
    assert "перезвоним" in phone.words
    assert len(uow.callbacks.rows) == 1


@pytest.mark.parametrize(
    ("result", "missed"), [("bridged", 0), ("hangup", 1), ("queue-full", 1), ("error", 1)]
)
def test_however_the_queue_ends(uow: FakeUnitOfWork, result: str, missed: int) -> None:
    phone = Telephone(uow, exchange=exchange(has_queue=True), narrator=narrator(voice_queue="q"))
    phone.rings()
    phone.is_silent()
    phone.is_silent()
    phone.line_ends("busy")
    phone.post(phone.action, {"QueueResult": result})
    assert len(uow.callbacks.rows) == missed


def test_the_same_webhook_again_gets_the_same_answer_and_does_nothing(
    uow: FakeUnitOfWork, phone: Telephone
) -> None:
    menu = phone.action
    first = phone.presses("1")
    emitted, turn = len(uow.emitted), phone.call.turn
    assert phone.post(menu, {"Digits": "1"}) == first
    phone.says("Абая 12")
    assert phone.post(menu, {"Digits": "1"}) == first
    assert len(uow.requests.rows) == 1
    assert emitted + 1 == len(uow.emitted)
    assert turn + 1 == phone.call.turn


def test_a_step_of_a_call_that_we_never_saw_begin_goes_on(uow: FakeUnitOfWork) -> None:
    phone = Telephone(uow)
    phone.post("/twilio/voice/steps/menu?turn=1", {"Digits": "1"})
    assert phone.call.alarm is Alarm.GAS


def test_recorded_prompts_are_played_and_what_is_filled_in_is_spoken(uow: FakeUnitOfWork) -> None:
    phone = Telephone(uow, narrator=narrator(voice_prompts={"kk": "https://example.com/kk/"}))
    phone.rings()
    (play,) = phone.root.iter("Play")
    assert play.text == "https://example.com/kk/voice.greeting.mp3"


def test_kazakh_numbers_are_spoken_in_kazakh(uow: FakeUnitOfWork, phone: Telephone) -> None:
    phone.presses("3")
    phone.is_silent()
    phone.line_ends("busy")
    assert "он минут" in phone.words
