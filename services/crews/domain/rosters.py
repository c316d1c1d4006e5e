"""Duty rosters of dispatchers and crews (M-1.2-U7), schedules agreed with contractors (M-1.2-U9)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.crews.errors import BadRoster, RosterMoveNotAllowed

LONGEST_PERIOD = timedelta(days=92)


class RosterKind(StrEnum):
    """Whose duty it plans."""

    DISPATCHERS = "dispatchers"
    CREWS = "crews"
    CONTRACTOR = "contractor"


class RosterState(StrEnum):
    """Where a roster stands; only a published one counts. A change makes a draft again, and what was
    published before counts until the draft is published in its turn."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    PUBLISHED = "published"


class Side(StrEnum):
    """Who agrees on a contractor's schedule."""

    DISPATCH = "dispatch"
    CONTRACTOR = "contractor"


@dataclass(frozen=True)
class PlannedShift:
    """Who is on duty from ``starts_at`` until before ``ends_at`` (aware UTC): a crew, or people at a post."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    people: tuple[UUID, ...]
    crew_id: UUID | None = None
    leader: UUID | None = None
    post: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        if self.ends_at <= self.starts_at:
            raise BadRoster("a shift ends after it begins", shift_id=self.id)
        if len(set(self.people)) < len(self.people):
            raise BadRoster("somebody is twice in one shift", shift_id=self.id)
        if self.leader is not None and self.leader not in self.people:
            raise BadRoster("the leader of a shift is one of its people", shift_id=self.id)

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

    def runs_at(self, moment: datetime) -> bool:
        return self.starts_at <= moment < self.ends_at

    def overlaps(self, other: "PlannedShift") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True)
class Roster:
    """The shifts of an organisation's dispatchers, crews or contractor staff over days, both included."""

    id: UUID
    organisation_id: UUID
    kind: RosterKind
    starts_on: date
    ends_on: date
    shifts: tuple[PlannedShift, ...]
    changed_by: str
    changed_at: datetime
    state: RosterState = RosterState.DRAFT
    version: int = 1
    agreed: Mapping[Side, str] = field(default_factory=dict)
    published_version: int | None = None

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.ends_on - self.starts_on <= LONGEST_PERIOD:
            raise BadRoster(f"a roster spans at most {LONGEST_PERIOD.days} days", id=self.id)
        if len({shift.id for shift in self.shifts}) < len(self.shifts):
            raise BadRoster("two shifts have one id", id=self.id)


@dataclass(frozen=True)
class DutyShift:
    """A shift that was published, and what became of it."""

    shift: PlannedShift
    roster_id: UUID
    organisation_id: UUID
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None


@dataclass(frozen=True)
class Changes:
    """What one version has that another has not, by the ids of shifts."""

    added: tuple[UUID, ...]
    removed: tuple[UUID, ...]
    changed: tuple[UUID, ...]


class RosterStep(StrEnum):
    """What was done to a roster."""

    SAVED = "saved"
    PROPOSED = "proposed"
    AGREED = "agreed"
    PUBLISHED = "published"


@dataclass(frozen=True)
class RosterAct:
    """One entry of a roster's history: who did what to which version, and what differs from before."""

    roster_id: UUID
    version: int
    step: RosterStep
    by: str
    at: datetime
    changes: Changes


def change(roster: Roster, wanted: Roster) -> Roster:
    """The roster with the shifts and days of ``wanted``: a draft again, agreed by nobody."""
    if (wanted.organisation_id, wanted.kind) != (roster.organisation_id, roster.kind):
        raise BadRoster("a roster stays with its organisation and kind", id=roster.id)
    return replace(
        wanted,
        state=RosterState.DRAFT,
        version=roster.version + 1,
        agreed={},
        published_version=roster.published_version,
    )


def propose(roster: Roster, side: Side, by: str) -> Roster:
    """A contractor's schedule laid before the other side, which is asked to agree or to change it."""
    if roster.kind is not RosterKind.CONTRACTOR or roster.state is not RosterState.DRAFT:
        raise RosterMoveNotAllowed(state=roster.state, wanted="propose")
    return replace(roster, state=RosterState.PROPOSED, agreed={side: by})


def agree(roster: Roster, side: Side, by: str) -> Roster:
    """The other side agrees, with which the schedule is published; nobody agrees with themselves."""
    if roster.state is not RosterState.PROPOSED or side in roster.agreed:
        raise RosterMoveNotAllowed(state=roster.state, wanted="agree")
    return publish(replace(roster, agreed={**roster.agreed, side: by}))


def publish(roster: Roster) -> Roster:
    """The roster counts from now on; a contractor's only when both sides agreed."""
    both = set(roster.agreed) == set(Side)
    if roster.state is RosterState.PUBLISHED or (roster.kind is RosterKind.CONTRACTOR and not both):
        raise RosterMoveNotAllowed(state=roster.state, wanted="publish")
    return replace(roster, state=RosterState.PUBLISHED, published_version=roster.version)


def changes(before: Iterable[PlannedShift], after: Iterable[PlannedShift]) -> Changes:
    old, new = ({shift.id: shift for shift in shifts} for shifts in (before, after))
    return Changes(
        added=tuple(id_ for id_ in new if id_ not in old),
        removed=tuple(id_ for id_ in old if id_ not in new),
        changed=tuple(id_ for id_ in new if id_ in old and new[id_] != old[id_]),
    )
