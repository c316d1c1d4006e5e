"""The transaction with its outbox, inbox and relay on a real PostgreSQL, under concurrency (design §4)."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from shared import logs
from shared.clock import FixedClock, SystemClock
from shared.db import AlreadyHandled, Transaction, TransactionContext, make_engine, once_more, purge
from shared.envelope import CONTENT_TYPE, Event
from shared.idempotency import Answer
from shared.publisher import BrokerUnavailable, Outgoing
from shared.relay import Relay, Unroutable
from tests.support import toy_tables
from tests.support.contracts import event
from tests.support.fakes import NOON
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers
DEADLINE_S = 60.0
CAUSE = event("intake", "request.registered")
_WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)

_CUT = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Store:
    """One service's database, as its replicas share it."""

    def __init__(self, url: str) -> None:
        self.url = url
        toy_tables.create(url)
        self.engine = make_engine(url, pool_size=12)
        self.wakes = 0
        self._context = TransactionContext(self.engine, FixedClock(NOON), "triage", self._wake)

    def transaction(self, cause: Event | None = None, handler: str = "classify") -> Transaction:
        return Transaction(self._context, cause, handler)

    def tell(self, *subjects: str) -> None:
        """One transaction with one event about each subject."""
        with self.transaction() as uow:
            for subject in subjects:
                uow.emit("request.classified", subject, {})
            uow.commit()

    def rows(self, sql: str) -> Sequence[Any]:
        with self.engine.connect() as connection:
            return connection.execute(sa.text(sql)).all()

    def count(self, table: str, where: str = "true") -> int:
        return int(self.rows(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])

    def events(self) -> list[Event]:
        return [Event.from_json(row.body) for row in self.rows("SELECT body FROM outbox ORDER BY id")]

    def somebody_waits(self) -> bool:
        with self.engine.connect() as connection:
            return bool(connection.execute(_WAITING).scalar_one())

    def _wake(self) -> None:
        self.wakes += 1


@pytest.fixture
def store(empty_database: Callable[[], str]) -> Iterator[Store]:
    made = Store(empty_database())
    yield made
    made.engine.dispose()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=8) as pool:
        yield pool


def handle(store: Store, outcome: str = "commit") -> str:
    """Handle the cause as a bus handler would; what became of it."""
    try:
        with store.transaction(CAUSE) as uow:
            uow.connection.execute(toy_tables.effects.insert().values(event_id=CAUSE.id))
            uow.emit("request.classified", CAUSE.subject, {})
            if outcome == "commit":
                uow.commit()
    except AlreadyHandled:
        return "already handled"
    return outcome


# What a commit writes


def test_rows_and_events_commit_together_and_the_relay_is_woken(store: Store) -> None:
    assert handle(store) == "commit"
    assert (store.count("effects"), store.count("outbox"), store.count("inbox")) == (1, 1, 1)
    assert store.wakes == 1


def test_a_rollback_leaves_nothing(store: Store) -> None:
    assert handle(store, "roll back") == "roll back"
    tables = ("effects", "outbox", "inbox", "aggregate_sequence")
    assert [store.count(table) for table in tables] == [0, 0, 0, 0]
    assert store.wakes == 0


def test_a_commit_without_events_wakes_nobody(store: Store) -> None:
    store.tell()
    assert store.wakes == 0


def test_a_rolled_back_number_is_given_again(store: Store) -> None:
    store.tell("r-1")
    with store.transaction() as uow:
        uow.emit("request.classified", "r-1", {})
    store.tell("r-1", "r-2")
    assert [(told.subject, told.sequence) for told in store.events()] == [("r-1", 1), ("r-1", 2), ("r-2", 1)]


def test_each_aggregate_is_numbered_without_gaps_by_concurrent_writers(
    store: Store, threads: ThreadPoolExecutor
) -> None:
    subjects = ["r-1", "r-2", "r-3"]
    writes = [threads.submit(store.tell, "r-1", "r-2", "r-3", "r-1") for _ in range(40)]
    for write in writes:
        write.result(DEADLINE_S)
    for subject in subjects:
        numbers = [told.sequence for told in store.events() if told.subject == subject]
        assert numbers == list(range(1, len(numbers) + 1)), "in the order of the outbox, none missing"
    assert len(store.events()) == 160


def test_writers_that_name_aggregates_in_different_orders_do_not_deadlock(
    store: Store, threads: ThreadPoolExecutor
) -> None:
    names = [f"r-{number}" for number in range(20)]
    orders = itertools.islice(itertools.cycle([names, names[::-1]]), 60)
    for write in [threads.submit(store.tell, *order) for order in orders]:
        write.result(DEADLINE_S)
    assert store.count("outbox") == 60 * len(names)


def test_an_event_tells_its_story_and_its_cause(store: Store) -> None:
    handle(store)
    [told] = store.events()
    assert (told.correlation_id, told.causation_id) == (CAUSE.correlation_id, CAUSE.id)
    assert (told.source, told.type, told.subject) == ("triage", "request.classified", CAUSE.subject)
    assert (told.time, told.sequence) == (NOON, 1)


