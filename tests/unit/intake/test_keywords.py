"""Commands by message: every spelling, both languages, and what only looks like a command."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.keywords import Command, CommandReader, Verb
from services.intake.schemas.lexicon import load_lexicon

read = CommandReader(load_lexicon())


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("статус 1042", 1042),
        ("Статус", None),
        ("СТАТУС ЗАЯВКИ № 1042", 1042),
        ("status 1042", 1042),
        ("STATUS", None),
        ("Где бригада?", None),
        ("когда приедете???", None),
        ("ну когда", None),
        ("Күйі 1042", 1042),
        ("өтінімнің күйі", None),
        ("kuii 1042", 1042),
        ("Бригада қашан келеді?", None),
        ("brigada qashan keledi", None),
        ("статус 123456", 123456),
    ],
)
def test_asking_how_it_stands(text: str, number: int | None) -> None:
    assert read(text) == Command(Verb.STATUS, number)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("отмена", None),
        ("Отмена!", None),
        ("otmena 1042", 1042),
        ("отмените заявку 1042, пожалуйста", 1042),
        ("Прошу отменить мою заявку", None),
        ("не приезжайте, спасибо", None),
        ("уже не надо", None),
        ("cancel 1042", 1042),
        ("Тоқтату 1042", 1042),
        ("өтінімнен бас тартамын", None),
        ("енді керек емес, рахмет", None),
        ("toqtatu", None),
    ],
)
def test_calling_off(text: str, number: int | None) -> None:
    assert read(text) == Command(Verb.CANCEL, number)


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        *[(word, Verb.STOP) for word in ("STOP", "stopall", "Unsubscribe", "CANCEL", "end", "Quit")],
        *[(word, Verb.STOP) for word in ("стоп", "Стоп.", "не пишите мне", "тоқта", "маған жазбаңыз")],
        *[(word, Verb.START) for word in ("START", "unstop", "старт", "Бастау")],
        *[(word, Verb.HELP) for word in ("HELP", "info", "помощь", "Справка", "анықтама")],
    ],
)
def test_consent_and_help_with_the_providers_own_words(text: str, verb: Verb) -> None:
    assert read(text) == Command(verb)


@pytest.mark.parametrize(
    "text",
    [
        "отмените отключение воды",
        "Отмените отключение, Абая 12",
        "отмена рейса лифта, люди застряли",
        "статус насоса аварийный, топит",
        "нет воды",
        "Помогите!",
        "не надо было трубу трогать, прорвало",
        "стоп-кран в подвале сорвало",
        "Когда приедут? Вода хлещет в щитовую",
        "отмена 1042 1043",
        "статус 12345678901",
        "12",
        "Абая 12",
        "",
        "1042",
        "stop " * 40,
    ],
)
def test_words_of_command_inside_other_words_command_nothing(text: str) -> None:
    assert read(text) is None


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    command = read(text)
    assert command is None or command.verb in Verb
