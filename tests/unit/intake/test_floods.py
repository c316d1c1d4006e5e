"""Floods, machines that answer machines, photos: bounded, and nothing is lost."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.errors import HeldMessageNotFound
from services.intake.usecases.held import list_held, put_aside, take_up
from services.intake.usecases.ports import Phone
from tests.support.chance import examples
from tests.unit.intake.examples import BRAND, OTHER_PHONE, PHONE, listener
from tests.unit.intake.lines import CATALOG, Line

WINDOW = timedelta(minutes=30)
TOO_MANY = CATALOG.text("ru", "sms.too_many")


def drafts(line: Line) -> int:
    return sum(request.is_draft and not request.is_dropped for request in line.requests)


def test_a_flood_of_one_sender_is_kept_told_once_and_shown_to_a_person() -> None:
    line = Line(messages_most=5)
    answers = [line.text(f"проверка связи {number}") for number in range(12)]
    assert [answer == TOO_MANY for answer in answers[5:]] == [True, *[False] * 6]
    assert answers[6:] == [""] * 6
    assert [row["held"] for row in line.uow.messages.rows.values()] == [False] * 5 + [True] * 7
    assert [draft.needs_operator for draft in line.uow.requests.drafts(10)] == [True]
    shown = line.uow.messages.of(line.uow.requests.drafts(10)[0].id)
    assert {f"проверка связи {number}" for number in range(5, 12)} <= {message.body for message in shown}


def test_danger_passes_every_limit() -> None:
    line = Line(messages_most=3, strangers_most=1)
    for number in range(5):
        line.text(f"проверка связи {number}")
    assert "1001" in line.text("Пахнет газом, Абая 12")
    assert CATALOG.text("ru", "sms.ask_address") == line.text("Застряли в лифте!", OTHER_PHONE)


def test_after_the_window_people_are_heard_again() -> None:
    line = Line(messages_most=3)
    for number in range(5):
        line.text(f"проверка связи {number}")
    line.later(minutes=41)
    assert "1001" in line.text("Нет воды, Абая 12")


def test_a_flood_of_strangers_is_kept_and_who_says_everything_is_served() -> None:
    line = Line(strangers_most=2)
    answers = [line.text("кто там", Phone(f"+7701000{n:04}", is_callable=True)) for n in range(6)]
    assert [bool(answer) for answer in answers] == [True, True, False, False, False, False]
    assert (drafts(line), len(line.uow.messages.rows)) == (2, 6)
    assert "1001" in line.text("Нет воды, Абая 12", Phone("+77010009999", is_callable=True))


def test_what_a_stranger_wrote_in_a_flood_waits_until_a_person_takes_it_up() -> None:
    line = Line(strangers_most=0)
    line.text("кто там, нет воды у нас", PHONE, sid="SM-a")
    line.text("алло", OTHER_PHONE, sid="SM-b")
    assert [one.message.sid for one in list_held(line.uow, 10)] == ["SM-a", "SM-b"]
    taken = take_up(line.uow, listener(), "SM-a")
    assert (taken.problem, taken.needs_operator) == ("кто там, нет воды у нас", True)
    assert take_up(line.uow, listener(), "SM-a").id == taken.id
    assert [event["request_id"] for event in line.told("request.drafted")] == [str(taken.id)]
    put_aside(line.uow, "SM-b")
    assert list_held(line.uow, 10) == []
    with pytest.raises(HeldMessageNotFound):
        take_up(line.uow, listener(), "SM-b")


def test_who_came_through_meanwhile_gets_no_second_draft() -> None:
    line = Line(strangers_most=0)
    line.text("алло", sid="SM-a")
    line.text("Нет воды, Абая 12")
    assert take_up(line.uow, listener(), "SM-a").id == line.only.id


def test_a_machine_that_answers_our_answers_is_left_alone() -> None:
    line = Line(messages_most=100)
    said = [line.text(f"Абонент занят, перезвоните в {hour}:00") for hour in range(10, 20)]
    assert sum(bool(answer) for answer in said) <= 4
    assert drafts(line) == 1


@pytest.mark.parametrize("sender", [PHONE, BRAND])
def test_the_questions_of_one_conversation_are_bounded(sender: Phone) -> None:
    line = Line(messages_most=100)
    answers = [line.text(text, sender) for text in ["Абая 12", "алло", "ну", "да", "ок", "алло", "это", "мы"]]
    assert sum(bool(answer) for answer in answers) <= 6
    assert [draft.needs_operator for draft in line.uow.requests.drafts(10)] == [True]


def test_photos_are_kept_with_the_message_and_belong_to_its_request() -> None:
    line = Line()
    line.text("Нет воды, Абая 12")
    photo = "https://api.twilio.com/media/ME1"
    assert line.text("", media=(photo,)) == "Снимок приложили к заявке № 1001."
    assert list(line.uow.messages.rows.values())[-1]["media"] == [photo]


@pytest.mark.parametrize(("word", "allowed"), [("STOP", False), ("START", True), ("HELP", True)])
def test_what_the_provider_has_answered_itself_is_kept_and_not_answered_again(
    word: str, allowed: bool
) -> None:
    line = Line()
    line.text("Нет воды, Абая 12")
    assert line.text(word, opt_out=word) == ""
    assert line.uow.contacts.rows[PHONE.text].sms_allowed is allowed


PHRASES = """
Нет воды|Абая 12|Абая|12|1|Садовая 5|спасибо||отмена|статус|STOP|START|отмена 1001|статус 1002|нет|не знаю|
Пахнет газом|помощь|uide su joq|не надо|Абая 20, течёт кран
""".replace("\n", "|")
SAID = st.one_of(st.sampled_from(PHRASES.split("|")), st.text(max_size=60))


@given(st.lists(st.tuples(SAID, st.integers(0, 40)), max_size=14), st.sampled_from([PHONE, BRAND]))
@examples(80)
def test_any_conversation_keeps_its_promises(said: list[tuple[str, int]], sender: Phone) -> None:
    line = Line(messages_most=8)
    for body, minutes in said:
        line.text(body, sender)
        line.later(minutes=minutes)
        window = [d for d in line.uow.requests.drafts(100) if d.updated_at > line.clock.now() - WINDOW]
        assert len(window) <= 1, "one open draft"
    assert len(line.uow.messages.rows) == len(said)
    assert all(request.times_asked <= 4 for request in line.requests)
    line.check_events()
    registered = [request for request in line.requests if not request.is_draft]
    assert len(line.told("request.registered")) == len(registered)
    assert all(not request.missing for request in registered)
