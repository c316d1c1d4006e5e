"""Who sees numbers and names, what is written down of it, and how people are forgotten (rule 6.11)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.commands.privacy import age
from services.intake.domain import privacy
from services.intake.domain.privacy import Purpose, Secret
from services.intake.domain.standing import Standing
from services.intake.errors import ContactNotFound, ContactStillNeeded, NotForYourRole, RequestNotFound
from services.intake.schemas.http import request_card, request_with_person
from services.intake.usecases.disclosure import (
    AccessFilter,
    Reader,
    Shown,
    disclose,
    list_access,
    show_request,
)
from services.intake.usecases.erasure import erase_by_phone, erase_contact, retire
from services.intake.usecases.forms import Command, Form, take_form
from tests.support import contracts
from tests.unit.intake.examples import NOON, OTHER_PHONE, PHONE, listener
from tests.unit.intake.fakes import FakeUnitOfWork

pytestmark = [pytest.mark.rule("6.11"), pytest.mark.rule("D-1.1-U7")]
YEAR = timedelta(days=365)
NAME = "Иванова Анна"


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork()


def take(uow: FakeUnitOfWork, **changes: Any) -> UUID:
    form = Form(phone=PHONE, text="Нет воды, звонить 8 701 555 11 22", address_text="Абая 12")
    card = take_form(uow, listener(), replace(form, **changes), Command("operator-1"), request_card)
    return UUID(card["request_id"])


def close(uow: FakeUnitOfWork, request_id: UUID) -> None:
    uow.standings.put(Standing(request_id, "closed", NOON, 9))


def named(uow: FakeUnitOfWork) -> Any:
    contact = replace(uow.contacts.rows[PHONE.text], name=NAME)
    uow.contacts.save(contact, NOON)
    return contact


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+77010000001", "+7 701 *** ** 01"),
        ("+375291234567", "+375 291 *** ** 67"),
        ("+998901234567", "+998 901 *** ** 67"),
        ("+1002003004", "+1 002 *** ** 04"),
        ("+12345", "***"),
        ("Kaspi", "***"),
        ("", ""),
    ],
)
def test_a_masked_number_can_be_recognised_but_not_called(number: str, masked: str) -> None:
    assert privacy.mask_number(number) == masked


def test_a_masked_name_is_its_initials() -> None:
    assert privacy.mask_name(NAME) == "И*** А***"
    assert privacy.mask_name("") == ""


@pytest.mark.parametrize(
    ("roles", "seen"),
    [
        ({"operator"}, {Secret.NUMBER, Secret.NAME}),
        ({"dispatcher"}, {Secret.NUMBER, Secret.NAME}),
        ({"senior_dispatcher"}, {Secret.NUMBER, Secret.NAME}),
        ({"master"}, {Secret.NAME}),
        ({"administrator"}, set()),
        ({"crew"}, set()),
        ({"contractor", "fitter"}, set()),
        ({"administrator", "operator"}, {Secret.NUMBER, Secret.NAME}),
        (set(), set()),
    ],
)
def test_who_may_see_what(roles: set[str], seen: set[Secret]) -> None:
    assert privacy.visible(roles) == seen


def test_without_a_reason_everything_is_masked_and_nothing_is_written(uow: FakeUnitOfWork) -> None:
    request_id = take(uow)
    named(uow)
    request, shown = show_request(uow, request_id, Reader("operator-1", frozenset({"operator"})))
    assert shown == Shown(shown.contact_ref, "+7 701 *** ** 01", "И*** А***", masked=True)
    assert request_with_person(request, shown)["text"] == "Нет воды, звонить ***"
    assert uow.access_log.rows == {}


def test_a_number_that_is_shown_is_a_number_that_is_written_down(uow: FakeUnitOfWork) -> None:
    request_id = take(uow)
    contact = named(uow)
    reader = Reader("operator-1", frozenset({"operator"}), Purpose.CALL_BACK)
    request, shown = show_request(uow, request_id, reader)
    assert shown == Shown(contact.ref, PHONE.text, NAME, masked=False)
    assert "8 701 555 11 22" in request_with_person(request, shown)["text"]
    [(_, entry)] = list_access(uow, AccessFilter())
    assert (entry.actor_id, entry.contact_ref, entry.request_id) == ("operator-1", contact.ref, request_id)
    assert (entry.through, entry.why, entry.at) == ("request_card", Purpose.CALL_BACK, uow.now)


def test_what_is_not_written_down_is_not_kept_as_read(uow: FakeUnitOfWork) -> None:
    take(uow)
    reader = Reader("operator-1", frozenset({"operator"}), Purpose.FORM)
    with uow:
        disclose(uow, uow.contacts.rows[PHONE.text], reader, "search")
    assert uow.access_log.rows == {}


def test_a_master_sees_the_name_alone_and_an_administrator_nothing(uow: FakeUnitOfWork) -> None:
    request_id = take(uow)
    named(uow)
    _, shown = show_request(uow, request_id, Reader("m", frozenset({"master"}), Purpose.QUALITY))
    assert (shown.phone, shown.name, shown.masked) == ("+7 701 *** ** 01", NAME, True)
    with pytest.raises(NotForYourRole):
        show_request(uow, request_id, Reader("a", frozenset({"administrator"}), Purpose.LEGAL))
    assert [entry.actor_id for entry in uow.access_log.rows.values()] == ["m"]
    with pytest.raises(RequestNotFound):
        show_request(uow, uuid4(), Reader("m", frozenset({"master"})))


def test_erasure_keeps_the_appeal_without_the_person_and_tells_notify(uow: FakeUnitOfWork) -> None:
    request_id = take(uow)
    contact = named(uow)
    close(uow, request_id)
    uow.links.claim("digest", request_id, NOON)
    assert erase_contact(uow, contact.ref)
    assert uow.links.find("digest") is None
    kept = uow.requests.rows[request_id]
    assert (kept.number, kept.problem, kept.address_text) == (1001, "Нет воды, звонить ***", "")
    erased = uow.contacts.by_ref(contact.ref)
    assert erased is not None
    assert (erased.phone, erased.name, erased.is_callable) == ("", "", False)
    [told] = [event for event in uow.emitted if event.type == "contact.erased"]
    contracts.check("intake", "contact.erased", told.data)
    assert not erase_contact(uow, contact.ref)
    assert uow.types().count("contact.erased") == 1


def test_who_comes_again_after_an_erasure_is_somebody_new(uow: FakeUnitOfWork) -> None:
    request_id = take(uow)
    close(uow, request_id)
    ref = erase_by_phone(uow, PHONE.text)
    again = uow.requests.rows[take(uow)]
    assert again.contact_ref not in (None, ref)
    with pytest.raises(ContactNotFound):
        erase_by_phone(uow, OTHER_PHONE.text)


def test_nobody_is_forgotten_while_a_request_of_theirs_is_open(uow: FakeUnitOfWork) -> None:
    first, second = take(uow), take(uow)
    close(uow, first)
    contact = uow.contacts.rows[PHONE.text]
    with pytest.raises(ContactStillNeeded) as refused:
        erase_contact(uow, contact.ref)
    assert refused.value.details == {"numbers": "1002"}
    close(uow, second)
    assert erase_contact(uow, contact.ref)
    with pytest.raises(ContactNotFound):
        erase_contact(uow, uuid4())


def test_a_draft_of_a_forgotten_person_says_nothing_any_more(uow: FakeUnitOfWork) -> None:
    draft = take(uow, address_text=None)
    erase_by_phone(uow, PHONE.text)
    assert uow.requests.rows[draft].problem == ""


def test_retention_forgets_who_was_not_heard_of_and_no_one_else(uow: FakeUnitOfWork) -> None:
    old, recent = take(uow), take(uow, phone=OTHER_PHONE)
    close(uow, old)
    close(uow, recent)
    clock: Any = uow.clock
    clock.advance(YEAR)
    still = take(uow, phone=OTHER_PHONE)
    before = uow.clock.now() - YEAR / 2
    report = retire(lambda: uow, before)
    assert (report.erased, report.still_needed) == (1, 0)
    assert [contact.phone for contact in uow.contacts.rows.values() if not contact.is_erased] == [
        OTHER_PHONE.text
    ]
    assert retire(lambda: uow, before).erased == 0
    clock.advance(YEAR)
    assert retire(lambda: uow, uow.clock.now()).still_needed == 1
    close(uow, still)
    assert retire(lambda: uow, uow.clock.now()).erased == 1


def test_retention_takes_the_access_log_of_its_time_too(uow: FakeUnitOfWork) -> None:
    request_id = take(uow)
    show_request(uow, request_id, Reader("operator-1", frozenset({"operator"}), Purpose.FORM))
    clock: Any = uow.clock
    clock.advance(YEAR)
    assert retire(lambda: uow, uow.clock.now()).access_rows == 1
    assert uow.access_log.rows == {}


@pytest.mark.parametrize(("text", "days"), [("90d", 90), ("18m", 540), ("3y", 1095)])
def test_an_age_is_days_months_or_years(text: str, days: int) -> None:
    assert age(text) == timedelta(days=days)


@pytest.mark.parametrize("text", ["", "3", "0d", "y3", "-1d", "3 years"])
def test_another_age_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="write an age like"):
        age(text)
