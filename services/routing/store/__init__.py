"""Where ``routing`` keeps what it knows: PostgreSQL through SQLAlchemy Core, one unit per transaction."""

from typing import Self

from services.routing.store.assignments import Assignments, Transfers
from services.routing.store.board import Board
from services.routing.store.cases import Cases
from services.routing.store.reference import Audits, Reference
from services.routing.store.roads import Roads
from services.routing.store.roster import Organisations, Roster
from services.routing.store.tables import metadata
from shared.db import Transaction

__all__ = ["UnitOfWork", "metadata"]


class UnitOfWork(Transaction):
    """One transaction with the repositories of this service."""

    cases: Cases
    assignments: Assignments
    transfers: Transfers
    organisations: Organisations
    roster: Roster
    reference: Reference
    audits: Audits
    board: Board
    roads: Roads

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
        return self
