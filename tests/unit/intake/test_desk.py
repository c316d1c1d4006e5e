"""The operator's form: saved as typed, two at one draft, late entries, windows, copies, consultations."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.intake.domain.desk import LATE_ENTRY, Desk, Intercom, Part, Window, window_of
from services.intake.domain.privacy import Purpose
from services.intake.errors import BadPaperTime, DraftChanged
from services.intake.schemas import desk as wire
from services.intake.schemas.http import DraftChanges, NewRequest, request_card, request_with_person
from services.intake.store.desk import packed, unpacked
from services.intake.usecases.disclosure import Reader, show_request
from services.intake.usecases.forms import Command, Form, complete_draft, copy_request, take_form
from tests.support import contracts
from tests.unit.intake.examples import NOON, PHONE, listener
from tests.unit.intake.fakes import FakeUnitOfWork

ALMATY = ZoneInfo("Asia/Almaty")
WHOLE = {"phone": "8 701 000 00 01", "text": "Нет воды", "address": {"text": "Абая 12", "flat": "5"}}


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork()


def form(schema: Any, typed: Mapping[str, Any]) -> Form:
    return wire.in_zone(schema().load(typed), ALMATY, NOON)


def take(uow: FakeUnitOfWork, **typed: Any) -> Any:
    return take_form(uow, listener(), form(NewRequest, typed), Command("operator-1"), request_card)


def change(uow: FakeUnitOfWork, card: Any, version: int | None = None, **typed: Any) -> Any:
    command = Command("operator-2", version=card["version"] if version is None else version)
    request_id = UUID(card["request_id"])
    return complete_draft(uow, listener(), request_id, form(DraftChanges, typed), command, request_card)


def person(uow: FakeUnitOfWork, card: Any) -> Any:
    reader = Reader("operator-1", frozenset({"operator"}), Purpose.FORM)
    return request_with_person(*show_request(uow, UUID(card["request_id"]), reader))["person"]


@pytest.mark.rule("D-1.1-U3")
def test_a_form_is_kept_as_it_is_typed_and_registered_when_told(uow: FakeUnitOfWork) -> None:
    card = take(uow, register=False, phone="8 701 0", name="Анна")
    assert (card["status"], card["missing"]) == ("draft", ["address", "problem", "contact"])
    assert (person(uow, card).phone, person(uow, card).name) == ("8 701 0", "Анна")
    card = change(
        uow, card, register=False, phone="8 701 000 00 01", text="Нет во", address={"text": "Абая 12"}
    )
    assert (card["status"], card["missing"], uow.contacts.rows) == ("draft", [], {})
    card = change(uow, card, text="Нет воды")
    assert (card["status"], card["text"], card["version"]) == ("registered", "Нет воды", 3)
    assert (uow.contacts.rows[PHONE.text].name, person(uow, card).phone) == ("Анна", PHONE.text)
    for event in uow.emitted:
        contracts.check("intake", event.type, event.data)


def test_a_half_number_does_not_register(uow: FakeUnitOfWork) -> None:
    card = take(uow, register=False, phone="8 701 0", text="Нет воды", address={"text": "Абая 12"})
    with pytest.raises(ValidationError, match="Not a valid phone number"):
        change(uow, card, phone="8 701 0")
    assert change(uow, card, text="Нет воды")["missing"] == ["contact"]


def test_a_field_that_is_cleared_is_empty_and_one_left_out_stays(uow: FakeUnitOfWork) -> None:
    door = {"kind": "code", "note": "К1234"}
    card = take(uow, register=False, organisation="КСК «Север»", intercom=door, answer="позвоните 109")
    card = change(uow, card, register=False, organisation=None)
    assert card["desk"]["organisation"] == ""
    assert card["desk"]["intercom"] == door
    card = change(uow, card, register=False, intercom=None, answer="")
    assert (card["desk"]["intercom"], card["desk"]["answer"]) == (None, "")


def test_of_two_who_change_one_draft_the_second_is_told(uow: FakeUnitOfWork) -> None:
    card = take(uow, register=False, text="Нет во")
    change(uow, card, register=False, text="Нет воды с утра")
    with pytest.raises(DraftChanged) as refused:
        change(uow, card, version=card["version"], register=False, text="Нет света")
    assert refused.value.details == {"version": 2}
    assert uow.requests.rows[UUID(card["request_id"])].problem == "Нет воды с утра"


@pytest.mark.rule("D-1.1-U2")
def test_a_late_entry_keeps_its_paper_number_and_its_time(uow: FakeUnitOfWork) -> None:
    written = NOON - timedelta(hours=7)
    card = take(uow, **WHOLE, paper={"number": "17/3", "written_at": written.isoformat()})
    assert card["received_at"] == written.isoformat()
    assert card["desk"]["paper"] == {"number": "17/3", "entered_at": NOON.isoformat()}
    assert card["author"] == "operator-1"
    told = uow.emitted[-1].data
    contracts.check("intake", "request.registered", told)
    assert told["late_entry"] == {"paper_number": "17/3", "entered_at": NOON.isoformat()}
    assert (told["received_at"], told["registered_at"]) == (written.isoformat(), NOON.isoformat())


@pytest.mark.parametrize("off", [timedelta(seconds=1), -LATE_ENTRY - timedelta(seconds=1)])
def test_a_record_of_the_future_or_of_long_ago_is_refused(uow: FakeUnitOfWork, off: timedelta) -> None:
    with pytest.raises(BadPaperTime):
        take(uow, **WHOLE, paper={"number": "1", "written_at": (NOON + off).isoformat()})
    assert uow.requests.rows == {}
    take(uow, **WHOLE, paper={"number": "1", "written_at": (NOON - LATE_ENTRY).isoformat()})


def test_the_crew_hears_how_and_when_to_get_in_and_no_name(uow: FakeUnitOfWork) -> None:
    door = {"kind": "concierge", "note": "звонить в 3"}
    wish = {"day": "tomorrow", "part": "morning"}
    take(uow, **WHOLE, name="Анна Иванова", second_phone="87012223344", intercom=door, window=wish)
    told = uow.emitted[-1].data
    contracts.check("intake", "request.registered", told)
    assert told["address"]["access"] == {
        "intercom": door,
        "window": {"from": "2026-11-25T09:00:00+05:00", "to": "2026-11-25T13:00:00+05:00"},
    }
    assert "Анна" not in str(told)
    assert "2223344" not in str(told)
    contracts.check(
        "routing", "assignment.made", contracts.example("routing", "assignment.made", address=told["address"])
    )


def test_what_nobody_said_is_not_told(uow: FakeUnitOfWork) -> None:
    take(uow, **WHOLE)
    told = uow.emitted[-1].data
    assert not {"late_entry", "answered"} & set(told)
    assert "access" not in told["address"]


@pytest.mark.parametrize(
    ("wish", "start", "end"),
    [
        ({"day": "today"}, "2026-11-24T09:00:00+05:00", "2026-11-24T18:00:00+05:00"),
        (
            {"day": "2026-12-01", "part": "afternoon"},
            "2026-12-01T13:00:00+05:00",
            "2026-12-01T18:00:00+05:00",
        ),
        (
            {"from": "2026-11-25T19:00:00+05:00", "to": "2026-11-25T20:30:00+05:00"},
            "2026-11-25T19:00:00+05:00",
            "2026-11-25T20:30:00+05:00",
        ),
    ],
)
def test_a_window_is_a_part_of_a_day_or_exact(uow: FakeUnitOfWork, wish: Any, start: str, end: str) -> None:
    assert take(uow, register=False, window=wish)["desk"]["window"] == {"start": start, "end": end}


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"day": "yesterday"},
        {"day": "2026-02-30"},
        {"from": "2026-11-25T19:00:00+05:00"},
        {"day": "today", "from": "2026-11-25T19:00:00Z", "to": "2026-11-25T20:00:00Z"},
        {"from": "2026-11-25T19:00:00Z", "to": "2026-11-25T19:00:00Z"},
        {"from": "2026-11-25T19:00:00", "to": "2026-11-25T20:00:00"},
        {"day": "today", "part": "night"},
    ],
)
def test_a_window_that_means_nothing_is_refused(wish: Any) -> None:
    with pytest.raises(ValidationError):
        form(NewRequest, {"window": wish})


@pytest.mark.rule("D-1.2-U2")
def test_a_consultation_is_told_as_answered(uow: FakeUnitOfWork) -> None:
    card = take(uow, **{**WHOLE, "text": "Когда дадут горячую воду?"}, answer="После опрессовки, 5 июня")
    assert card["desk"]["answer"] == "После опрессовки, 5 июня"
    told = uow.emitted[-1].data
    contracts.check("intake", "request.registered", told)
    assert told["answered"] is True
    assert "опрессовки" not in str(told)


def test_a_copy_is_a_draft_of_the_same_person_at_the_same_place(uow: FakeUnitOfWork) -> None:
    first = take(uow, **WHOLE, name="Анна", intercom={"kind": "flat", "note": "5"}, call_id="CA1")
    copy = copy_request(uow, listener(), UUID(first["request_id"]), Command("operator-2"), request_card)
    assert (copy["status"], copy["number"], copy["missing"]) == ("draft", None, [])
    assert (copy["address"]["text"], copy["address"]["flat"]) == (first["address"]["text"], "5")
    assert copy["desk"] == {
        **first["desk"],
        "call_id": "",
        "copied_from": first["request_id"],
    }
    second = change(uow, copy, text="Нет отопления")
    assert (second["status"], second["number"], second["contact_ref"]) == (
        "registered",
        "1002",
        first["contact_ref"],
    )
    for event in uow.emitted:
        contracts.check("intake", event.type, event.data)


def test_an_applicant_may_turn_out_to_be_an_organisation(uow: FakeUnitOfWork) -> None:
    card = take(uow, register=False)
    assert change(uow, card, register=False, applicant="organisation")["applicant"] == "organisation"


_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_times = st.datetimes(timezones=st.just(UTC))
_windows = st.builds(lambda start, hours: Window(start, start + timedelta(hours=hours)), _times, st.just(2))


@given(
    st.builds(
        Desk,
        phone_text=_texts,
        second_phone=_texts,
        name=_texts,
        intercom=st.none() | st.sampled_from(Intercom),
        intercom_note=_texts,
        window=st.none() | _windows,
        answer=_texts,
        paper_number=_texts,
        entered_at=st.none() | _times,
        copied_from=st.none() | st.uuids(),
    )
)
def test_a_form_s_own_part_comes_back_whole(desk: Desk) -> None:
    assert unpacked(packed(desk)) == desk
    assert unpacked("") == Desk()


def test_a_forgotten_person_leaves_no_number_name_or_code() -> None:
    desk = Desk("8701", "+7701", "+7702", "Анна", "КСК", Intercom.CODE, "1234", call_id="CA1")
    assert desk.without_person() == Desk(organisation="КСК", intercom=Intercom.CODE)


def test_halves_of_a_day_meet_and_make_the_day() -> None:
    day = datetime(2026, 11, 25, tzinfo=ALMATY).date()
    morning, afternoon, whole = (window_of(day, part, ALMATY) for part in Part)
    assert morning.end == afternoon.start
    assert (morning.start, afternoon.end) == (whole.start, whole.end)
