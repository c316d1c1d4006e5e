"""What ``notify`` does: it learns of facts, decides what to tell, sends, and listens for receipts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID, uuid4

from services.notify.domain import outages
from services.notify.domain import telling as tellings
from services.notify.domain.messages import (
    CHANNEL,
    CONTACT_UNKNOWN,
    GAVE_UP,
    OVERTAKEN,
    PENDING,
    STOPPED,
    Message,
    Policy,
    Receipt,
    Recipient,
    Sms,
    State,
)
from services.notify.domain.outages import Notice, Outage, Ride
from services.notify.domain.plans import Plan
from services.notify.domain.telling import Progress, Telling, Verdict
from services.notify.errors import (
    MessageOnItsWay,
    MessageRejected,
    OutcomeUnknown,
    ProviderBusy,
    UnknownMessage,
)


@dataclass(frozen=True)
class Contact:
    """How someone may be reached, as of ``at``."""

    id: UUID
    phone: str
    language: str
    sms_allowed: bool
    at: datetime


@dataclass(frozen=True)
class Request:
    """Our small copy of a request: what a message to its resident needs."""

    id: UUID
    number: str
    contact_id: UUID


@dataclass(frozen=True)
class Due:
    """A message that may be taken now. ``overtaken``: later news of its request has already left."""

    message: Message
    recipient: Recipient | None
    overtaken: bool


@dataclass(frozen=True)
class Job:
    """A leased message; ``check_first`` when an earlier attempt may have reached the provider, ``too_late``
    when it must not be sent any more, only looked for."""

    message: Message
    check_first: bool
    too_late: bool = False


@dataclass(frozen=True)
class Backlog:
    """Messages which are neither sent nor settled, and since when the oldest waits."""

    waiting: int
    oldest: datetime | None


class Contacts(Protocol):
    def put(self, contact: Contact) -> None:
        """Keep what is newest by ``at``."""

    def forget(self, contact_id: UUID, at: datetime) -> None:
        """Keep that there was someone; nothing older than ``at`` brings the number back."""


class Requests(Protocol):
    def put(self, request: Request) -> None: ...


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

    def due(self, now: datetime, limit: int, hopeless_before: datetime) -> Sequence[Due]:
        """Messages to take, urgent first: recipient known (or created before ``hopeless_before``), and no
        earlier status message of the same request still pending. Rows that others hold are passed by."""

    def get(self, message_id: UUID) -> Message | None: ...

    def by_sid(self, sid: str) -> Message | None: ...

    def known_sids(self, sids: Iterable[str]) -> set[str]: ...

    def has_any(self, request_id: UUID, templates: Iterable[str]) -> bool: ...

    def save(self, message: Message) -> None: ...

    def of_request(self, request_id: UUID) -> Sequence[Message]:
        """In the order of creation."""

    def is_sending_to(self, contact_id: UUID) -> bool:
        """Whether a message to this contact is at the provider's door right now."""

    def forget(self, contact_id: UUID) -> None:
        """Keep that messages were sent to this contact, not to which number and what they said."""

    def backlog(self) -> Backlog: ...


class Transaction(Protocol):
    @property
    def contacts(self) -> Contacts: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def plans(self) -> Plans: ...
    @property
    def messages(self) -> Messages: ...
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


OUTAGE_OVER = "outage_over"
"""Journal's result of a request that ended with the outage it rode on."""
# The text of a template: (language, template, number of the request, further parameters) → body.
Writer = Callable[[str, str, str, Mapping[str, str]], str]
Transactions = Callable[[], Transaction]


def note_contact(uow: Transaction, contact: Contact) -> None:
    with uow:
        uow.contacts.put(contact)
        uow.commit()


def forget_contact(uow: Transaction, contact_id: UUID, at: datetime) -> None:
    """What waits for them is then suppressed: nobody is left to write to. Raises MessageOnItsWay."""
    with uow:
        if uow.messages.is_sending_to(contact_id):
            raise MessageOnItsWay
        uow.messages.forget(contact_id)
        uow.contacts.forget(contact_id, at)
        uow.commit()


