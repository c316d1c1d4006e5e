"""Where ``routing`` keeps what it knows: PostgreSQL through SQLAlchemy Core, one unit per transaction."""

from typing import Self

from services.routing.errors import DoneBefore
from services.routing.store.assignments import Assignments, Transfers
from services.routing.store.board import Board
from services.routing.store.calls import Calls
from services.routing.store.cases import Cases
from services.routing.store.once import Once
from services.routing.store.outages import Deliveries, Outages
from services.routing.store.reference import Audits, Reference
from services.routing.store.roads import Roads
from services.routing.store.roster import Organisations, Roster
from services.routing.store.signals import CrewMessages, Signals
from services.routing.store.tables import metadata
from services.routing.store.turns import Turns
from services.routing.store.untold import Untolds
from shared.db import Transaction

__all__ = ["UnitOfWork", "metadata"]


class UnitOfWork(Transaction):
    """One transaction with the repositories of this service; ``once``: the command it carries out, if any."""

    once: Once | None = None
    cases: Cases
    assignments: Assignments
    transfers: Transfers
    organisations: Organisations
    roster: Roster
    reference: Reference
    audits: Audits
    board: Board
    roads: Roads
    calls: Calls
    signals: Signals
    messages: CrewMessages
    turns: Turns
    outages: Outages
    deliveries: Deliveries
    untold: Untolds

    def __enter__(self) -> Self:
        super().__enter__()
        self.cases = Cases(self.connection)
        self.assignments = Assignments(self.connection)
        self.transfers = Transfers(self.connection)
        self.organisations = Organisations(self.connection)
        self.roster = Roster(self.connection)
        self.reference = Reference(self.connection)
        self.audits = Audits(self.connection)
        self.board = Board(self.connection)
        self.roads = Roads(self.connection)
        self.turns = Turns(self.connection)
        self.outages = Outages(self.connection)
        self.deliveries = Deliveries(self.connection)
        self.untold = Untolds(self.connection)
        self.calls = Calls(self.connection)
        self.signals = Signals(self.connection)
        self.messages = CrewMessages(self.connection)
        self._claim_command()
        return self

    def commit(self) -> None:
        if self.once is not None:
            self.idempotency.answer(self.once.key, self.once.actor_id, 200, {})
        super().commit()

    def _claim_command(self) -> None:
        if self.once is None:
            return
        try:
            done = self.idempotency.claim(self.once.key, self.once.actor_id, self.once.fingerprint)
            if done is not None:
                raise DoneBefore
        except BaseException:
            self.connection.close()
            raise
