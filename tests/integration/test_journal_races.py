"""What happens at the same moment in the journal, on a real PostgreSQL, with a clock in hand."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest

from services.journal.domain.audit import Allowances
from services.journal.domain.states import State
from services.journal.schemas.events import entry
from services.journal.store import UnitOfWork
from services.journal.usecases.audits import run_audit, show_audit
from services.journal.usecases.deadlines import escalate
from services.journal.usecases.lives import Closing, close_request, record, show_timeline
from shared.clock import FixedClock
from shared.db import AlreadyHandled, TransactionContext, make_engine
from shared.envelope import Event
from tests.support.database import count, scalar
from tests.support.fakes import NOON
from tests.unit.journal.events import Wire
from tests.unit.journal.fakes import FakeWorld
from tests.unit.journal.lives import BOOK

pytestmark = pytest.mark.servers


class Store:
    """One journal database and one clock for everybody."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = FixedClock(NOON)
        self.engine = make_engine(url, pool_size=12)
        self._context = TransactionContext(self.engine, self.clock, "journal", lambda: None)

    def uow(self, cause: Event | None = None) -> UnitOfWork:
        return UnitOfWork(self._context, cause, "record")

    def hear(self, event: Event) -> None:
        try:
            record(self.uow(event), entry(event), BOOK)
        except AlreadyHandled:
            return


@pytest.fixture
def store(service_database: Callable[[str], str]) -> Iterator[Store]:
    made = Store(service_database("journal"))
    yield made
    made.engine.dispose()


def at_once(works: Sequence[Callable[[], object]], threads: int = 8) -> list[object]:
    """The outcome of each, the first ones let go at the same moment."""
    barrier = threading.Barrier(min(threads, len(works)))

    def run(work: Callable[[], object]) -> object:
        try:
            return work()
        except Exception as failure:
            return failure

    def start() -> None:
        barrier.wait(60)

    with ThreadPoolExecutor(threads, initializer=start) as pool:
        return list(pool.map(run, works))


def emitted(url: str, type_: str) -> int:
    return count(url, "outbox", f"type = '{type_}'")


def test_events_of_one_request_at_the_same_time_end_in_one_truth(store: Store) -> None:
    for seed in range(10):
        wire = Wire(NOON)
        life = wire.life()
        deliveries = life * 2
        random.Random(seed).shuffle(deliveries)
        outcomes = at_once([partial(store.hear, event) for event in deliveries])
        assert outcomes == [None] * len(deliveries)
        shown = show_timeline(store.uow(), wire.request_id, BOOK)
        assert (shown.life.state, shown.life.waiting) == (State.CLOSED, ())
        assert sorted(line.id for line in shown.entries) == sorted(event.id for event in life)
        kept = "SELECT state FROM requests WHERE id = :id"
        assert scalar(store.url, kept, id=wire.request_id) == "closed"
        last = (
            "SELECT body -> 'data' ->> 'to_state' FROM outbox WHERE body ->> 'subject' = :id"
            " ORDER BY (body ->> 'sequence')::int DESC LIMIT 1"
        )
        assert scalar(store.url, last, id=wire.request_id) == "closed"


def test_two_who_close_at_once_close_once(store: Store) -> None:
    wire = Wire(NOON)
    for event in wire.life("temporary_fix"):
        store.hear(event)
    wish = Closing("dispatcher-1", note="repair on Thursday")
    close = partial(close_request, store.uow(), wire.request_id, wish, BOOK)
    outcomes = at_once([lambda: close_request(store.uow(), wire.request_id, wish, BOOK)] * 4)
    assert close() is State.CLOSED
    assert outcomes == [State.CLOSED] * 4
    assert count(store.url, "entries", "what = 'request.closed'") == 1


def test_replicas_raise_each_deadline_once(store: Store) -> None:
    wires = [Wire(NOON) for _ in range(20)]
    for wire in wires:
        for event in wire.dispatched():
            store.hear(event)
    store.clock.advance(timedelta(minutes=35))
    at_once([lambda: escalate(store.uow(), 7)] * 16)
    while escalate(store.uow(), 100):
        pass
    assert emitted(store.url, "deadline.escalated") == 20 * 3
    raised = Counter(
        (line.request_id, line.data["clock"])
        for wire in wires
        for line in show_timeline(store.uow(), wire.request_id, BOOK).entries
        if line.type == "deadline.escalated"
    )
    assert set(raised.values()) == {1}


def test_stages_and_escalation_at_the_same_time_do_not_wait_for_ever(store: Store) -> None:
    wires = [Wire(NOON) for _ in range(10)]
    for wire in wires:
        for event in wire.dispatched():
            store.hear(event)
    store.clock.advance(timedelta(minutes=35))
    stages = [partial(store.hear, wire.stage("working")) for wire in wires]
    loops: list[Callable[[], object]] = [lambda: escalate(store.uow(), 5)] * 10
    mixed = [work for pair in zip(stages, loops, strict=True) for work in pair]
    assert not [outcome for outcome in at_once(mixed) if isinstance(outcome, Exception)]


@pytest.mark.rule("D-1.3-U5")
def test_a_stuck_step_is_raised_within_a_minute_once_for_all_replicas(store: Store) -> None:
    """Design §9 on the real store: the audit's period is 20 s, its allowances those of the configuration."""
    wire, period = Wire(NOON), timedelta(seconds=20)
    store.hear(wire.registered())
    stuck_since = wire.now
    while not show_audit(store.uow()).findings:
        store.clock.advance(period)
        audit = partial(run_audit, store.uow, FakeWorld(), Allowances(), period / 2)
        runs = at_once([audit] * 4)
        assert sum(run is not None for run in runs) == 1
    (kept,) = show_audit(store.uow()).findings
    assert (kept.finding.code, kept.finding.subject) == ("unclassified", wire.request_id)
    assert kept.opened_at - stuck_since <= timedelta(minutes=1)
    assert emitted(store.url, "audit.completed") > 0
