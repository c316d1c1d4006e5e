"""A service's store in memory and the one in PostgreSQL, for the same tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.clock import FixedClock
from shared.db import TransactionContext, make_engine
from shared.sealing import Sealer
from tests.support.fakes import NOON


def fake_and_real(
    service: str,
    fake: Callable[[], Any],
    real: Callable[[TransactionContext], Any],
    sealer: Sealer | None = None,
) -> Any:
    """A fixture that opens transactions at noon on one store, which is empty at first."""

    @pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.servers)])
    def transactions(request: pytest.FixtureRequest) -> Iterator[Callable[[], Any]]:
        if request.param == "fake":
            kept = fake()
            yield lambda: kept
            return
        engine = make_engine(request.getfixturevalue("service_database")(service), pool_size=3)
        context = TransactionContext(engine, FixedClock(NOON), service, lambda: None, sealer or Sealer())
        yield lambda: real(context)
        engine.dispose()

    return transactions
