"""What a command works with: the service's database and its keys, without the running service."""

from services.intake.store import UnitOfWork
from shared.clock import SystemClock
from shared.config import Settings
from shared.db import TransactionContext, make_engine
from shared.sealing import Sealer


class Office:
    """One database connection; events leave through the running service."""

    def __init__(self, settings: Settings) -> None:
        self.clock = SystemClock()
        self._engine = make_engine(settings.database_url, pool_size=1)
        sealer = Sealer.from_environment(settings.environment)
        self._context = TransactionContext(self._engine, self.clock, settings.service, lambda: None, sealer)

    @classmethod
    def open(cls) -> "Office":
        return cls(Settings.load("intake"))

    def transaction(self) -> UnitOfWork:
        return UnitOfWork(self._context)

    def close(self) -> None:
        self._engine.dispose()
