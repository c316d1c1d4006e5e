"""How fast a call must be answered, or the caller called back: norms as data (rule 6.9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.intake.errors import BadCallNorms


class CallClock(StrEnum):
    """What is timed: from the first ring to the answer, from the missed call to the call back or to the
    hearing of the message."""

    ANSWER = "answer"
    CALL_BACK = "call_back"
    REVIEW = "review"


@dataclass(frozen=True)
class CallNorm:
    """One row of the table. ``country`` is where the act is law; elsewhere it may serve as a default."""

    id: str
    clock: CallClock
    limit: timedelta
    country: str
    is_default: bool
    legal: Mapping[str, str]
    valid_from: date
    valid_to: date | None = None

    def is_law_in(self, country: str) -> bool:
        """A default taken from another country is never shown as law."""
        return self.country == country

    def is_in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class CallNorms:
    """The norms of one country, with defaults where it has none."""

    version: str
    country: str
    rows: tuple[CallNorm, ...]

    def find(self, norm_id: str) -> CallNorm | None:
        """The newest edition of a norm by its id."""
        editions = [row for row in self.rows if row.id == norm_id]
        return max(editions, key=lambda row: row.valid_from, default=None)

    def of(self, clock: CallClock, at: datetime) -> CallNorm:
        """Our own country's newest norm, else the default; raises if the table has neither."""
        fitting = [row for row in self.rows if row.clock is clock and row.is_in_force(at.date())]
        usable = [row for row in fitting if row.is_law_in(self.country) or row.is_default]
        if not usable:
            raise BadCallNorms(f"no norm for {clock}")
        return max(usable, key=lambda row: (row.is_law_in(self.country), row.valid_from))
