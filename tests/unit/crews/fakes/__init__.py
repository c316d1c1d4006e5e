"""The store of crews in memory: the same promises, checked against the real one in tests/contract/crews."""

from copy import deepcopy
from types import TracebackType
from typing import Self

from shared.clock import Clock
from tests.support.fakes import FakeTransaction
from tests.unit.crews.fakes.access import (
    CountedSecrets,
    FakeAccessLog,
    FakeLogins,
    FakeSessions,
    PlainPasswords,
    PlainTokens,
)
from tests.unit.crews.fakes.orders import (
    FakeFeed,
    FakeMessages,
    FakeNotes,
    FakeOrders,
    FakePushes,
    FakeSignals,
)
from tests.unit.crews.fakes.people import FakeDuty, FakeRosters, FakeStaffRegister
from tests.unit.crews.fakes.site import FakeDocuments, FakeMedia, FakeRecords
from tests.unit.crews.fakes.tables import Tables

__all__ = ["CountedSecrets", "FakeUnitOfWork", "PlainPasswords", "PlainTokens"]


class FakeUnitOfWork(FakeTransaction):
    """Works on a copy of the tables, which becomes the truth by ``commit``."""

    feed: FakeFeed
    signals: FakeSignals
    messages: FakeMessages
    pushes: FakePushes
    notes: FakeNotes
    orders: FakeOrders
    staff: FakeStaffRegister
    duty: FakeDuty
    logins: FakeLogins
    rosters: FakeRosters
    sessions: FakeSessions
    access_log: FakeAccessLog
    records: FakeRecords
    media: FakeMedia
    documents: FakeDocuments

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.tables = Tables()
        self._draft = self.tables

    def __enter__(self) -> Self:
        super().__enter__()
        self._open(deepcopy(self.tables))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._open(self.tables)

    def commit(self) -> None:
        super().commit()
        self.tables = self._draft
        self._open(deepcopy(self.tables))

    def _open(self, tables: Tables) -> None:
        self._draft = tables
        self.feed, self.notes = FakeFeed(tables), FakeNotes(tables)
        self.signals, self.messages = FakeSignals(tables), FakeMessages(tables)
        self.pushes = FakePushes(tables)
        self.orders, self.staff = FakeOrders(tables), FakeStaffRegister(tables)
        self.duty, self.logins = FakeDuty(tables), FakeLogins(tables)
        self.rosters = FakeRosters(tables)
        self.sessions, self.access_log = FakeSessions(tables), FakeAccessLog(tables)
        self.records, self.media = FakeRecords(tables), FakeMedia(tables)
        self.documents = FakeDocuments(tables)
