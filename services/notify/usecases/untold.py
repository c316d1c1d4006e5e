"""Residents whom no message has reached are called by a person: who, what to say, how it went."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.notify.domain.messages import Message, State
from services.notify.domain.untold import CallResult, CallState, CallToMake
from services.notify.errors import UnknownCall
from services.notify.usecases.ports import Backlog, Transaction, Untold

VOICE = "voice"


def follow_up(uow: Transaction, message: Message) -> None:
    """A message about a request has ended: whom it did not reach must be called, whom it reached no more.

    Without a number nobody can be called. Inside the caller's transaction.
    """
    if message.request_id is None:
        return
    if message.state is State.FAILED and message.phone is not None:
        uow.calls_to_make.add(_call(message, message.request_id, uow))
    elif message.state is State.DELIVERED and not message.urgent:
        uow.calls_to_make.overtake(message.request_id, message.occurred_at, uow.now)


def list_calls(uow: Transaction, limit: int) -> Sequence[Untold]:
    with uow:
        return uow.calls_to_make.waiting(limit)


def take_call(uow: Transaction, call_id: UUID, by: str) -> Untold:
    """Into one operator's hands. Raises UnknownCall, CallTaken, CallSettled."""
    with uow:
        uow.calls_to_make.save(_locked(uow, call_id).taken(by, uow.now))
        untold = _found(uow, call_id)
        uow.commit()
    return untold


def end_call(uow: Transaction, call_id: UUID, by: str, result: CallResult, note: str | None) -> Untold:
    """How it went. Raises UnknownCall, CallNotTaken, CallSettled."""
    with uow:
        known = _locked(uow, call_id)
        ended = known.ended(by, result, note, uow.now)
        uow.calls_to_make.save(ended)
        untold = _found(uow, call_id)
        if ended.state is CallState.TOLD and known.state is not CallState.TOLD:
            uow.emit("message.progressed", str(call_id), _told(untold, uow))
        uow.commit()
    return untold


def measure_alarm(uow: Transaction) -> Backlog:
    with uow:
        return uow.calls_to_make.alarming()


def _call(message: Message, request_id: UUID, uow: Transaction) -> CallToMake:
    return CallToMake(
        id=message.id,
        request_id=request_id,
        urgent=message.urgent,
        occurred_at=message.occurred_at,
        since=uow.now,
        due_at=uow.now,
    )


def _locked(uow: Transaction, call_id: UUID) -> CallToMake:
    call = uow.calls_to_make.lock(call_id)
    if call is None:
        raise UnknownCall
    return call


def _found(uow: Transaction, call_id: UUID) -> Untold:
    found = uow.calls_to_make.find(call_id)
    if found is None:
        raise UnknownCall
    return found


def _told(untold: Untold, uow: Transaction) -> Mapping[str, Any]:
    message = untold.message
    return {
        "message_id": message.id,
        "request_id": message.request_id,
        "template": message.template,
        "channel": VOICE,
        "state": State.DELIVERED,
        "attempt": untold.call.tries,
        "parts": 0,
        "error_code": None,
        "at": uow.now,
    }
