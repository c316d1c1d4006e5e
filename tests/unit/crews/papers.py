"""Documents for the tests of papers: one with everything in it, one with nothing."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image

from services.crews.domain.documents import (
    Document,
    DocumentType,
    Means,
    Number,
    Party,
    Signature,
)
from services.crews.domain.facts import Job, facts
from services.crews.domain.media import Finished, MediaKind
from services.crews.domain.orders import Stage, WorkOrder
from services.crews.domain.people import Staff
from services.crews.domain.records import Kind, Record, opened_by
from services.crews.schemas.documents import Statement
from shared.encoding import plain
from tests.unit.crews.examples import (
    ASSIGNMENT,
    CARD,
    GATE,
    NOON,
    ORGANISATION,
    STAFF,
    media,
    order,
    record,
    safety,
    step,
)

CLEAN = {"kind": "gas", "value": 0.4, "unit": "%LEL"}
INSTRUMENT = {
    "instrument": "Газоанализатор ФП-11",
    "instrument_number": "12345",
    "checked_until": "2027-03-01",
}
WAVE = tuple((i / 20, 0.5 + 0.35 * (-1) ** i * (1 - i / 30)) for i in range(20))
PHOTO_IDS = [UUID(int=900 + number) for number in range(3)]


def jpeg(colour: str = "steelblue", size: tuple[int, int] = (800, 600)) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, "JPEG", quality=70)
    return buffer.getvalue()


def full_records(times: int = 1) -> list[Record]:
    """Everything that a crew may record; lists repeated ``times`` times."""
    told = {"who": "104", "channel": "phone", "at": NOON.isoformat(), "received_by": "дежурный 3"}
    people = [{"name": name, "signed_at": NOON.isoformat()} for name in ("Ахметов Ә. Қ.", "Иванов П. С.")]
    many = [one for number in range(times) for one in _lists(number + 1)]
    return [
        safety("called_104", told=told),
        safety("airing"),
        safety("ventilation"),
        safety("ppe"),
        safety("gas_reading", reading=CLEAN, place="подъезд 1"),
        record(Kind.BRIEFING, by="Мастер Сейтқали Ғ.", topics=["газ", "подвал"], people=people),
        *many,
    ]


def _lists(number: int) -> list[Record]:
    return [
        record(Kind.WORK, text=f"Заменён участок стояка № {number}, опрессован", quantity=1.5, unit="m"),
        record(Kind.MATERIAL, code="pipe_pp_32", name=None, quantity=1.5, unit="m", note=f"подъезд {number}"),
        record(Kind.MATERIAL, code=None, name="Кран Маевского", quantity=2.0, unit="pcs", note=None),
        record(Kind.READING, **CLEAN, **INSTRUMENT, place=f"подвал {number}", note=None),
        record(
            Kind.DEFECT,
            element=f"Стояк {number}",
            defect="Сквозная коррозия, свищ у перекрытия, протечка в квартиру ниже",
            place="кв. 12",
            quantity=1.0,
            unit="pcs",
            remedy="Заменить участок стояка от подвала до второго этажа",
        ),
        record(
            Kind.DIAGNOSTIC,
            method="acoustic",
            examined=f"Ввод {number}",
            result="Слышен шум утечки в двух метрах от стены",
            condition="poor",
            place="подвал",
            **INSTRUMENT,
        ),
    ]


def full_job(times: int = 1) -> Job:
    address = {"text": "ул. Абая, 12", "flat": "12"}
    given = order(hazards=("gas", "hot_water"), place="basement", address=address)
    records = full_records(times)
    stages = (Stage.ACCEPTED, Stage.DEPARTED, Stage.ARRIVED, Stage.WORKING, Stage.LOCALISED, Stage.COMPLETED)
    steps = [
        step(stage, device_at=NOON + timedelta(minutes=7 * n), reason=None, note=None)
        for n, stage in enumerate(stages)
    ]
    photos = [
        media(
            id=id_,
            kind=MediaKind.PHOTO,
            finished=Finished(NOON, "image/jpeg", 100, f"{id_.int:064x}", 800, 600),
        )
        for id_ in PHOTO_IDS
    ]
    gate = opened_by(GATE, records, None)
    checklist = gate.checklist(given.site)
    return Job(given, steps, records, photos, checklist, GATE.book.version, STAFF)


def empty_job() -> Job:
    bare = WorkOrder.offered(CARD)
    return Job(bare, [], [], [], [], GATE.book.version, Staff({}, {}, {}))


def document(type_: DocumentType, job: Job, **changes: Any) -> Document:
    said = changes.pop("statement", {})
    content = plain({"facts": facts(job), "statement": Statement().dump(Statement().load(said))})
    values: dict[str, Any] = {"id": UUID(int=77), "version": 1, "drafted_by": "crew-7", "drafted_at": NOON}
    owner = {
        "assignment_id": ASSIGNMENT,
        "request_id": CARD.request_id,
        "organisation_id": ORGANISATION,
    }
    return Document(**{**values, **owner, "type": type_, "content": content, **changes})


def signature(party: Party, means: Means = Means.DRAWN, **changes: Any) -> Signature:
    values: dict[str, Any] = {
        "id": UUID(int=500 + list(Party).index(party)),
        "name": "Нұрғалиева Әсем Өмірқызы",
        "device_at": NOON,
        "at": NOON,
        "by": "crew-7",
        "strokes": (WAVE,) if means is Means.DRAWN else (),
    }
    return Signature(party=party, means=means, **{**values, **changes})


ACCIDENT = {
    "happened_at": "2026-11-24T16:40:00+05:00",
    "place": "Подвал и квартира 12, ул. Абая, 12",
    "cause": "Разрыв стояка горячей воды из-за коррозии",
    "circumstances": "Вода поступала в квартиру 12 и в подвал около сорока минут, стояк перекрыт в 17:05.",
    "damage": "Намокли потолок и стены кухни, 6 м²; повреждён кухонный гарнитур.",
    "harmed": "Нұрғалиева Әсем Өмірқызы, кв. 12",
    "causer": "Не установлен",
}


def accident_act(times: int = 1) -> Document:
    return document(
        DocumentType.ACCIDENT_ACT,
        full_job(times),
        statement=ACCIDENT,
        number=Number(2026, 17),
        frozen_at=NOON,
        signatures=(
            signature(Party.HARMED),
            signature(Party.CAUSER, Means.ABSENT, name="Не установлен", reason="виновник не установлен"),
            signature(Party.CHAIR, Means.NAMED, name="Қасымов Ұ. Һ."),
        ),
    )
