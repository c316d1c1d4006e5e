"""The store in memory and the one in PostgreSQL, for the same tests."""

from collections.abc import Callable, Iterator

import pytest

from services.crews.store import UnitOfWork
from services.crews.usecases import ports
from shared.clock import FixedClock
from shared.db import TransactionContext, make_engine
from tests.support.sealing import SEALER
from tests.unit.crews.examples import (
    NOON,
    STAFF,
)
from tests.unit.crews.fakes import FakeUnitOfWork

Open = Callable[[], ports.UnitOfWork]


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.servers)])
def transactions(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens transactions on one store, which is empty at first."""
    if request.param == "fake":
        fake = FakeUnitOfWork()
        yield lambda: fake
        return
    engine = make_engine(request.getfixturevalue("service_database")("crews"), pool_size=2)
    context = TransactionContext(engine, FixedClock(NOON), "crews", lambda: None, SEALER)
    yield lambda: UnitOfWork(context)
    engine.dispose()


@pytest.fixture
def staffed(transactions: Open) -> Open:
    """The same with one crew in it."""
    with transactions() as uow:
        uow.staff.save(STAFF)
        uow.commit()
    return transactions
