"""A crew as routing knows it: its own small copy of what the crews service tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.routing.domain.assignment import ON_SITE, Leave, State
from services.routing.domain.planning.rules import still_takes
from services.routing.domain.policy import Policy
from services.routing.domain.words import Category, Out


@dataclass(frozen=True)
class Position:
    """A point on the ground (WGS84 degrees) and since when it is known; a base has no moment."""

    lat: float
    lon: float
    at: datetime | None = None


@dataclass(frozen=True)
class Profile:
    """Master data of a crew, as ``crew.changed`` brings them."""

    organisation_id: UUID
    name: str
    specialisations: Sequence[str]
    grades: Sequence[int]
    leader_grade: int | None
    equipment: Sequence[str]
    languages: Sequence[str]
    base: Position | None
    active: bool


@dataclass(frozen=True)
class Shift:
    """Whether a crew is on shift, and between which times."""

    on_shift: bool
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True)
class Holding:
    """The request that a crew has now: how far it has come with it, since when, and where that is.

    ``there_at`` is when the crew was expected there as the offer was made, ``preempted`` how often the
    request has lost a crew already, ``pinned`` whether a dispatcher wants this very crew to keep it,
    ``leave`` whether the crew may leave the site (None: nobody knows).
    """

    request_id: UUID
    assignment_id: UUID
    number: str
    state: State
    since: datetime
    there_at: datetime
    category: Category
    place: str
    hazards: tuple[str, ...]
    lat: float
    lon: float
    preempted: int = 0
    pinned: bool = False
    leave: Leave | None = None

    @property
    def on_site(self) -> bool:
        return self.state in ON_SITE

    @property
    def is_suspended(self) -> bool:
        return self.state is State.SUSPENDED

    def free_at(self, now: datetime, policy: Policy) -> datetime:
        """When the crew will have done with it, as far as anybody can tell."""
        work = policy.work_takes.get(self.category, timedelta())
        if self.on_site:
            return now + still_takes(work, max(now - self.since, timedelta()))
        return max(now, self.there_at) + work


@dataclass(frozen=True)
class Crew:
    """Master data, shift, position and present work. ``busy_with`` is the request of its live assignment,
    ``holding`` what is known of that. ``out``: why it gets no work now, ``out_on`` what it had then."""

    crew_id: UUID
    organisation_id: UUID
    name: str
    specialisations: frozenset[str]
    grades: tuple[int, ...]
    leader_grade: int | None
    equipment: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    base: Position | None = None
    active: bool = True
    on_shift: bool = False
    shift_starts_at: datetime | None = None
    shift_ends_at: datetime | None = None
    position: Position | None = None
    busy_with: UUID | None = None
    holding: Holding | None = None
    out: Out | None = None
    out_since: datetime | None = None
    out_on: UUID | None = None

    @property
    def people(self) -> int:
        """How many come along; a leader from outside the crew is one more."""
        outside = self.leader_grade is not None and self.leader_grade not in self.grades
        return len(self.grades) + outside

    @property
    def all_grades(self) -> tuple[int, ...]:
        """Grades of everybody who comes along, the leader included."""
        return self.grades if self.leader_grade is None else (*self.grades, self.leader_grade)

    def works_at(self, now: datetime) -> bool:
        """Whether the crew is on shift; a shift whose end has passed is over, announced or not."""
        begun = self.shift_starts_at is None or self.shift_starts_at <= now
        over = self.shift_ends_at is not None and self.shift_ends_at <= now
        return self.active and self.on_shift and begun and not over

    def where(self, now: datetime, valid_for: timedelta) -> Position | None:
        """The last position if it is fresh enough, else the base, else None."""
        # A position from the future is a clock that jumped: it is as good as new.
        known_since = self.position.at if self.position is not None else None
        return self.position if known_since is not None and now - known_since <= valid_for else self.base
