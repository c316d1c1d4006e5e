"""The store in memory and the one in PostgreSQL, for the same tests."""

from collections.abc import Callable

import pytest

from services.crews.store import UnitOfWork
from services.crews.usecases import ports
from tests.support.sealing import SEALER
from tests.support.stores import fake_and_real
from tests.unit.crews.examples import STAFF
from tests.unit.crews.fakes import FakeUnitOfWork

Open = Callable[[], ports.UnitOfWork]

transactions = fake_and_real("crews", FakeUnitOfWork, UnitOfWork, SEALER)


@pytest.fixture
def staffed(transactions: Open) -> Open:
    """The same with one crew in it."""
    with transactions() as uow:
        uow.staff.save(STAFF)
        uow.commit()
    return transactions
