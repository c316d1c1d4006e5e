"""From an attempt that is due to the telephone and back: leases, numbers, calls, doubts.

As for messages: the provider is called between two transactions, and what an earlier attempt may have left
there is looked for before anybody is called again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from services.notify.domain.alert_attempts import Attempt, State
from services.notify.domain.alert_lists import Addressee, Means
from services.notify.domain.alerts import NO_NUMBER, Alert, Stage
from services.notify.domain.messages import Sms
from services.notify.errors import MessageRejected, OutcomeUnknown, ProviderBusy
from services.notify.usecases.alert_ports import Caller, OnCall, Ring, Wording
from services.notify.usecases.alerting import begin, keep
from services.notify.usecases.ports import SmsProvider, Transaction, Transactions
from shared.errors import Unavailable

ON_CALL_SILENT, ON_CALL_NOBODY = "on_call_no_answer", "on_call_nobody"
GAVE_UP = "gave_up"
_PAUSE = timedelta(seconds=2)
_MOST_TRIES = 5


@dataclass(frozen=True)
class Task:
    """One attempt taken for placing by this worker; ``check_first``: an earlier try may have gone out."""

    alert: Alert
    attempt: Attempt
    check_first: bool


@dataclass(frozen=True)
class Channels:
    """The roads out, and who is on call."""

    caller: Caller
    sms: SmsProvider
    on_call: OnCall
    words: Wording


def look_after(uow: Transaction, lease: timedelta) -> list[Task] | None:
    """Let the alert that has waited longest go on; returns what is to be placed, None if none is due."""
    with uow:
        alert = uow.alerts.claim_due(uow.now)
        if alert is None:
            return None
        begun = begin(uow, alert) if alert.stage is Stage.WAITING else alert
        ready = begun.advanced(uow.now, uuid4)
        doubtful = {one.id for one in ready.attempts if one.unsure_since is not None}
        held, taken = ready.leased(uow.now, lease)
        quieter, needless = held.recalled(uow.now)
        kept = keep(uow, alert, quieter)
        uow.commit()
    return [Task(kept, one, one.id in doubtful) for one in (*taken, *needless)]


def work_off(task: Task, transaction: Transactions, channels: Channels) -> Alert | None:
    """Place the attempt, or hang it up; None if there is nothing to do any more or another worker has it."""
    if task.attempt.state is State.RECALLED:
        return hang_up(task, transaction, channels.caller)
    return place(task, transaction, channels)


def hang_up(task: Task, transaction: Transactions, caller: Caller) -> Alert | None:
    """A telephone that need not ring any more. If the provider cannot be asked now, it soon is."""
    try:
        caller.hang_up(task.attempt.provider_sid or "")
    except ProviderBusy:
        return None
    with transaction() as uow:
        alert = uow.alerts.lock(task.alert.id)
        if alert is None:
            return None
        kept = keep(uow, alert, alert.heard(task.attempt.id, State.DROPPED, uow.now))
        uow.commit()
    return kept


def place(task: Task, transaction: Transactions, channels: Channels) -> Alert | None:
    """One attempt to tell one addressee; None if it is not wanted any more or another worker has it."""
    ready = _with_number(task, transaction, channels.on_call)
    if ready is None:
        return None
    outcome = _tried(ready, transaction, channels)
    return _settled(ready, transaction, outcome)


# The number


def _with_number(task: Task, transaction: Transactions, on_call: OnCall) -> Task | None:
    """The task with the number to be called, kept before it is used."""
    addressee = task.alert.addressee(task.attempt)
    asked = task.attempt.number is None and addressee.purpose is not None
    people, note = _asked(addressee, on_call) if asked else ((), None)
    with transaction() as uow:
        alert = uow.alerts.lock(task.alert.id)
        attempt = _mine(alert, task.attempt)
        if alert is None or attempt is None:
            return None
        numbered = attempt if attempt.number else _numbered(uow, attempt, addressee, people, note)
        changed = _checked(uow, alert, numbered)
        kept = keep(uow, alert, alert.changed(changed))
        uow.commit()
    return replace(task, alert=kept, attempt=changed) if changed.state is State.PLACING else None


def _asked(addressee: Addressee, on_call: OnCall) -> tuple[Sequence[UUID], str | None]:
    """Who is on call; else why the fixed number is taken."""
    try:
        people = on_call.people(addressee.purpose or "")
    except Unavailable:
        return (), ON_CALL_SILENT
    return people, None if people else ON_CALL_NOBODY


def _numbered(
    uow: Transaction, attempt: Attempt, addressee: Addressee, people: Sequence[UUID], note: str | None
) -> Attempt:
    """The next person on call whose number is known, one a round; else the next fixed number."""
    turn = attempt.round - 1
    phones = uow.staff_phones.of(people)
    known = [person for person in people if person in phones]
    if known:
        person = known[turn % len(known)]
        return replace(attempt, number=phones[person], person_id=person)
    note = note or (ON_CALL_NOBODY if addressee.purpose else None)
    if not addressee.numbers:
        return replace(attempt, note=note)
    return replace(attempt, number=addressee.numbers[turn % len(addressee.numbers)], note=note)


def _checked(uow: Transaction, alert: Alert, attempt: Attempt) -> Attempt:
    """Whether it may go out now: it is wanted, has a number, and nobody else is just calling that number."""
    if not alert.is_wanted(attempt):
        return attempt.moved(State.DROPPED, uow.now)
    if attempt.number is None:
        return attempt.moved(State.FAILED, uow.now, NO_NUMBER)
    if not uow.alerts.may_ring(attempt.number, attempt):
        return attempt.postponed(uow.now + _PAUSE, unsure=False, error_code="number_taken")
    return attempt


def _mine(alert: Alert | None, attempt: Attempt) -> Attempt | None:
    """The attempt as it is now, if it is still this worker's."""
    current = alert.find(attempt.id) if alert is not None else None
    same = current is not None and (current.state, current.tries) == (State.PLACING, attempt.tries)
    return current if same else None


