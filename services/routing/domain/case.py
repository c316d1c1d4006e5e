"""Routing's own copy of a request: what it needs to send a crew, and how far that has come."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.routing.domain.advice import Advice
from services.routing.domain.networks import Network
from services.routing.domain.words import Category, Unroutable
from services.routing.errors import CaseIncomplete

OVER = frozenset({"done", "closed", "cancelled", "rejected", "consulted", "deferred"})
CALLED_OFF = frozenset({"cancelled", "rejected"})


class Status(StrEnum):
    """What routing has to do for a request (the official state is the journal's)."""

    INCOMPLETE = "incomplete"  # registered or classified, not yet both
    WAITING = "waiting"  # somebody must go, nobody has been asked
    ASSIGNED = "assigned"  # a live assignment exists
    HANDED_OVER = "handed_over"  # told by voice or confirmed so: the organisation sends its own
    RETURNED = "returned"  # a crew could not finish it: a dispatcher decides who goes, and when
    IDLE = "idle"  # nothing to send: consultation, done, cancelled


@dataclass(frozen=True)
class Deadline:
    """The journal's latest word on a clock of this request: ``approaching`` or ``missed``."""

    clock: str
    level: str
    due_at: datetime
    at: datetime


@dataclass(frozen=True)
class Case:
    """One request. Fields stay None until the event that brings them, whatever the order of events."""

    request_id: UUID
    version: int = 0
    status: Status = Status.INCOMPLETE
    state: str | None = None
    state_sequence: int = 0
    number: str | None = None
    language: str | None = None
    text: str | None = None
    address: Mapping[str, Any] | None = None
    registered_at: datetime | None = None
    category: Category | None = None
    proposed_category: Category | None = None
    priority: str | None = None
    system: str | None = None
    fault: str | None = None
    place: str | None = None
    hazards: tuple[str, ...] = ()
    confidence: float | None = None
    needs_person: bool = False
    decided_at: datetime | None = None
    overridden: bool = False
    organisation_id: UUID | None = None
    routed_as: str | None = None
    network: Network | None = None  # the side of the wall as an organisation or a dispatcher has said
    attempts: int = 0
    unroutable: Unroutable | None = None
    unroutable_detail: str | None = None
    unroutable_at: datetime | None = None
    deadline: Deadline | None = None
    clocks: Mapping[str, datetime] = field(default_factory=dict)
    preempted: int = 0
    advice: Advice | None = None
    outage_id: UUID | None = None
    outage_number: str | None = None
    lead_request_id: UUID | None = None
    ride_sequence: int = 0
    own_hazards: tuple[str, ...] = ()

    cancellation_asked_at: datetime | None = None
    deferred_until: datetime | None = None
    deferral_reason: str | None = None
    resumed_at: datetime | None = None  # its time had come: shown until a crew has accepted

    @property
    def rides(self) -> bool:
        """Whether an outage's crew works for this request too. Dangers that the outage does not have need a
        crew of their own, whether anybody has split the request off yet or not (design rule 6.8)."""
        return self.outage_id is not None and not self.own_hazards

    @property
    def is_complete(self) -> bool:
        return self.registered_at is not None and self.category is not None

    @property
    def has_place(self) -> bool:
        """Whether it is known where on the map it is."""
        address = self.address or {}
        return address.get("lat") is not None and address.get("lon") is not None

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def wants_crew(self) -> bool:
        """Whether somebody must be found now."""
        return self.status is Status.WAITING


@dataclass(frozen=True)
class Registration:
    """What ``request.registered`` brings."""

    request_id: UUID
    number: str
    language: str
    text: str
    address: Mapping[str, Any]
    registered_at: datetime
    ride: "Ride | None" = None


@dataclass(frozen=True)
class Ride:
    """What ``request.joined`` brings, or ``request.registered`` of a request that rides from the first:
    which outage, and the request whose crew works on it. ``sequence`` numbers what intake says of it."""

    request_id: UUID
    outage_id: UUID
    outage_number: str
    lead_request_id: UUID | None
    sequence: int = 1


@dataclass(frozen=True)
class Classification:
    """What ``request.classified`` brings; ``priority`` may be None for a consultation only."""

    request_id: UUID
    category: Category
    priority: str | None
    system: str
    fault: str
    place: str
    hazards: tuple[str, ...]
    confidence: float
    needs_person: bool
    decided_at: datetime


@dataclass(frozen=True)
class Override:
    """A dispatcher's change of urgency: proposal, before, after, author, reason are all kept (rule 6.2)."""

    request_id: UUID
    proposed_category: Category | None
    category_before: Category
    category: Category
    priority: str | None
    reason: str
    by: str
    at: datetime


def register(case: Case, told: Registration) -> Case:
    """The case with address and problem; a second telling changes nothing."""
    if case.registered_at is not None:
        return case
    known = replace(
        case,
        number=told.number,
        language=told.language,
        text=told.text,
        address=told.address,
        registered_at=told.registered_at,
        state=case.state or "registered",
    )
    ride = told.ride
    return _ready(_riding(known, ride) if ride and ride.sequence > known.ride_sequence else known)


def join(case: Case, ride: Ride) -> Case:
    """The case on its outage: nobody need be found, unless its dangers are its own or a crew has taken it on.

    Older news than what is known changes nothing.
    """
    if ride.sequence <= case.ride_sequence:
        return case
    known = _riding(case, ride)
    if not known.rides or case.status is not Status.WAITING:
        return known
    return replace(unrouted(known), status=Status.IDLE)


def leave(case: Case, sequence: int) -> Case:
    """The case off its outage again: somebody must go, unless somebody does already."""
    if sequence <= case.ride_sequence:
        return case
    known = replace(
        case,
        outage_id=None,
        outage_number=None,
        lead_request_id=None,
        own_hazards=(),
        ride_sequence=sequence,
    )
    if known.is_over or not known.is_complete or known.status is not Status.IDLE or known.category is None:
        return known
    return replace(unrouted(known), status=_needed(known.category))


def endanger(case: Case, lead_hazards: Collection[str]) -> Case:
    """The case with those of its dangers that its outage's lead does not have; with any it is sent on."""
    if case.outage_id is None:
        return case
    own = tuple(hazard for hazard in case.hazards if hazard not in lead_hazards)
    known = replace(case, own_hazards=own)
    if own and not case.own_hazards and case.status is Status.IDLE and case.is_complete and not case.is_over:
        return replace(known, status=Status.WAITING)
    return known


def _riding(case: Case, ride: Ride) -> Case:
    return replace(
        case,
        outage_id=ride.outage_id,
        outage_number=ride.outage_number,
        lead_request_id=ride.lead_request_id,
        ride_sequence=max(ride.sequence, case.ride_sequence),
    )


def unrouted(case: Case) -> Case:
    """Handed to nobody: whoever gets it next gets a transfer of its own."""
    return replace(unstuck(case), organisation_id=None, routed_as=None)


def unstuck(case: Case) -> Case:
    """The case without what stood in its way, and without advice on whom to send."""
    return replace(case, unroutable=None, unroutable_detail=None, unroutable_at=None, advice=None)


def classify(case: Case, told: Classification) -> Case:
    """The case with urgency and system; an older decision never replaces a newer one, and none replaces a
    dispatcher's (design rule 6.2: the proposal is kept beside it)."""
    if case.decided_at is not None and case.decided_at >= told.decided_at:
        return case
    known = replace(
        case,
        proposed_category=told.category,
        category=case.category if case.overridden else told.category,
        priority=case.priority if case.overridden else told.priority or told.category.priority,
        system=told.system,
        fault=told.fault,
        place=told.place,
        hazards=told.hazards,
        confidence=told.confidence,
        needs_person=told.needs_person,
        decided_at=told.decided_at,
    )
    return _ready(known)


def override(case: Case, category: Category) -> Case:
    """The dispatcher's urgency; the proposal stays in ``proposed_category``."""
    changed = replace(case, category=category, priority=category.priority, overridden=True, advice=None)
    open_question = case.status is Status.WAITING or case.category is Category.CONSULTATION
    if open_question and case.is_complete and not case.is_over and not case.rides:
        return replace(changed, status=_needed(category))
    return changed


def released(case: Case) -> Case:
    """The case after its crew is gone and the work is not done: somebody else must go, if still needed."""
    if case.is_over or case.category is None or case.rides:
        return replace(case, status=Status.IDLE)
    return replace(case, status=_needed(case.category))


def finished(case: Case) -> Case:
    """The case after its crew reported the end of its work; the journal may have sent it back already."""
    return replace(case, status=Status.RETURNED if case.state == "returned" else Status.IDLE)


def follow_state(case: Case, state: str, sequence: int, clocks: Mapping[str, datetime] | None = None) -> Case:
    """The official state as the journal tells it; older news never overwrites newer.

    What a crew could not finish (no access, another service's work) waits for a dispatcher: sending the next
    crew to the same closed door helps nobody. Whoever goes then, the organisation must confirm once more.
    """
    if sequence <= case.state_sequence:
        return case
    if state == "deferred" and case.deferred_until is None:
        state = case.state or state  # told late: it has been taken up again meanwhile
    told = replace(case, state=state, state_sequence=sequence, clocks=clocks or {})
    if told.is_over and told.status is not Status.ASSIGNED:
        return replace(told, status=Status.IDLE, unroutable=None, advice=None)
    if state == "returned" and told.status is not Status.ASSIGNED and told.category is not None:
        return replace(told, status=Status.RETURNED, organisation_id=None, routed_as=None)
    return told


def defer(case: Case, until: datetime, reason: str) -> Case:
    """The case put off: nobody is looked for until then."""
    missed = case.deadline if case.deadline is not None and case.deadline.level == "missed" else None
    idle = replace(unrouted(case), status=Status.IDLE, deadline=missed)  # what was near is moved away
    return replace(idle, deferred_until=until, deferral_reason=reason, resumed_at=None)


def resume(case: Case) -> Case:
    """The case taken up again; the journal's word on it follows with the next transfer."""
    if case.category is None:
        raise CaseIncomplete
    state = "classified" if case.state == "deferred" else case.state
    awake = replace(unrouted(case), state=state, deferred_until=None, deferral_reason=None)
    return replace(awake, status=Status.IDLE if awake.is_over or awake.rides else _needed(case.category))


def call_dispatcher(case: Case, why: Unroutable, now: datetime) -> Case:
    """The case with an alarm for a person, since the moment it was first needed."""
    return replace(case, unroutable=why, unroutable_at=case.unroutable_at or now)


def escalate(case: Case, deadline: Deadline) -> Case:
    """The case with the newest word on its deadline."""
    if case.deadline is not None and case.deadline.at >= deadline.at:
        return case
    return replace(case, deadline=deadline)


def is_told_apart(one: Case, other: Case) -> bool:
    """Whether they differ in what a dispatcher decides on: the journal's words (state, deadline) follow every
    decision by themselves, and must not make the next one look out of date."""
    told = ("state", "state_sequence", "deadline", "clocks")
    return one != replace(other, **{name: getattr(one, name) for name in told})


def _ready(case: Case) -> Case:
    """Both parts are there: somebody must be found, or nobody is needed."""
    if case.status is not Status.INCOMPLETE or not case.is_complete or case.category is None:
        return case
    nobody = case.is_over or case.rides
    return replace(case, status=Status.IDLE if nobody else _needed(case.category))


def _needed(category: Category) -> Status:
    return Status.IDLE if category is Category.CONSULTATION else Status.WAITING
