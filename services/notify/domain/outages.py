"""What residents of one outage are told; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from uuid import UUID

from services.notify.domain.telling import OF_OUTAGES, Telling, clock_time

JOINED, JOINED_PLANNED, SPLIT, TIME, NEWS, OVER = OF_OUTAGES
SELF_MADE = frozenset({"resident"})
_TOLD_STATES = frozenset({"open"})


@dataclass(frozen=True)
class Ride:
    """Our copy of what intake says of one request and its outage; ``sequence`` numbers it, newest decides."""

    request_id: UUID
    outage_id: UUID
    outage_number: str
    symptom: str
    sequence: int
    at: datetime
    planned: bool = False
    active: bool = True
    ends_by: datetime | None = None


@dataclass(frozen=True)
class Outage:
    """Our copy of an outage, as far as its residents hear of it."""

    id: UUID
    number: str
    version: int
    state: str
    symptom: str
    at: datetime
    ends_by: datetime | None = None
    tell: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """One thing to tell everybody who rides on an outage; those up to ``after_contact`` have it already."""

    id: int
    outage_id: UUID
    telling: Telling
    after_contact: UUID | None = None


def of_joining(ride: Ride, zone: tzinfo) -> Telling:
    """Which outage it is and until when."""
    template = JOINED_PLANNED if ride.planned else JOINED
    params = {**_names(ride), "until": clock_time(ride.ends_by, ride.at, zone)}
    return Telling(template, f"{ride.outage_id}", ride.at, params)


def of_split(ride: Ride) -> Telling:
    return Telling(SPLIT, f"{ride.outage_id}@{ride.at.isoformat()}", ride.at)


def of_end(ride: Ride, at: datetime) -> Telling:
    return Telling(OVER, str(ride.outage_id), at, _names(ride))


def notices(before: Outage | None, after: Outage, zone: tzinfo) -> list[Notice]:
    """What everybody must hear: a new end, new words of the dispatcher."""
    if before is None or after.state not in _TOLD_STATES:
        return []
    facts = []
    if after.ends_by is not None and after.ends_by != before.ends_by:
        facts.append(_notice(TIME, after, {"until": clock_time(after.ends_by, after.at, zone)}))
    if any(after.tell.values()) and dict(after.tell) != dict(before.tell):
        facts.append(_notice(NEWS, after, {f"tell_{key}": text for key, text in after.tell.items()}))
    return facts


def _notice(template: str, outage: Outage, params: Mapping[str, str]) -> Notice:
    named = {"outage": outage.number, "symptom": outage.symptom, **params}
    return Notice(0, outage.id, Telling(template, f"{outage.id}@{outage.version}", outage.at, named))


def _names(ride: Ride) -> dict[str, str]:
    return {"outage": ride.outage_number, "symptom": ride.symptom}
