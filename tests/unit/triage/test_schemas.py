"""Wire shapes: tolerant of what is new in others' events, strict about our own questions."""

import pytest
from marshmallow import ValidationError

from services.triage import schemas
from services.triage.domain.corrections import Correction
from services.triage.domain.model import Place
from services.triage.usecases import facts
from tests.support import contracts
from tests.support.fakes import NOON
from tests.unit.triage.shipped import decide, engine

BOOK = engine().book


def test_a_registered_request_is_read_from_its_contract() -> None:
    told = contracts.example("intake", "request.registered", brand_new="field")
    read = schemas.RequestRegistered().load(told)
    assert (read["text"], read["language"]) == ("Прорвало трубу, топит подвал", "ru")
    assert set(read) == {"request_id", "text", "language", "answered"}


def test_an_override_is_read_from_its_contract() -> None:
    read = schemas.UrgencyOverridden().load(contracts.example("routing", "request.urgency_overridden"))
    assert isinstance(read, Correction)
    assert (read.category_before, read.category, read.reason) == (
        "urgent",
        "emergency",
        "Вода идёт в щитовую",
    )


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"text": ""},
        {"text": None},
        {"text": "а" * (schemas.LONGEST_TEXT + 1)},
        {"text": "нет воды", "language": "en"},
        {"text": "нет воды", "place": "moon"},
        {"text": "нет воды", "extra": 1},
    ],
)
def test_a_bad_question_is_refused(question: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        schemas.Question().load(question)


def test_a_question_may_leave_out_what_the_caller_does_not_know() -> None:
    assert schemas.Question().load({"text": "нет воды"}) == {
        "text": "нет воды",
        "language": None,
        "place": None,
    }
    assert schemas.Question().load({"text": "а", "place": "well"})["place"] is Place.WELL


def test_an_answer_has_the_fields_of_the_contract() -> None:
    dumped = schemas.DecisionShape().dump(facts(decide("запах газа"), NOON))
    contracts.check(
        "triage", "request.classified", {"request_id": "5f0c2f8e-6d1b-4a52-9b8e-2f3c1a7d9e01", **dumped}
    )


@pytest.mark.rule("6.12")
def test_advice_speaks_to_each_in_their_language() -> None:
    decision = engine().classify("запах газа", language="kk")
    said = schemas.advice(BOOK, decision, reader="ru")
    assert (said["fault_name"], said["language"]) == ("Запах газа, утечка газа", "kk")
    assert any("104" in step for step in said["script"])
    assert said["script"] == list(BOOK.scripts["gas"].steps["kk"])


@pytest.mark.rule("6.9")
def test_the_catalogue_says_what_each_fault_rests_on() -> None:
    shown = schemas.Catalogue().dump(schemas.catalogue(BOOK, "ru"))
    faults = {fault["id"]: fault for fault in shown["faults"]}
    assert (shown["rules_version"], len(faults)) == (BOOK.version, len(BOOK.faults))
    assert faults["pipe_burst"]["standing"] == "default"
    assert "не закон Республики Казахстан" in faults["pipe_burst"]["source"]
