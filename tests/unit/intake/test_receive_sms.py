"""The conversation by SMS: asks for exactly what is missing, registers, answers, never loses a message."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.requests import Request, State
from services.intake.schemas.phones import read_phone
from services.intake.usecases.conversations import LONGEST_MESSAGE, Sms, receive_sms
from services.intake.usecases.ports import Phone
from shared.clock import FixedClock
from shared.config import ROOT
from shared.i18n import Catalog
from tests.support import contracts
from tests.support.chance import examples
from tests.support.sealing import SEALER
from tests.unit.intake.examples import BRAND, NOON, OTHER_PHONE, PHONE, listener
from tests.unit.intake.fakes import FakeUnitOfWork

CATALOG = Catalog(ROOT / "services" / "intake" / "locale")
SAID = {
    key: CATALOG.text("ru", f"sms.{key}") for key in ("ask_address", "ask_address_and_problem", "ask_contact")
}


class Line:
    """Residents texting to the service."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOON)
        self.uow = FakeUnitOfWork(self.clock)
        self._sids = count()

    def text(self, body: str, sender: Phone = PHONE, sid: str | None = None) -> str:
        message = Sms(sid or f"SM{next(self._sids)}", sender, body)
        return receive_sms(self.uow, listener(), CATALOG, read_phone, message)

    @property
    def requests(self) -> list[Request]:
        return list(self.uow.requests.rows.values())

    @property
    def only(self) -> Request:
        (request,) = self.requests
        return request

    def check_events(self) -> None:
        for event in self.uow.emitted:
            contracts.check("intake", event.type, event.data)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.mark.rule("6.1")
def test_a_complete_message_is_registered_and_numbered_at_once(line: Line) -> None:
    answer = line.text("Прорвало трубу, топит подвал, Абая 12, 2 подъезд, кв 5")
    assert answer == "Заявка № 1001 принята: проспект Абая, 12. О ходе работ сообщим."
    assert line.uow.types() == ["contact.known", "request.registered"]
    line.check_events()
    told = line.uow.emitted[1].data
    assert told["text"] == "Прорвало трубу, топит подвал, 2 подъезд, кв 5"
    assert (told["number"], told["address"]["entrance"], told["address"]["flat"]) == ("1001", "2", "5")
    assert told["contact_ref"] == line.uow.emitted[0].data["contact_ref"]


@pytest.mark.rule("6.12")
def test_the_answer_is_in_the_language_of_the_sender(line: Line) -> None:
    assert line.text("Құбыр жарылды, Абай даңғылы 12") == (
        "№ 1001 өтінім қабылданды: Абай даңғылы, 12. Барысын хабарлаймыз."
    )
    assert "№ 1002 өтінім" in line.text("uide su joq, Abay 20", OTHER_PHONE)


def test_a_kazakh_street_name_does_not_make_a_russian_message_kazakh(line: Line) -> None:
    assert line.text("Нет воды, Төле би 31/1б").startswith("Заявка")


@pytest.mark.rule("D-1.1-U3")
def test_a_missing_address_is_asked_for_and_completes_the_draft(line: Line) -> None:
    assert line.text("Прорвало трубу отопления") == SAID["ask_address"]
    assert line.only.missing == ("address",)
    assert line.text("Абая 12").startswith("Заявка № 1001")
    assert line.only.problem == "Прорвало трубу отопления"
    assert line.uow.types() == ["contact.known", "request.drafted", "request.registered"]
    line.check_events()


@pytest.mark.rule("D-1.1-U3")
def test_a_missing_problem_is_asked_for(line: Line) -> None:
    assert line.text("Абая 12, 3 подъезд") == "проспект Абая, 12: что случилось?"
    assert line.only.missing == ("problem",)
    assert line.text("лифт застрял").startswith("Заявка № 1001")
    assert line.uow.emitted[-1].data["address"]["entrance"] == "3"


def test_a_bare_cry_for_help_is_asked_for_both(line: Line) -> None:
    assert line.text("Алло, помогите!") == SAID["ask_address_and_problem"]
    assert line.text("Лифт застрял, в кабине люди") == SAID["ask_address"]
    assert line.text("Абая 12").startswith("Заявка № 1001")


def test_a_street_without_its_house_is_asked_for_the_house(line: Line) -> None:
    assert line.text("Абая прорвало трубу") == "проспект Абая: напишите, пожалуйста, номер дома."
    assert line.text("12").startswith("Заявка № 1001 принята: проспект Абая, 12")


def test_who_does_not_know_the_house_is_taken_with_the_street(line: Line) -> None:
    line.text("Абая прорвало трубу")
    assert line.text("не знаю, на улице").startswith("Заявка № 1001 принята: проспект Абая.")
    assert line.uow.emitted[-1].data["address"]["precision"] == "street"


def test_a_choice_is_answered_by_its_digit(line: Line) -> None:
    offered = line.text("Нет воды, Садовая 5").splitlines()[1:]
    assert offered == ["1) Садовая улица, 5, Восточный район", "2) Садовая улица, 5, Западный район"]
    line.text("2")
    assert line.uow.emitted[-1].data["address"]["district"] == "west"


def test_a_choice_may_be_answered_by_another_address(line: Line) -> None:
    line.text("Нет воды, Садовая 5")
    assert line.text("Гоголя 2").startswith("Заявка № 1001 принята: улица Гоголя, 2")


