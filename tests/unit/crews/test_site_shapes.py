"""What crews send from a site and get back, from wire shape to wire shape, without a server."""

from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from services.crews.schemas import documents as papers
from services.crews.schemas import media as pictures
from services.crews.schemas import records as shapes
from services.crews.schemas.config import Policies
from services.crews.service.commands import Sent, queued, spoken
from services.crews.usecases.commands import perform
from services.crews.usecases.disclosure import Reader
from services.crews.usecases.documents import Author, draft_document, list_documents, sign_document
from services.crews.usecases.orders import receive_order
from services.crews.usecases.records import list_records, show_checklist
from shared.config import ROOT, Settings
from shared.encoding import dumps
from shared.i18n import Catalog
from tests.unit.crews.examples import ASSIGNMENT, CREW, NOON, media, order
from tests.unit.crews.fakes import FakeUnitOfWork

POLICIES = Policies.of(Settings.load("crews", {}))
CATALOG = Catalog(ROOT / "services/crews/locale")
OURS = Author("crew-7", CREW)
AT = "2026-11-24T17:00:00+05:00"
READING = {"kind": "gas", "value": 0.5, "unit": "%LEL", "checked_until": "2027-03-01"}
CONTENTS: dict[str, dict[str, Any]] = {
    "safety": {
        "item": "called_104",
        "reading": READING,
        "told": {"who": "104", "channel": "phone", "at": AT, "received_by": "дежурный"},
    },
    "briefing": {"by": "Мастер", "people": [{"name": "Слесарь", "signed_at": AT}]},
    "danger": {"hazard": "gas"},
    "reading": {**READING, "place": "подвал"},
    "material": {"code": "clamp", "quantity": 2, "unit": "pcs"},
    "defect": {"element": "Стояк", "defect": "Свищ"},
    "diagnostic": {"method": "acoustic", "examined": "Ввод", "result": "Шум", "condition": "poor"},
    "work": {"text": "Заменён участок"},
    "retraction": {},
}


@pytest.fixture
def uow() -> FakeUnitOfWork:
    uow = FakeUnitOfWork()
    receive_order(uow, order(hazards=("gas",)).card)
    return uow


def body(kind: str) -> dict[str, Any]:
    replaces = str(uuid4()) if kind == "retraction" else None
    return {"id": str(uuid4()), "kind": kind, "at": AT, "replaces": replaces, kind: CONTENTS[kind]}


def sent(name: str, key: str = "k") -> Sent:
    return Sent(name, key, CREW, "crew-7", ASSIGNMENT)


@pytest.mark.parametrize("kind", CONTENTS)
def test_a_record_of_every_kind_goes_in_and_comes_back(uow: FakeUnitOfWork, kind: str) -> None:
    told = body(kind)
    receipts = [
        perform(uow, *spoken(sent("record", key), shapes.NewRecord().load(told), POLICIES)) for key in "ab"
    ]
    answers = [shapes.RecordReceipt().dump(receipt) for receipt in receipts]
    assert answers[0] == answers[1]
    assert (answers[0]["id"], answers[0]["kind"]) == (told["id"], kind)
    [kept] = shapes.RecordList().dump({"records": list_records(uow, None, ASSIGNMENT)})["records"]
    assert (
        kept["data"].items()
        >= {
            name: value for name, value in CONTENTS[kind].items() if not isinstance(value, dict | list)
        }.items()
    )
    assert dumps(kept)


def test_records_come_with_a_stage_and_out_of_the_queue_of_a_device(uow: FakeUnitOfWork) -> None:
    brought = [body("safety"), body("briefing")]
    report = {"at": AT, "sent_at": AT, "records": brought}
    for verb in ("accept", "depart"):
        perform(uow, *queued(sent(verb, verb), report, POLICIES))
    perform(uow, *queued(sent("record", "r"), body("work"), POLICIES))
    assert [record.kind for record in list_records(uow, CREW, ASSIGNMENT)] == ["safety", "briefing", "work"]


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_the_checklist_is_said_in_words_with_its_answers(uow: FakeUnitOfWork, language: str) -> None:
    perform(uow, *queued(sent("record"), body("safety"), POLICIES))
    checklist = show_checklist(uow, CREW, ASSIGNMENT, POLICIES.gate)
    said = shapes.ChecklistShape().dump(shapes.checklist(checklist, CATALOG, language))
    done = {item["id"]: item for item in said["items"] if item["done"]}
    assert set(done) == {"called_104"}
    [answer] = done["called_104"]["answers"]
    assert (answer["told"], answer["value"], answer["at"]) == ("104", 0.5, NOON.isoformat())
    assert [item["text"] for item in said["items"] if "safety." in item["text"]] == []
    assert (said["may_start"], said["may_localise"]) == (False, False)


def test_a_document_goes_through_its_shapes(uow: FakeUnitOfWork) -> None:
    new = papers.NewDocument().load({"id": str(uuid4()), "type": "survey_act"})
    drafted = draft_document(uow, OURS, ASSIGNMENT, papers.draft(new), POLICIES.gate)
    signing = papers.NewSignature().load(
        {
            "id": str(uuid4()),
            "version": 1,
            "party": "leader",
            "means": "drawn",
            "name": "Бригадир",
            "at": AT,
            "strokes": [[[0, 0.123456], [1, 1]]],
        }
    )
    one = papers.signature(signing, "crew-7", NOON)
    sign_document(uow, OURS, drafted.id, 1, one, ZoneInfo("Asia/Almaty"))
    [shown] = list_documents(uow, Reader("master-1", None), ASSIGNMENT)
    said = papers.DocumentShape().dump(papers.document(shown))
    assert (said["state"], said["number"], said["missing_parties"]) == ("signed", "1/2026", [])
    assert said["signatures"][0]["strokes"] == [[[0.0, 0.1235], [1.0, 1.0]]]
    assert dumps(said)


def test_a_photo_is_announced_and_described() -> None:
    told = {"id": str(uuid4()), "kind": "photo", "size": 10, "sha256": "0" * 64, "taken_at": AT}
    new = pictures.media(pictures.NewMedia().load(told), ASSIGNMENT, "crew-7", NOON)
    said = pictures.MediaShape().dump(pictures.described(new))
    assert (said["id"], said["received"], said["finished"], said["width"]) == (told["id"], 0, False, None)
    assert dumps(pictures.MediaShape().dump(pictures.described(media())))