def note_request(
    uow: Transaction,
    request: Request,
    channel: str,
    registered_at: datetime,
    ride: Ride | None = None,
    zone: tzinfo = UTC,
) -> None:
    """Whose request rides on an outage from the first hears that instead of a bare number."""
    with uow:
        uow.requests.put(request)
        if ride is not None:
            rides_now = uow.rides.put(ride)
            if channel != tellings.SMS and rides_now:
                _queue(uow, request.id, [outages.of_joining(ride, zone)])
            uow.commit()
            return
        _queue(uow, request.id, tellings.of_registration(str(request.id), channel, registered_at))
        uow.commit()


def tell_verdict(uow: Transaction, verdict: Verdict) -> None:
    with uow:
        _queue(uow, UUID(verdict.request_id), tellings.of_verdict(verdict))
        uow.commit()


def tell_progress(uow: Transaction, progress: Progress, zone: tzinfo) -> None:
    """That a crew has taken the request is told once, whatever crew and whatever plan."""
    request_id = UUID(progress.request_id)
    with uow:
        again = progress.stage == "accepted" and uow.messages.has_any(request_id, tellings.ACCEPTED)
        news = tellings.of_progress(progress, zone, uow.plans.get(request_id))
        _queue(uow, request_id, [] if again else news)
        uow.commit()


def tell_state(
    uow: Transaction,
    request_id: UUID,
    to_state: str,
    at: datetime,
    result: str | None = None,
    channel: str | None = None,
    plan: Plan | None = None,
) -> None:
    """Closing is not news to someone who has just been told that the work is done, nor is a cancellation to
    who asked for it by SMS (``channel``) and had the answer there."""
    with uow:
        if plan is not None:
            uow.plans.put(plan)
        if result == OUTAGE_OVER and _tell_outage_over(uow, request_id, at):
            uow.commit()
            return
        repeats = to_state == "closed" and uow.messages.has_any(request_id, tellings.ENDINGS)
        answered = to_state == "cancelled" and channel == tellings.SMS
        _queue(
            uow, request_id, [] if repeats or answered else tellings.of_state(str(request_id), to_state, at)
        )
        uow.commit()


def _tell_outage_over(uow: Transaction, request_id: UUID, at: datetime) -> bool:
    """The request ended with its outage: told once to each number. False if the outage is not known here."""
    ride = uow.rides.get(request_id)
    if ride is None:
        return False
    if uow.rides.is_first_to_hear(request_id, outages.OVER, str(ride.outage_id)):
        _queue(uow, request_id, [outages.of_end(ride, at)])
    return True


def _queue(uow: Transaction, request_id: UUID, news: Iterable[Telling]) -> None:
    """Rows may wait here for their request or contact to become known: events come in any order."""
    for told in news:
        uow.messages.add(Message.queued(uuid4(), request_id, told, uow.now))


def take_due(uow: Transaction, policy: Policy, write: Writer, limit: int) -> list[Job]:
    """Lease up to ``limit`` messages for sending; settle at once those that must not be sent."""
    with uow:
        due = uow.messages.due(uow.now, limit, uow.now - policy.give_up_after)
        jobs = [job for one in due if (job := _take(uow, one, policy, write))]
        uow.commit()
    return jobs


def _take(uow: Transaction, due: Due, policy: Policy, write: Writer) -> Job | None:
    message, recipient = due.message, due.recipient
    unsure = message.unsure_since is not None
    if recipient is None:
        _settle(uow, message.failed(uow.now, CONTACT_UNKNOWN))
        return None
    if not unsure and (ended := _not_to_send(message, recipient, due.overtaken, uow.now, policy)):
        _settle(uow, ended)
        return None
    body = write(recipient.language, message.template, recipient.request_number, message.params)
    leased = message.written(recipient, body).leased(uow.now, policy.lease)
    uow.messages.save(leased)
    return Job(leased, check_first=unsure, too_late=message.exhausted(uow.now, policy))


def _not_to_send(
    message: Message, recipient: Recipient, overtaken: bool, now: datetime, policy: Policy
) -> Message | None:
    if not recipient.sms_allowed:
        return message.suppressed(now, STOPPED)
    if overtaken:
        return message.suppressed(now, OVERTAKEN)
    return message.failed(now, GAVE_UP) if message.exhausted(now, policy) else None


