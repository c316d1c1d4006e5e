"""The console's files: every word they use stands in both catalogues, and nothing comes from elsewhere."""

import json
import re
from enum import StrEnum

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from services.routing.domain.assignment import LIVE
from services.routing.domain.calls import Party, Result
from services.routing.domain.case import Status
from services.routing.domain.words import Category, Out, Way
from services.routing.schemas.console import HOME, PAGE, links, read_console, texts
from services.routing.service.console import ConsolePoints
from shared.auth import Actor
from shared.errors import NotFound
from shared.http import Call
from shared.i18n import LANGUAGES

SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in (HOME / "app" / "js").glob("*.js")}
USED = {key for text in SCRIPTS.values() for key in re.findall(r'"(console\.\w+)"', text)}
COLUMNS = ("number", "urgency", "where", "what", "state", "crew", "since")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_has_a_text(language: str) -> None:
    told = texts(language)
    families: dict[str, list[StrEnum]] = {
        "category": list(Category),
        "status": list(Status),
        "stage": list(LIVE),
        "result": list(Result),
        "way": list(Way),
        "out": list(Out),
    }
    made = {f"{family}.{word}" for family, words in families.items() for word in words}
    made |= {f"console.{name}" for name in (*COLUMNS, *Party)}
    assert sorted((USED | made) - set(told)) == []
    assert all(told.values())


def test_the_catalogues_have_the_same_keys_and_holes() -> None:
    ru, kk = (texts(language) for language in LANGUAGES)
    assert set(ru) == set(kk)
    holes = {key for key in ru if set(re.findall(r"{\w+}", ru[key])) != set(re.findall(r"{\w+}", kk[key]))}
    assert holes == set()


def test_the_page_loads_only_its_own_files() -> None:
    files = read_console()
    page = files[PAGE].content.decode()
    named = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert {name.removeprefix("/console/files/") for name in named} <= set(files)
    imported = {name for text in SCRIPTS.values() for name in re.findall(r'from "\./([\w.]+)"', text)}
    assert imported <= set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_words_for_people_and_no_markup_in_scripts(name: str) -> None:
    assert re.search("[А-Яа-яЁё]", SCRIPTS[name]) is None
    assert "innerHTML" not in SCRIPTS[name]


def asked(tag: str = "", **path: str) -> Call:
    headers = [("If-None-Match", tag)] if tag else []
    request = Request(EnvironBuilder("/console", headers=headers).get_environ())
    return Call(request, Actor("anonymous"), "ru", "c0ffee00", path=path)


def test_the_files_are_served_once_and_unknown_ones_are_not_found() -> None:
    points = ConsolePoints()
    page = points.show_console(asked())
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert points.show_console(asked(page.headers["ETag"])).status_code == 304
    assert points.show_console_file(asked(name="texts/kk.json")).mimetype == "application/json"
    with pytest.raises(NotFound):
        points.show_console_file(asked(name="../wiring.py"))


@pytest.mark.parametrize(
    ("named", "shown"),
    [
        (None, {}),
        ({"desk": ""}, {}),
        ({"desk": "/desk"}, {"desk": "/desk"}),
        ({"desk": "https://city.example/desk"}, {"desk": "https://city.example/desk"}),
        ({"desk": "javascript:alert(1)"}, {}),
    ],
)
def test_only_pages_that_the_deployment_names_are_linked(
    named: dict[str, str] | None, shown: dict[str, str]
) -> None:
    assert json.loads(links(named).content) == shown
