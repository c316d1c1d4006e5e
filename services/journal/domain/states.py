"""The official states of a request and the only moves between them (design §5)."""

from collections.abc import Mapping
from enum import StrEnum

from services.journal.errors import ForbiddenMove


class State(StrEnum):
    """Where a request stands, as reports and residents hear it."""

    DRAFT = "draft"
    REGISTERED = "registered"
    CLASSIFIED = "classified"
    TRANSFERRED = "transferred"
    ACKNOWLEDGED = "acknowledged"
    IN_WORK = "in_work"
    LOCALISED = "localised"
    DONE = "done"
    CLOSED = "closed"
    DEFERRED = "deferred"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    CONSULTED = "consulted"
    JOINED = "joined"


MOVES: Mapping[State | None, frozenset[State]] = {
    None: frozenset({State.DRAFT, State.REGISTERED}),
    State.DRAFT: frozenset({State.REGISTERED, State.CANCELLED, State.REJECTED}),
    State.REGISTERED: frozenset({State.CLASSIFIED, State.JOINED, State.CANCELLED, State.REJECTED}),
    State.CLASSIFIED: frozenset(
        {
            State.TRANSFERRED,
            State.CONSULTED,
            State.DEFERRED,
            State.JOINED,
            State.CANCELLED,
            State.REJECTED,
        }
    ),
    State.TRANSFERRED: frozenset(
        {
            State.ACKNOWLEDGED,
            State.CONSULTED,
            State.DEFERRED,
            State.JOINED,
            State.CANCELLED,
            State.REJECTED,
        }
    ),
    State.ACKNOWLEDGED: frozenset({State.IN_WORK, State.TRANSFERRED, State.DEFERRED, State.CANCELLED}),
    # Work that never was dangerous has nothing to localise: it may go from in_work straight to done.
    State.IN_WORK: frozenset(
        {State.LOCALISED, State.DONE, State.TRANSFERRED, State.DEFERRED, State.CANCELLED}
    ),
    State.LOCALISED: frozenset({State.DONE, State.TRANSFERRED, State.DEFERRED, State.CANCELLED}),
    State.DONE: frozenset({State.CLOSED, State.RETURNED}),
    State.RETURNED: frozenset({State.TRANSFERRED, State.DEFERRED, State.CANCELLED}),
    State.DEFERRED: frozenset({State.CLASSIFIED, State.TRANSFERRED, State.CANCELLED}),
    State.CONSULTED: frozenset({State.CLOSED}),
    # Split off it goes on from where it was; with dangers of its own it is dispatched before that.
    State.JOINED: frozenset(
        {State.REGISTERED, State.CLASSIFIED, State.TRANSFERRED, State.CLOSED, State.CANCELLED}
    ),
    # A consultation is closed at once; a dispatcher who finds that it was none takes it up again. Work that
    # the applicant says is not done goes back to the dispatcher, however long ago it was closed.
    State.CLOSED: frozenset({State.CLASSIFIED, State.RETURNED}),
    State.CANCELLED: frozenset(),
    State.REJECTED: frozenset(),
}

FINISHED = frozenset({State.CLOSED, State.CANCELLED, State.REJECTED})

WORK_CHAIN = (State.TRANSFERRED, State.ACKNOWLEDGED, State.IN_WORK, State.LOCALISED, State.DONE)
"""The stretch of the life which a crew reports, in its order."""


def check_move(present: State | None, wanted: State) -> None:
    """Raise :class:`ForbiddenMove` unless the table has this move."""
    if wanted not in MOVES[present]:
        raise ForbiddenMove(state=present or "new", wanted=wanted)
