"""The store in memory and the one in PostgreSQL, for the same tests."""

from collections.abc import Callable
from typing import Any

from services.intake.store import UnitOfWork
from tests.support.sealing import SEALER
from tests.support.stores import fake_and_real
from tests.unit.intake.fakes import FakeUnitOfWork

Open = Callable[[], Any]


transactions = fake_and_real("intake", FakeUnitOfWork, UnitOfWork, SEALER)