def test_without_a_cause_the_story_is_that_of_the_call_or_a_new_one(store: Store) -> None:
    token = logs.correlation.set("story-1")
    store.tell("r-1")
    logs.correlation.reset(token)
    store.tell("r-1")
    first, second = store.events()
    assert (first.correlation_id, first.causation_id) == ("story-1", None)
    assert second.correlation_id not in ("", "story-1")


# Once in effect


def test_a_redelivery_is_told_apart_before_any_work(store: Store) -> None:
    assert [handle(store) for _ in range(3)] == ["commit", "already handled", "already handled"]
    assert (store.count("effects"), store.count("outbox"), store.wakes) == (1, 1, 1)


def test_two_handlers_of_one_event_both_work(store: Store) -> None:
    for handler in ("classify", "note"):
        with store.transaction(CAUSE, handler) as uow:
            uow.commit()
    assert store.count("inbox") == 2


def test_an_attempt_that_failed_lets_the_next_one_through(store: Store) -> None:
    assert [handle(store, "roll back"), handle(store), handle(store)] == [
        "roll back",
        "commit",
        "already handled",
    ]


@pytest.mark.parametrize(("first_ends_with", "second_is"), [("commit", "already handled"), ("", "commit")])
def test_a_concurrent_duplicate_waits_for_the_first_to_end(
    store: Store, threads: ThreadPoolExecutor, first_ends_with: str, second_is: str
) -> None:
    with store.transaction(CAUSE) as first:
        second: Future[str] = threads.submit(handle, store)
        eventually(store.somebody_waits, what="the duplicate waits")
        assert not second.done()
        if first_ends_with == "commit":
            first.commit()
    assert second.result(DEADLINE_S) == second_is
    assert store.count("inbox") == 1


def test_of_many_concurrent_duplicates_one_has_effect(store: Store, threads: ThreadPoolExecutor) -> None:
    outcomes = [attempt.result(DEADLINE_S) for attempt in [threads.submit(handle, store) for _ in range(24)]]
    assert sorted(outcomes) == ["already handled"] * 23 + ["commit"]
    assert store.count("effects") == 1


def test_a_command_sent_twice_at_once_is_done_once(store: Store, threads: ThreadPoolExecutor) -> None:
    def command() -> Answer | None:
        with store.transaction() as uow:
            earlier = uow.idempotency.claim("key-1", "crew-1", "fingerprint")
            if earlier is None:
                uow.emit("assignment.progressed", "a-1", {})
                uow.idempotency.answer("key-1", "crew-1", 200, {"stage": "accepted"})
                uow.commit()
            return earlier

    answers = [sent.result(DEADLINE_S) for sent in [threads.submit(command) for _ in range(16)]]
    assert answers.count(None) == 1
    assert answers.count(Answer(200, {"stage": "accepted"})) == 15
    assert store.count("outbox") == 1


def test_a_failed_entry_gives_its_connection_back(store: Store) -> None:
    handle(store)
    for _ in range(40):  # more than the pool has
        assert handle(store) == "already handled"
    assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


# Forgetting


def test_purge_forgets_what_is_old_but_never_an_unsent_event(store: Store) -> None:
    handle(store)
    store.tell("r-1", "r-2")
    with store.transaction() as uow:
        uow.idempotency.claim("key-1", "crew-1", "fingerprint")
        uow.commit()
    with pytest.raises(Unroutable):
        relay(store, Bus(refuse=about_r_2)).drain()
    now = SystemClock().now()
    assert purge(store.engine, now, keep=timedelta(days=14)) == 0
    assert purge(store.engine, now + timedelta(days=15), keep=timedelta(days=14)) == 4
    assert [told.subject for told in store.events()] == ["r-2"]
    assert (store.count("inbox"), store.count("idempotency")) == (0, 0)


def test_numbers_go_on_after_a_purge(store: Store) -> None:
    store.tell("r-1")
    relay(store, Bus()).drain()
    purge(store.engine, SystemClock().now() + timedelta(days=15), keep=timedelta(days=14))
    store.tell("r-1")
    assert [told.sequence for told in store.events()] == [2]


# The relay


class Bus:
    """A publisher that writes down what it is given, and refuses or fails as told."""

    def __init__(self, refuse: Callable[[Outgoing], bool] = lambda message: False, failures: int = 0) -> None:
        self.published: list[Outgoing] = []
        self.batches: list[int] = []
        self._refuse = refuse
        self._failures = failures

    def publish(self, messages: Sequence[Outgoing]) -> set[str]:
        self.batches.append(len(messages))
        if self._failures:
            self._failures -= 1
            raise BrokerUnavailable("by order")
        taken = [message for message in messages if not self._refuse(message)]
        self.published += taken
        return {message.id for message in taken}


