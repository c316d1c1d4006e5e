"""What a roster must hold: rest, no overlap, enough people, a leader, valid permits; each objection with its
reason.

The figures are the dispatch service's own configuration, not law: the professional standard (M-1.2-K7) points
to the labour law and names none. The leader rule is design §6.5.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.crews.domain.concerns import LEADER_GRADE
from services.crews.domain.people import Staff
from services.crews.domain.rosters import PlannedShift, Roster, RosterKind

_LOW_GRADES = frozenset({2, 3})
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class Reason(StrEnum):
    """Why a roster is not as it should be."""

    OUT_OF_PERIOD = "out_of_period"
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_CREW = "unknown_crew"
    OVERLAP = "overlap"
    CREW_OVERLAP = "crew_overlap"
    REST_SHORT = "rest_short"
    SHIFT_TOO_LONG = "shift_too_long"
    CREW_TOO_SMALL = "crew_too_small"
    NO_LEADER = "no_leader"
    PERMIT_MISSING = "permit_missing"
    ABSENT = "absent"
    PERMIT_EXPIRED = "permit_expired"
    NIGHTS_IN_A_ROW = "nights_in_a_row"
    WEEK_TOO_LONG = "week_too_long"
    NOBODY_ON_DUTY = "nobody_on_duty"


WARNINGS = frozenset(
    {Reason.PERMIT_EXPIRED, Reason.NIGHTS_IN_A_ROW, Reason.WEEK_TOO_LONG, Reason.NOBODY_ON_DUTY}
)
"""What a master may decide to publish in spite of; everything else refuses."""


@dataclass(frozen=True)
class RosterPolicy:
    """The service's own limits. A night shift is one with at least ``night_least`` of the night in it."""

    zone: ZoneInfo
    longest: timedelta
    rest: timedelta
    long_shift: timedelta
    rest_after_long: timedelta
    fewest_in_crew: int
    night_from: time
    night_until: time
    night_least: timedelta
    most_nights: int
    week_hours: timedelta
    permits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Objection:
    """One thing wrong with a roster: in which shift, with whom, and the figures that say how much."""

    reason: Reason
    shift_id: UUID | None = None
    person_id: UUID | None = None
    crew_id: UUID | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def refuses(self) -> bool:
        return self.reason not in WARNINGS


@dataclass(frozen=True)
class Case:
    """A roster with all it is judged by; ``others`` are shifts of other rosters, already published."""

    roster: Roster
    staff: Staff
    others: Sequence[PlannedShift]
    policy: RosterPolicy


def judge_roster(case: Case) -> list[Objection]:
    """Everything wrong with a roster, what refuses it first."""
    found = [objection for rule in _RULES for objection in rule(case)]
    return sorted(found, key=lambda objection: not objection.refuses)


def night_hours(shift: PlannedShift, policy: RosterPolicy) -> timedelta:
    """How much of a shift lies in the night, as the clock on the wall says."""
    first = shift.starts_at.astimezone(policy.zone).date() - _DAY
    last = shift.ends_at.astimezone(policy.zone).date()
    nights = (_night(first + n * _DAY, policy) for n in range((last - first).days + 1))
    return sum((_common(shift, *night) for night in nights), timedelta())


def hours_of(shifts: Iterable[PlannedShift], policy: RosterPolicy) -> dict[UUID, tuple[float, float]]:
    """For each person the hours planned and those of them at night, for the time sheet."""
    found: dict[UUID, tuple[float, float]] = {}
    for shift in shifts:
        night = night_hours(shift, policy) / _HOUR
        for person in shift.people:
            planned, nights = found.get(person, (0.0, 0.0))
            found[person] = planned + shift.length / _HOUR, nights + night
    return found


def _night(day: date, policy: RosterPolicy) -> tuple[datetime, datetime]:
    """The night that begins on a day."""
    begins = datetime.combine(day, policy.night_from, policy.zone)
    next_day = day + _DAY if policy.night_until <= policy.night_from else day
    return begins, datetime.combine(next_day, policy.night_until, policy.zone)


def _common(shift: PlannedShift, begins: datetime, ends: datetime) -> timedelta:
    return max(min(shift.ends_at, ends) - max(shift.starts_at, begins), timedelta())


