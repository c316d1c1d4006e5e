"""Rosters as calendars and tables: out and in again, and what people wrote themselves."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from services.crews.domain.people import Staff
from services.crews.domain.rosters import PlannedShift
from services.crews.errors import BadRosterFile
from services.crews.schemas.roster_files import (
    Names,
    read_calendar,
    read_table,
    write_calendar,
    write_table,
)
from tests.unit.crews.examples import ANN, BEN, CREW, ORGANISATION
from tests.unit.crews.rostering import ALMATY, CARL, CROWD, DINA, at, roster, shift

NAMES = Names(CROWD, ORGANISATION, ALMATY)
EMPTY = roster()
TWIN = "Второй".encode()
BYTE_ORDER_MARK = "\ufeff"
"""Says nothing and is not shown: at the beginning of a text it belongs to no text."""
texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(
    lambda text: text.strip().lstrip(BYTE_ORDER_MARK) == text
)
notes = st.lists(texts, min_size=1, max_size=2).map("\n".join)
people = st.lists(st.sampled_from([ANN, BEN, CARL, DINA]), unique=True, max_size=4)


@st.composite
def shifts(draw: st.DrawFn) -> PlannedShift:
    who = tuple(draw(people))
    begins = at(0, 0) + timedelta(minutes=draw(st.integers(0, 7 * 24 * 60)))
    crew = draw(st.sampled_from([CREW, None]))
    return PlannedShift(
        draw(st.uuids()),
        begins.astimezone(UTC),
        (begins + timedelta(minutes=draw(st.integers(1, 1440)))).astimezone(UTC),
        who,
        crew,
        draw(st.sampled_from([*who, None])),
        draw(st.none() | texts),
        draw(st.none() | notes),
    )


@given(st.lists(shifts(), max_size=5, unique_by=lambda each: each.id))
def test_a_calendar_comes_back_as_it_went_out(planned: list[PlannedShift]) -> None:
    given_ = roster(*planned)
    assert read_calendar(write_calendar(given_, NAMES), EMPTY, NAMES) == tuple(planned)


def test_a_backslash_before_a_letter_is_no_line_break() -> None:
    """Found by a hunt: ``\\N`` came back as a new line."""
    planned = replace(shift(1, 0, 8), crew_id=None, leader=None, post="Пульт \\N; 2, \\n", note="a\\Nb\nc")
    assert read_calendar(write_calendar(roster(planned), NAMES), EMPTY, NAMES) == (planned,)


@given(st.lists(shifts(), max_size=5, unique_by=lambda each: each.id))
def test_a_table_comes_back_as_it_went_out(planned: list[PlannedShift]) -> None:
    given_ = roster(*planned)
    assert read_table(write_table(given_, NAMES).encode(), EMPTY, NAMES) == tuple(planned)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_garbage_is_refused_and_never_a_fault(garbage: bytes) -> None:
    for read in (read_calendar, read_table):
        with suppress(BadRosterFile):
            assert read(garbage, EMPTY, NAMES) == ()


def test_a_calendar_shows_people_and_leader_to_any_program() -> None:
    calendar: Any = Calendar.from_ical(write_calendar(roster(shift(1, 0, 8)), NAMES))
    [event] = calendar.walk("VEVENT")
    assert str(event["summary"]) == "Бригада 7"
    assert event["dtstart"].dt == at(0, 8)
    assert [(a.params["CN"], a.params["ROLE"]) for a in event["attendee"]] == [
        ("Первый", "CHAIR"),
        ("Второй", "REQ-PARTICIPANT"),
    ]


def test_a_table_names_people_and_crews_as_people_do() -> None:
    table = write_table(roster(shift(1, 0, 8)), NAMES)
    assert table.startswith("\ufeffid,starts_at,")
    assert table.splitlines()[1].endswith(
        "2026-11-30T08:00:00+05:00,2026-11-30T20:00:00+05:00,Бригада 7,Первый,Первый; Второй,,"
    )


def test_two_people_of_one_name_are_told_apart_by_id() -> None:
    twin = replace(CROWD.people[BEN], id=uuid4())
    names = Names(CROWD.updated(Staff({}, {twin.id: twin}, {})), ORGANISATION, ALMATY)
    table = write_table(roster(shift(1, 0, 8)), names)
    assert f"Первый; {BEN}" in table
    assert read_table(table.encode(), EMPTY, names)[0].people == (ANN, BEN)
    with pytest.raises(BadRosterFile):
        read_table(
            b"starts_at,ends_at,people\n2026-11-30 08:00,2026-11-30 20:00," + "Второй".encode(), EMPTY, names
        )


def test_a_table_written_by_hand_is_read_with_patience() -> None:
    row = "30.11.2026 08:00;30.11.2026 20:00; бригада  7;первый;Первый"
    table = f"Starts_at;Ends_at;Crew;People;Leader\r\n{row}\r\n"
    [first] = read_table(table.encode(), EMPTY, NAMES)
    assert (first.starts_at, first.ends_at) == (at(0, 8), at(0, 20))
    assert (first.crew_id, first.people, first.leader) == (CREW, (ANN,), ANN)
    assert read_table(table.encode(), EMPTY, NAMES) == (first,)


def test_everything_wrong_is_told_at_once_by_row() -> None:
    table = """starts_at,ends_at,crew,people,leader
