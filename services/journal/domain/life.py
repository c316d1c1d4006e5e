"""The life of one request as far as it is known: its state, how it came there and what the clocks need."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.journal.domain.facts import Fact
from services.journal.domain.states import FINISHED, WORK_CHAIN, State, check_move


class Origin(StrEnum):
    """Why a move is on the record."""

    REPORTED = "reported"
    """Somebody said so."""
    IMPLIED = "implied"
    """Nobody said so, but a later stage was reported: the gap is written down, not skipped."""
    AUTOMATIC = "automatic"
    """The journal's own rule followed from the move before."""
    CORRECTED = "corrected"
    """A fact that came late changed what had been announced."""


@dataclass(frozen=True)
class Move:
    """One change of the official state: to what, when, because of which fact."""

    before: State | None
    to: State
    at: datetime
    cause: str
    origin: Origin = Origin.REPORTED


@dataclass(frozen=True)
class Life:
    """What the facts so far add up to. Made by :func:`services.journal.domain.fold.fold`, never by hand.

    ``order_id`` is the work order in force, ``dead_orders`` were declined or withdrawn, ``outage_id``
    is what it rides or last rode on, ``waiting`` are facts that the state does not allow (yet).
    ``deferrals`` are the times of being put off: since when, and until when as it was meant.
    ``cancelled_on`` is the channel on which the applicant called it off, ``returned_on`` the one on which
    they said last that the trouble is still there, ``cancellation_asked_at`` when they asked what a person
    must decide. All times are aware UTC.
    """

    state: State | None = None
    moves: tuple[Move, ...] = ()
    number: str | None = None
    received_at: datetime | None = None
    registered_at: datetime | None = None
    category: str | None = None
    priority: str | None = None
    system: str | None = None
    fault: str | None = None
    hazards: tuple[str, ...] = ()
    overridden: bool = False
    organisation_id: str | None = None
    transfer_id: str | None = None
    transfers: frozenset[str] = frozenset()
    order_id: str | None = None
    dead_orders: frozenset[str] = frozenset()
    transferred_at: datetime | None = None
    acknowledge_by: datetime | None = None
    unroutable_at: datetime | None = None
    arrived_at: datetime | None = None
    result: str | None = None
    delay_reason: str | None = None
    cancelled_on: str | None = None
    returned_on: str | None = None
    cancellation_asked_at: datetime | None = None
    returns: int = 0
    outage_id: str | None = None
    deferrals: tuple[tuple[datetime, datetime], ...] = ()
    waiting: tuple[Fact, ...] = ()

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    @property
    def answered_on(self) -> str | None:
        """The channel on which the applicant has had our answer to the word that led to the present state."""
        channels = {State.CANCELLED: self.cancelled_on, State.RETURNED: self.returned_on}
        return channels.get(self.state) if self.state else None

    @property
    def is_crew_on_site(self) -> bool:
        """Whether the crew of the order in force is there, as far as it has said so."""
        return self.state in (State.IN_WORK, State.LOCALISED) or (
            self.order_id is not None and self.arrived_at is not None
        )

    @property
    def state_at(self) -> datetime | None:
        """When the present state was reached."""
        return self.moves[-1].at if self.moves else None

    @property
    def pauses(self) -> tuple[tuple[datetime, datetime], ...]:
        """The times in which no clock of the work runs: from being put off until the moment named, or until
        somebody took it up before."""
        return tuple(
            (since, min(until, self._taken_up_at(since) or until)) for since, until in self.deferrals
        )

    def _taken_up_at(self, since: datetime) -> datetime | None:
        left = (move.at for move in self.moves if move.before is State.DEFERRED and move.at >= since)
        return next(left, None)

    def move(self, to: State, fact: Fact, origin: Origin = Origin.REPORTED) -> "Life":
        """The life one state further; raises ForbiddenMove if the table does not have the move."""
        check_move(self.state, to)
        return replace(self, state=to, moves=(*self.moves, Move(self.state, to, fact.at, fact.id, origin)))

    def has_passed(self, stage: State) -> bool:
        """Whether the crew's part of the life stands at ``stage`` or beyond it."""
        if self.state in WORK_CHAIN:
            return WORK_CHAIN.index(self.state) >= WORK_CHAIN.index(stage)
        return self.state in (State.CLOSED, State.RETURNED)

    def reached_at(self, stage: State, since: State) -> datetime | None:
        """When ``stage`` or a later stage of the work was first reached after the last move to ``since``."""
        later = WORK_CHAIN[WORK_CHAIN.index(stage) :]
        reached: datetime | None = None
        for move in self.moves:
            if move.to is since:
                reached = None
            elif reached is None and move.to in later:
                reached = move.at
        return reached
