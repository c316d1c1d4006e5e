"""Time norms as data: which applies to a case, and the moment at which it runs out (rule 6.9, D-1.2-K3).

A norm says how long a step may take, from which moment, in which hours of the day, and where that is written.
The most specific norm wins. A default taken from another country's practice is never shown as law.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from services.journal.errors import BadNorms


class ClockName(StrEnum):
    """The steps that have a deadline."""

    ACKNOWLEDGE = "acknowledge"
    ARRIVE = "arrive"
    LOCALISE = "localise"
    COMPLETE = "complete"


class Start(StrEnum):
    """The moment from which a norm counts."""

    CALL = "call"
    REGISTRATION = "registration"
    DAMAGE = "damage"
    """The damage itself. While nobody reports that moment, the call is the earliest one known."""


class Standing(StrEnum):
    """What a norm is in Kazakhstan."""

    LAW = "law"
    LOCAL_ACT = "local_act"
    CONTRACT = "contract"
    DEFAULT = "default_not_law_in_kz"


@dataclass(frozen=True)
class Hours:
    """The part of each day, by the city's own time, in which a norm runs: ``opens`` before ``closes``."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if not self.opens < self.closes:
            raise BadNorms(f"hours {self.opens}-{self.closes}: must open before they close, on one day")

    def on(self, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
        """Opening and closing of one day."""
        return datetime.combine(day, self.opens, zone), datetime.combine(day, self.closes, zone)


@dataclass(frozen=True)
class Norm:
    """One row of the norm table. An empty set of a condition means: any."""

    id: str
    clock: ClockName
    limit: timedelta
    start: Start
    legal: dict[str, str]
    standing: Standing
    mark: str
    valid_from: date
    valid_to: date | None = None
    countries: frozenset[str] = frozenset()
    cities: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    systems: frozenset[str] = frozenset()
    faults: frozenset[str] = frozenset()
    hazards: frozenset[str] = frozenset()
    hours: Hours | None = None

    @property
    def is_law(self) -> bool:
        return self.standing is not Standing.DEFAULT

    def covers(self, case: "Case", country: str, city: str) -> bool:
        """Whether this norm speaks about the case at all."""
        wanted = (
            (self.countries, country),
            (self.cities, city),
            (self.organisations, case.organisation_id),
            (self.categories, case.category),
            (self.systems, case.system),
            (self.faults, case.fault),
        )
        return (
            self._in_force(case.on)
            and all(not allowed or value in allowed for allowed, value in wanted)
            and (not self.hazards or not self.hazards.isdisjoint(case.hazards))
        )

    @property
    def weight(self) -> tuple[bool, bool, bool, bool, bool, bool, bool, date]:
        """How specific the norm is: whose it is comes before what it is about, then the newest."""
        return (
            bool(self.organisations),
            bool(self.cities),
            bool(self.countries),
            bool(self.hazards),
            bool(self.faults),
            bool(self.systems),
            bool(self.categories),
            self.valid_from,
        )

    def _in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Case:
    """What a norm is chosen by. ``on``: the day of registration by the city's own time."""

    on: date
    category: str | None
    system: str | None
    fault: str | None
    hazards: tuple[str, ...] = ()
    organisation_id: str | None = None


@dataclass(frozen=True)
class NormBook:
    """All norms known here, and where "here" is. ``approaching`` is the part of a limit (0..1) after which
    a deadline counts as coming near."""

    version: str
    norms: tuple[Norm, ...]
    country: str = "kz"
    city: str = ""
    zone: tzinfo = UTC
    approaching: float = 0.8

    def choose(self, clock: ClockName, case: Case) -> Norm | None:
        """The most specific norm in force for this step of this case."""
        covering = [
            norm for norm in self.norms if norm.clock is clock and norm.covers(case, self.country, self.city)
        ]
        return max(covering, key=lambda norm: norm.weight, default=None)

    def find(self, norm_id: str) -> Norm | None:
        """The newest edition of a norm by its id."""
        editions = [norm for norm in self.norms if norm.id == norm_id]
        return max(editions, key=lambda norm: norm.valid_from, default=None)

    def local_date(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


def deadline_with_pauses(
    start: datetime,
    limit: timedelta,
    hours: Hours | None,
    zone: tzinfo,
    pauses: Iterable[tuple[datetime, datetime]],
) -> datetime:
    """The same where the time of ``pauses`` (from, until; one after the other) does not count."""
    for begins, ends in pauses:
        due = deadline(start, limit, hours, zone)
        if due <= begins:
            return due
        limit -= _spent(start, begins, hours, zone)
        start = max(start, ends)
    return deadline(start, limit, hours, zone)


def _spent(start: datetime, end: datetime, hours: Hours | None, zone: tzinfo) -> timedelta:
    """How much of a limit is used up between two moments."""
    if hours is None:
        return max(end - start, timedelta())
    spent, day = timedelta(), start.astimezone(zone).date()
    while day <= end.astimezone(zone).date():
        opens, closes = (edge.astimezone(UTC) for edge in hours.on(day, zone))
        spent += max(min(closes, end) - max(opens, start), timedelta())
        day += timedelta(days=1)
    return spent


def deadline(start: datetime, limit: timedelta, hours: Hours | None, zone: tzinfo) -> datetime:
    """The moment when ``limit`` is used up, counting from ``start`` and only while ``hours`` run (aware UTC).

    A clogged refuse chute reported at 22:00 with two hours, 08:00-23:00, is due at 09:00 next morning
    (RF Government decree 416, item 13).
    """
    if hours is None:
        return start + limit
    moment, left = start.astimezone(UTC), limit
    day = start.astimezone(zone).date()
    while True:
        # Compared in UTC: a city whose clocks jump still gets the hours that really pass.
        opens, closes = (edge.astimezone(UTC) for edge in hours.on(day, zone))
        moment = max(moment, opens)
        if left <= closes - moment:
            return moment + left
        left -= max(closes - moment, timedelta())
        day += timedelta(days=1)
