"""The store in memory and the one in PostgreSQL, for the same tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.notify.store import UnitOfWork
from shared.clock import FixedClock
from shared.db import TransactionContext, make_engine
from tests.support.fakes import NOON
from tests.support.sealing import SEALER
from tests.unit.notify.fakes import FakeUnitOfWork

Open = Callable[[], Any]


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.servers)])
def transactions(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens transactions on one store, which is empty at first."""
    if request.param == "fake":
        fake = FakeUnitOfWork()
        yield lambda: fake
        return
    engine = make_engine(request.getfixturevalue("service_database")("notify"), pool_size=3)
    context = TransactionContext(engine, FixedClock(NOON), "notify", lambda: None, SEALER)
    yield lambda: UnitOfWork(context)
    engine.dispose()
