"""What an operator's form holds beyond what every channel has: how to get in, when, who else to call, and
where the record comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from services.intake.errors import BadPaperTime

LATE_ENTRY = timedelta(days=31)
"""How old a record of a paper journal may be when it is entered: a journal is kept by the month."""


class Intercom(StrEnum):
    """What opens the front door (practice of Moscow's dispatch centre)."""

    CODE = "code"
    FLAT = "flat"
    CONCIERGE = "concierge"
    UNKNOWN = "unknown"
    OTHER = "other"


def door_code(text: str) -> dict[str, Any]:
    """What another system tells of the front door, as changes of a :class:`Desk`."""
    return {"intercom": Intercom.CODE, "intercom_note": text} if text.strip() else {}


class Part(StrEnum):
    """A part of the day in which somebody will be at home."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    DAY = "day"


HOURS: Mapping[Part, tuple[time, time]] = MappingProxyType(
    {
        Part.MORNING: (time(9), time(13)),
        Part.AFTERNOON: (time(13), time(18)),
        Part.DAY: (time(9), time(18)),
    }
)
"""Local time. Planned work is done in the hours of a working day; whoever wants others names them exactly."""


@dataclass(frozen=True, slots=True)
class Window:
    """When the applicant wants the crew; aware times, the end after the start."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """``phone_text`` is what was typed so far, ``phone`` the number (E.164) it makes, if it makes one.
    ``answer`` is what a caller was told who needed no crew."""

    phone_text: str = ""
    phone: str = ""
    second_phone: str = ""
    name: str = ""
    organisation: str = ""
    intercom: Intercom | None = None
    intercom_note: str = ""
    window: Window | None = None
    call_id: str = ""
    answer: str = ""
    paper_number: str = ""
    entered_at: datetime | None = None
    copied_from: UUID | None = None

    @property
    def is_late_entry(self) -> bool:
        return self.entered_at is not None

    @property
    def access(self) -> dict[str, Any] | None:
        """How and when a crew gets in; None when nothing is known."""
        told: dict[str, Any] = {}
        if self.intercom is not None:
            told["intercom"] = {"kind": self.intercom, "note": self.intercom_note or None}
        if self.window is not None:
            told["window"] = {"from": self.window.start, "to": self.window.end}
        return told or None

    def for_copy(self, source: UUID) -> "Desk":
        """What another request from the same place shares with this one."""
        own = {"call_id": "", "answer": "", "paper_number": "", "entered_at": None, "window": None}
        return replace(self, **own, copied_from=source)  # type: ignore[arg-type]

    def without_person(self) -> "Desk":
        """What stays when the person is forgotten."""
        return replace(self, phone_text="", phone="", second_phone="", name="", intercom_note="", call_id="")


@dataclass(frozen=True, slots=True)
class Paper:
    """A record of the paper journal: its number there, and when it was written."""

    number: str
    written_at: datetime


def window_of(day: date, part: Part, zone: tzinfo) -> Window:
    """A part of a day in the city's time zone."""
    start, end = (datetime.combine(day, clock, zone) for clock in HOURS[part])
    return Window(start, end)


def check_paper_time(written_at: datetime, now: datetime) -> None:
    """Raises BadPaperTime for a record from the future or from before :data:`LATE_ENTRY`."""
    if not now - LATE_ENTRY <= written_at <= now:
        raise BadPaperTime(days=LATE_ENTRY.days)
