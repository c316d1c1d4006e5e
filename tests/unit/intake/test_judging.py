"""«Исправлено?» – «нет»: every spelling, late, again, about several requests, and what only looks so."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.conversation import Answer
from services.intake.domain.judging import JUDGED_WITHIN, Judgement, JudgementReader, work_ended_at
from services.intake.domain.replies import render
from services.intake.domain.standing import CrewReport, Standing
from services.intake.errors import NothingToJudge, RequestNotFound
from services.intake.schemas.lexicon import load_lexicon
from services.intake.usecases.judging import judge_by_phone
from services.notify.domain.sms import parts
from shared.i18n import LANGUAGES
from tests.unit.intake.examples import NOON, OTHER_PHONE
from tests.unit.intake.lines import ALMATY, CATALOG, Line

read = JudgementReader(load_lexicon())
FIXED_1001 = "Спасибо! Отметили: заявка № 1001 исправлена."
NOT_FIXED_1001 = "Поняли: не исправлено. Заявку № 1001 вернули диспетчеру."


@pytest.mark.parametrize(
    ("text", "fixed", "number"),
    [
        ("1", True, None),
        ("1.", True, None),
        ("1 – да", True, None),
        ("да", True, None),
        ("Да!", True, None),
        ("иә", True, None),
        ("Иа", True, None),
        ("да, спасибо", True, None),
        ("Всё работает, спасибо", True, None),
        ("👍", True, None),
        ("+", True, None),
        ("да 1042", True, 1042),
        ("2", False, None),
        ("2 нет", False, None),
        ("НЕТ", False, None),
        ("net", False, None),
        ("no", False, None),
        ("жоқ", False, None),
        ("joq", False, None),
        ("не починили", False, None),
        ("Опять течёт!", False, None),
        ("әлі ағып жатыр", False, None),
        ("-", False, None),
        ("нет 1042", False, 1042),
        ("заявка № 1042 не исправлена", False, 1042),
        ("2 1042", False, 1042),
    ],
)
def test_an_answer_in_many_spellings(text: str, fixed: bool, number: int | None) -> None:
    said = read(text)
    assert said is not None
    assert (said.fixed, said.number) == (fixed, number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1042",
        "12",
        "1 2",
        "2 1042 7",
        "спасибо",
        "нет воды, Абая 12",
        "да топит же",
        "нет 1042 1043",
        "статус 1042",
        "нет 12345678901234567890",
        "x" * 200,
    ],
)
def test_what_only_looks_like_an_answer(text: str) -> None:
    assert read(text) is None


@given(st.text(max_size=100))
def test_any_text_is_an_answer_or_none(text: str) -> None:
    assert isinstance(read(text), Judgement | None)


@pytest.fixture
def line() -> Line:
    """A resident whose only request, 1001, the crew has fixed."""
    line = Line()
    assert "1001" in line.text("Течёт кран в ванной, Абая 12")
    line.later(hours=2)
    line.journal_says("closed", result="fixed")
    return line


def judged(line: Line) -> list[tuple[str, bool]]:
    numbers = {str(request.id): str(request.number) for request in line.requests}
    return [(numbers[str(told["request_id"])], told["fixed"]) for told in line.told("request.result_judged")]


@pytest.mark.rule("D-2.B-U4")
@pytest.mark.parametrize(("word", "fixed", "answer"), [("1", True, FIXED_1001), ("2", False, NOT_FIXED_1001)])
def test_the_answer_is_told_to_the_journal(line: Line, word: str, fixed: bool, answer: str) -> None:
    assert line.text(word) == answer
    assert judged(line) == [("1001", fixed)]
    line.check_events()


def test_said_again_it_is_no_news(line: Line) -> None:
    assert line.text("нет") == line.text("нет 1001") == NOT_FIXED_1001
    line.journal_says("returned", result="fixed")
    line.later(hours=1)
    assert line.text("2") == NOT_FIXED_1001
    assert judged(line) == [("1001", False)]


def test_a_repeated_webhook_gets_the_same_answer(line: Line) -> None:
    assert line.text("нет", sid="SM-once") == line.text("нет", sid="SM-once")
    assert len(judged(line)) == 1


def test_minds_change(line: Line) -> None:
    line.text("1")
    line.later(days=1)
    assert line.text("нет, опять течёт") == NOT_FIXED_1001
    assert judged(line) == [("1001", True), ("1001", False)]


def test_after_the_second_repair_it_is_asked_anew(line: Line) -> None:
    line.text("нет")
    line.later(hours=3)
    line.journal_says("returned", result="fixed")
    line.later(hours=3)
    line.journal_says("closed", result="fixed")
    line.text("нет")
    assert judged(line) == [("1001", False), ("1001", False)]


def test_days_later_it_is_still_an_answer(line: Line) -> None:
    line.later(days=13)
    assert line.text("нет") == NOT_FIXED_1001


def test_weeks_later_only_with_the_number(line: Line) -> None:
    line.later(days=15)
    assert "1001" not in line.text("нет")
    assert judged(line) == []
    assert line.text("нет 1001") == NOT_FIXED_1001
    assert judged(line) == [("1001", False)]


def test_a_figure_asked_for_by_a_draft_belongs_to_the_draft() -> None:
    line = Line()
    line.text("Течёт кран в ванной, Абая 12")
    line.journal_says("closed", result="fixed")
    asked = line.text("Нет света")
    assert "1)" in asked
    assert "1002" in line.text("1")
    assert judged(line) == []


@pytest.fixture
def two(line: Line) -> Line:
    """The same resident with a second request that was fixed too."""
    assert "1002" in line.text("Не горит лампа в подъезде, Абая 12")
    line.later(hours=1)
    line.journal_says("closed", line.requests[-1], result="fixed")
    return line


def test_a_no_that_may_mean_several_sends_all_back_to_a_person(two: Line) -> None:
    assert two.text("2") == "Поняли: не исправлено. Заявки № 1001, 1002 вернули диспетчеру, он уточнит."
    assert judged(two) == [("1001", False), ("1002", False)]


def test_a_yes_that_may_mean_several_is_asked_about(two: Line) -> None:
    assert two.text("да") == "По какой заявке: 1001, 1002? Ответьте: да 1002."
    assert judged(two) == []
    assert two.text("да 1002").startswith("Спасибо!")
    assert two.text("1") == FIXED_1001
    assert judged(two) == [("1002", True), ("1001", True)]


def test_the_one_not_judged_yet_is_meant(two: Line) -> None:
    two.text("1 1001")
    assert "1002" in two.text("нет")
    assert judged(two) == [("1001", True), ("1002", False)]


@pytest.mark.rule("D-1.1-U7")
def test_nobody_judges_another_persons_request(line: Line) -> None:
    assert line.text("нет 1001", OTHER_PHONE) == line.text("нет 1002", OTHER_PHONE).replace("1002", "1001")
    assert judged(line) == []


def test_of_work_that_goes_on_the_state_is_told() -> None:
    line = Line()
    line.text("Течёт кран в ванной, Абая 12")
    assert line.text("нет 1001") == "Заявка № 1001. Принята."
    assert judged(line) == []


CLOSED = Standing(uuid4(), "closed", NOON, 9, result="fixed")
COMPLETED = CrewReport(CLOSED.request_id, "completed", NOON)
LATER = NOON + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("standing", "ended"),
    [
        (None, None),
        (CLOSED, NOON),
        (Standing(uuid4(), "done", NOON, 8, result="temporary_fix"), NOON),
        (Standing(uuid4(), "closed", NOON, 8, result="outage_over"), NOON),
        (Standing(uuid4(), "closed", NOON, 8, result="consulted"), None),
        (Standing(uuid4(), "returned", NOON, 8, result="no_access"), None),
        (Standing(uuid4(), "in_work", NOON, 5), None),
        (Standing(uuid4(), "in_work", NOON, 5, crew=CrewReport(uuid4(), "completed", LATER)), LATER),
        (Standing(uuid4(), "returned", LATER, 9, result="fixed", crew=COMPLETED), None),
        (Standing(uuid4(), "cancelled", NOON, 9, crew=COMPLETED), None),
    ],
)
def test_only_ended_work_is_judged(standing: Standing | None, ended: object) -> None:
    assert work_ended_at(standing) == ended


@pytest.mark.rule("6.12")
@pytest.mark.parametrize(
    ("name", "bound"),
    [("judged_fixed", 1), ("judged_not_fixed", 1), ("judged_not_fixed_all", 2), ("judged_which", 1)],
)
def test_parts_of_the_answers(name: str, bound: int) -> None:
    told = {"number": 123456, "numbers": "123456, 123457"}
    said = [render(CATALOG, language, Answer(f"sms.{name}", told), ALMATY) for language in LANGUAGES]
    assert max(map(parts, said)) == bound
    assert timedelta(days=7) < JUDGED_WITHIN


def test_an_operator_takes_the_answer_on_the_telephone(line: Line) -> None:
    told = judge_by_phone(line.uow, line.only.id, fixed=False)
    assert (told.fixed, judge_by_phone(line.uow, line.only.id, fixed=False)) == (False, told)
    assert [event["channel"] for event in line.told("request.result_judged")] == ["phone"]
    line.check_events()


def test_there_is_nothing_to_judge_before_the_end() -> None:
    line = Line()
    line.text("Течёт кран в ванной, Абая 12")
    with pytest.raises(NothingToJudge):
        judge_by_phone(line.uow, line.only.id, fixed=False)
    with pytest.raises(RequestNotFound):
        judge_by_phone(line.uow, uuid4(), fixed=True)
