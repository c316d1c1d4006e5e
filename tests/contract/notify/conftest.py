"""The store in memory and the one in PostgreSQL, for the same tests."""

from collections.abc import Callable
from typing import Any

from services.notify.store import UnitOfWork
from tests.support.sealing import SEALER
from tests.support.stores import fake_and_real
from tests.unit.notify.fakes import FakeUnitOfWork

Open = Callable[[], Any]


transactions = fake_and_real("notify", FakeUnitOfWork, UnitOfWork, SEALER)
