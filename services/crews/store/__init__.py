"""Where ``crews`` keeps what it knows: PostgreSQL through SQLAlchemy Core, one unit per transaction."""

from typing import Self

from sqlalchemy.exc import OperationalError as DatabaseDown

from services.crews.store.access import Logins
from services.crews.store.documents import Documents
from services.crews.store.feed import Feed, Notes
from services.crews.store.media import MediaStore
from services.crews.store.orders import Orders
from services.crews.store.people import Duty, StaffRegister
from services.crews.store.push import Pushes
from services.crews.store.records import Records
from services.crews.store.rosters import Rosters
from services.crews.store.sessions import AccessLog, Sessions
from services.crews.store.tables import SEALED, metadata
from services.crews.store.talk import Messages, Signals
from shared.db import Transaction

__all__ = ["SEALED", "DatabaseDown", "UnitOfWork", "metadata"]


class UnitOfWork(Transaction):
    """One transaction with the repositories of this service."""

    feed: Feed
    notes: Notes
    signals: Signals
    messages: Messages
    pushes: Pushes
    orders: Orders
    staff: StaffRegister
    duty: Duty
    logins: Logins
    rosters: Rosters
    sessions: Sessions
    access_log: AccessLog
    records: Records
    media: MediaStore
    documents: Documents

    def __enter__(self) -> Self:
        super().__enter__()
        self.feed = Feed(self.connection)
        self.notes = Notes(self.connection, self.sealer)
        self.signals = Signals(self.connection, self.sealer)
        self.messages = Messages(self.connection, self.sealer)
        self.pushes = Pushes(self.connection)
        self.orders = Orders(self.connection, self.sealer, self.feed)
        self.staff = StaffRegister(self.connection)
        self.duty = Duty(self.connection)
        self.logins = Logins(self.connection)
        self.rosters = Rosters(self.connection)
        self.sessions = Sessions(self.connection)
        self.access_log = AccessLog(self.connection)
        self.records = Records(self.connection, self.sealer)
        self.media = MediaStore(self.connection, self.sealer)
        self.documents = Documents(self.connection, self.sealer)
        return self
