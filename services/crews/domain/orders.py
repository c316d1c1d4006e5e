"""The work order (наряд) as the crew lives it: its stages, which may follow which, what each demands.

Design §5; stage reports: 07117-TRUD-003 D-2.B-U2, departures: D-2.C-U1.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.crews.domain.gate import Answer, Before, Gate, SafetyBook, Site
from services.crews.domain.safety import Reading, SafetyAnswers, check_air
from services.crews.errors import (
    AssignmentWithdrawn,
    LocaliseFirst,
    MoveNotAllowed,
    ReasonRequired,
    ResultRequired,
)

EMERGENCY = "emergency"


class Stage(StrEnum):
    """Where a work order stands."""

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


VERBS: Mapping[str, Stage] = {
    "accept": Stage.ACCEPTED,
    "decline": Stage.DECLINED,
    "depart": Stage.DEPARTED,
    "arrive": Stage.ARRIVED,
    "start": Stage.WORKING,
    "localise": Stage.LOCALISED,
    "suspend": Stage.SUSPENDED,
    "complete": Stage.COMPLETED,
}
"""What a crew says to bring an order to a stage."""


class Result(StrEnum):
    """How the work ended."""

    FIXED = "fixed"
    TEMPORARY_FIX = "temporary_fix"
    NO_FAULT_FOUND = "no_fault_found"
    NO_ACCESS = "no_access"
    HANDED_OVER = "handed_over"


MOVES: Mapping[Stage, tuple[Stage, ...]] = {
    Stage.OFFERED: (Stage.ACCEPTED, Stage.DECLINED, Stage.WITHDRAWN),
    Stage.ACCEPTED: (Stage.DEPARTED, Stage.SUSPENDED, Stage.WITHDRAWN),
    Stage.DEPARTED: (Stage.ARRIVED, Stage.SUSPENDED, Stage.WITHDRAWN),
    Stage.ARRIVED: (Stage.WORKING, Stage.SUSPENDED, Stage.WITHDRAWN),
    Stage.WORKING: (Stage.LOCALISED, Stage.COMPLETED, Stage.SUSPENDED, Stage.WITHDRAWN),
    Stage.LOCALISED: (Stage.COMPLETED, Stage.SUSPENDED, Stage.WITHDRAWN),
    Stage.SUSPENDED: (Stage.DEPARTED, Stage.WORKING, Stage.WITHDRAWN),
    Stage.COMPLETED: (),
    Stage.DECLINED: (),
    Stage.WITHDRAWN: (),
}
FINAL = frozenset(stage for stage, following in MOVES.items() if not following)


@dataclass(frozen=True)
class JobCard:
    """What routing said when it offered the order; never changes. Times are aware UTC."""

    assignment_id: UUID
    request_id: UUID
    number: str
    crew_id: UUID
    organisation_id: UUID
    attempt: int
    offered_at: datetime
    respond_by: datetime
    eta_minutes: int
    distance_m: int
    category: str
    priority: str
    system: str
    fault: str
    place: str
    hazards: tuple[str, ...]
    text: str
    language: str
    address: Mapping[str, Any]
    by: str
    reason: str | None


@dataclass(frozen=True)
class Step:
    """One stage as reported: who, when, why, with what.

    ``at`` is when it happened by our clock, ``recorded_at`` when we heard of it (None: at once),
    ``device_at`` what the device's clock showed.
    """

    stage: Stage
    by: str
    at: datetime
    recorded_at: datetime | None = None
    device_at: datetime | None = None
    reason: str | None = None
    note: str | None = None
    result: Result | None = None
    readings: tuple[Reading, ...] = ()
    safety: SafetyAnswers | None = None

    @property
    def says_something(self) -> bool:
        """Whether somebody entered more than the stage itself."""
        return any((self.reason, self.note, self.result, self.readings, self.safety))


@dataclass(frozen=True)
class WorkOrder:
    """A job card and how far the crew has come with it.

    ``reached`` holds every stage it ever had; ``change`` numbers its latest change among all changes of its
    crew's orders (0 until it is stored), which is what a device synchronises by. ``arrival_seen_at``: since
    when the crew's positions say that it is there, while it has not said so itself.
    """

    card: JobCard
    stage: Stage
    stage_at: datetime
    reached: frozenset[Stage]
    change: int = 0
    arrival_seen_at: datetime | None = None

    @classmethod
    def offered(cls, card: JobCard) -> "WorkOrder":
        return cls(card, Stage.OFFERED, card.offered_at, frozenset({Stage.OFFERED}))

    @property
    def needs_gate(self) -> bool:
        """Whether work on this order starts through the safety gate."""
        return self.site.needs_gate

    @property
    def site(self) -> Site:
        """Where the work is and what is dangerous there, as the order says."""
        return Site(frozenset({self.card.place}), frozenset(self.card.hazards))

    @property
    def is_final(self) -> bool:
        return self.stage in FINAL

    @property
    def may_become(self) -> tuple[Stage, ...]:
        """The stages the crew itself may report next; withdrawing is the dispatcher's."""
        following = (stage for stage in MOVES[self.stage] if stage is not Stage.WITHDRAWN)
        return tuple(stage for stage in following if self._reachable(stage))

    def _reachable(self, stage: Stage) -> bool:
        """Work resumes only where the crew has been: nobody skips the arrival by a suspension."""
        if stage is Stage.WORKING:
            return Stage.ARRIVED in self.reached
        if stage is Stage.COMPLETED and self.card.category == EMERGENCY:
            return Stage.LOCALISED in self.reached
        return True


