"""``notify`` in memory: the store's and the provider's promises, checked against the real ones in
tests/contract/notify."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from uuid import UUID

from services.notify.domain.alert_lists import AlertList
from services.notify.domain.alerts import Alert
from services.notify.domain.announcements import Announcement, Home
from services.notify.domain.bulletins import OPEN, Bulletin
from services.notify.domain.messages import (
    Message,
    Policy,
    Receipt,
    Sms,
    State,
)
from services.notify.domain.outages import Notice, Outage, Ride
from services.notify.domain.plans import Plan
from services.notify.domain.untold import CallToMake
from services.notify.errors import MessageRejected, OutcomeUnknown
from services.notify.usecases import sending
from services.notify.usecases.alert_ports import Place, StaffPhone
from services.notify.usecases.ports import Contact, Job, Request, Urgency
from shared.clock import Clock, FixedClock
from tests.support.fakes import NOON, FakeTransaction
from tests.unit.notify.fake_alerts import FakeAlertLists, FakeAlerts, FakePlaces, FakeStaffPhones
from tests.unit.notify.fake_announcements import FakeAnnouncements, FakeHomes
from tests.unit.notify.fake_messages import FakeMessages
from tests.unit.notify.fake_untold import FakeCallsToMake

POLICY = Policy(jitter=lambda: 1.0, lease=timedelta(seconds=60), max_attempts=3)


@dataclass
class Tables:
    """What is stored; a transaction works on a copy."""

    contacts: dict[UUID, Contact] = field(default_factory=dict)
    requests: dict[UUID, Request] = field(default_factory=dict)
    messages: dict[UUID, Message] = field(default_factory=dict)
    rides: dict[UUID, Ride] = field(default_factory=dict)
    outages: dict[UUID, Outage] = field(default_factory=dict)
    notices: dict[int, Notice] = field(default_factory=dict)
    plans: dict[UUID, Plan] = field(default_factory=dict)
    homes: dict[tuple[UUID, str], Home] = field(default_factory=dict)
    announcements: dict[UUID, Announcement] = field(default_factory=dict)
    recipients: dict[tuple[UUID, str], UUID] = field(default_factory=dict)
    bulletins: dict[UUID, Bulletin] = field(default_factory=dict)
    alerts: dict[UUID, Alert] = field(default_factory=dict)
    alert_lists: dict[str, AlertList] = field(default_factory=dict)
    staff_phones: dict[UUID, StaffPhone] = field(default_factory=dict)
    places: dict[UUID, Place] = field(default_factory=dict)
    urgencies: dict[UUID, Urgency] = field(default_factory=dict)
    calls_to_make: dict[UUID, CallToMake] = field(default_factory=dict)

    def copy(self) -> "Tables":
        return Tables(*(dict(table) for table in vars(self).values()))


class FakeContacts:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, contact: Contact) -> None:
        kept = self._tables.contacts.get(contact.id)
        if kept is None or kept.at <= contact.at:
            self._tables.contacts[contact.id] = contact

    def put_all(self, known: Sequence[Contact]) -> None:
        for contact in known:
            self.put(contact)

    def forget(self, contact_id: UUID, at: datetime) -> None:
        self.put(Contact(contact_id, "", "ru", sms_allowed=False, at=at))


class FakeRequests:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, request: Request) -> None:
        self._tables.requests[request.id] = request


class FakeUrgencies:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, urgency: Urgency) -> None:
        known = self._tables.urgencies.get(urgency.request_id)
        if known is None or (known.by_person, known.at) <= (urgency.by_person, urgency.at):
            self._tables.urgencies[urgency.request_id] = urgency


class FakePlans:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, plan: Plan) -> None:
        known = self._tables.plans.get(plan.request_id)
        if known is None or known.sequence < plan.sequence:
            self._tables.plans[plan.request_id] = plan

    def get(self, request_id: UUID) -> Plan | None:
        return self._tables.plans.get(request_id)


class FakeRides:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, ride: Ride) -> bool:
        kept = self._tables.rides.get(ride.request_id)
        if kept is not None and kept.sequence >= ride.sequence:
            return False
        self._tables.rides[ride.request_id] = ride
        return True

    def get(self, request_id: UUID) -> Ride | None:
        return self._tables.rides.get(request_id)

    def next_contacts(self, outage_id: UUID, after: UUID | None, limit: int) -> Sequence[tuple[UUID, UUID]]:
        riding = {ride.request_id for ride in self._tables.rides.values() if ride.active}
        of_outage = {ride.request_id for ride in self._tables.rides.values() if ride.outage_id == outage_id}
        first: dict[UUID, UUID] = {}
        for request in sorted(self._tables.requests.values(), key=lambda request: request.id):
            if request.id in riding & of_outage and (after is None or request.contact_id > after):
                first.setdefault(request.contact_id, request.id)
        return sorted(first.items())[:limit]

    def is_first_to_hear(self, request_id: UUID, template: str, fact: str) -> bool:
        requests = self._tables.requests
        owner = requests[request_id].contact_id if request_id in requests else None
        told = {
            requests[message.request_id].contact_id
            for message in self._tables.messages.values()
            if (message.template, message.fact) == (template, fact) and message.request_id in requests
        }
        return owner not in told


class FakeOutages:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def lock(self, outage_id: UUID) -> Outage | None:
        return self._tables.outages.get(outage_id)

    def put(self, outage: Outage) -> None:
        self._tables.outages[outage.id] = outage

    def announce(self, notice: Notice) -> None:
        number = max(self._tables.notices, default=0) + 1
        self._tables.notices[number] = replace(notice, id=number)

    def claim_notice(self) -> Notice | None:
        return next((self._tables.notices[key] for key in sorted(self._tables.notices)), None)

    def advance(self, notice: Notice, after_contact: UUID | None) -> None:
        if after_contact is None:
            del self._tables.notices[notice.id]
        else:
            self._tables.notices[notice.id] = replace(notice, after_contact=after_contact)


class FakeBulletins:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, bulletin: Bulletin) -> None:
        known = self._tables.bulletins.get(bulletin.outage_id)
        before = known.issue if known is not None and known.is_public else None
        self._tables.bulletins[bulletin.outage_id] = replace(bulletin, before=before)

    def get(self, outage_id: UUID) -> Bulletin | None:
        return self._tables.bulletins.get(outage_id)

    def active(self, limit: int) -> Sequence[Bulletin]:
        found = [one for one in self._tables.bulletins.values() if one.state == OPEN]
        return sorted(found, key=lambda one: one.changed_at, reverse=True)[:limit]


class FakeUnitOfWork(FakeTransaction):
    """Several transactions over one store; what is not committed is forgotten."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock or FixedClock(NOON))
        self.stored = Tables()
        self.open = False

    def __enter__(self) -> Self:
        super().__enter__()
        self.open = True
        self._working = self.stored.copy()
        self.contacts = FakeContacts(self._working)
        self.requests = FakeRequests(self._working)
        self.plans = FakePlans(self._working)
        self.urgencies = FakeUrgencies(self._working)
        self.calls_to_make = FakeCallsToMake(self._working)
        self.messages = FakeMessages(self._working)
        self.rides = FakeRides(self._working)
        self.outages = FakeOutages(self._working)
        self.bulletins = FakeBulletins(self._working)
        self.homes = FakeHomes(self._working)
        self.announcements = FakeAnnouncements(self._working)
        self.alerts = FakeAlerts(self._working)
        self.alert_lists = FakeAlertLists(self._working)
        self.staff_phones = FakeStaffPhones(self._working)
        self.places = FakePlaces(self._working)
        return self

    def commit(self) -> None:
        super().commit()
        self.stored = self._working

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self.open = False