2026-11-30 08:00,2026-11-30 20:00,Бригада 9,Первый,
2026-11-30 08:00,tomorrow,Бригада 7,Первый,
2026-11-30 08:00,2026-11-30 20:00,Бригада 7,Никто,
2026-11-30 20:00,2026-11-30 08:00,Бригада 7,Первый,
2026-11-30 08:00,2026-11-30 20:00,Бригада 7,Первый,,more,cells
"""
    with pytest.raises(BadRosterFile) as refused:
        read_table(table.encode(), EMPTY, NAMES)
    assert refused.value.errors == {
        "row 2": ["roster_file.unknown_crew"],
        "row 3": ["roster_file.no_time"],
        "row 4": ["roster_file.unknown_person"],
        "row 5": ["roster_file.bad_shift"],
        "row 6": ["roster_file.too_many_cells"],
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("DTEND:", "RRULE:FREQ=DAILY\r\nDTEND:"), "recurring"),
        (("DTEND:20261130T150000Z\r\n", ""), "no_time"),
        (("DTSTART:20261130T030000Z", "DTSTART;VALUE=DATE:20261130"), "no_time"),
        ((str(CREW), "nobody"), "unknown_crew"),
    ],
)
def test_an_event_that_is_no_shift_is_named(change: tuple[str, str], code: str) -> None:
    one = shift(1, 0, 8)
    calendar = write_calendar(roster(one), NAMES).decode()
    assert change[0] in calendar
    with pytest.raises(BadRosterFile) as refused:
        read_calendar(calendar.replace(*change).encode(), EMPTY, NAMES)
    assert refused.value.errors == {str(one.id): [f"roster_file.{code}"]}


def test_a_calendar_of_another_program_is_read_by_names_and_wall_clock() -> None:
    calendar = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:abc@example.org\r\n"
        "DTSTART:20261130T080000\r\nDTEND:20261130T200000\r\nSUMMARY:Смена\r\n"
        "ATTENDEE;CN=Дина:mailto:dina@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    [read] = read_calendar(calendar.encode(), EMPTY, NAMES)
    assert (read.starts_at, read.people, read.leader) == (at(0, 8), (DINA,), None)
    assert read_calendar(calendar.encode(), EMPTY, NAMES) == (read,)


def formula_cells() -> Any:
    return [replace(shift(1, 0, 8), note=note) for note in ("=1+1", "'=1", "@x", "-5", "'")]


@pytest.mark.parametrize("planned", formula_cells(), ids=lambda each: each.note)
def test_no_cell_is_a_formula(planned: PlannedShift) -> None:
    table = write_table(roster(planned), NAMES)
    assert not table.splitlines()[1].rsplit(",", 1)[1].startswith(("=", "@", "-"))
    assert read_table(table.encode(), EMPTY, NAMES) == (
        replace(planned, starts_at=at(0, 8), ends_at=at(0, 20)),
    )
