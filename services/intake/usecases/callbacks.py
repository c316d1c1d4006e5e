"""Operators at the call-back queue: who waits, taking one, saying how it went; and the calls themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.intake.domain.call_norms import CallClock, CallNorms
from services.intake.domain.callbacks import Callback, CallbackState, Patience
from services.intake.domain.calls import Call, Figures, Outcome
from services.intake.domain.requests import Contact
from services.intake.errors import CallbackNotFound, CallNotFound, RequestNotFound
from services.intake.usecases import missed
from services.intake.usecases.disclosure import Reader, Shown, disclose
from services.intake.usecases.ports import UnitOfWork


@dataclass(frozen=True)
class Waiting:
    """A place in the queue with the last call behind it; ``person`` only for whoever has claimed it."""

    callback: Callback
    call: Call
    person: Shown | None = None


@dataclass(frozen=True)
class CallFilter:
    """Which calls; ``going_on``: not ended as far as we know. ``before`` is the ring of the last one seen."""

    request_id: UUID | None = None
    contact_ref: UUID | None = None
    outcome: Outcome | None = None
    going_on: bool = False
    since: datetime | None = None
    before: datetime | None = None
    limit: int = 50


_DAY = timedelta(days=1)


def list_callbacks(uow: UnitOfWork, states: frozenset[CallbackState], limit: int) -> Sequence[Waiting]:
    """Gas and lifts first, then who is overdue longest; who shall be tried again later comes last."""
    with uow:
        return [Waiting(*found) for found in uow.callbacks.listed(states, uow.now, limit)]


def claim(uow: UnitOfWork, id_: UUID, reader: Reader, patience: Patience) -> Waiting:
    """Take a person to call, with the number, which is written down as read.

    Raises CallbackNotFound, CallbackTaken while another operator has them, CallbackSettled.
    """
    with uow:
        contact = _contact_of(uow, id_)
        callback = _locked(uow, id_).claimed(reader.actor_id, uow.now, patience)
        uow.callbacks.save(callback)
        person = disclose(uow, contact, reader, "callback", callback.request_id) if contact else None
        waiting = Waiting(callback, _call(uow, callback.call_sid), person)
        uow.commit()
    return waiting


def done(uow: UnitOfWork, id_: UUID, by: str, nothing_needed: bool = False) -> Waiting:
    """The person was reached; with ``nothing_needed`` the draft of their call is dropped. Said again it
    changes nothing. Raises CallbackNotFound, CallbackNotClaimed."""
    with uow:
        callback = _locked(uow, id_)
        if callback.state is not CallbackState.DONE or callback.claimed_by != by:
            callback = callback.done(by, uow.now)
            missed.end(uow, callback, nothing_needed)
        waiting = Waiting(callback, _call(uow, callback.call_sid))
        uow.commit()
    return waiting


def no_answer(uow: UnitOfWork, id_: UUID, by: str, patience: Patience) -> Waiting:
    """Nobody took up our call. Raises CallbackNotFound, CallbackNotClaimed, CallbackSettled."""
    with uow:
        callback = _locked(uow, id_).no_answer(by, uow.now, patience)
        if callback.is_open:
            uow.callbacks.save(callback)
        else:
            missed.end(uow, callback)
        waiting = Waiting(callback, _call(uow, callback.call_sid))
        uow.commit()
    return waiting


def list_calls(uow: UnitOfWork, wanted: CallFilter) -> Sequence[Call]:
    """Calls, the newest first."""
    with uow:
        return uow.calls.listed(wanted)


def link_call(uow: UnitOfWork, sid: str, request_id: UUID) -> Call:
    """Say which request a call was about; raises CallNotFound, RequestNotFound."""
    with uow:
        call = uow.calls.get(sid, lock=True)
        if call is None:
            raise CallNotFound
        if uow.requests.get(request_id) is None:
            raise RequestNotFound
        linked = replace(call, request_id=request_id)
        uow.calls.save(linked)
        uow.commit()
    return linked


def figures(uow: UnitOfWork, norms: CallNorms, since: datetime | None = None) -> Figures:
    """How calls went since then, by default in the last 24 hours."""
    with uow:
        begin = since or uow.now - _DAY
        return uow.calls.figures(begin, uow.now, norms.of(CallClock.ANSWER, uow.now).limit)


def _contact_of(uow: UnitOfWork, id_: UUID) -> Contact | None:
    """The person, locked before their place in the queue is: in the order in which calls lock them."""
    known = uow.callbacks.get(id_)
    if known is None or known.contact_ref is None:
        return None
    return uow.contacts.by_ref(known.contact_ref)


def _locked(uow: UnitOfWork, id_: UUID) -> Callback:
    callback = uow.callbacks.get(id_, lock=True)
    if callback is None:
        raise CallbackNotFound
    return callback


def _call(uow: UnitOfWork, sid: str) -> Call:
    call = uow.calls.get(sid)
    if call is None:
        raise CallNotFound
    return call
