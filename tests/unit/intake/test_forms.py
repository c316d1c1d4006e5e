"""Requests typed by an operator: registered when complete, a draft that lists what is missing otherwise."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.domain.requests import Applicant, Channel, Details, Missing
from services.intake.errors import AlreadyRegistered, NoSuchChoice, RequestNotFound
from services.intake.schemas.http import request_card
from services.intake.usecases.forms import (
    Command,
    Form,
    complete_draft,
    list_drafts,
    take_form,
)
from shared.idempotency import KeyReused, fingerprint
from tests.support import contracts
from tests.unit.intake.examples import PHONE, listener
from tests.unit.intake.fakes import FakeUnitOfWork

OPERATOR = Command("operator-1")
COMPLETE = Form(phone=PHONE, text="Лифт застрял, в кабине люди", address_text="Абая 12, 3 подъезд")


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork()


def take(uow: FakeUnitOfWork, form: Form, command: Command = OPERATOR) -> Any:
    return take_form(uow, listener(), form, command, request_card)


def complete(uow: FakeUnitOfWork, request_id: str, form: Form) -> Any:
    return complete_draft(uow, listener(), UUID(request_id), form, OPERATOR, request_card)


@pytest.mark.rule("6.1")
def test_a_complete_form_is_registered(uow: FakeUnitOfWork) -> None:
    card = take(uow, COMPLETE)
    assert (card["status"], card["number"], card["missing"]) == ("registered", "1001", [])
    assert (card["address"]["text"], card["address"]["entrance"]) == ("проспект Абая, 12", "3")
    assert uow.types() == ["contact.known", "request.registered"]
    for event in uow.emitted:
        contracts.check("intake", event.type, event.data)


@pytest.mark.rule("D-1.1-U1")
def test_an_organisation_may_write_a_letter(uow: FakeUnitOfWork) -> None:
    form = Form(
        phone=PHONE,
        text="нет воды",
        address_text="Абая 12",
        applicant=Applicant.ORGANISATION,
        channel=Channel.WRITTEN,
    )
    take(uow, form)
    told = uow.emitted[-1].data
    assert (told["applicant"], told["channel"]) == ("organisation", "written")


@pytest.mark.rule("D-1.1-U3")
def test_an_empty_form_is_a_draft_that_lists_everything(uow: FakeUnitOfWork) -> None:
    card = take(uow, Form())
    assert (card["status"], card["number"]) == ("draft", None)
    assert card["missing"] == [part.value for part in Missing]
    contracts.check("intake", "request.drafted", uow.emitted[-1].data)


def test_an_unclear_address_comes_back_with_candidates_and_one_is_chosen(uow: FakeUnitOfWork) -> None:
    form = Form(phone=PHONE, text="нет воды", address_text="Садовая 5", details=Details(flat="7"))
    card = take(uow, form)
    assert (card["status"], card["missing"], len(card["candidates"])) == ("draft", ["address"], 2)
    with pytest.raises(NoSuchChoice):
        complete(uow, card["request_id"], Form(choice=3))
    chosen = complete(uow, card["request_id"], Form(choice=2))
    assert (chosen["status"], chosen["address"]["district"]) == ("registered", "west")
    assert chosen["address"]["flat"] == "7"


def test_a_draft_is_completed_step_by_step(uow: FakeUnitOfWork) -> None:
    card = take(uow, Form(address_text="Абая 12"))
    card = complete(uow, card["request_id"], Form(text="нет воды"))
    assert card["missing"] == ["contact"]
    assert complete(uow, card["request_id"], Form(phone=PHONE))["status"] == "registered"
    drafted = [event.data["missing"] for event in uow.emitted if event.type == "request.drafted"]
    assert drafted == [["problem", "contact"], ["contact"]]


def test_a_registered_request_is_not_changed_here(uow: FakeUnitOfWork) -> None:
    card = take(uow, COMPLETE)
    with pytest.raises(AlreadyRegistered):
        complete(uow, card["request_id"], Form(text="другое"))


def test_an_unknown_request_is_not_found(uow: FakeUnitOfWork) -> None:
    with pytest.raises(RequestNotFound):
        complete(uow, str(uuid4()), Form(text="нет воды"))


def test_the_same_key_gives_the_same_answer(uow: FakeUnitOfWork) -> None:
    command = Command("operator-1", "key-1", fingerprint("form"))
    first = take(uow, COMPLETE, command)
    assert take(uow, COMPLETE, command) == first
    assert len(uow.requests.rows) == 1
    with pytest.raises(KeyReused):
        take(uow, COMPLETE, Command("operator-1", "key-1", fingerprint("another form")))
    assert take(uow, COMPLETE, Command("operator-2", "key-1", fingerprint("form"))) != first


def test_drafts_are_listed_and_registered_requests_not(uow: FakeUnitOfWork) -> None:
    take(uow, COMPLETE)
    draft = take(uow, Form(text="нет воды"))
    assert [str(request.id) for request in list_drafts(uow, 10)] == [draft["request_id"]]


def test_the_language_is_heard_unless_it_is_told(uow: FakeUnitOfWork) -> None:
    assert take(uow, Form(text="су жоқ"))["language"] == "kk"
    assert take(uow, Form(text="су жоқ", language="ru"))["language"] == "ru"
