"""One bench for both: the fakes that use-cases are tested with, and what they stand for on PostgreSQL."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
import sqlalchemy as sa

from shared.clock import FixedClock
from shared.db import Transaction, TransactionContext, make_engine
from tests.support import toy_tables
from tests.support.fakes import NOON, FakeTransaction

Told = list[tuple[str, str, Any]]


class Bench(Protocol):
    """A store, transactions on it, and what was told to the others."""

    clock: FixedClock

    def transaction(self) -> Any: ...

    def told(self) -> Told: ...


class FakeBench:
    def __init__(self) -> None:
        self.clock = FixedClock(NOON)
        self._transaction = FakeTransaction(self.clock)

    def transaction(self) -> Any:
        return self._transaction

    def told(self) -> Told:
        return [(event.type, event.subject, event.data) for event in self._transaction.emitted]


class PostgresBench:
    def __init__(self, engine: sa.Engine) -> None:
        self.clock = FixedClock(NOON)
        self._context = TransactionContext(engine, self.clock, "intake", lambda: None)

    def transaction(self) -> Any:
        return Transaction(self._context)

    def told(self) -> Told:
        statement = sa.text("SELECT type, body ->> 'subject', body -> 'data' FROM outbox ORDER BY id")
        with self._context.engine.connect() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(statement)]


@pytest.fixture
def postgres_bench(empty_database: Callable[[], str]) -> Iterator[PostgresBench]:
    url = empty_database()
    toy_tables.create(url)
    engine = make_engine(url, pool_size=2)
    yield PostgresBench(engine)
    engine.dispose()


@pytest.fixture(params=["fake", pytest.param("postgres", marks=pytest.mark.servers)])
def bench(request: pytest.FixtureRequest) -> Bench:
    if request.param == "fake":
        return FakeBench()
    real: PostgresBench = request.getfixturevalue("postgres_bench")
    return real
