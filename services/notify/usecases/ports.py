"""What the use-cases of ``notify`` need from outside: a store, a provider, words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

from services.notify.domain.announcements import Announcement, Area, Home, Stage
from services.notify.domain.bulletins import Bulletin
from services.notify.domain.messages import Message, Receipt, Recipient, Sms
from services.notify.domain.outages import Notice, Outage, Ride
from services.notify.domain.plans import Plan
from services.notify.domain.script import CYRILLIC
from services.notify.domain.untold import CallToMake
from services.notify.usecases.alert_ports import AlertLists, Alerts, Places, StaffPhones


@dataclass(frozen=True)
class Contact:
    """How someone may be reached, as of ``at``."""

    id: UUID
    phone: str
    language: str
    sms_allowed: bool
    at: datetime
    script: str = CYRILLIC


@dataclass(frozen=True)
class Request:
    """Our small copy of a request: what a message to its resident needs."""

    id: UUID
    number: str
    contact_id: UUID


@dataclass(frozen=True)
class Urgency:
    """How urgent a request is, as triage or (``by_person``) a dispatcher said."""

    request_id: UUID
    category: str
    at: datetime
    by_person: bool = False


@dataclass(frozen=True)
class Due:
    """A message that may be taken now. ``overtaken``: later news of its request has already left;
    ``followed``: has left or waits; ``texts``: the announcement's own words by language; ``category``: the
    urgency of what it is about, None while nobody has judged that; ``said_last``: the words of the status
    message that left last for its request."""

    message: Message
    recipient: Recipient | None
    overtaken: bool
    texts: Mapping[str, str] | None = None
    followed: bool = False
    category: str | None = None
    said_last: str | None = None


@dataclass(frozen=True)
class Untold:
    """A call to make: whom, and what to say."""

    call: CallToMake
    message: Message
    request_number: str
    category: str | None


@dataclass(frozen=True)
class Job:
    """A leased message; ``check_first`` when an earlier attempt may have reached the provider, ``too_late``
    when it must not be sent any more, only looked for."""

    message: Message
    check_first: bool
    too_late: bool = False


@dataclass(frozen=True)
class Backlog:
    """Messages which are neither sent nor settled, and since when the oldest waits; those that wait only for
    the morning are counted apart."""

    waiting: int
    oldest: datetime | None
    held: int = 0


class Contacts(Protocol):
    def put(self, contact: Contact) -> None:
        """Keep what is newest by ``at``."""

    def put_all(self, known: Sequence[Contact]) -> None:
        """The same of many; of one named twice the last counts."""

    def forget(self, contact_id: UUID, at: datetime) -> None:
        """Keep that there was someone; nothing older than ``at`` brings the number back."""


class Requests(Protocol):
    def put(self, request: Request) -> None: ...


class Urgencies(Protocol):
    def put(self, urgency: Urgency) -> None:
        """Keep what is newest by ``at``; only a person's word takes the place of a person's word."""


class Rides(Protocol):
    """Which request rides on which outage."""

    def put(self, ride: Ride) -> bool:
        """Keep what is newest by ``sequence``; whether this was news."""

    def get(self, request_id: UUID) -> Ride | None: ...

    def next_contacts(self, outage_id: UUID, after: UUID | None, limit: int) -> Sequence[tuple[UUID, UUID]]:
        """Contacts who ride on an outage, in order, each with one of their requests."""

    def is_first_to_hear(self, request_id: UUID, template: str, fact: str) -> bool:
        """Whether no other request of the same contact has been told this; its contact is locked."""


class Outages(Protocol):
    """Outages and what is still to be told of them."""

    def lock(self, outage_id: UUID) -> Outage | None: ...
    def put(self, outage: Outage) -> None: ...
    def announce(self, notice: Notice) -> None: ...
    def claim_notice(self) -> Notice | None:
        """The oldest notice not told to everybody yet; locked, those that others hold passed by."""

    def advance(self, notice: Notice, after_contact: UUID | None) -> None:
        """Told up to here; None: told to everybody."""


class Plans(Protocol):
    def put(self, plan: Plan) -> None:
        """Keep what is newest by ``sequence``."""

    def get(self, request_id: UUID) -> Plan | None: ...


class Messages(Protocol):
    """Outgoing messages. Those returned for a change are locked until the transaction ends."""

    def add(self, message: Message) -> bool:
        """False if this request has this template for this fact already."""

    def announce(self, announced: Sequence[Message]) -> None:
        """Add many; who has the same announcement already is passed by."""

    def due(self, now: datetime, limit: int, hopeless_before: datetime) -> Sequence[Due]:
        """Messages to take, urgent first: recipient known (or created before ``hopeless_before``), and no
        earlier status message of the same request still pending. Rows that others hold are passed by."""

    def lock(self, ids: Sequence[UUID], sids: Sequence[str] = ()) -> Mapping[UUID, Message]:
        """Those with one of our ids or of the provider's, in one order for everybody who locks several."""

    def known_sids(self, sids: Iterable[str]) -> set[str]: ...

    def has_any(self, request_id: UUID, templates: Iterable[str]) -> bool: ...

    def lease(self, leased: Sequence[Message]) -> None:
        """Keep messages that were taken for sending, with number and words."""

    def save(self, messages: Sequence[Message]) -> None:
        """Keep what became of them, none named twice; their numbers and words stay as they are."""

    def silent(self, due_before: datetime, sent_after: datetime, limit: int) -> Sequence[Message]:
        """Sent messages about requests, in the order of sending, whose receipt is missed since then."""

    def of_request(self, request_id: UUID) -> Sequence[Message]:
        """In the order of creation."""

    def is_sending_to(self, contact_id: UUID) -> bool:
        """Whether a message to this contact is at the provider's door right now."""

    def forget(self, contact_id: UUID) -> None:
        """Keep that messages were sent to this contact, not to which number and what they said."""

    def backlog(self, now: datetime) -> Backlog: ...

    def let_go(self, request_id: UUID, now: datetime) -> None:
        """What waits for the morning waits no more."""


