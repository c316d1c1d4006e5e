"""From the queue to the provider and back: leases, attempts, receipts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from services.notify.domain.hours import is_old_news, may_wait
from services.notify.domain.messages import (
    CHANNEL,
    CONTACT_UNKNOWN,
    GAVE_UP,
    OLD_NEWS,
    OVERTAKEN,
    PENDING,
    SAID_JUST_NOW,
    STOPPED,
    Message,
    Policy,
    Receipt,
    Recipient,
    State,
)
from services.notify.domain.script import LATIN, Letters, as_it_is
from services.notify.errors import MessageRejected, OutcomeUnknown, ProviderBusy
from services.notify.usecases import untold
from services.notify.usecases.ports import Backlog, Due, Job, SmsProvider, Transaction, Transactions, Writer

_Body = Callable[[Due, Recipient], str]


def take_due(
    uow: Transaction, policy: Policy, write: Writer, limit: int, latin: Letters = as_it_is
) -> list[Job]:
    """Lease up to ``limit`` messages for sending; settle at once those that must not be sent."""
    with uow:
        due = uow.messages.due(uow.now, limit, uow.now - policy.give_up_after)
        jobs = [job for one in due if (job := _take(uow, one, policy, partial(_body, write, latin)))]
        uow.messages.lease([job.message for job in jobs])
        uow.commit()
    return jobs


def _take(uow: Transaction, due: Due, policy: Policy, body: _Body) -> Job | None:
    message, recipient = due.message, due.recipient
    unsure = message.unsure_since is not None
    if recipient is None:
        _settle(uow, [message.failed(uow.now, CONTACT_UNKNOWN)])
        return None
    if not unsure and (ended := _not_to_send(due, recipient, uow.now, policy)):
        if ended.state is State.FAILED:  # a person may have to say it instead
            ended = ended.written(recipient, body(due, recipient))
            uow.messages.lease([ended])
        _settle(uow, [ended])
        return None
    if not unsure and (morning := _held_until(due, uow.now, policy)):
        uow.messages.save([message.held(morning)])
        return None
    written = message.written(recipient, body(due, recipient))
    if not unsure and not message.urgent and written.body == due.said_last:
        _settle(uow, [message.suppressed(uow.now, SAID_JUST_NOW)])
        return None
    leased = written.leased(uow.now, policy.lease)
    return Job(leased, check_first=unsure, too_late=message.exhausted(uow.now, policy))


def _body(write: Writer, latin: Letters, due: Due, recipient: Recipient) -> str:
    """The words, in the resident's language and letters."""
    language, message = recipient.language, due.message
    text = _words(due.texts, language) or write(
        language, message.template, recipient.request_number, message.params
    )
    return latin(text, language) if recipient.script == LATIN else text


def _words(texts: Mapping[str, str] | None, language: str) -> str | None:
    """An announcement's own words, in the resident's language or in one that there is."""
    return (texts.get(language) or next(iter(texts.values()))) if texts else None


def _held_until(due: Due, now: datetime, policy: Policy) -> datetime | None:
    message = due.message
    waits = may_wait(message.template, due.category, urgent=message.urgent)
    return policy.quiet.until(now) if waits else None


def _not_to_send(due: Due, recipient: Recipient, now: datetime, policy: Policy) -> Message | None:
    """What waited for the morning is told only if nothing later is known: one message, not five."""
    message = due.message
    if not recipient.sms_allowed:
        return message.suppressed(now, STOPPED)
    if due.overtaken or (message.held_until is not None and due.followed):
        return message.suppressed(now, OVERTAKEN)
    heard_at, limit, is_last = message.created_at, policy.old_news_after, not due.followed
    if is_old_news(message.occurred_at, heard_at, limit, due.category, is_last=is_last):
        return message.suppressed(now, OLD_NEWS)
    return message.failed(now, GAVE_UP) if message.exhausted(now, policy) else None


_Change = Callable[[Message, datetime], Message]


@dataclass(frozen=True)
class Attempted:
    """A job after its attempt, and what this makes of the message: not kept yet."""

    job: Job
    change: _Change


def attempt(job: Job, transaction: Transactions, provider: SmsProvider, policy: Policy) -> Attempted:
    """One attempt, with no transaction open: the provider is called between the lease and ``settle``.

    When an earlier attempt may have reached the provider, its list is read first and a message found there
    is adopted, so that a crash between its answer and our commit tells nobody twice.
    """
    return Attempted(job, _tried(job, transaction, provider, policy))