def _days(case: Case) -> Iterator[Objection]:
    opens = datetime.combine(case.roster.starts_on, time(), case.policy.zone)
    closes = datetime.combine(case.roster.ends_on + _DAY, time(), case.policy.zone)
    for shift in case.roster.shifts:
        if not opens <= shift.starts_at < closes:
            yield Objection(Reason.OUT_OF_PERIOD, shift.id)
        if shift.length > case.policy.longest:
            hours, most = shift.length / _HOUR, case.policy.longest / _HOUR
            yield Objection(Reason.SHIFT_TOO_LONG, shift.id, details={"hours": hours, "most": most})


def _known(case: Case) -> Iterator[Objection]:
    """People who work here, crews of this organisation; in a crew everybody has a grade."""
    owner, staff = case.roster.organisation_id, case.staff
    for shift in case.roster.shifts:
        for id_ in shift.people:
            person = staff.people.get(id_)
            ungraded = shift.crew_id is not None and person is not None and person.grade is None
            if person is None or not person.active or person.organisation_id != owner or ungraded:
                yield Objection(Reason.UNKNOWN_PERSON, shift.id, id_)
        crew = staff.crews.get(shift.crew_id) if shift.crew_id else None
        foreign = crew is None or not crew.active or crew.organisation_id != owner
        if foreign and (shift.crew_id is not None or case.roster.kind is RosterKind.CREWS):
            yield Objection(Reason.UNKNOWN_CREW, shift.id, crew_id=shift.crew_id)


def _overlaps_and_rest(case: Case) -> Iterator[Objection]:
    own = {shift.id for shift in case.roster.shifts}
    for person, shifts in _by_person(case).items():
        for earlier, later in _in_turn(shifts):
            if not {earlier.id, later.id} & own:
                continue
            if earlier.overlaps(later):
                yield Objection(Reason.OVERLAP, later.id, person)
                continue
            rest, least = later.starts_at - earlier.ends_at, _least_rest(earlier, case.policy)
            if rest < least:
                details = {"hours": rest / _HOUR, "least": least / _HOUR}
                yield Objection(Reason.REST_SHORT, later.id, person, details=details)


def _in_turn(shifts: Sequence[PlannedShift]) -> Iterator[tuple[PlannedShift, PlannedShift]]:
    """Each shift after the first with the one before it that ends last: a long one may span several."""
    widest = shifts[0]
    for shift in shifts[1:]:
        yield widest, shift
        widest = max(widest, shift, key=lambda each: each.ends_at)


def _least_rest(shift: PlannedShift, policy: RosterPolicy) -> timedelta:
    return policy.rest_after_long if shift.length >= policy.long_shift else policy.rest


def _crew_overlaps(case: Case) -> Iterator[Objection]:
    own = {shift.id for shift in case.roster.shifts}
    crews: dict[UUID, list[PlannedShift]] = {}
    for shift in _all(case):
        if shift.crew_id is not None:
            crews.setdefault(shift.crew_id, []).append(shift)
    for crew_id, shifts in crews.items():
        for earlier, later in _in_turn(shifts):
            if earlier.overlaps(later) and {earlier.id, later.id} & own:
                yield Objection(Reason.CREW_OVERLAP, later.id, crew_id=crew_id)


def _enough(case: Case) -> Iterator[Objection]:
    for shift in case.roster.shifts:
        fewest = case.policy.fewest_in_crew if shift.crew_id else 1
        if len(shift.people) < fewest:
            details = {"people": len(shift.people), "fewest": fewest}
            yield Objection(Reason.CREW_TOO_SMALL, shift.id, crew_id=shift.crew_id, details=details)


def _led(case: Case) -> Iterator[Objection]:
    """Grades 2 and 3 go out under a leader of grade 5 or 6 only."""
    people = case.staff.people
    for shift in case.roster.shifts:
        grades = {people[id_].grade for id_ in shift.people if id_ in people}
        leader = people.get(shift.leader) if shift.leader else None
        led = leader is not None and (leader.grade or 0) >= LEADER_GRADE
        if shift.crew_id is not None and grades & _LOW_GRADES and not led:
            yield Objection(Reason.NO_LEADER, shift.id, crew_id=shift.crew_id)


