"""Organisations, people and crews: the master data that routing chooses by, and who is on shift where."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from services.crews.domain.fitness import Absence, Equipment, Moment, Permit
from services.crews.domain.oncall import OnCallList, check_steps
from services.crews.domain.rosters import PlannedShift
from services.crews.errors import BadMasterData, BadShift

T = TypeVar("T")
LOWEST_GRADE, HIGHEST_GRADE = 2, 6
_EARTH_RADIUS_M = 6_371_000.0


@dataclass(frozen=True)
class Organisation:
    """A service that sends crews or keeps houses; ``kind`` is one of the contract's kinds."""

    id: UUID
    name: str
    kind: str
    active: bool = True


@dataclass(frozen=True)
class Person:
    """Someone who works for an organisation. ``grade`` (разряд) is for those who work in crews.

    ``works_since``: in the trade, which with the grade says whether the experience is enough.
    """

    id: UUID
    organisation_id: UUID
    name: str
    grade: int | None = None
    active: bool = True
    works_since: date | None = None
    permits: tuple[Permit, ...] = ()

    def __post_init__(self) -> None:
        if self.grade is not None and not LOWEST_GRADE <= self.grade <= HIGHEST_GRADE:
            raise BadMasterData(f"grade {self.grade} of person {self.id} is not from 2 to 6", id=self.id)


@dataclass(frozen=True)
class Crew:
    """Who goes out together, with what, from where. Members are people with grades."""

    id: UUID
    organisation_id: UUID
    name: str
    specialisations: tuple[str, ...]
    members: tuple[UUID, ...]
    leader: UUID | None
    equipment: tuple[str, ...]
    languages: tuple[str, ...]
    base_lat: float
    base_lon: float
    active: bool = True

    def __post_init__(self) -> None:
        if not self.members or not self.specialisations:
            raise BadMasterData(f"crew {self.id} needs a member and a specialisation", id=self.id)
        if self.leader is not None and self.leader not in self.members:
            raise BadMasterData(f"the leader of crew {self.id} is not its member", id=self.id)


@dataclass(frozen=True)
class Profile:
    """What routing chooses a crew by at a moment: the grades of the members who are there, highest first,
    and the equipment whose checks are not overdue. A crew of which nobody is there is not ``active``."""

    crew: Crew
    grades: tuple[int, ...]
    leader_grade: int | None
    equipment: tuple[str, ...]
    active: bool


@dataclass(frozen=True)
class Team:
    """The people who go out as a crew at a moment, and who of them leads."""

    members: tuple[UUID, ...]
    leader: UUID | None


