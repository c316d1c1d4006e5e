"""The deadlines of one request: computed from its life and the norm table, never stored as truth."""

from dataclasses import dataclass
from datetime import datetime

from services.journal.domain.life import Life
from services.journal.domain.norms import Case, ClockName, Norm, NormBook, Start, deadline_with_pauses
from services.journal.domain.states import State

PROMISE = "transfer.acknowledge_by"
"""The "norm" of the acknowledgement clock: the moment that the transfer itself names (D-1.3-U5)."""

EXECUTION = (ClockName.LOCALISE, ClockName.COMPLETE)
"""The clocks of the work itself: a request that missed one of them is overdue."""

_SETTLED = frozenset({State.CLOSED, State.CANCELLED, State.REJECTED, State.CONSULTED, State.JOINED})


@dataclass(frozen=True)
class Clock:
    """One running or stopped deadline; all times aware UTC."""

    name: ClockName
    norm: str
    started_at: datetime
    approaching_at: datetime
    due_at: datetime
    stopped_at: datetime | None

    def missed_by(self, moment: datetime) -> bool:
        """Whether the step was, or at ``moment`` still is, later than its norm."""
        return (self.stopped_at or moment) > self.due_at


def clocks(life: Life, book: NormBook) -> tuple[Clock, ...]:
    """Every deadline of the request so far."""
    if life.registered_at is None or life.category is None:
        return ()
    case = _case(life, life.registered_at, book)
    by_norm = [
        _by_norm(life, norm, book)
        for name in (ClockName.ARRIVE, *EXECUTION)
        if (norm := book.choose(name, case)) is not None
    ]
    return (*_promise(life, book), *by_norm)


def running_clocks(life: Life, book: NormBook) -> tuple[Clock, ...]:
    """The deadlines of the work that nothing has stopped yet, the nearest first. Whether the organisation has
    confirmed a transfer in time is no business of the applicant's."""
    running = [clock for clock in clocks(life, book) if clock.stopped_at is None and clock.norm != PROMISE]
    return tuple(sorted(running, key=lambda clock: clock.due_at))


def is_overdue(life: Life, book: NormBook, moment: datetime) -> bool:
    """Whether the work missed (or at ``moment`` is missing) the norm of its localisation or completion."""
    return any(clock.name in EXECUTION and clock.missed_by(moment) for clock in clocks(life, book))


def _case(life: Life, registered_at: datetime, book: NormBook) -> Case:
    return Case(
        on=book.local_date(registered_at),
        category=life.category,
        system=life.system,
        fault=life.fault,
        hazards=life.hazards,
        organisation_id=life.organisation_id,
    )


def _by_norm(life: Life, norm: Norm, book: NormBook) -> Clock:
    started, pauses = _start(life, norm.start), life.pauses
    near = norm.limit * book.approaching
    return Clock(
        name=norm.clock,
        norm=norm.id,
        started_at=started,
        approaching_at=deadline_with_pauses(started, near, norm.hours, book.zone, pauses),
        due_at=deadline_with_pauses(started, norm.limit, norm.hours, book.zone, pauses),
        stopped_at=_stop(life, norm.clock),
    )


def _promise(life: Life, book: NormBook) -> tuple[Clock, ...]:
    started, due = life.transferred_at, life.acknowledge_by
    if started is None or due is None:
        return ()
    near = started + (due - started) * book.approaching
    return (Clock(ClockName.ACKNOWLEDGE, PROMISE, started, near, due, _stop(life, ClockName.ACKNOWLEDGE)),)


def _start(life: Life, start: Start) -> datetime:
    registered = life.registered_at
    assert registered is not None
    return registered if start is Start.REGISTRATION else (life.received_at or registered)


_STOPS = {
    # A new transfer must be acknowledged anew; work that was sent back must be done anew.
    ClockName.ACKNOWLEDGE: (State.ACKNOWLEDGED, State.TRANSFERRED),
    ClockName.ARRIVE: (State.IN_WORK, State.RETURNED),
    ClockName.LOCALISE: (State.LOCALISED, State.RETURNED),
    ClockName.COMPLETE: (State.DONE, State.RETURNED),
}


def _stop(life: Life, name: ClockName) -> datetime | None:
    if name is ClockName.ARRIVE and life.arrived_at is not None:
        return life.arrived_at
    reached = life.reached_at(*_STOPS[name])
    if reached is None and life.state in _SETTLED:
        return _settled_at(life)
    return reached


def _settled_at(life: Life) -> datetime | None:
    """What closed with its outage had nothing of its own to be late with since it joined: from then on the
    deadline is that of the outage's own request."""
    *before, last = life.moves
    return before[-1].at if last.before is State.JOINED and before else last.at