class FakeProvider:
    """Keeps what it is sent. ``failures`` are raised one by one by the next calls of ``send``; of those that
    are OutcomeUnknown, ``taken_all_the_same`` decides whether the message was taken nevertheless."""

    def __init__(self, clock: Clock) -> None:
        self.sent: list[tuple[Sms, Receipt, datetime]] = []
        self.failures: list[Exception] = []
        self.find_failures: list[Exception] = []
        self.taken_all_the_same = False
        self.final_state = State.SENT
        self._clock = clock

    def send(self, sms: Sms) -> Receipt:
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None and not (isinstance(failure, OutcomeUnknown) and self.taken_all_the_same):
            raise failure
        if not sms.phone.startswith("+"):
            raise MessageRejected("twilio_21211")
        receipt = Receipt(f"SM{len(self.sent):032x}", self.final_state)
        self.sent.append((sms, receipt, self._clock.now()))
        if failure is not None:
            raise failure
        return receipt

    def find(self, sms: Sms, since: datetime) -> Sequence[Receipt]:
        if self.find_failures:
            raise self.find_failures.pop(0)
        return [
            receipt
            for kept, receipt, at in self.sent
            if (kept.phone, kept.body) == (sms.phone, sms.body) and at >= since
        ]

    @property
    def bodies(self) -> list[str]:
        return [sms.body for sms, _, _ in self.sent]


def write(language: str, template: str, number: str, params: Mapping[str, str]) -> str:
    """Texts for tests of everything but the texts."""
    return " ".join([language, template, number, *params.values()])


def deliver(job: Job, uow: FakeUnitOfWork, provider: FakeProvider, policy: Policy = POLICY) -> Message | None:
    """One attempt, kept at once; None if it was settled elsewhere in the meantime."""
    [ended] = sending.settle(uow, [sending.attempt(job, lambda: uow, provider, policy)])
    return ended


def hear(uow: FakeUnitOfWork, receipt: Receipt, message_id: UUID | None = None) -> bool:
    """The provider's word on one message; whether we sent it."""
    [known] = sending.receive_receipts(uow, [sending.Told(receipt, message_id)])
    return known
