"""What the suites of routing's store share."""

from collections.abc import Callable, Iterator

import pytest

from services.routing.store import UnitOfWork
from services.routing.usecases import ports
from shared.clock import FixedClock
from shared.db import TransactionContext, make_engine
from tests.support.fakes import NOON
from tests.unit.routing.fakes import FakeWork

Open = Callable[[], ports.Work]


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.servers)])
def transactions(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens transactions on one store, which is empty at first."""
    if request.param == "fake":
        fake = FakeWork()
        yield lambda: fake
        return
    engine = make_engine(request.getfixturevalue("service_database")("routing"), pool_size=2)
    context = TransactionContext(engine, FixedClock(NOON), "routing", lambda: None)
    yield lambda: UnitOfWork(context)
    engine.dispose()
