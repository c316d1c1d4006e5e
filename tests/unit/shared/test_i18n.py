"""Texts in both languages (design §6.12)."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, fields, validate

from shared.i18n import LANGUAGES, Catalog, choose_language

RU = """
msgid "greeting"
msgstr "Здравствуйте, {name}!"

msgid "only.russian"
msgstr "Только по-русски"

msgid "error.not_found"
msgstr "Заявка не найдена."
"""
KK = """
msgid "greeting"
msgstr "Сәлеметсіз бе, {name}!"
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    for language, texts in (("ru", RU), ("kk", KK)):
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
        (folder / "messages.po").write_text(head + texts, encoding="utf-8")
    return Catalog(tmp_path)


@pytest.fixture
def shared_only(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "none")


@pytest.mark.parametrize(
    ("language", "text"), [("ru", "Здравствуйте, Айгуль!"), ("kk", "Сәлеметсіз бе, Айгуль!")]
)
def test_both_languages_with_parameters(catalog: Catalog, language: str, text: str) -> None:
    assert catalog.text(language, "greeting", name="Айгуль") == text


def test_an_unknown_language_gets_russian(catalog: Catalog) -> None:
    assert catalog.text("de", "greeting", name="Айгуль") == "Здравствуйте, Айгуль!"


def test_an_unknown_key_comes_back_as_itself(catalog: Catalog) -> None:
    assert catalog.text("ru", "no.such.key") == "no.such.key"
    assert not catalog.has("ru", "no.such.key")


def test_a_service_speaks_over_the_shared_texts(catalog: Catalog) -> None:
    assert catalog.text("ru", "error.not_found") == "Заявка не найдена."
    assert catalog.text("kk", "error.not_found") == "Табылмады."


class Form(Schema):
    """One field for each complaint that a caller can meet."""

    required = fields.String(required=True)
    null = fields.String()
    text = fields.String()
    number = fields.Float()
    whole = fields.Integer()
    finite = fields.Float()
    yes = fields.Boolean()
    at = fields.AwareDateTime()
    uuid = fields.UUID()
    items = fields.List(fields.String())
    form = fields.Dict()
    nested = fields.Nested(Schema.from_dict({}))
    choice = fields.String(validate=validate.OneOf(["flat", "roof"]))
    length = fields.String(validate=validate.Length(1, 10))
    exact = fields.String(validate=validate.Length(equal=4))
    short = fields.String(validate=validate.Length(min=8))
    long = fields.String(validate=validate.Length(max=3))
    within = fields.Float(validate=validate.Range(-90, 90.5))
    above = fields.Float(validate=validate.Range(min=0, min_inclusive=False))
    below = fields.Integer(validate=validate.Range(max=6))
    pattern = fields.String(validate=validate.Regexp("^[0-9]+$"))


BROKEN = {
    "null": None,
    "text": 5,
    "number": "five",
    "whole": "five",
    "finite": "nan",
    "yes": "perhaps",
    "at": "2026-11-24T12:00:00",
    "uuid": "u",
    "items": "x",
    "form": "x",
    "nested": "x",
    "choice": "moon",
    "length": "x" * 11,
    "exact": "x",
    "short": "x",
    "long": "xxxx",
    "within": 91,
    "above": 0,
    "below": 7,
    "pattern": "x",
    "stranger": 1,
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_complaint_of_the_library_is_said_in_the_callers_language(
    shared_only: Catalog, language: str
) -> None:
    complaints = Form().validate(BROKEN)
    assert complaints.keys() == {*BROKEN, "required"}
    english = [text for text in _texts(complaints) if shared_only.verbatim(language, text) == text]
    assert english == []


def test_figures_and_choices_of_a_complaint_are_kept(shared_only: Catalog) -> None:
    assert shared_only.verbatim("ru", "Longer than maximum length 50.") == "Длиннее наибольшей длины 50."
    range_ = "Must be greater than or equal to -90 and less than or equal to 90.5."
    assert shared_only.verbatim("ru", range_) == "Должно быть от -90 до 90.5 включительно."
    assert shared_only.verbatim("kk", "Must be one of: flat, roof.") == "Рұқсат етілген мәндер: flat, roof."


@pytest.mark.parametrize("message", ["", "Something {else} is wrong.", "No translation of 5."])
def test_a_message_nobody_translated_stays(shared_only: Catalog, message: str) -> None:
    assert shared_only.verbatim("kk", message) == message


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "ru"),
        ("", "ru"),
        ("kk", "kk"),
        ("KK-kz", "kk"),
        ("kk-Cyrl-KZ,ru;q=0.5", "kk"),
        ("en-US,en;q=0.9,kk;q=0.8,ru;q=0.7", "kk"),
        ("ru-RU,kk", "ru"),
        ("de, fr;q=0.5", "ru"),
        ("*", "ru"),
        (";;,,;q=,kkk,ru_RU", "ru"),
    ],
)
def test_the_first_of_our_languages_is_chosen(header: str | None, language: str) -> None:
    assert choose_language(header) == language


@given(st.text())
def test_no_header_breaks_the_choice(header: str) -> None:
    assert choose_language(header) in LANGUAGES


def _texts(messages: object) -> list[str]:
    if isinstance(messages, dict):
        return [text for value in messages.values() for text in _texts(value)]
    if isinstance(messages, list):
        return [text for value in messages for text in _texts(value)]
    return [str(messages)]
