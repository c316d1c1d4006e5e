"""Job cards, orders and steps for the tests of crews."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from services.crews.domain.moments import DeviceTime
from services.crews.domain.notes import Command
from services.crews.domain.orders import JobCard, Result, Stage, Step, WorkOrder, advance
from services.crews.domain.people import Crew, Organisation, Person, Staff
from services.crews.domain.safety import AirLimit, Reading, SafetyAnswers

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CREW = UUID("c2a7e1d4-3b5f-4c6a-8d9e-0f1a2b3c4d5e")
ASSIGNMENT = UUID("a41c9f52-0d3e-4b7a-8f6e-1c2d3e4f5a6b")
ORGANISATION = UUID("d1b2c3a4-e5f6-4a7b-8c9d-0e1f2a3b4c5d")
LIMITS = (AirLimit("gas", "%LEL", highest=10.0), AirLimit("oxygen", "%vol", lowest=19.5))
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


def walked(start: WorkOrder, stages: Sequence[Stage], limits: Sequence[AirLimit] = LIMITS) -> WorkOrder:
    """The order after the crew reported these stages one by one."""
    for stage in stages:
        start = advance(start, step(stage), limits)
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
