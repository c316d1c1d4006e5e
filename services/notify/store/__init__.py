"""The database of ``notify``: contacts, a small copy of requests, outgoing messages, outages."""

from typing import Self

from services.notify.store.alert_tables import SEALED_OF_ALERTS
from services.notify.store.alerts import AlertLists, Alerts, Places, StaffPhones
from services.notify.store.announcements import Announcements, Homes
from services.notify.store.messages import Messages
from services.notify.store.outages import Bulletins, Outages, Rides
from services.notify.store.residents import Contacts, Plans, Requests, Urgencies
from services.notify.store.tables import SEALED as SEALED_OF_MESSAGES
from services.notify.store.tables import metadata
from services.notify.store.untold import CallsToMake
from shared.db import Transaction

__all__ = ["SEALED", "UnitOfWork", "metadata"]

SEALED = (*SEALED_OF_MESSAGES, *SEALED_OF_ALERTS)
"""Every sealed text of this service, for the rotation of keys."""


class UnitOfWork(Transaction):
    """One transaction of this service."""

    contacts: "Contacts"
    requests: "Requests"
    urgencies: "Urgencies"
    plans: "Plans"
    messages: "Messages"
    calls_to_make: "CallsToMake"
    rides: "Rides"
    outages: "Outages"
    bulletins: "Bulletins"
    homes: "Homes"
    announcements: "Announcements"
    alerts: "Alerts"
    alert_lists: "AlertLists"
    staff_phones: "StaffPhones"
    places: "Places"

    def __enter__(self) -> Self:
        super().__enter__()
        self.contacts = Contacts(self.connection, self.sealer)
        self.requests = Requests(self.connection)
        self.urgencies = Urgencies(self.connection)
        self.plans = Plans(self.connection)
        self.messages = Messages(self.connection, self.sealer)
        self.calls_to_make = CallsToMake(self.connection, self.messages)
        self.rides = Rides(self.connection)
        self.outages = Outages(self.connection)
        self.bulletins = Bulletins(self.connection)
        self.homes = Homes(self.connection)
        self.announcements = Announcements(self.connection)
        self.alerts = Alerts(self.connection, self.sealer)
        self.alert_lists = AlertLists(self.connection, self.sealer)
        self.staff_phones = StaffPhones(self.connection, self.sealer)
        self.places = Places(self.connection, self.sealer)
        return self