def settle(uow: Transaction, attempted: Sequence[Attempted]) -> list[Message | None]:
    """Keep what came of attempts. Each message as it is then; None where a receipt or another worker settled
    it in the meantime."""
    with uow:
        current = uow.messages.lock([one.job.message.id for one in attempted])
        settled = [_changed(one, current.get(one.job.message.id), uow.now) for one in attempted]
        _settle(uow, [message for message in settled if message is not None])
        uow.commit()
    return settled


def _changed(attempted: Attempted, current: Message | None, now: datetime) -> Message | None:
    """The message after its attempt, if it is still this worker's."""
    taken = attempted.job.message
    if current is None or (current.state, current.attempt) != (State.SENDING, taken.attempt):
        return None
    return attempted.change(current, now)


def _tried(job: Job, transaction: Transactions, provider: SmsProvider, policy: Policy) -> _Change:
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
    except ProviderBusy as busy:
        return _postponed(policy, ProviderBusy.code, unsure=False, at_least=busy.retry_after)
    except OutcomeUnknown:
        return _postponed(policy, OutcomeUnknown.code, unsure=True)
    except MessageRejected as refusal:
        return _failed(refusal.reason)


def _taken(receipt: Receipt) -> _Change:
    return lambda message, now: message.received(receipt, now) or message


def _postponed(
    policy: Policy, error_code: str, *, unsure: bool, at_least: timedelta = timedelta()
) -> _Change:
    return lambda message, now: message.postponed(
        now, policy, unsure=unsure, error_code=error_code, at_least=at_least
    )


def _failed(error_code: str) -> _Change:
    return lambda message, now: message.failed(now, error_code)


@dataclass(frozen=True)
class Told:
    """The provider's word on a message. It may come before our own commit of the provider's id, hence
    ``message_id``, which is ours."""

    receipt: Receipt
    message_id: UUID | None


def receive_receipts(uow: Transaction, told: Sequence[Told]) -> list[bool]:
    """Whether we sent each of these messages. Repeated and late receipts change nothing."""
    with uow:
        sids, ids = [one.receipt.sid for one in told], [one.message_id for one in told if one.message_id]
        known = _Known(uow.messages.lock(ids, sids))
        moves = [moved for one in told if (moved := known.hear(one, uow.now))]
        uow.messages.save(list({moved.id: moved for moved in moves}.values()))
        _tell(uow, moves)
        uow.commit()
    return [known.find(one) is not None for one in told]


class _Known:
    """Messages that receipts are about, as they are after one receipt and the next."""

    def __init__(self, messages: Mapping[UUID, Message]) -> None:
        self._messages = dict(messages)
        self._by_sid = {one.provider_sid: one.id for one in messages.values()}

    def find(self, told: Told) -> Message | None:
        """The one that the provider knows by this id, else ours that it has no id of yet."""
        if told.receipt.sid in self._by_sid:
            return self._messages[self._by_sid[told.receipt.sid]]
        ours = self._messages.get(told.message_id) if told.message_id else None
        return ours if ours is not None and ours.provider_sid is None else None

    def hear(self, told: Told, now: datetime) -> Message | None:
        """The message after this receipt; None if it tells nothing new."""
        message = self.find(told)
        moved = message.received(told.receipt, now) if message is not None else None
        if moved is not None:
            self._messages[moved.id] = moved
            self._by_sid[told.receipt.sid] = moved.id
        return moved


def list_messages(uow: Transaction, request_id: UUID) -> Sequence[Message]:
    with uow:
        return uow.messages.of_request(request_id)


def measure_backlog(uow: Transaction) -> Backlog:
    with uow:
        return uow.messages.backlog(uow.now)


def _settle(uow: Transaction, messages: Sequence[Message]) -> None:
    """Keep the messages; tell the suite where something became of them."""
    uow.messages.save(messages)
    _tell(uow, messages)


def _tell(uow: Transaction, moves: Sequence[Message]) -> None:
    # Calls to make are locked by request: in one order, so that two transactions never wait for each other.
    for message in sorted(moves, key=lambda message: str(message.request_id)):
        # Announcements tell how they fare themselves: a line for each of 150,000 would drown the journal.
        if message.state not in PENDING and message.request_id is not None:
            uow.emit("message.progressed", str(message.id), _progress(message, uow.now))
        untold.follow_up(uow, message)


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