@dataclass(frozen=True)
class Staff:
    """Organisations, people, crews, equipment, absences and on-call lists by id."""

    organisations: Mapping[UUID, Organisation]
    people: Mapping[UUID, Person]
    crews: Mapping[UUID, Crew]
    equipment: Mapping[UUID, Equipment] = field(default_factory=dict)
    absences: Mapping[UUID, Absence] = field(default_factory=dict)
    on_call: Mapping[UUID, OnCallList] = field(default_factory=dict)

    def updated(self, new: "Staff") -> "Staff":
        """This staff with what is in ``new`` added or replaced; raises BadMasterData if they do not fit."""
        merged = Staff(
            {**self.organisations, **new.organisations},
            {**self.people, **new.people},
            {**self.crews, **new.crews},
            {**self.equipment, **new.equipment},
            {**self.absences, **new.absences},
            {**self.on_call, **new.on_call},
        )
        merged._check_references()
        return merged

    def profile(self, crew_id: UUID, moment: Moment, lineup: PlannedShift | None = None) -> Profile:
        """What routing is to know of a crew at a moment; ``lineup`` is its shift by the roster, whose
        people stand for its usual members."""
        crew, team = self.crews[crew_id], self.team(crew_id, moment.now, lineup)
        return Profile(
            crew=crew,
            grades=self._grades(team.members) or self._grades(crew.members),
            leader_grade=self.people[team.leader].grade if team.leader else None,
            equipment=self.fit_equipment(crew, moment.today),
            active=crew.active and bool(team.members),
        )

    def team(self, crew_id: UUID, moment: datetime, lineup: PlannedShift | None = None) -> Team:
        """Who of a crew is there at a moment: of its shift by the roster, else of its usual members."""
        crew = self.crews[crew_id]
        there = self.present(lineup.people if lineup else crew.members, moment)
        leader = (lineup.leader if lineup else None) or crew.leader
        return Team(there, leader if leader in there else None)

    def present(self, members: Iterable[UUID], moment: datetime) -> tuple[UUID, ...]:
        """Those who work here and are not absent."""
        return tuple(id_ for id_ in members if self._works(id_) and not self.is_absent(id_, moment))

    def _works(self, person_id: UUID) -> bool:
        person = self.people.get(person_id)
        return person is not None and person.active

    def is_absent(self, person_id: UUID, moment: datetime) -> bool:
        return any(a.person_id == person_id and a.runs_at(moment) for a in self.absences.values())

    def fit_equipment(self, crew: Crew, day: date) -> tuple[str, ...]:
        """The kinds of equipment to offer: a kind of which the crew's registered pieces are all overdue or
        out of use is left out, whatever the crew's own list says."""
        own = [thing for thing in self.equipment.values() if thing.crew_id == crew.id]
        fit = {thing.kind for thing in own if thing.is_fit_on(day)}
        registered = {thing.kind for thing in own}
        listed = [kind for kind in crew.equipment if kind in fit or kind not in registered]
        return (*listed, *sorted(fit - set(listed)))

    def _grades(self, members: Iterable[UUID]) -> tuple[int, ...]:
        grades = (self.people[id_].grade for id_ in members)
        return tuple(sorted((grade for grade in grades if grade is not None), reverse=True))

    def differing(self, before: "Staff") -> "Staff":
        """What is new here or not the same as ``before``."""
        return Staff(
            _differing(before.organisations, self.organisations),
            _differing(before.people, self.people),
            _differing(before.crews, self.crews),
            _differing(before.equipment, self.equipment),
            _differing(before.absences, self.absences),
            _differing(before.on_call, self.on_call),
        )

    def _check_references(self) -> None:
        all_owned: list[Person | Crew | Equipment | OnCallList] = [
            *self.on_call.values(),
            *self.people.values(),
            *self.crews.values(),
            *self.equipment.values(),
        ]
        for owned in all_owned:
            if owned.organisation_id not in self.organisations:
                raise BadMasterData(f"{owned.id}: no such organisation", id=owned.id)
        for crew in self.crews.values():
            self._check_members(crew)
        for thing in self.equipment.values():
            if thing.crew_id is not None and thing.crew_id not in self.crews:
                raise BadMasterData(f"equipment {thing.id}: no such crew", id=thing.id)
        for absence in self.absences.values():
            if absence.person_id not in self.people:
                raise BadMasterData(f"absence {absence.id}: no such person", id=absence.id)
        known = {"person_id": self.people, "crew_id": self.crews, "organisation_id": self.organisations}
        for each in self.on_call.values():
            check_steps(each, known)

    def _check_members(self, crew: Crew) -> None:
        if not set(crew.members) <= self.people.keys():
            raise BadMasterData(f"crew {crew.id} has a member nobody knows", id=crew.id)
        if any(self.people[id_].grade is None for id_ in crew.members):
            raise BadMasterData(f"crew {crew.id} has a member without a grade", id=crew.id)


def _differing(before: Mapping[UUID, T], after: Mapping[UUID, T]) -> dict[UUID, T]:
    return {id_: value for id_, value in after.items() if before.get(id_) != value}


@dataclass(frozen=True)
class Shift:
    """Whether a crew works now, since when and, if known, until when."""

    on: bool
    starts_at: datetime
    ends_at: datetime | None

    def runs_at(self, moment: datetime) -> bool:
        return self.on and (self.ends_at is None or moment < self.ends_at)


def begin_shift(current: Shift | None, now: datetime, ends_at: datetime | None, longest: timedelta) -> Shift:
    """The shift after coming on (or setting its end anew); raises BadShift for an end past or too far off."""
    starts_at = current.starts_at if current and current.runs_at(now) else now
    if ends_at is not None and not now < ends_at <= starts_at + longest:
        hours = longest // timedelta(hours=1)
        raise BadShift(f"a shift ends in the future, at most {hours} h after it began", hours=hours)
    return Shift(on=True, starts_at=starts_at, ends_at=ends_at)


def end_shift(current: Shift | None, now: datetime) -> Shift | None:
    """The shift after leaving; what has ended, or never began, stays as it is."""
    if current is None or not current.on:
        return current
    return Shift(on=False, starts_at=current.starts_at, ends_at=now)


@dataclass(frozen=True)
class Position:
    """Where a crew was: WGS 84 degrees, accuracy in metres, aware UTC time."""

    lat: float
    lon: float
    accuracy_m: float | None
    at: datetime


@dataclass(frozen=True)
class Thinning:
    """How far, or how long, a crew moves before others hear of it: positions must not load the bus."""

    step_m: float
    every: timedelta


def noticeable(told: Position | None, latest: Position, thinning: Thinning) -> bool:
    """Whether ``latest`` is worth telling, ``told`` being the position told last."""
    if told is None:
        return True
    return latest.at - told.at > thinning.every or distance_m(told, latest) > thinning.step_m


def distance_m(one: Position, other: Position) -> float:
    """Great-circle distance in metres (haversine on a sphere of 6,371 km)."""
    lat1, lat2 = math.radians(one.lat), math.radians(other.lat)
    half_lat, half_lon = (lat2 - lat1) / 2, math.radians(other.lon - one.lon) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return 2 * _EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))