# The call


@dataclass(frozen=True)
class _Outcome:
    """What the provider said: its id, a refusal, or neither (``unsure`` whether it was taken)."""

    sid: str | None = None
    refused: str | None = None
    busy: str | None = None
    unsure: bool = False


def _tried(task: Task, transaction: Transactions, channels: Channels) -> _Outcome:
    exhausted = task.attempt.tries > _MOST_TRIES
    try:
        earlier = _found(task, transaction, channels) if task.check_first else None
        if earlier is not None:
            return _Outcome(sid=earlier)
        return _Outcome(refused=GAVE_UP) if exhausted else _Outcome(sid=_sent(task, channels))
    except ProviderBusy:
        busy = _Outcome(busy=ProviderBusy.code, unsure=task.check_first)
        return _Outcome(refused=GAVE_UP) if exhausted else busy
    except OutcomeUnknown:
        return _Outcome(busy=OutcomeUnknown.code, unsure=True)
    except MessageRejected as refusal:
        return _Outcome(refused=refusal.reason)


def _sent(task: Task, channels: Channels) -> str:
    if task.attempt.means is Means.VOICE:
        return channels.caller.call(ring_of(task.alert, task.attempt, channels.words))
    return channels.sms.send(_sms(task, channels.words)).sid


def _found(task: Task, transaction: Transactions, channels: Channels) -> str | None:
    """What an earlier try left at the provider and nothing of ours accounts for."""
    since = task.attempt.unsure_since or task.attempt.planned_at
    if task.attempt.means is Means.VOICE:
        listed = list(channels.caller.find(ring_of(task.alert, task.attempt, channels.words), since))
    else:
        listed = [one.sid for one in channels.sms.find(_sms(task, channels.words), since)]
    with transaction() as uow:
        known = uow.alerts.known_sids(listed)
    return next((sid for sid in listed if sid not in known), None)


def ring_of(alert: Alert, attempt: Attempt, words: Wording) -> Ring:
    """What a call says to its addressee."""
    languages = alert.addressee(attempt).languages
    texts = [(language, words(alert, attempt, language)) for language in languages]
    return Ring(attempt.id, alert.event, attempt.number or "", texts)


def _sms(task: Task, words: Wording) -> Sms:
    attempt, alert = task.attempt, task.alert
    language = alert.addressee(attempt).languages[0]
    return Sms(attempt.id, attempt.number or "", words(alert, attempt, language))


def _settled(task: Task, transaction: Transactions, outcome: _Outcome) -> Alert | None:
    """Keep what came of it, unless a callback was quicker."""
    with transaction() as uow:
        alert = uow.alerts.lock(task.alert.id)
        attempt = _mine(alert, task.attempt)
        if alert is None or attempt is None:
            return None
        kept = keep(uow, alert, alert.changed(_after(attempt, outcome, uow.now)))
        uow.commit()
    return kept


def _after(attempt: Attempt, outcome: _Outcome, now: datetime) -> Attempt:
    if outcome.sid is not None:
        return replace(attempt.moved(State.PLACED, now), provider_sid=outcome.sid)
    if outcome.refused is not None:
        return attempt.moved(State.FAILED, now, outcome.refused)
    return attempt.postponed(now + _PAUSE, unsure=outcome.unsure, error_code=outcome.busy or "")
