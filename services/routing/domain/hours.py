"""When an organisation answers: hours of the week in the city's local time, days of a contract."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.routing.errors import InvalidReference

ROUND_THE_CLOCK = "24/7"
WEEK = 7 * 24 * 60
"""Minutes of a week, counted from Monday 00:00."""
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_EVERY_DAY = frozenset(range(7))
_DAY = 24 * 60
_FORM = re.compile(
    r"(?:(?P<days>[A-Z][a-z](?:[-,][A-Z][a-z])*) )?(?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)", re.ASCII
)


@dataclass(frozen=True)
class Hours:
    """One span of the day on some days of the week (0 is Monday). A span over midnight ("20:00-08:00")
    belongs to the day it begins on; one that ends when it begins is the whole day."""

    opens: time
    closes: time
    days: frozenset[int] = _EVERY_DAY

    @classmethod
    def read(cls, text: str) -> "Hours":
        """``24/7``, ``HH:MM-HH:MM`` or ``Mo-Fr HH:MM-HH:MM``; raises :class:`InvalidReference`."""
        if text == ROUND_THE_CLOCK:
            return ALWAYS
        found = _FORM.fullmatch(text.strip())
        try:
            if found is None:
                raise ValueError(text)
            days = _EVERY_DAY if found["days"] is None else frozenset(_days(found["days"]))
            return cls(time.fromisoformat(found["opens"]), _end(found["closes"]), days)
        except ValueError as unreadable:
            raise InvalidReference(
                f"hours {text!r}: expected 24/7, HH:MM-HH:MM or Mo-Fr HH:MM-HH:MM"
            ) from unreadable

    def __str__(self) -> str:
        """The text that :meth:`read` reads."""
        if self == ALWAYS:
            return ROUND_THE_CLOCK
        span = f"{self.opens:%H:%M}-{self.closes:%H:%M}"
        return (
            span if self.days == _EVERY_DAY else f"{','.join(_DAYS[day] for day in sorted(self.days))} {span}"
        )

    @property
    def minutes(self) -> int:
        """Open minutes of a week."""
        return sum(end - start for start, end in self.spans())

    def cover(self, local: datetime) -> bool:
        """Whether they are open at this moment of local time."""
        minute, day = local.hour * 60 + local.minute, local.weekday()
        opens, closes = _minute(self.opens), _minute(self.closes)
        if opens < closes:
            return day in self.days and opens <= minute < closes
        begun_today = day in self.days and minute >= opens
        return begun_today or ((day - 1) % 7 in self.days and minute < closes)

    def spans(self) -> Iterator[tuple[int, int]]:
        """The open spans in minutes of the week, end excluded; one over Sunday's midnight comes as two."""
        opens, closes = _minute(self.opens), _minute(self.closes)
        length = (closes - opens) % _DAY or _DAY
        for day in sorted(self.days):
            start = day * _DAY + opens
            end = start + length
            yield start, min(end, WEEK)
            if end > WEEK:
                yield 0, end - WEEK


@dataclass(frozen=True)
class Term:
    """The days a contract runs, both included; None: without beginning, without end."""

    begins: date | None = None
    ends: date | None = None

    def __post_init__(self) -> None:
        if self.begins is not None and self.ends is not None and self.ends < self.begins:
            raise InvalidReference(f"a contract that ends ({self.ends}) before it begins ({self.begins})")

    def cover(self, day: date) -> bool:
        return not self.is_ahead(day) and not self.is_over(day)

    def is_ahead(self, day: date) -> bool:
        return self.begins is not None and day < self.begins

    def is_over(self, day: date) -> bool:
        return self.ends is not None and day > self.ends

    @property
    def days(self) -> int:
        """Its length; one without an end is longer than any with one."""
        if self.begins is None or self.ends is None:
            return timedelta.max.days
        return (self.ends - self.begins).days + 1


ALWAYS = Hours(time.min, time.min)
OPEN_ENDED = Term()


def tell_span(start: int, end: int) -> str:
    """A span of minutes of the week for a person: ``Fr 20:00 - Mo 08:00``."""
    return f"{_tell(start)} - {_tell(end % WEEK)}"


def _tell(minute: int) -> str:
    day, rest = divmod(minute, _DAY)
    return f"{_DAYS[day]} {rest // 60:02}:{rest % 60:02}"


def _days(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, *rest = (_DAYS.index(day) for day in part.split("-"))
        last = rest[0] if rest else first
        if len(rest) > 1:
            raise ValueError(text)
        yield from ((first + step) % 7 for step in range((last - first) % 7 + 1))


def _end(text: str) -> time:
    return time.min if text == "24:00" else time.fromisoformat(text)


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute
