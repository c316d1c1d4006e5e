"""One JSON object a line, with the correlation id and without a phone number (design §6.11)."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
import structlog

from shared import logs
from shared.logs import hide_phones

Lines = Callable[[], list[dict[str, Any]]]
REQUEST_ID = "12345678-1234-4123-8123-123456789012"


@pytest.fixture
def stdout(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    written = StringIO()
    monkeypatch.setattr(sys, "stdout", written)
    return written


@pytest.fixture
def log(stdout: StringIO) -> Iterator[Any]:
    """Our logger, as a service configures it; the test process logs as before afterwards."""
    root = logging.getLogger()
    level = root.level
    logs.configure("routing")
    [ours] = root.handlers
    yield logs.get_logger("tests.log").new()
    structlog.reset_defaults()
    root.removeHandler(ours)
    root.setLevel(level)


@pytest.fixture
def lines(stdout: StringIO) -> Lines:
    return lambda: [json.loads(line) for line in stdout.getvalue().splitlines()]


def test_a_line_says_what_where_when_and_how_grave(log: Any, lines: Lines) -> None:
    log.warning("offer_timed_out", assignment_id="a-1")
    [line] = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "offer_timed_out",
        "assignment_id": "a-1",
        "level": "warning",
        "logger": "tests.log",
        "service": "routing",
        "correlation_id": None,
    }


def test_the_correlation_id_of_the_running_work_is_on_the_line(log: Any, lines: Lines) -> None:
    token = logs.correlation.set("story-1")
    log.info("one")
    logs.correlation.reset(token)
    log.info("two")
    log.info("three", correlation_id="given")
    assert [line["correlation_id"] for line in lines()] == ["story-1", None, "given"]


def test_an_exception_stays_on_its_line_without_the_phone_number(log: Any, lines: Lines) -> None:
    try:
        raise ValueError("cannot call +7 701 123-45-67")
    except ValueError as failure:
        log.error("failed", exc_info=failure)
    [line] = lines()
    assert "cannot call [phone]" in line["exception"]
    assert "Traceback" in line["exception"]


def test_lines_of_libraries_have_the_same_form(log: Any, lines: Lines) -> None:
    logging.getLogger("a.library").warning("dialled %s", "87011234567")
    [line] = lines()
    assert (line["event"], line["logger"], line["service"]) == ("dialled [phone]", "a.library", "routing")


def test_lines_of_libraries_keep_the_traceback_and_hide_the_number(log: Any, lines: Lines) -> None:
    try:
        raise ValueError("+77011234567")
    except ValueError:
        logging.getLogger("a.library").exception("broken")
    [line] = lines()
    assert "ValueError: [phone]" in line["exception"]


def test_chatter_is_left_out(log: Any, lines: Lines) -> None:
    log.debug("detail")
    logging.getLogger("kombu").info("connected")
    assert lines() == []


@pytest.mark.parametrize(
    "number",
    ["+77011234567", "87011234567", "8 701 123 45 67", "+7 (701) 123-45-67", "8-727-250-00-00"],
)
def test_a_phone_number_is_hidden_wherever_it_stands(number: str) -> None:
    entry = hide_phones(
        None, "info", {"event": f"to {number}.", "to": number, "all": [number], "in": {"x": (number, 1)}}
    )
    assert entry == {"event": "to [phone].", "to": "[phone]", "all": ["[phone]"], "in": {"x": ["[phone]", 1]}}


@pytest.mark.parametrize(
    "text",
    [
        REQUEST_ID,
        f"no crew for {REQUEST_ID}",
        "SM01234567890123456789012345678901",
        "request 1042 at 12:30",
        "retrying in 1.4000000000000001 seconds",
        "ул. Абая 12, кв. 45",
    ],
)
def test_ids_and_small_numbers_stay_readable(text: str) -> None:
    assert hide_phones(None, "info", {"event": text, "n": 5, "ok": True}) == {
        "event": text,
        "n": 5,
        "ok": True,
    }
