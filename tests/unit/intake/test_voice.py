"""The telephone menu as a caller lives it: hot keys, the address, operators, and when nobody answers."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.calls import Alarm, Consent, Outcome
from services.intake.domain.requests import Channel, Request
from services.intake.usecases.forms import Command, Form, take_form
from tests.support import contracts
from tests.support.chance import examples
from tests.unit.intake.examples import NOON, PHONE, listener
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


def known_caller(uow: FakeUnitOfWork) -> None:
    form = Form(phone=PHONE, text="Нет света", address_text="Абая 12", language="ru")
    take_form(uow, listener(), form, Command("operator-1"), lambda request: request.id)


def test_the_greeting_speaks_both_languages_and_listens_to_keys_and_speech(phone: Telephone) -> None:
    (gather,) = phone.root.iter("Gather")
    assert (gather.attrib["input"], gather.attrib["numDigits"]) == ("dtmf speech", "1")
    assert gather.attrib["language"] == "ru-RU"
    assert "Запах газа: один" in phone.words
    assert "бир" in phone.words, "Kazakh in letters that a Russian voice knows"


@pytest.mark.rule("6.7")
@pytest.mark.parametrize(
    ("key", "alarm", "advice"), [("1", Alarm.GAS, "Откройте окна"), ("2", Alarm.LIFT, "кабины")]
)
def test_a_hot_key_gives_advice_at_once_and_keeps_a_draft(
    uow: FakeUnitOfWork, phone: Telephone, key: str, alarm: Alarm, advice: str
) -> None:
    phone.presses(key)
    assert advice in phone.words
    assert (phone.call.alarm, phone.verbs) == (alarm, ["Gather"])
    draft = only_request(uow)
    assert (draft.channel, draft.missing, draft.received_at) == (Channel.PHONE, ("address",), NOON)
    assert uow.types() == ["contact.known", "request.drafted"]


@pytest.mark.rule("6.7")
def test_gas_with_a_spoken_address_is_registered_and_put_through_with_priority(uow: FakeUnitOfWork) -> None:
    phone = Telephone(uow, narrator=narrator(voice_urgent_operators=["red=sip:red@example.com"]))
    phone.rings()
    phone.presses("1")
    phone.says("проспект Абая двенадцать дом 12, третий подъезд")
    request = only_request(uow)
    assert (request.is_draft, request.address and request.address.house) == (False, "12")
    assert "1 0 0 1" in phone.words
    (dial,) = phone.root.iter("Dial")
    assert [sip.text for sip in dial] == ["sip:red@example.com"]
    assert phone.call.request_id == request.id


def test_the_known_address_of_the_caller_is_offered_and_one_key_confirms_it(uow: FakeUnitOfWork) -> None:
    known_caller(uow)
    phone = Telephone(uow)
    phone.rings()
    phone.presses("2")
    assert "проспект Абая, 12" in phone.words
    phone.presses("1")
    lift = next(r for r in uow.requests.rows.values() if r.id == phone.call.request_id)
    assert (lift.number, lift.problem) == (1002, "Человек застрял в лифте")
    assert phone.verbs[-1] == "Dial"


def test_another_address_than_the_known_one_may_be_said(uow: FakeUnitOfWork) -> None:
    known_caller(uow)
    phone = Telephone(uow)
    phone.rings()
    phone.presses("1")
    phone.says("Гоголя 10")
    assert phone.call.request_id is not None
    gas = uow.requests.rows[phone.call.request_id]
    assert gas.address is not None
    assert gas.address.text == "улица Гоголя, 10"


def test_an_unclear_address_is_offered_as_choices_then_an_operator_helps(
    uow: FakeUnitOfWork, phone: Telephone
) -> None:
    phone.presses("1")
    phone.says("Садовая 5")
    assert "1: " in phone.words
    assert "2: " in phone.words
    phone.says("не знаю")
    assert phone.verbs[-1] == "Dial"
    assert only_request(uow).needs_operator


def test_a_choice_by_key_registers(uow: FakeUnitOfWork, phone: Telephone) -> None:
    phone.presses("1")
    phone.says("Садовая 5")
    phone.presses("2")
    assert not only_request(uow).is_draft


def test_a_street_is_asked_for_its_house(uow: FakeUnitOfWork, phone: Telephone) -> None:
    phone.presses("1")
    phone.says("улица Гоголя")
    assert "номер дома" in phone.words
    phone.says("десять, дом 10")
    request = only_request(uow)
    assert request.address is not None
    assert request.address.text == "улица Гоголя, 10"


def test_silence_about_the_address_comes_to_an_operator(uow: FakeUnitOfWork, phone: Telephone) -> None:
    phone.presses("1")
    phone.is_silent()
    phone.is_silent()
    assert phone.verbs[-1] == "Dial"
    assert only_request(uow).needs_operator
    assert uow.types().count("request.drafted") == 2


def test_kazakh_is_remembered_and_needs_no_speech_recognition(uow: FakeUnitOfWork, phone: Telephone) -> None:
    phone.presses("3")
    assert (phone.call.language, uow.contacts.rows["+77010000001"].language) == ("kk", "kk")
    phone.presses("1")
    assert "Терезени" in phone.words
    assert phone.verbs[-1] == "Dial", "who cannot be heard by machine speaks to a person at once"
    assert only_request(uow).problem == "Газ иісі шығып тұр"


def test_a_caller_with_keys_only_is_asked_once_for_the_known_address(uow: FakeUnitOfWork) -> None:
    known_caller(uow)
    phone = Telephone(uow)
    phone.rings()
    phone.presses("3")
    phone.presses("1")
    assert "Абай дангылы, он еки ма" in phone.words
    phone.is_silent()
    assert phone.verbs[-1] == "Dial"


def test_a_story_instead_of_a_key_is_a_request_already(uow: FakeUnitOfWork, phone: Telephone) -> None:
    phone.says("Прорвало трубу, топит подвал, проспект Абая 12")
    request = only_request(uow)
    assert (request.number, request.problem) == (1001, "Прорвало трубу, топит подвал")
    assert "Разговор записывается" in phone.words


@pytest.mark.parametrize(
    ("speech", "alarm"),
    [
        ("пахнет газом", Alarm.GAS),
        ("лифт", Alarm.LIFT),
        ("мы застряли в лифте на Абая 12", Alarm.LIFT),
        ("не работает лифт уже третий день в доме на Абая 12", None),
        ("Газовая улица 5 нет воды", None),
        ("на газоне яма у дома", None),
    ],
)
def test_danger_is_heard_in_the_callers_words(phone: Telephone, speech: str, alarm: Alarm | None) -> None:
    phone.says(speech)
    assert phone.call.alarm == alarm


def test_staying_after_the_notice_is_consent_to_recording(phone: Telephone) -> None:
    phone.is_silent()
    assert "записывается" in phone.words
    phone.is_silent()
    (dial,) = phone.root.iter("Dial")
    assert dial.attrib["record"] == "record-from-answer-dual"
    assert [noun.tag for noun in dial] == ["Sip", "Number"]
    assert phone.call.consent is Consent.NOTICED


def test_who_refuses_is_not_recorded(phone: Telephone) -> None:
    phone.presses("4")
    phone.presses("9")
    (dial,) = phone.root.iter("Dial")
    assert "record" not in dial.attrib
    assert phone.call.consent is Consent.REFUSED


def test_a_hot_key_works_at_the_notice_too(phone: Telephone) -> None:
    phone.presses("4")
    phone.presses("2")
    assert phone.call.alarm is Alarm.LIFT


@examples(60)
@given(
    st.lists(
        st.one_of(
            st.builds(dict, Digits=st.sampled_from(["0", "1", "2", "3", "4", "9", "#", ""])),
            st.builds(dict, SpeechResult=st.text(max_size=80)),
            st.builds(dict, DialCallStatus=st.sampled_from(["busy", "completed", "", "nonsense"])),
            st.builds(dict, QueueResult=st.sampled_from(["leave", "hangup", "bridged", "nonsense"])),
        ),
        max_size=8,
    )
)
def test_whatever_a_caller_says_the_call_ends_and_nothing_is_lost(answers: list[dict[str, str]]) -> None:
    uow = FakeUnitOfWork()
    phone = Telephone(uow, sid=f"CA{uuid4().hex}", exchange=exchange(has_queue=True))
    phone.rings()
    for answer in answers:
        if not any("action" in verb.attrib for verb in phone.root.iter()):
            break
        phone.post(phone.action, answer)
    phone.hangs_up()
    assert phone.call.outcome is Outcome.ANSWERED or len(uow.callbacks.rows) == 1
    for event in uow.emitted:
        contracts.check("intake", event.type, event.data)