def _permitted(case: Case) -> Iterator[Objection]:
    for shift in case.roster.shifts:
        day = shift.starts_at.astimezone(case.policy.zone).date()
        crew = case.staff.crews.get(shift.crew_id) if shift.crew_id else None
        specialisations = crew.specialisations if crew else ()
        needed = {kind for system in specialisations for kind in case.policy.permits.get(system, ())}
        for person in (case.staff.people[id_] for id_ in shift.people if id_ in case.staff.people):
            valid = {permit.kind for permit in person.permits if permit.is_valid_on(day)}
            for kind in sorted(needed - valid):
                yield Objection(Reason.PERMIT_MISSING, shift.id, person.id, details={"permit": kind})
            for kind in sorted({permit.kind for permit in person.permits} - valid - needed):
                yield Objection(Reason.PERMIT_EXPIRED, shift.id, person.id, details={"permit": kind})


def _there(case: Case) -> Iterator[Objection]:
    for shift in case.roster.shifts:
        for absence in case.staff.absences.values():
            if absence.person_id in shift.people and absence.covers(shift.starts_at, shift.ends_at):
                yield Objection(Reason.ABSENT, shift.id, absence.person_id, details={"kind": absence.kind})


def _nights(case: Case) -> Iterator[Objection]:
    own = {shift.id for shift in case.roster.shifts}
    for person, shifts in _by_person(case).items():
        last, row = None, 0
        for shift in shifts:
            if night_hours(shift, case.policy) < case.policy.night_least:
                continue
            day = shift.starts_at.astimezone(case.policy.zone).date()
            row = row + 1 if last is not None and day - last <= _DAY else 1
            last = day
            if row > case.policy.most_nights and shift.id in own:
                details = {"nights": row, "most": case.policy.most_nights}
                yield Objection(Reason.NIGHTS_IN_A_ROW, shift.id, person, details=details)


def _weeks(case: Case) -> Iterator[Objection]:
    """Hours within seven days from the beginning of a shift; the first week too long is told of."""
    own = {shift.id for shift in case.roster.shifts}
    most = case.policy.week_hours
    for person, shifts in _by_person(case).items():
        for week in _weeks_of(shifts):
            hours = sum((shift.length for shift in week), timedelta())
            if hours > most and any(shift.id in own for shift in week):
                details = {"hours": hours / _HOUR, "most": most / _HOUR}
                yield Objection(Reason.WEEK_TOO_LONG, week[-1].id, person, details=details)
                break


def _weeks_of(shifts: Sequence[PlannedShift]) -> Iterator[list[PlannedShift]]:
    """For each shift those that begin within seven days from its beginning."""
    for first in shifts:
        closes = first.starts_at + 7 * _DAY
        yield [shift for shift in shifts if first.starts_at <= shift.starts_at < closes]


def _watched(case: Case) -> Iterator[Objection]:
    """At no hour of a roster of dispatchers or crews is nobody on duty."""
    if case.roster.kind is RosterKind.CONTRACTOR:
        return
    reached = datetime.combine(case.roster.starts_on, time(), case.policy.zone)
    closes = datetime.combine(case.roster.ends_on + _DAY, time(), case.policy.zone)
    of_kind = [s for s in _all(case) if (s.crew_id is not None) is (case.roster.kind is RosterKind.CREWS)]
    for shift in [*of_kind, None]:
        begins = min(shift.starts_at, closes) if shift else closes
        if begins > reached:
            details = {"from": reached, "until": begins}
            yield Objection(Reason.NOBODY_ON_DUTY, details=details)
        reached = max(reached, shift.ends_at) if shift else closes


def _all(case: Case) -> list[PlannedShift]:
    return sorted([*case.roster.shifts, *case.others], key=lambda shift: (shift.starts_at, shift.ends_at))


def _by_person(case: Case) -> dict[UUID, list[PlannedShift]]:
    """Everybody's shifts in their order, those of other rosters too."""
    found: dict[UUID, list[PlannedShift]] = {}
    for shift in _all(case):
        for person in shift.people:
            found.setdefault(person, []).append(shift)
    return found


_RULES: tuple[Callable[[Case], Iterator[Objection]], ...] = (
    _days,
    _known,
    _overlaps_and_rest,
    _crew_overlaps,
    _enough,
    _led,
    _permitted,
    _there,
    _nights,
    _weeks,
    _watched,
)
