"""Where ``intake`` keeps what it knows: PostgreSQL through SQLAlchemy Core, one unit per transaction."""

from typing import Self

from sqlalchemy.exc import OperationalError as DatabaseDown

from services.intake.store.access import AccessLog
from services.intake.store.calls import Callbacks, Calls
from services.intake.store.keys import Keys
from services.intake.store.links import Links
from services.intake.store.outages import Outages, Riders
from services.intake.store.partners import Cards, Deliveries, Partners
from services.intake.store.photos import Photos
from services.intake.store.registry import Registries
from services.intake.store.reports import Reports
from services.intake.store.requests import Contacts, Messages, Requests
from services.intake.store.standings import Judgements, Standings
from services.intake.store.tables import SEALED, metadata
from shared.db import Transaction

__all__ = ["SEALED", "DatabaseDown", "UnitOfWork", "metadata"]


class UnitOfWork(Transaction):
    """One transaction with the repositories of this service."""

    requests: Requests
    contacts: Contacts
    messages: Messages
    registries: Registries
    standings: Standings
    judgements: Judgements
    calls: Calls
    callbacks: Callbacks
    keys: Keys
    links: Links
    access_log: AccessLog
    reports: Reports
    partners: Partners
    cards: Cards
    deliveries: Deliveries
    outages: Outages
    riders: Riders
    photos: Photos

    def __enter__(self) -> Self:
        super().__enter__()
        self.requests = Requests(self.connection, self.sealer)
        self.contacts = Contacts(self.connection, self.sealer)
        self.messages = Messages(self.connection, self.sealer)
        self.registries = Registries(self.connection)
        self.standings = Standings(self.connection)
        self.judgements = Judgements(self.connection)
        self.calls = Calls(self.connection, self.sealer)
        self.callbacks = Callbacks(self.connection, self.calls)
        self.keys = Keys(self.connection)
        self.links = Links(self.connection)
        self.access_log = AccessLog(self.connection)
        self.reports = Reports(self.connection, self.sealer)
        self.partners = Partners(self.connection, self.sealer)
        self.cards = Cards(self.connection, self.sealer)
        self.deliveries = Deliveries(self.connection, self.sealer)
        self.outages = Outages(self.connection)
        self.riders = Riders(self.connection)
        self.photos = Photos(self.connection)
        return self
