"""The assignment as the dispatcher sees it: a crew's offer and how it went (design §5).

``move`` is the strict machine: a forbidden move raises. ``report`` takes the crew's own reports, which the
bus may deliver late or in another order: the newest by number decides, an older one is history.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.routing.errors import ForbiddenMove


class State(StrEnum):
    """Where an assignment stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    WORKING = "working"
    LOCALISED = "localised"
    COMPLETED = "completed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"


MOVES: Mapping[State, frozenset[State]] = {
    State.OFFERED: frozenset({State.ACCEPTED, State.DECLINED, State.WITHDRAWN}),
    State.ACCEPTED: frozenset({State.DEPARTED, State.SUSPENDED, State.WITHDRAWN}),
    State.DEPARTED: frozenset({State.ARRIVED, State.SUSPENDED, State.WITHDRAWN}),
    State.ARRIVED: frozenset({State.WORKING, State.SUSPENDED, State.WITHDRAWN}),
    State.WORKING: frozenset({State.LOCALISED, State.COMPLETED, State.SUSPENDED, State.WITHDRAWN}),
    State.LOCALISED: frozenset({State.COMPLETED, State.SUSPENDED, State.WITHDRAWN}),
    State.SUSPENDED: frozenset({State.DEPARTED, State.WORKING, State.WITHDRAWN}),
    State.COMPLETED: frozenset(),
    State.DECLINED: frozenset(),
    State.WITHDRAWN: frozenset(),
}
FINAL = frozenset(state for state, following in MOVES.items() if not following)
LIVE = frozenset(State) - FINAL
ON_SITE = frozenset({State.ARRIVED, State.WORKING, State.LOCALISED})


def _reachable(state: State) -> frozenset[State]:
    """Every state some sequence of allowed moves leads to."""
    seen: frozenset[State] = frozenset()
    frontier = MOVES[state]
    while frontier:
        seen |= frontier
        frontier = frozenset(to for at in frontier for to in MOVES[at]) - seen
    return seen


_REACHABLE = {state: _reachable(state) for state in State}


@dataclass(frozen=True)
class Leave:
    """Whether a crew may be called off its site, as crews told it last: at which ``stage`` that was, which
    dangerous steps run (``holds``), and what the crew says itself (``can``; None: nothing)."""

    stage: State
    holds: tuple[str, ...]
    can: bool | None
    sequence: int

    @property
    def may(self) -> bool:
        return not self.holds and self.can is not False


@dataclass(frozen=True)
class Assignment:
    """One crew, one request, one offer. Times are aware UTC, the distance is in metres.

    ``report_sequence`` is that of the newest crew report applied, 0 before the first. ``heard_at``: when the
    crew last said anything else (a message, a call); ``silent_at``: when its silence on site was noticed.
    ``leave``: whether it may be called off; None: nobody knows. ``instead_of``: an offer for which the crew
    would leave that assignment, which stays its work until it accepts.
    """

    assignment_id: UUID
    request_id: UUID
    crew_id: UUID
    organisation_id: UUID
    attempt: int
    state: State
    offered_at: datetime
    respond_by: datetime
    eta_minutes: int
    distance_m: int
    method: str
    by: str
    reason: str | None = None
    changed_at: datetime | None = None
    report_sequence: int = 0
    heard_at: datetime | None = None
    silent_at: datetime | None = None
    leave: Leave | None = None
    instead_of: UUID | None = None

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def last_heard_at(self) -> datetime:
        """When the crew last said something of itself; a position that its phone sends is no word."""
        return max(moment for moment in (self.offered_at, self.changed_at, self.heard_at) if moment)


@dataclass(frozen=True)
class Unheard:
    """Since when a crew at work must have said something, by the urgency of its request; ``in_danger`` holds
    where there are hazards, or at one of ``places`` (confined spaces), if it is the later moment."""

    by_category: Mapping[str, datetime]
    in_danger: datetime
    places: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Move:
    """One step as told: who, when, why, on which channel; ``applied`` is False for one that came too late."""

    assignment_id: UUID
    from_state: State
    to_state: State
    at: datetime
    by: str
    channel: str
    reason: str | None
    applied: bool = True


def move(state: State, to: State) -> State:
    """``to`` if the machine allows it; raises :class:`ForbiddenMove` otherwise."""
    if to not in MOVES[state]:
        raise ForbiddenMove(state=state.value, wanted=to.value)
    return to


def follow(state: State, stage: State) -> State | None:
    """The state after a crew's newer report of ``stage``; None when the machine cannot get there.

    Stages in between may be missing: they were overtaken on the bus and are still to come.
    """
    return stage if stage in _REACHABLE[state] else None


def report(assignment: Assignment, told: Move, sequence: int) -> tuple[Assignment, Move]:
    """Apply a crew's report numbered ``sequence``; a stale one comes back as a Move that was not applied."""
    reached = follow(assignment.state, told.to_state) if sequence > assignment.report_sequence else None
    if reached is None:
        return assignment, replace(told, applied=False)
    changed = replace(assignment, state=reached, changed_at=told.at, report_sequence=sequence, silent_at=None)
    return changed, told


def withdraw(assignment: Assignment, at: datetime) -> Assignment:
    """The assignment taken back; raises :class:`ForbiddenMove` when it has ended already."""
    return replace(assignment, state=move(assignment.state, State.WITHDRAWN), changed_at=at)
