"""Job cards, orders and steps for the tests of crews."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from services.crews.domain.gate import Answer, Ask, Gate, Item, Site
from services.crews.domain.media import Media, MediaKind, Purpose, Shot
from services.crews.domain.moments import DeviceTime
from services.crews.domain.notes import Command
from services.crews.domain.orders import JobCard, Result, Stage, Step, WorkOrder, advance
from services.crews.domain.people import Crew, Organisation, Person, Staff
from services.crews.domain.records import Kind, Record
from services.crews.domain.safety import AirLimit, Reading, SafetyAnswers
from services.crews.schemas.safety_book import read_safety_book
from shared.config import ROOT

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CREW = UUID("c2a7e1d4-3b5f-4c6a-8d9e-0f1a2b3c4d5e")
ASSIGNMENT = UUID("a41c9f52-0d3e-4b7a-8f6e-1c2d3e4f5a6b")
ORGANISATION = UUID("d1b2c3a4-e5f6-4a7b-8c9d-0e1f2a3b4c5d")
LIMITS = (AirLimit("gas", "%LEL", highest=10.0), AirLimit("oxygen", "%vol", lowest=19.5))
GATE = Gate(read_safety_book(ROOT / "services/crews/data/safety.yml"), LIMITS)
ANN, BEN, CLERK = (UUID(int=number) for number in (1, 2, 3))
SEVEN = Crew(
    CREW,
    ORGANISATION,
    "Бригада 7",
    ("water", "sewer"),
    (ANN, BEN),
    ANN,
    ("pump",),
    ("ru", "kk"),
    43.24,
    76.91,
)
STAFF = Staff(
    {ORGANISATION: Organisation(ORGANISATION, "Водоканал", "water")},
    {
        ANN: Person(ANN, ORGANISATION, "Первый", 5),
        BEN: Person(BEN, ORGANISATION, "Второй", 4),
        CLERK: Person(CLERK, ORGANISATION, "Третий", active=False),
    },
    {CREW: SEVEN},
)
CLEAN_AIR = (Reading("gas", 0.0, "%LEL"),)
SAFE = SafetyAnswers(ventilation=True, ppe=True)
CARD = JobCard(
    assignment_id=ASSIGNMENT,
    request_id=UUID("5f0c2f8e-6d1b-4a52-9b8e-2f3c1a7d9e01"),
    number="1042",
    crew_id=CREW,
    organisation_id=ORGANISATION,
    attempt=1,
    offered_at=NOON,
    respond_by=NOON.replace(minute=2),
    eta_minutes=9,
    distance_m=3120,
    category="emergency",
    priority="P1",
    system="water",
    fault="pipe_burst",
    place="flat",
    hazards=(),
    text="Прорвало трубу",
    language="ru",
    address={"text": "ул. Абая, 12", "lat": 43.2389, "lon": 76.9264},
    by="system",
    reason=None,
)


def order(**changes: Any) -> WorkOrder:
    """A work order just offered, its card changed as told."""
    return WorkOrder.offered(replace(CARD, **changes))


def step(stage: Stage, **details: Any) -> Step:
    """A report that brings everything any stage may demand."""
    everything: dict[str, Any] = {
        "device_at": NOON,
        "reason": "причина",
        "result": Result.FIXED,
        "readings": CLEAN_AIR,
        "safety": SAFE,
    }
    return Step(stage, by="crew-7", at=NOON, **{**everything, **details})


def walked(start: WorkOrder, stages: Sequence[Stage], gate: Gate | None = None) -> WorkOrder:
    """The order after the crew reported these stages one by one, everything answered at the gate."""
    opened = gate or GATE.answered(answers_to(start.site))
    for stage in stages:
        start = advance(start, step(stage), opened)
    return start


def command(
    name: str,
    key: str | None = None,
    assignment_id: UUID | None = ASSIGNMENT,
    crew_id: UUID = CREW,
    time: DeviceTime | None = None,
    **entered: Any,
) -> Command:
    """A command of the crew's device; without a key, one that was never sent before."""
    asked = f"{name} {assignment_id} {entered}"
    by, when = "crew-7", time or DeviceTime()
    return Command(name, key or str(uuid4()), asked, crew_id, by, entered, assignment_id, when)


def answer(item: str, **said: Any) -> Answer:
    return Answer(item, at=NOON, recorded_at=NOON, by="crew-7", **said)


def answers_to(site: Site, without: Iterable[str] = ()) -> list[Answer]:
    """Everything that the scripts ask at a site, in the simplest way, but for some items."""
    return [_simplest(item) for item in GATE.book.items_for(site) if item.id not in set(without)]


def _simplest(item: Item) -> Answer:
    return answer(
        item.id,
        place="1",
        reading=Reading("gas", 0.0, "%LEL") if item.ask in (Ask.READING, Ask.EACH) else None,
        amount=max(1, item.least) if item.ask is Ask.AMOUNT else None,
        told="104" if item.ask is Ask.CALL else None,
        signed=item.ask is Ask.BRIEFING,
    )


def record(about: Kind, /, **details: Any) -> Record:
    """A record of the crew; what is not of the record itself is its content."""
    own = ("id", "replaces", "at", "device_at")
    values: dict[str, Any] = {"id": uuid4(), "at": NOON, "device_at": NOON}
    values |= {name: details.pop(name) for name in own if name in details}
    return Record(assignment_id=ASSIGNMENT, kind=about, by="crew-7", data=details, **values)


VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 4


def media(content: bytes = VIDEO, **changes: Any) -> Media:
    """A video about to be sent, or what the changes make of it."""
    announced = Media(
        id=uuid4(),
        assignment_id=ASSIGNMENT,
        kind=MediaKind.VIDEO,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        shot=Shot(NOON, Purpose.DAMAGE, 43.24, 76.91, 8.0, "прорыв"),
        by="crew-7",
        begun_at=NOON,
        touched_at=NOON,
    )
    return replace(announced, **changes)


def safety(item: str, **said: Any) -> Record:
    """A record that answers an item of the safety gate."""
    blank = dict.fromkeys(("place", "reading", "amount", "told", "note"))
    details = {name: said.pop(name) for name in ("id", "replaces", "at") if name in said}
    return record(Kind.SAFETY, **{**blank, "absent": False, "item": item, **said}, **details)
