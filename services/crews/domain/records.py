"""What a crew records on site: answers to the safety gate, readings, materials, defects, what was done.

A record is never changed: a better one replaces it, and both stay (F23-3.1-U2..U3, F45-1.5-U3, F45-1.2-U5).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.crews.domain.gate import Answer, Gate, Site
from services.crews.domain.safety import Reading

GAS_READING = "gas_reading"
BRIEFING = "briefing"


class Kind(StrEnum):
    """What a record is about; ``retraction`` only takes an earlier record back."""

    SAFETY = "safety"
    BRIEFING = "briefing"
    DANGER = "danger"
    READING = "reading"
    MATERIAL = "material"
    DEFECT = "defect"
    DIAGNOSTIC = "diagnostic"
    WORK = "work"
    RETRACTION = "retraction"


@dataclass(frozen=True)
class Record:
    """One entry: ``id`` was given by the device that made it, ``device_at`` is its time, ``at`` the server's.

    ``data`` is plain JSON in the wire shape of its kind.
    """

    id: UUID
    assignment_id: UUID
    kind: Kind
    by: str
    at: datetime
    device_at: datetime
    data: Mapping[str, Any]
    replaces: UUID | None = None

    def says_the_same(self, other: "Record") -> bool:
        """Whether ``other`` is this record sent again."""
        mine, theirs = (
            (record.id, record.assignment_id, record.kind, record.device_at, record.data, record.replaces)
            for record in (self, other)
        )
        return mine == theirs


def standing(records: Sequence[Record]) -> list[Record]:
    """The records that count: neither replaced nor taken back."""
    replaced = {record.replaces for record in records}
    return [record for record in records if record.id not in replaced and record.kind is not Kind.RETRACTION]


def of_kind(records: Iterable[Record], kind: Kind) -> list[Record]:
    return [record for record in records if record.kind is kind]


def opened_by(gate: Gate, records: Sequence[Record], since: datetime | None) -> Gate:
    """The gate with everything that the crew recorded; ``since`` is the latest suspension."""
    counting = standing(records)
    answers = [answer for record in counting if (answer := _answer(record, gate)) is not None]
    return gate.answered(answers, since, _found(of_kind(counting, Kind.DANGER)))


def _answer(record: Record, gate: Gate) -> Answer | None:
    """What a record says to the safety gate; a reading of the air does wherever it was written down."""
    match record.kind:
        case Kind.SAFETY:
            return _said(record)
        case Kind.BRIEFING:
            people = record.data["people"]
            signed = bool(people) and all(person["signed_at"] for person in people)
            return Answer(BRIEFING, record.device_at, record.at, record.by, signed=signed)
        case Kind.READING:
            place, reading = record.data["place"], _reading(record.data)
            if reading is None or not gate.judges(reading):
                return None
            return Answer(GAS_READING, record.device_at, record.at, record.by, place, reading)
        case _:
            return None


def _said(record: Record) -> Answer:
    said = record.data
    return Answer(
        said["item"],
        record.device_at,
        record.at,
        record.by,
        place=said["place"],
        reading=_reading(said["reading"]),
        amount=said["amount"],
        told=said["told"] and said["told"]["who"],
        absent=said["absent"],
        note=said["note"],
    )


def _reading(said: Mapping[str, Any] | None) -> Reading | None:
    return None if said is None else Reading(said["kind"], said["value"], said["unit"])


def _found(dangers: Sequence[Record]) -> Site:
    places = frozenset(record.data["place"] for record in dangers if record.data["place"])
    hazards = frozenset(record.data["hazard"] for record in dangers if record.data["hazard"])
    return Site(places, hazards)
