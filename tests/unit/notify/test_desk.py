"""The desk's files: every word they use stands in both catalogues, and nothing comes from elsewhere."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from services.notify.clients.tokens import RpcTokens
from services.notify.domain.alert_attempts import State
from services.notify.domain.alert_lists import Means, Mode
from services.notify.domain.alerts import BY_KEY, BY_LINK, NO_NUMBER, NO_PROVIDER, WAIT_OVER, Stage
from services.notify.domain.untold import CallResult
from services.notify.errors import (
    BadCredentials,
    CrewsUnavailable,
    OutcomeUnknown,
    ProviderBusy,
    SessionEnded,
    TooManyAttempts,
)
from services.notify.schemas.alerts import NOT_ACKNOWLEDGED
from services.notify.schemas.desk import HOME, PAGE, read_desk, texts
from services.notify.service.desk import DeskPoints
from services.notify.usecases import admission
from services.notify.usecases.ringing import GAVE_UP, ON_CALL_NOBODY, ON_CALL_SILENT
from shared.auth import Actor
from shared.errors import NotFound
from shared.http import Call
from shared.i18n import LANGUAGES
from shared.rpc import NoAnswer

SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in (HOME / "app" / "js").glob("*.js")}
USED = {key for text in SCRIPTS.values() for key in re.findall(r'"(desk\.\w+)"', text)}
FAMILIES: Mapping[str, list[StrEnum]] = {
    "result": list(CallResult),
    "stage": list(Stage),
    "attempt": list(State),
    "means": list(Means),
    "mode": list(Mode),
}
WHY = (NO_NUMBER, NO_PROVIDER, WAIT_OVER, GAVE_UP, NOT_ACKNOWLEDGED, ON_CALL_NOBODY, ON_CALL_SILENT)
TROUBLES = (*WHY, ProviderBusy.code, OutcomeUnknown.code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_has_a_text(language: str) -> None:
    told = texts(language)
    made = {f"{family}.{word}" for family, words in FAMILIES.items() for word in words}
    made |= {f"error.{code}" for code in TROUBLES} | {f"by.{how}" for how in (BY_KEY, BY_LINK)}
    made |= {f"category.{word}" for word in ("emergency", "urgent", "planned", "consultation")}
    assert sorted((USED | made) - set(told)) == []
    assert all(told.values())


def test_the_catalogues_have_the_same_keys_and_holes() -> None:
    ru, kk = (texts(language) for language in LANGUAGES)
    assert set(ru) == set(kk)
    holes = {key for key in ru if set(re.findall(r"{\w+}", ru[key])) != set(re.findall(r"{\w+}", kk[key]))}
    assert holes == set()


def test_the_page_loads_only_its_own_files() -> None:
    files = read_desk()
    named = re.findall(r'(?:href|src)="([^"]+)"', files[PAGE].content.decode())
    assert {name.removeprefix("/desk/files/") for name in named} <= set(files)
    imported = {name for text in SCRIPTS.values() for name in re.findall(r'from "\./([\w.]+)"', text)}
    assert imported <= set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_words_for_people_and_no_markup_in_scripts(name: str) -> None:
    assert re.search("[А-Яа-яЁё]", SCRIPTS[name]) is None
    assert "innerHTML" not in SCRIPTS[name]


def asked(tag: str = "", **path: str) -> Call:
    headers = [("If-None-Match", tag)] if tag else []
    request = Request(EnvironBuilder("/desk", headers=headers).get_environ())
    return Call(request, Actor("anonymous"), "ru", "c0ffee00", path=path)


def test_the_files_are_served_once_and_unknown_ones_are_not_found() -> None:
    points = DeskPoints()
    page = points.show_desk(asked())
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert points.show_desk(asked(page.headers["ETag"])).status_code == 304
    assert points.show_desk_file(asked(name="texts/kk.json")).mimetype == "application/json"
    with pytest.raises(NotFound):
        points.show_desk_file(asked(name="../wiring.py"))


class Crews:
    """The other service, which gives this answer or none."""

    def __init__(self, answer: Mapping[str, Any] | None) -> None:
        self._answer = answer

    def call(self, method: str, **arguments: Any) -> Any:
        if self._answer is None:
            raise NoAnswer
        return {**self._answer, "asked": (method, *arguments)}


def test_who_comes_in_gets_what_crews_gave() -> None:
    crews = RpcTokens(Crews({"access_token": "t"}))
    assert admission.log_in(crews, "asel", "secret")["asked"] == ("issue_token", "login", "password")
    assert admission.stay_in(crews, "refresh")["asked"] == ("refresh_token", "refresh_token")


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        ({"error": "bad_credentials"}, BadCredentials),
        ({"error": "invalid_input"}, BadCredentials),
        ({"error": "too_many_attempts"}, TooManyAttempts),
        (None, CrewsUnavailable),
    ],
)
def test_a_refused_login_says_why(answer: dict[str, str] | None, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        admission.log_in(RpcTokens(Crews(answer)), "asel", "wrong")
    with pytest.raises(SessionEnded):
        admission.stay_in(RpcTokens(Crews({"error": "session_ended"})), "old")
