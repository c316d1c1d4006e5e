"""What people and things must have to be sent out: permits (допуск), checked equipment, and being there."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from services.crews.errors import BadMasterData


@dataclass(frozen=True)
class Moment:
    """A moment, and the calendar day it falls on where the crews work."""

    now: datetime
    today: date

    @classmethod
    def of(cls, now: datetime, zone: ZoneInfo) -> "Moment":
        return cls(now, now.astimezone(zone).date())


@dataclass(frozen=True)
class Permit:
    """A qualification or permit of a person. ``expires_on`` is its last valid day; None: for good."""

    kind: str
    number: str | None = None
    expires_on: date | None = None

    def is_valid_on(self, day: date) -> bool:
        return self.expires_on is None or day <= self.expires_on


@dataclass(frozen=True)
class Equipment:
    """One instrument, machine or vehicle, perhaps given to a crew.

    ``check_due`` is the last day on which its latest check (поверка, техосмотр) counts; None: never checked.
    ``number`` is the inventory or number plate.
    """

    id: UUID
    organisation_id: UUID
    kind: str
    name: str
    number: str | None = None
    crew_id: UUID | None = None
    check_due: date | None = None
    active: bool = True

    def is_fit_on(self, day: date) -> bool:
        return self.active and (self.check_due is None or day <= self.check_due)


class AbsenceKind(StrEnum):
    """Why somebody does not come."""

    SICK = "sick"
    LEAVE = "leave"
    TRAINING = "training"
    OTHER = "other"


@dataclass(frozen=True)
class Absence:
    """Somebody is away from ``starts_at`` until before ``ends_at``; None: until further notice."""

    id: UUID
    person_id: UUID
    kind: AbsenceKind
    starts_at: datetime
    ends_at: datetime | None
    by: str
    note: str | None = None

    def __post_init__(self) -> None:
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise BadMasterData("an absence ends after it begins", id=self.id)

    def covers(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether it takes a part of a stretch of time."""
        return self.starts_at < ends_at and (self.ends_at is None or starts_at < self.ends_at)

    def runs_at(self, moment: datetime) -> bool:
        return self.starts_at <= moment and (self.ends_at is None or moment < self.ends_at)