def deliver(job: Job, transaction: Transactions, provider: SmsProvider, policy: Policy) -> Message | None:
    """One attempt: the provider is called between two transactions, never inside one.

    When an earlier attempt may have reached the provider, its list is read first and a message found there
    is adopted, so that a crash between its answer and our commit tells nobody twice. Returns the message
    as it is then; None when a receipt or another worker settled it in the meantime.
    """
    change = _attempt(job, transaction, provider, policy)
    with transaction() as uow:
        current = uow.messages.get(job.message.id)
        if current is None or (current.state, current.attempt) != (State.SENDING, job.message.attempt):
            return None
        changed = change(current, uow.now)
        _settle(uow, changed)
        uow.commit()
    return changed


_Change = Callable[[Message, datetime], Message]


def _attempt(job: Job, transaction: Transactions, provider: SmsProvider, policy: Policy) -> _Change:
    try:
        earlier = _found(job.message, transaction, provider) if job.check_first else None
    except ProviderBusy:
        return _failed(GAVE_UP) if job.too_late else _postponed(policy, ProviderBusy.code, unsure=True)
    if earlier is not None:
        return _taken(earlier)
    return _failed(GAVE_UP) if job.too_late else _sent(job.message, provider, policy)


def _found(message: Message, transaction: Transactions, provider: SmsProvider) -> Receipt | None:
    """What an earlier attempt left at the provider and no other message of ours accounts for."""
    found = provider.find(message.sms, message.unsure_since or message.created_at)
    with transaction() as uow:
        known = uow.messages.known_sids([receipt.sid for receipt in found])
    return next((receipt for receipt in found if receipt.sid not in known), None)


def _sent(message: Message, provider: SmsProvider, policy: Policy) -> _Change:
    try:
        return _taken(provider.send(message.sms))
    except ProviderBusy:
        return _postponed(policy, ProviderBusy.code, unsure=False)
    except OutcomeUnknown:
        return _postponed(policy, OutcomeUnknown.code, unsure=True)
    except MessageRejected as refusal:
        return _failed(refusal.reason)


def _taken(receipt: Receipt) -> _Change:
    return lambda message, now: message.received(receipt, now) or message


def _postponed(policy: Policy, error_code: str, *, unsure: bool) -> _Change:
    return lambda message, now: message.postponed(now, policy, unsure=unsure, error_code=error_code)


def _failed(error_code: str) -> _Change:
    return lambda message, now: message.failed(now, error_code)


def receive_receipt(uow: Transaction, receipt: Receipt, message_id: UUID | None) -> None:
    """The provider's word on a message. It may come before our own commit of its id, hence ``message_id``.

    Repeated and late receipts change nothing. Raises UnknownMessage for what we did not send.
    """
    with uow:
        message = uow.messages.by_sid(receipt.sid) or _unsettled(uow, message_id)
        if message is None:
            raise UnknownMessage
        if moved := message.received(receipt, uow.now):
            _settle(uow, moved)
        uow.commit()


def _unsettled(uow: Transaction, message_id: UUID | None) -> Message | None:
    message = uow.messages.get(message_id) if message_id else None
    return message if message and message.provider_sid is None else None


def list_messages(uow: Transaction, request_id: UUID) -> Sequence[Message]:
    with uow:
        return uow.messages.of_request(request_id)


def measure_backlog(uow: Transaction) -> Backlog:
    with uow:
        return uow.messages.backlog()


def _settle(uow: Transaction, message: Message) -> None:
    """Keep the message; tell the suite when something became of it."""
    uow.messages.save(message)
    if message.state not in PENDING:
        uow.emit("message.progressed", str(message.id), _progress(message, uow.now))


def _progress(message: Message, now: datetime) -> Mapping[str, Any]:
    return {
        "message_id": message.id,
        "request_id": message.request_id,
        "template": message.template,
        "channel": CHANNEL,
        "state": message.state,
        "attempt": message.attempt,
        "parts": message.parts,
        "error_code": message.error_code,
        "at": now,
    }
