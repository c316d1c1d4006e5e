"""``notify`` in memory: the store's and the provider's promises, checked against the real ones in
tests/contract/notify."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from uuid import UUID

from services.notify.domain.alert_lists import AlertList
from services.notify.domain.alerts import Alert
from services.notify.domain.announcements import Announcement, Area, Home, Stage
from services.notify.domain.bulletins import OPEN, Bulletin
from services.notify.domain.messages import (
    CALLED_OFF,
    LEFT,
    PENDING,
    SAID,
    Message,
    Policy,
    Receipt,
    Recipient,
    Sms,
    State,
)
from services.notify.domain.outages import Notice, Outage, Ride
from services.notify.domain.plans import Plan
from services.notify.domain.untold import CallToMake
from services.notify.errors import MessageRejected, OutcomeUnknown
from services.notify.usecases.alert_ports import Place, StaffPhone
from services.notify.usecases.ports import Backlog, Contact, Due, Request, Urgency
from shared.clock import Clock, FixedClock
from tests.support.fakes import NOON, FakeTransaction
from tests.unit.notify.fake_alerts import FakeAlertLists, FakeAlerts, FakePlaces, FakeStaffPhones
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


class FakeMessages:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, message: Message) -> bool:
        told = (message.request_id, message.contact_id, message.template, message.fact)
        if any((m.request_id, m.contact_id, m.template, m.fact) == told for m in self._all()):
            return False
        self.save(message)
        return True

    def announce(self, announced: Sequence[Message]) -> None:
        for message in announced:
            self.add(message)

    def silent(self, due_before: datetime, sent_after: datetime, limit: int) -> Sequence[Message]:
        found = [
            message
            for message in self._all()
            if message.state is State.SENT
            and message.request_id is not None
            and message.phone is not None
            and message.due_at <= due_before
            and message.sent_at is not None
            and message.sent_at > sent_after
        ]
        return sorted(found, key=lambda message: (message.sent_at, message.id))[:limit]

    def is_sending_to(self, contact_id: UUID) -> bool:
        return any(message.state is State.SENDING for message in self._to(contact_id))

    def forget(self, contact_id: UUID) -> None:
        for message in self._to(contact_id):
            self.save(replace(message, phone=None, body=None))

    def _to(self, contact_id: UUID) -> list[Message]:
        theirs = {one.id for one in self._tables.requests.values() if one.contact_id == contact_id}
        return [m for m in self._all() if m.request_id in theirs or m.contact_id == contact_id]

    def due(self, now: datetime, limit: int, hopeless_before: datetime) -> Sequence[Due]:
        ready = [
            message
            for message in self._all()
            if message.state in PENDING
            and message.due_at <= now
            and (self._recipient(message) or message.created_at < hopeless_before)
            and (message.urgent or not self._waits(message, now))
        ]
        ready.sort(key=_first)
        return [self._due(message) for message in ready[:limit]]

    def _due(self, message: Message) -> Due:
        recipient, overtaken = self._recipient(message), not message.urgent and self._has_later(message, LEFT)
        if recipient is None:
            return Due(message, None, overtaken)
        followed = self._has_later(message, LEFT | PENDING)
        facts = (self._texts(message), followed, self._category(message), self._said_last(message))
        return Due(message, recipient, overtaken, *facts)

    def _said_last(self, message: Message) -> str | None:
        left = [
            (one.sent_at, one.occurred_at, one.body)
            for one in self._all()
            if one.request_id == message.request_id is not None and one.state in SAID and not one.urgent
        ]
        return max(left, key=lambda one: one[:2])[2] if left else None

    def _category(self, message: Message) -> str | None:
        announced = self._tables.announcements.get(message.announcement_id or UUID(int=0))
        if announced is not None:
            return "emergency" if announced.emergency else "planned"
        urgency = self._tables.urgencies.get(message.request_id or UUID(int=0))
        return urgency.category if urgency else None

    def let_go(self, request_id: UUID, now: datetime) -> None:
        for message in self.of_request(request_id):
            if message.state is State.QUEUED and message.held_until and message.held_until > now:
                self.save(replace(message, due_at=now, held_until=None))

    def _texts(self, message: Message) -> Mapping[str, str] | None:
        announced = self._tables.announcements.get(message.announcement_id or UUID(int=0))
        return announced.texts if announced else None

    def get(self, message_id: UUID) -> Message | None:
        return self._tables.messages.get(message_id)

    def accounted(self, sid: str, message_id: UUID | None) -> Message | None:
        ours = self.get(message_id) if message_id else None
        unsettled = ours if ours and ours.provider_sid is None else None
        return next((message for message in self._all() if message.provider_sid == sid), unsettled)

    def lease(self, leased: Sequence[Message]) -> None:
        for message in leased:
            self.save(message)

    def known_sids(self, sids: Iterable[str]) -> set[str]:
        return set(sids) & {message.provider_sid for message in self._all() if message.provider_sid}

    def has_any(self, request_id: UUID, templates: Iterable[str]) -> bool:
        named = set(templates)
        return any(m.request_id == request_id and m.template in named for m in self._all())

    def save(self, message: Message) -> None:
        self._tables.messages[message.id] = message

    def of_request(self, request_id: UUID) -> Sequence[Message]:
        found = [message for message in self._all() if message.request_id == request_id]
        return sorted(found, key=lambda message: (message.created_at, message.occurred_at))

    def backlog(self, now: datetime) -> Backlog:
        pending = [message for message in self._all() if message.state in PENDING]
        awake = [m.held_until or m.created_at for m in pending if m.held_until is None or m.held_until <= now]
        return Backlog(len(awake), min(awake, default=None), len(pending) - len(awake))

    def _all(self) -> list[Message]:
        return list(self._tables.messages.values())

    def _recipient(self, message: Message) -> Recipient | None:
        request = self._tables.requests.get(message.request_id or UUID(int=0))
        owner = request.contact_id if request else message.contact_id
        contact = self._tables.contacts.get(owner or UUID(int=0))
        if contact is None:
            return None
        number = request.number if request else ""
        return Recipient(contact.phone, contact.language, contact.sms_allowed, number, contact.script)

    def _of_same_request(self, message: Message) -> Sequence[Message]:
        return self.of_request(message.request_id) if message.request_id else []

    def _waits(self, message: Message, now: datetime) -> bool:
        return any(
            not other.urgent
            and other.state in PENDING
            and (other.held_until or now) <= now
            and (other.occurred_at, other.id) < (message.occurred_at, message.id)
            for other in self._of_same_request(message)
        )

    def _has_later(self, message: Message, states: frozenset[State]) -> bool:
        return any(
            not other.urgent and other.state in states and other.occurred_at > message.occurred_at
            for other in self._of_same_request(message)
        )


def _first(one: Message) -> tuple[bool, bool, bool, datetime]:
    return not one.urgent, one.announcement_id is not None, one.held_until is not None, one.due_at


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


class FakeHomes:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, home: Home) -> None:
        self._tables.homes[home.contact_id, home.building_id] = home

    def put_all(self, known: Sequence[Home]) -> None:
        for home in known:
            self.put(home)

    def page(self, area: Area, after: str, limit: int) -> Sequence[tuple[str, Home]]:
        numbered = enumerate(self._tables.homes.values(), start=1)
        return [
            (str(number), home)
            for number, home in numbered
            if number > int(after or 0) and self._may_hear(home.contact_id)
        ][:limit]

    def forget(self, contact_id: UUID) -> None:
        for key in [key for key in self._tables.homes if key[0] == contact_id]:
            del self._tables.homes[key]

    def _may_hear(self, contact_id: UUID) -> bool:
        contact = self._tables.contacts.get(contact_id)
        return contact is not None and contact.sms_allowed and contact.phone != ""


class FakeAnnouncements:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, announcement: Announcement) -> None:
        self._tables.announcements[announcement.id] = announcement

    def get(self, announcement_id: UUID) -> Announcement | None:
        return self._tables.announcements.get(announcement_id)

    lock = get

    def recent(self, limit: int) -> Sequence[Announcement]:
        known = sorted(self._tables.announcements.values(), key=lambda one: one.created_at, reverse=True)
        return known[:limit]

    def claim(self, stage: Stage, only_emergencies: bool = False) -> Announcement | None:
        known = self._tables.announcements.values()
        of_stage = [one for one in known if one.stage is stage and (one.emergency or not only_emergencies)]
        return min(of_stage, key=lambda one: (one.stirred_at or one.created_at, one.created_at), default=None)

    def enlist(self, announcement_id: UUID, homes: Sequence[Home]) -> int:
        before = len(self._tables.recipients)
        for contact_id in sorted({home.contact_id for home in homes}, key=str):
            key = (announcement_id, self._tables.contacts[contact_id].phone)
            self._tables.recipients.setdefault(key, contact_id)
        return len(self._tables.recipients) - before

    def next_recipients(self, announcement_id: UUID, after: str, limit: int) -> Sequence[tuple[str, UUID]]:
        listed = [(n, c) for (id_, n), c in self._tables.recipients.items() if id_ == announcement_id]
        return sorted((number, contact) for number, contact in listed if number > after)[:limit]

    def fates(self, announcement_id: UUID) -> Mapping[str, int]:
        return dict(Counter(message.state.value for message in self._of(announcement_id)))

    def waiting(self, announcement_id: UUID) -> int:
        return sum(message.state in PENDING for message in self._of(announcement_id))

    def call_off(self, announcement_id: UUID, now: datetime) -> int:
        waiting = [m for m in self._of(announcement_id) if m.state is State.QUEUED and not m.unsure_since]
        for message in waiting:
            self._tables.messages[message.id] = message.suppressed(now, CALLED_OFF)
        return len(waiting)

    def _of(self, announcement_id: UUID) -> list[Message]:
        return [one for one in self._tables.messages.values() if one.announcement_id == announcement_id]


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
