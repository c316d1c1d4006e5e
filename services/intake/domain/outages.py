"""One mass incident behind many requests: its scope, its life, and which requests it accounts for (rule 6.8).

A repeat is the smallest case of it: two requests about one flat are one incident with one crew. Such an
incident is ``suspected``; enough different flats in enough of a hurry, or a dispatcher, make it ``open``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.intake.domain.riders import House, HouseState, Rider
from services.intake.domain.troubles import Level, TroubleBook
from services.intake.errors import ForbiddenOutageMove


class Kind(StrEnum):
    ACCIDENT = "accident"
    PLANNED = "planned"


class State(StrEnum):
    """Where an outage stands. ``suspected``: requests ride on one another, nobody has called it an outage."""

    SUSPECTED = "suspected"
    OPEN = "open"
    CLOSED = "closed"
    CALLED_OFF = "called_off"


MOVES: Mapping[State, frozenset[State]] = {
    State.SUSPECTED: frozenset({State.OPEN, State.CLOSED, State.CALLED_OFF}),
    State.OPEN: frozenset({State.CLOSED, State.CALLED_OFF}),
    State.CLOSED: frozenset(),
    State.CALLED_OFF: frozenset(),
}
LIVE = frozenset({State.SUSPECTED, State.OPEN})


@dataclass(frozen=True, slots=True)
class Outage:
    """One incident. ``symptoms``: the one it began with first. Times are aware UTC.

    ``ends_by`` is the end that people are told. ``lead_request_id`` is the request whose crew works on it,
    None for one that a dispatcher entered. ``hazards`` are those that it is known to have: of its lead.
    """

    id: UUID
    number: int
    kind: Kind
    state: State
    symptoms: tuple[str, ...]
    level: Level
    started_at: datetime
    created_at: datetime
    updated_at: datetime
    houses: tuple[House, ...] = ()
    lead_request_id: UUID | None = None
    hazards: frozenset[str] = frozenset()
    cause: str = ""
    course: str = ""
    tell: Mapping[str, str] = field(default_factory=dict)
    ends_by: datetime | None = None
    ended_at: datetime | None = None
    organisation: str | None = None
    author: str = "system"
    reason: str | None = None
    last_joined_at: datetime | None = None
    version: int = 0

    @property
    def symptom(self) -> str:
        return self.symptoms[0]

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def wants_lead(self) -> bool:
        """Whether the first request that belongs to it must get a crew for all."""
        return self.kind is Kind.ACCIDENT and self.lead_request_id is None

    @property
    def house_by_key(self) -> Mapping[str, House]:
        return {house.key: house for house in self.houses}

    def is_overdue(self, now: datetime) -> bool:
        """Whether people were promised an end that has passed."""
        return self.is_live and self.ends_by is not None and self.ends_by < now

    def is_on(self, now: datetime) -> bool:
        """Whether it holds now: a planned one does not before its time."""
        return self.is_live and self.started_at <= now

    def accounts_for(self, rider: Rider, book: TroubleBook, now: datetime) -> bool:
        """Whether the rider's trouble at the rider's place is this outage's."""
        house = self.house_by_key.get(rider.house)
        if house is None or house.state is HouseState.RESTORED or not self.is_on(now):
            return False
        known = any(book.symptom(name).accounts_for(rider.symptom) for name in self.symptoms)
        if not known or (rider.only_ours and self.level is not Level.FLAT):
            return False
        if self.level is Level.FLAT and rider.flat is None:
            return False
        return house.contains(rider.entrance, rider.flat)

    def with_house(self, house: House) -> "Outage":
        """The outage reaching this house too."""
        known = self.house_by_key.get(house.key)
        widened = house if known is None else known.widened(house)
        if widened == known:
            return self
        others = tuple(other for other in self.houses if other.key != house.key)
        return replace(self, houses=(*others, widened))

    def opened(self, level: Level, houses: Iterable[House], now: datetime) -> "Outage":
        """Declared a mass outage at ``level``."""
        widened = replace(self, level=max(self.level, level, key=lambda one: one.width))
        for house in houses:
            widened = widened.with_house(house)
        return widened.moved(State.OPEN, now) if self.state is State.SUSPECTED else widened

    def moved(self, to: State, now: datetime, reason: str | None = None) -> "Outage":
        """In another state; raises ForbiddenOutageMove if the machine has no such move."""
        if to not in MOVES[self.state]:
            raise ForbiddenOutageMove(state=self.state.value, wanted=to.value)
        over = to not in LIVE
        ended = now if over else None
        return replace(self, state=to, ended_at=ended, reason=reason or self.reason, updated_at=now)


SOLVING = frozenset({"fixed", "temporary_fix", "no_fault_found"})
"""Results of the lead's work that end the outage; after any other the next member's request leads."""
WITH_CREW = frozenset({"acknowledged", "in_work", "localised", "done", "closed", "cancelled", "rejected"})
"""Official states in which somebody is on a request already, or nobody will be: it joins nothing any more."""


@dataclass(frozen=True, slots=True)
class OutageFilter:
    """Which outages to list; None or nothing means any. ``before``: only those with a smaller number."""

    states: tuple[State, ...] = ()
    kind: Kind | None = None
    symptom: str | None = None
    house: str | None = None
    before: int | None = None
    limit: int = 50