class CallsToMake(Protocol):
    """Residents whom no message has reached. Those returned for a change are locked."""

    def add(self, call: CallToMake) -> None:
        """Unless there is one for the same message. Of one request's status messages the latest counts."""

    def lock(self, call_id: UUID) -> CallToMake | None: ...

    def save(self, call: CallToMake) -> None: ...

    def overtake(self, request_id: UUID, before: datetime, now: datetime) -> None:
        """Status messages of this request that happened before this need no call any more."""

    def find(self, call_id: UUID) -> Untold | None: ...

    def waiting(self, limit: int) -> Sequence[Untold]:
        """Advice first, then emergencies, then who has waited longest."""

    def alarming(self) -> Backlog:
        """Calls about danger that nobody has ended, and since when the oldest waits."""


class Homes(Protocol):
    """Where the contacts live, as their requests and imported lists say."""

    def put(self, home: Home) -> None: ...

    def put_all(self, known: Sequence[Home]) -> None:
        """The same of many; of one named twice the last counts."""

    def page(self, area: Area, after: str, limit: int) -> Sequence[tuple[str, Home]]:
        """Homes with a number that may be written to, by ``place`` (a text to go on after); for a wide area
        more may come than are meant."""

    def forget(self, contact_id: UUID) -> None: ...


class Announcements(Protocol):
    def put(self, announcement: Announcement) -> None: ...

    def get(self, announcement_id: UUID) -> Announcement | None: ...

    def lock(self, announcement_id: UUID) -> Announcement | None:
        """For a change: the loops pass by one that is held."""

    def recent(self, limit: int) -> Sequence[Announcement]:
        """The newest first."""

    def claim(self, stage: Stage, only_emergencies: bool = False) -> Announcement | None:
        """The one of this stage that has waited longest; locked, those that others hold passed by."""

    def enlist(self, announcement_id: UUID, homes: Sequence[Home]) -> int:
        """Make the people of ``homes`` recipients, each number once; returns how many were new."""

    def next_recipients(self, announcement_id: UUID, after: str, limit: int) -> Sequence[tuple[str, UUID]]:
        """Recipients in the order of their numbers' digests, each with one contact."""

    def fates(self, announcement_id: UUID) -> Mapping[str, int]:
        """How many messages are in each state."""

    def waiting(self, announcement_id: UUID) -> int:
        """Messages released and not settled yet."""

    def call_off(self, announcement_id: UUID, now: datetime) -> int:
        """Suppress what is still queued; returns how many."""


class Bulletins(Protocol):
    """Outages as the public may know them."""

    def put(self, bulletin: Bulletin) -> None:
        """The newest version; which one was public before it is kept."""

    def get(self, outage_id: UUID) -> Bulletin | None: ...

    def active(self, limit: int) -> Sequence[Bulletin]:
        """Open ones, the newest change first."""


class Transaction(Protocol):
    @property
    def bulletins(self) -> Bulletins: ...
    @property
    def homes(self) -> Homes: ...
    @property
    def announcements(self) -> Announcements: ...
    @property
    def alerts(self) -> Alerts: ...
    @property
    def alert_lists(self) -> AlertLists: ...
    @property
    def staff_phones(self) -> StaffPhones: ...
    @property
    def places(self) -> Places: ...
    @property
    def contacts(self) -> Contacts: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def urgencies(self) -> Urgencies: ...
    @property
    def plans(self) -> Plans: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def calls_to_make(self) -> CallsToMake: ...
    @property
    def rides(self) -> Rides: ...
    @property
    def outages(self) -> Outages: ...
    @property
    def now(self) -> datetime: ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def emit(self, type: str, subject: str, data: Mapping[str, Any]) -> None: ...  # noqa: A002
    def commit(self) -> None: ...


class SmsProvider(Protocol):
    """Whoever carries the messages. Never called with a transaction open."""

    def send(self, sms: Sms) -> Receipt:
        """Raises ProviderBusy (not taken), MessageRejected (never will be) or OutcomeUnknown."""

    def find(self, sms: Sms, since: datetime) -> Sequence[Receipt]:
        """Messages of ours to this number with exactly this body, created since then, oldest first.

        Raises ProviderBusy when the provider cannot be asked now.
        """


# The text of a template: (language, template, number of the request, further parameters) → body.
Writer = Callable[[str, str, str, Mapping[str, str]], str]
Transactions = Callable[[], Transaction]
