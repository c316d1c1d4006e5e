"""What commands do: status, calling off, help, consent."""

import pytest

from tests.unit.intake.examples import OTHER_PHONE, listener
from tests.unit.intake.lines import CATALOG, Line

LEAK = "Прорвало трубу, Абая 12"


@pytest.fixture
def line() -> Line:
    """A resident who has just registered a leak under 1001."""
    line = Line()
    assert "1001" in line.text("Течёт кран в ванной, Абая 12")
    return line


def test_status_before_the_journal_has_spoken(line: Line) -> None:
    assert line.text("статус 1001") == "Заявка № 1001. Принята."
    assert line.text("статус") == "Заявка № 1001. Принята."
    assert len(line.requests) == 1


@pytest.mark.rule("6.12")
def test_status_in_words_with_the_nearest_deadline_in_local_time(line: Line) -> None:
    line.journal_says("transferred", deadlines=(line.due("arrive", 30), line.due("complete", 2000)))
    assert line.text("статус") == "Заявка № 1001. Передана аварийной службе. План: бригада до 17:30."
    line.journal_says("in_work", deadlines=(line.due("complete", 2000),))
    assert line.text("статус").endswith("План: закончить до 26.11 02:20.")
    assert line.text("күйі 1001").startswith("№ 1001 өтінім.")


def test_status_tells_the_crews_way(line: Line) -> None:
    line.journal_says("acknowledged", deadlines=(line.due("arrive", 30),))
    line.later(minutes=1)
    line.crew_reports("departed", minutes=12)
    assert line.text("статус") == "Заявка № 1001. Бригада едет, будет около 17:13."
    line.crew_reports("arrived")
    assert line.text("статус").startswith("Заявка № 1001. Бригада на месте.")


def test_a_crew_that_was_taken_back_is_on_its_way_no_more(line: Line) -> None:
    line.crew_reports("departed", minutes=12)
    line.later(minutes=1)
    line.journal_says("transferred")
    assert line.text("статус") == "Заявка № 1001. Передана аварийной службе."


def test_a_missed_deadline_is_owned_up_to(line: Line) -> None:
    line.journal_says("in_work", overdue=True, deadlines=(line.due("complete", -5),))
    assert "Задерживаемся" in line.text("статус")


@pytest.mark.rule("D-1.1-U7")
@pytest.mark.parametrize("command", ["статус 1001", "отмена 1001"])
def test_a_number_of_somebody_elses_request_says_nothing_of_it(line: Line, command: str) -> None:
    foreign = line.text(command, OTHER_PHONE)
    assert foreign == line.text(command.replace("1001", "1002"), OTHER_PHONE).replace("1002", "1001")
    assert line.told("request.cancelled") == []


def test_status_of_a_draft_asks_its_question_again() -> None:
    line = Line()
    question = line.text("Нет воды")
    assert line.text("статус") == question
    assert line.only.problem == "Нет воды"


def test_calling_off_is_told_to_the_others_once(line: Line) -> None:
    answer = line.text("отмена")
    assert answer.startswith("Отменяем заявку № 1001.")
    assert line.text("отмена 1001") == line.text("отмена") == answer
    assert [told["needs_person"] for told in line.told("request.cancelled")] == [False]
    line.check_events()


@pytest.mark.parametrize(
    "standing",
    [
        {"state": "transferred", "category": "emergency", "hazards": ("gas",)},
        {"state": "in_work", "category": "planned"},
    ],
)
def test_danger_or_a_crew_on_site_ask_the_dispatcher(line: Line, standing: dict[str, object]) -> None:
    line.journal_says(**standing)  # type: ignore[arg-type]
    assert "позвонит диспетчер" in line.text("отмена 1001")
    assert line.told("request.cancelled")[0]["needs_person"] is True
    line.check_events()


def test_a_crew_that_has_arrived_is_on_site_before_its_state_says_so(line: Line) -> None:
    line.journal_says("acknowledged", category="urgent")
    line.crew_reports("arrived")
    line.text("отмена")
    assert line.told("request.cancelled")[0]["needs_person"] is True


def test_grave_words_that_triage_has_not_judged_yet_ask_the_dispatcher() -> None:
    line = Line()
    line.text("Запах газа в подъезде, Абая 12")
    assert "диспетчер" in line.text("отмена")
    assert line.told("request.cancelled")[0]["needs_person"] is True


def test_what_is_over_is_not_called_off(line: Line) -> None:
    line.journal_says("closed")
    assert line.text("отмена 1001") == "Заявка № 1001: отменять нечего. Закрыта."
    assert line.text("отмена").startswith("С вашего номера заявок нет")
    assert line.told("request.cancelled") == []


def test_of_several_requests_the_one_to_call_off_is_asked_for(line: Line) -> None:
    line.text("Не горит лампа в подъезде, Абая 12")
    assert line.text("отмена") == "Какую заявку отменить: 1001, 1002? Ответьте: отмена 1002."
    line.text("отмена 1001")
    line.journal_says("cancelled", line.requests[0])
    line.text("отмена")
    assert len(line.told("request.cancelled")) == 1, "said twice means the same one"


def test_a_draft_is_dropped_at_a_word_and_the_next_message_begins_anew() -> None:
    line = Line()
    line.text("Течёт кран")
    assert line.text("не надо") == "Хорошо, заявку не оформляем."
    assert line.only.is_dropped
    assert line.uow.requests.drafts(10) == []
    assert line.text("Абая 12") == "проспект Абая, 12: что случилось?"
    line.check_events()


def test_a_draft_that_speaks_of_danger_stays_for_a_person() -> None:
    line = Line()
    line.text("Сильно пахнет газом")
    assert "диспетчер" in line.text("отмена")
    assert [draft.needs_operator for draft in line.uow.requests.drafts(10)] == [True]
    assert line.told("request.cancelled")[0]["needs_person"] is True


def test_nothing_to_call_off_or_to_tell() -> None:
    line = Line()
    assert line.text("отмена") == line.text("статус") == CATALOG.text("ru", "sms.no_requests")
    assert line.requests == []


def test_stop_is_kept_with_its_time_and_told_to_notify(line: Line) -> None:
    assert "СТАРТ" in line.text("STOP")
    contact = next(iter(line.uow.contacts.rows.values()))
    assert (contact.sms_allowed, contact.consent_at) == (False, line.clock.now())
    assert "1002" in line.text(LEAK), "an emergency is still answered"
    assert "СТОП" in line.text("старт")
    assert [known["sms_allowed"] for known in line.told("contact.known")] == [True, False, True]
    line.check_events()


def test_help_says_whom_to_call_and_disturbs_nothing() -> None:
    line = Line()
    line.text("Нет воды")
    told = line.text("помощь")
    assert "112" in told
    assert "104" in told
    assert "1001" in line.text("Абая 12")


def test_thanks_for_a_cancellation_are_not_told_that_the_request_is_taken(line: Line) -> None:
    line.text("отмена")
    assert line.text("спасибо") == ""


@pytest.mark.parametrize(
    ("text", "is_grave"), [("не горит лампа", False), ("горит щиток", True), ("не топит", False)]
)
def test_a_denied_danger_is_none(text: str, is_grave: bool) -> None:
    assert listener().is_grave(text) is is_grave