def test_a_place_nobody_knows_goes_to_an_operator_and_is_not_lost(line: Line) -> None:
    assert line.text("Запах газа, улица Выдуманнейшая 12") == SAID["ask_address"]
    answer = line.text("да приезжайте быстрее")
    assert "диспетчер" in answer
    assert (line.only.needs_operator, line.only.state) == (True, State.DRAFT)
    assert line.uow.types() == ["contact.known", "request.drafted", "request.drafted"]
    line.check_events()
    assert line.text("Гоголя 2").startswith("Заявка № 1001")
    assert not line.only.needs_operator


@pytest.mark.rule("6.1")
def test_a_sender_who_cannot_be_called_is_asked_for_a_number(line: Line) -> None:
    assert line.text("Прорвало трубу, Абая 12", BRAND) == SAID["ask_contact"]
    assert (line.only.missing, line.uow.types()) == (("contact",), ["request.drafted"])
    assert line.text("8 701 222 33 44", BRAND).startswith("Заявка № 1001")
    known = next(event.data for event in line.uow.emitted if event.type == "contact.known")
    assert (SEALER.open(known["phone"]), line.only.contact_ref) == (
        "+77012223344",
        line.uow.contacts.rows["+77012223344"].ref,
    )
    line.check_events()


def test_a_repeated_message_gets_the_same_answer_and_changes_nothing(line: Line) -> None:
    first = line.text("Прорвало трубу, Абая 12", sid="SMsame")
    assert line.text("Прорвало трубу, Абая 12", sid="SMsame") == first
    assert len(line.requests) == len(line.uow.messages.rows) == 1
    assert line.uow.types().count("request.registered") == 1


def test_two_people_have_two_conversations(line: Line) -> None:
    line.text("Нет воды")
    line.text("Нет света", OTHER_PHONE)
    line.text("Абая 12")
    assert sorted(request.state for request in line.requests) == ["draft", "registered"]


def test_after_half_an_hour_a_message_begins_anew(line: Line) -> None:
    line.text("Нет воды")
    line.clock.advance(timedelta(minutes=31))
    line.text("Абая 12")
    assert [request.missing for request in line.requests] == [("address",), ("problem",)]


def test_thanks_after_registration_open_nothing(line: Line) -> None:
    line.text("Нет воды, Абая 12")
    assert "1001" in line.text("Спасибо!")
    assert len(line.requests) == 1


def test_another_trouble_is_offered_the_same_place(line: Line) -> None:
    line.text("Нет воды, Абая 12")
    assert "1) проспект Абая, 12" in line.text("и ещё пропал свет")
    assert line.text("1").startswith("Заявка № 1002 принята: проспект Абая, 12")


@pytest.mark.rule("D-1.1-U7")
def test_a_phone_number_in_the_text_does_not_leave_intake(line: Line) -> None:
    line.text("Нет воды, Абая 12, звоните 8 701 234 56 78")
    told = line.uow.emitted[-1].data
    assert told["text"] == "Нет воды, звоните ***"
    assert "701" not in str({**told, "contact_ref": "", "request_id": ""})
    assert "8 701 234 56 78" in line.only.problem


def test_notify_hears_of_a_contact_once_and_of_a_change_of_language(line: Line) -> None:
    line.text("Нет воды, Абая 12")
    line.text("Нет света, Абая 12")
    line.text("Су жоқ, Абай 12")
    known = [event.data for event in line.uow.emitted if event.type == "contact.known"]
    assert [data["language"] for data in known] == ["ru", "kk"]
    assert len({data["contact_ref"] for data in known}) == 1


def test_a_message_of_ten_kilobytes_is_read_and_a_longer_one_cut(line: Line) -> None:
    text = "Прорвало трубу, Абая 12. "
    assert line.text(text + "Очень плохо. " * 400).startswith("Заявка № 1001")
    assert line.text(text + "Очень плохо. " * 4000, OTHER_PHONE).startswith("Заявка № 1002")
    kept = [
        (len(row["body"].encode()) <= LONGEST_MESSAGE, row["truncated"])
        for row in line.uow.messages.rows.values()
    ]
    assert kept == [(True, False), (True, True)]


@pytest.mark.parametrize("body", ["", "   ", "\x00"])
def test_an_empty_message_is_kept_and_answered_but_opens_no_draft(line: Line, body: str) -> None:
    assert line.text(body) == SAID["ask_address_and_problem"]
    assert (len(line.uow.messages.rows), line.requests) == (1, [])


PARTS = st.sampled_from(
    ["Нет воды", "Абая 12", "Абая", "12", "1", "Садовая 5", "спасибо", "су жоқ", "", "не знаю", "😀"]
)


@given(st.lists(PARTS, min_size=1, max_size=8), st.booleans())
@examples(60)
def test_whatever_is_said_every_message_is_answered_and_kept(said: list[str], by_brand: bool) -> None:
    line = Line()
    answers: list[str] = []
    for body in said:
        reply = line.text(body, BRAND if by_brand else PHONE)
        assert reply or len(set([told for told in answers if told][-2:])) == 1, "silent only in a loop"
        answers.append(reply)
    assert len(line.uow.messages.rows) == len(said)
    line.check_events()
    registered = [request for request in line.requests if not request.is_draft]
    assert all(not request.missing and request.number for request in registered)
    assert line.uow.types().count("request.registered") == len(registered)
