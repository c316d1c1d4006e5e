"""Recording what happened, closing by a person, showing a timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from services.journal.domain import closing
from services.journal.domain.clocks import clocks, is_overdue, running_clocks
from services.journal.domain.facts import Entry, Fact, Kind, as_happened
from services.journal.domain.fold import announcements, fold
from services.journal.domain.life import Life, Move
from services.journal.domain.norms import NormBook
from services.journal.domain.states import State
from services.journal.errors import RequestNotFound
from services.journal.usecases.ports import KeptClock, Summary, UnitOfWork

_ENDINGS = frozenset({State.DONE, State.CLOSED, State.RETURNED, State.CONSULTED})


@dataclass(frozen=True)
class Timeline:
    """Everything the journal knows of one request; ``entries`` in the order in which they happened."""

    request_id: str
    life: Life
    entries: tuple[Entry, ...]
    clocks: tuple[KeptClock, ...]


@dataclass(frozen=True)
class Closing:
    """A person's wish to close a request; with ``key`` the same wish coming again is done once."""

    by: str
    delay_reason: str | None = None
    note: str | None = None
    correlation_id: str = ""
    key: str | None = None
    fingerprint: str = ""


@dataclass(frozen=True)
class Page:
    """Some requests, newest first, and where to go on (None at the end)."""

    requests: tuple[Summary, ...]
    next_row: int | None


def record(uow: UnitOfWork, entry: Entry, book: NormBook) -> None:
    """Put an event on the timeline; if it is a fact, let the official state follow."""
    with uow:
        if entry.fact is not None:
            uow.requests.lock(entry.request_id, uow.now)
        uow.entries.add(entry, uow.now)
        if entry.fact is not None:
            _let_follow(uow, entry.request_id, entry.fact, book)
        uow.commit()


def close_request(uow: UnitOfWork, request_id: str, wish: Closing, book: NormBook) -> State:
    """Close a request whose work is done; closing it again changes nothing, nor does the same command after
    somebody has taken the request up again.

    Raises RequestNotFound, NotDone, ResultRequired, DelayReasonRequired or ClosingNoteRequired.
    """
    with uow:
        earlier = uow.idempotency.claim(wish.key, wish.by, wish.fingerprint) if wish.key else None
        if earlier is not None:
            return State(earlier.body["state"])
        uow.requests.lock(request_id, uow.now)
        life = fold(uow.entries.facts(request_id), book)
        if life.state is State.CLOSED:
            return life.state
        if life.state is None:
            raise RequestNotFound
        entry = _closing_entry(uow, request_id, wish)
        assert entry.fact is not None
        closing.check_closing(life, entry.fact, book)
        uow.entries.add(entry, uow.now)
        closed = _let_follow(uow, request_id, entry.fact, book)
        assert closed.state is not None
        if wish.key:
            uow.idempotency.answer(wish.key, wish.by, 200, {"state": closed.state})
        uow.commit()
    return closed.state


def show_timeline(uow: UnitOfWork, request_id: str, book: NormBook) -> Timeline:
    """The whole life of a request; raises RequestNotFound if no event about it has come."""
    with uow:
        entries = tuple(sorted(uow.entries.of(request_id), key=as_happened))
        kept = tuple(uow.clocks.of(request_id))
    if not entries:
        raise RequestNotFound
    life = fold((entry.fact for entry in entries if entry.fact is not None), book)
    return Timeline(request_id, life, entries, kept)


def list_requests(uow: UnitOfWork, state: State | None, limit: int, before: int | None) -> Page:
    """Requests in a state (or all), newest first."""
    with uow:
        found = uow.requests.page(state, limit + 1, before, uow.now)
    more = len(found) > limit
    return Page(tuple(found[:limit]), found[limit - 1].row if more else None)


def _let_follow(uow: UnitOfWork, request_id: str, fact: Fact, book: NormBook) -> Life:
    facts = uow.entries.facts(request_id)
    before = fold((known for known in facts if known.id != fact.id), book)
    after = fold(facts, book)
    uow.requests.put(request_id, after, uow.now)
    _set_clocks(uow, request_id, before, after, book)
    _announce(uow, request_id, after, announcements(before, after), book)
    if after.cancellation_asked_at is not None and before.cancellation_asked_at is None:
        _ask_a_person(uow, request_id, after)
    return after


def _set_clocks(uow: UnitOfWork, request_id: str, before: Life, after: Life, book: NormBook) -> None:
    old = {clock.name: clock for clock in clocks(before, book)}
    new = {clock.name: clock for clock in clocks(after, book)}
    changed = [clock for name, clock in new.items() if old.get(name) != clock]
    gone = old.keys() - new.keys()
    if changed or gone:
        uow.clocks.put(request_id, changed, gone)


def _announce(uow: UnitOfWork, request_id: str, life: Life, moves: Sequence[Move], book: NormBook) -> None:
    for move in moves:
        data = {
            "request_id": request_id,
            "from_state": move.before,
            "to_state": move.to,
            "at": move.at,
            "result": life.result if move.to in _ENDINGS else None,
            "overdue": is_overdue(life, book, move.at),
            "delay_reason": life.delay_reason if move.to is State.CLOSED else None,
            "category": life.category,
            "hazards": life.hazards,
            "channel": life.answered_on if move.to is life.state else None,
            "deadlines": [
                {"clock": clock.name, "due_at": clock.due_at} for clock in running_clocks(life, book)
            ],
        }
        uow.emit("request.state_changed", request_id, data)


def _ask_a_person(uow: UnitOfWork, request_id: str, life: Life) -> None:
    """The applicant wants what a text message may not do: somebody must look."""
    why = "hazards" if life.hazards else "crew_on_site" if life.is_crew_on_site else "applicant"
    data = {"request_id": request_id, "reason": why, "at": life.cancellation_asked_at}
    uow.emit("request.cancellation_asked", request_id, data)


def _closing_entry(uow: UnitOfWork, request_id: str, wish: Closing) -> Entry:
    fact = Fact(str(uuid4()), Kind.CLOSED, uow.now, reason=wish.delay_reason, note=wish.note)
    return Entry(
        id=fact.id,
        request_id=request_id,
        source="journal",
        type="request.closed",
        what="request.closed",
        occurred_at=fact.at,
        actor=wish.by,
        channel="system",
        reason=wish.delay_reason,
        correlation_id=wish.correlation_id,
        causation_id=None,
        fact=fact,
        data={"note": wish.note},
    )