class HeldBus(Bus):
    """Stays in the middle of a publish until released."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = threading.Event()
        self.release = threading.Event()

    def publish(self, messages: Sequence[Outgoing]) -> set[str]:
        self.inside.set()
        assert self.release.wait(DEADLINE_S)
        return super().publish(messages)


def about_r_2(message: Outgoing) -> bool:
    return bool(json.loads(message.body)["subject"] == "r-2")


def relay(store: Store, bus: Bus, batch: int = 200) -> Relay:
    publisher: Any = bus
    return Relay(store.engine, publisher, "triage", batch)


def unsent(store: Store) -> int:
    return store.count("outbox", "published_at IS NULL")


def test_the_relay_publishes_what_was_committed_in_order_and_once(store: Store) -> None:
    store.tell("r-1", "r-2", "r-1")
    bus = Bus()
    assert [relay(store, bus).drain(), relay(store, bus).drain()] == [3, 0]
    assert [Event.from_json(json.loads(message.body)) for message in bus.published] == store.events()
    assert [message.id for message in bus.published] == [told.id for told in store.events()]
    assert {(one.exchange, one.routing_key, one.content_type) for one in bus.published} == {
        ("triage.events", "request.classified", CONTENT_TYPE)
    }
    assert unsent(store) == 0


def test_nothing_uncommitted_is_ever_published(store: Store) -> None:
    bus = Bus()
    with store.transaction() as uow:
        uow.emit("request.classified", "r-1", {})
        assert relay(store, bus).drain() == 0
        uow.commit()
        assert relay(store, bus).drain() == 1


def test_a_relay_takes_what_another_one_does_not_hold(store: Store, threads: ThreadPoolExecutor) -> None:
    store.tell(*(f"r-{number}" for number in range(10)))
    slow, quick = HeldBus(), Bus()
    held = threads.submit(relay(store, slow, batch=4).drain)
    assert slow.inside.wait(DEADLINE_S)
    assert relay(store, quick).drain() == 6
    slow.release.set()
    assert held.result(DEADLINE_S) == 4
    assert sorted(one.id for one in slow.published + quick.published) == sorted(e.id for e in store.events())
    assert unsent(store) == 0


def test_relays_side_by_side_publish_each_event_once(store: Store, threads: ThreadPoolExecutor) -> None:
    for _ in range(20):
        store.tell(*(f"r-{number}" for number in range(10)))
    bus = Bus()

    def drain_all() -> None:
        while relay(store, bus, batch=7).drain():
            pass

    for run in [threads.submit(drain_all) for _ in range(4)]:
        run.result(DEADLINE_S)
    assert sorted(message.id for message in bus.published) == sorted(told.id for told in store.events())
    assert unsent(store) == 0


def test_a_publisher_that_fails_leaves_the_events_unsent(store: Store) -> None:
    store.tell("r-1", "r-2")
    bus = Bus(failures=1)
    with pytest.raises(BrokerUnavailable):
        relay(store, bus).drain()
    assert unsent(store) == 2
    assert relay(store, bus).drain() == 2
    assert unsent(store) == 0


def test_only_what_the_broker_confirmed_counts_as_sent(store: Store) -> None:
    store.tell("r-1", "r-2", "r-3")
    bus = Bus(refuse=about_r_2)
    with pytest.raises(Unroutable):
        relay(store, bus).drain()
    [left] = store.rows("SELECT body ->> 'subject' FROM outbox WHERE published_at IS NULL")
    assert left[0] == "r-2"


def test_the_backlog_is_counted_with_its_oldest_age(store: Store) -> None:
    now = SystemClock().now()
    draining = relay(store, Bus())
    assert draining.backlog(now).pending == 0
    store.tell("r-1", "r-2")
    backlog = draining.backlog(SystemClock().now() + timedelta(minutes=1))
    assert backlog.pending == 2
    assert 60 <= backlog.oldest_age_s < 60 + DEADLINE_S


def test_a_running_relay_outlives_failures_is_woken_and_stops(
    store: Store, threads: ThreadPoolExecutor
) -> None:
    bus = Bus(failures=2)
    running = relay(store, bus, batch=2)
    end = threads.submit(running.run, idle_s=3600.0)
    store.tell("r-1", "r-2", "r-3")
    running.wake()
    eventually(lambda: len(bus.published) == 3, what="published after two failures, in two batches")
    store.tell("r-4")
    running.wake()
    eventually(lambda: len(bus.published) == 4, what="woken long before its time")
    running.stop()
    end.result(DEADLINE_S)
    assert unsent(store) == 0


def cut_every_connection(url: str) -> None:
    """What a restart of the server does to a pool."""
    other = sa.create_engine(url, poolclass=sa.NullPool)
    with other.connect() as connection:
        connection.execute(_CUT)


def test_a_connection_that_died_while_it_rested_is_replaced_unseen(empty_database: Callable[[], str]) -> None:
    url = empty_database()
    engine = make_engine(url, pool_size=2, trusted_for_s=0.0)
    for _ in range(2):
        with engine.connect() as connection:
            assert connection.execute(sa.text("SELECT 1")).scalar_one() == 1
        cut_every_connection(url)
    engine.dispose()


def test_what_may_be_repeated_survives_a_connection_that_just_died(store: Store) -> None:
    store.tell("r-1")
    cut_every_connection(store.url)
    once_more(lambda: store.tell("r-2"))
    cut_every_connection(store.url)
    with pytest.raises(sa.exc.OperationalError):
        store.tell("r-3")
    assert [event.subject for event in store.events()] == ["r-1", "r-2"]
