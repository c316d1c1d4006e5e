"""One try to tell one addressee: its states, times and who received it; pure (M-1.1-U4)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from services.notify.domain.alert_lists import Means
from services.notify.errors import ForbiddenMove


class State(StrEnum):
    """Where one attempt stands. ``recalled``: it rings and is not needed any more, so it is being hung up;
    ``dropped``: nobody was reached by it, and nobody need be."""

    PLANNED = "planned"
    PLACING = "placing"
    PLACED = "placed"
    ANSWERED = "answered"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    MACHINE = "machine"
    FAILED = "failed"
    UNACKNOWLEDGED = "unacknowledged"
    RECALLED = "recalled"
    DROPPED = "dropped"


UNSETTLED = frozenset({State.PLANNED, State.PLACING, State.PLACED, State.ANSWERED, State.DELIVERED})
OUT = frozenset({State.PLACED, State.ANSWERED, State.DELIVERED})
REACHED = frozenset({State.ACKNOWLEDGED, State.DELIVERED})
_MISSED = frozenset({State.BUSY, State.NO_ANSWER, State.MACHINE, State.FAILED, State.UNACKNOWLEDGED})
_WENT_OUT = frozenset({*OUT, State.ACKNOWLEDGED, *_MISSED} - {State.FAILED})
_FROM_OUTSIDE = frozenset({State.ANSWERED, State.DELIVERED, State.ACKNOWLEDGED, *_MISSED})
# The provider can prove that a call went out while we still think that it did not: hence planned → answered.
MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.PLANNED: frozenset({State.PLACING, State.DROPPED, *_FROM_OUTSIDE}),
        State.PLACING: frozenset({State.PLANNED, State.PLACING, State.PLACED, State.DROPPED, *_FROM_OUTSIDE}),
        State.PLACED: frozenset({State.RECALLED, State.DROPPED, *_FROM_OUTSIDE}),
        State.RECALLED: frozenset({State.DROPPED, *_FROM_OUTSIDE}),
        State.ANSWERED: frozenset({State.ACKNOWLEDGED, *_MISSED}),
        State.DELIVERED: frozenset({State.ACKNOWLEDGED, State.UNACKNOWLEDGED}),
        **dict.fromkeys(_MISSED, frozenset({State.ACKNOWLEDGED})),
        State.ACKNOWLEDGED: frozenset(),
        State.DROPPED: _FROM_OUTSIDE,
    }
)


@dataclass(frozen=True)
class Attempt:
    """One try to tell one addressee. ``due_at``: when it may be placed; while ``placing``, when its lease
    ends. ``unsure_since``: since then the provider may have taken it. ``note`` says why the number is another
    than the one meant. ``received_by``: by a key, a link, or the words of whoever wrote it down."""

    id: UUID
    step: int
    addressee: str
    round: int
    means: Means
    planned_at: datetime
    due_at: datetime
    state: State = State.PLANNED
    tries: int = 0
    number: str | None = None
    person_id: UUID | None = None
    provider_sid: str | None = None
    unsure_since: datetime | None = None
    placed_at: datetime | None = None
    answered_at: datetime | None = None
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = None
    received_by: str | None = None
    error_code: str | None = None
    note: str | None = None

    def moved(self, to: State, now: datetime, error_code: str | None = None) -> "Attempt":
        """Raises ForbiddenMove."""
        if to not in MOVES[self.state]:
            raise ForbiddenMove(f"{self.state} to {to}")
        return replace(
            self,
            state=to,
            error_code=error_code,
            unsure_since=self.unsure_since if to is State.PLACING else None,
            placed_at=self.placed_at or (now if to in _WENT_OUT else None),
            answered_at=now if to is State.ANSWERED else self.answered_at,
            acknowledged_at=now if to is State.ACKNOWLEDGED else None,
            ended_at=self.ended_at or (None if to in UNSETTLED else now),
        )

    def leased(self, now: datetime, lease: timedelta) -> "Attempt":
        taken = self.moved(State.PLACING, now)
        return replace(taken, tries=self.tries + 1, due_at=now + lease, unsure_since=self.unsure_since or now)

    def postponed(self, until: datetime, *, unsure: bool, error_code: str) -> "Attempt":
        """Back in line: not taken, or (``unsure``) nobody knows."""
        if State.PLANNED not in MOVES[self.state]:
            raise ForbiddenMove(f"{self.state} to {State.PLANNED}")
        since = self.unsure_since if unsure else None
        return replace(self, state=State.PLANNED, due_at=until, unsure_since=since, error_code=error_code)

    def ends_at(self, wait: timedelta) -> datetime:
        """When an acknowledgement is no longer waited for."""
        return (self.answered_at or self.placed_at or self.due_at) + wait


def dropped(attempt: Attempt, now: datetime) -> Attempt:
    """What has not gone out does not; nor does what a worker took and never finished. A telephone that rings
    is hung up; who has answered hears it to the end."""
    is_idle = attempt.state is State.PLANNED or (attempt.state is State.PLACING and attempt.due_at <= now)
    if is_idle:
        return attempt.moved(State.DROPPED, now)
    rings = attempt.state is State.PLACED and attempt.means is Means.VOICE
    return replace(attempt.moved(State.RECALLED, now), due_at=now) if rings else attempt
