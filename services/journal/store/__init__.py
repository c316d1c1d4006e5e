"""Where the journal keeps what it knows: PostgreSQL through SQLAlchemy Core, one unit per transaction."""

from typing import Self

from services.journal.store.audits import Audits
from services.journal.store.clocks import Clocks
from services.journal.store.entries import Entries
from services.journal.store.requests import Requests
from services.journal.store.tables import metadata
from shared.db import Transaction

__all__ = ["UnitOfWork", "metadata"]


class UnitOfWork(Transaction):
    """One transaction with the repositories of this service."""

    entries: Entries
    requests: Requests
    clocks: Clocks
    audits: Audits

    def __enter__(self) -> Self:
        super().__enter__()
        self.entries = Entries(self.connection)
        self.requests = Requests(self.connection)
        self.clocks = Clocks(self.connection)
        self.audits = Audits(self.connection)
        return self
