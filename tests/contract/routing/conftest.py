"""What the suites of routing's store share."""

from collections.abc import Callable

from services.routing.store import UnitOfWork
from services.routing.usecases import ports
from tests.support.stores import fake_and_real
from tests.unit.routing.fakes import FakeWork

Open = Callable[[], ports.Work]


transactions = fake_and_real("routing", FakeWork, UnitOfWork)