CLOSED = Gate(SafetyBook("", {}, ()), ())
"""A gate without scripts lets nobody through where there is danger."""


def advance(order: WorkOrder, step: Step, gate: Gate = CLOSED) -> WorkOrder:
    """The order after the crew's report; the same object if it had that stage already.

    Raises a subclass of AvariykaError that says what is true now when the move is forbidden or lacks what
    the stage demands.
    """
    if step.stage is order.stage:
        return order
    _check_move(order, step.stage)
    demand = _DEMANDS.get(step.stage)
    if demand is not None:
        demand(order, step, gate)
    return _moved(order, step)


def withdraw(order: WorkOrder, step: Step) -> WorkOrder:
    """The order after the dispatcher took it back; work that has ended already stays as it ended."""
    return order if order.is_final else _moved(order, step)


def _moved(order: WorkOrder, step: Step) -> WorkOrder:
    reached = order.reached | {step.stage}
    return replace(order, stage=step.stage, stage_at=step.at, reached=reached, arrival_seen_at=None)


def _check_move(order: WorkOrder, wanted: Stage) -> None:
    if wanted in order.may_become:
        return
    if order.stage is Stage.WITHDRAWN:
        raise AssignmentWithdrawn(stage=order.stage, allowed=())
    allowed = order.may_become
    if wanted is Stage.COMPLETED and order.stage is Stage.WORKING:
        raise LocaliseFirst(stage=order.stage, allowed=allowed)
    raise MoveNotAllowed(stage=order.stage, wanted=wanted, allowed=allowed)


def _demand_reason(_order: WorkOrder, step: Step, _gate: Gate) -> None:
    if not step.reason:
        raise ReasonRequired(wanted=step.stage)


def _demand_end(order: WorkOrder, step: Step, gate: Gate) -> None:
    if step.result is None:
        raise ResultRequired(results=tuple(Result))
    if Stage.LOCALISED not in order.reached:
        gate.check(order.site, Before.LOCALISED)


def _demand_safety(order: WorkOrder, step: Step, gate: Gate) -> None:
    said = Answer("", at=step.device_at or step.at, recorded_at=step.at, by=step.by)
    gate.joined_by(step.safety, step.readings, said).check(order.site, Before.WORKING)
    check_air(step.readings, gate.limits)


def _demand_whole_house(order: WorkOrder, _step: Step, gate: Gate) -> None:
    gate.check(order.site, Before.LOCALISED)


_DEMANDS: Mapping[Stage, Callable[[WorkOrder, Step, Gate], None]] = {
    Stage.DECLINED: _demand_reason,
    Stage.SUSPENDED: _demand_reason,
    Stage.WORKING: _demand_safety,
    Stage.LOCALISED: _demand_whole_house,
    Stage.COMPLETED: _demand_end,
}
