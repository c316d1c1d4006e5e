"""Calls that nobody answered: a draft, so that nothing is lost, and a place in the call-back queue."""

from dataclasses import replace
from uuid import UUID, uuid4

from services.intake.domain.call_norms import CallClock, CallNorms
from services.intake.domain.callbacks import Callback, CallbackState
from services.intake.domain.calls import Call, Outcome
from services.intake.domain.hearing import Listener
from services.intake.domain.requests import Channel, Contact, Request
from services.intake.usecases.facts import begun, finish
from services.intake.usecases.ports import UnitOfWork


def settle(uow: UnitOfWork, listener: Listener, norms: CallNorms, before: Call, after: Call) -> Call:
    """Let the call-back queue follow what became of a call, which must be stored already."""
    contact = uow.contacts.by_ref(after.contact_ref) if after.contact_ref is not None else None
    if after.answered_at is not None:
        _nobody_to_call(uow, after, contact)
    elif after.is_missed and not before.is_missed:
        return _miss(uow, listener, norms, after, contact)
    return after


def new_draft(uow: UnitOfWork, call: Call, contact: Contact | None) -> Request:
    """What a call begins: received when it rang, with the caller as contact if they can be called."""
    return begun(uow, Channel.PHONE, call.language, call.rang_at, contact)


def _miss(uow: UnitOfWork, listener: Listener, norms: CallNorms, call: Call, contact: Contact | None) -> Call:
    norm = norms.of(CallClock.CALL_BACK, call.rang_at)
    due_at = call.rang_at + norm.limit
    known = _open(uow, contact)
    if known is not None:
        uow.callbacks.save(known.rung_again(call, due_at))
        return _linked(uow, call, known)
    callback = Callback(
        id=uuid4(),
        call_sid=call.sid,
        rang_at=call.rang_at,
        request_id=call.request_id or _draft(uow, listener, call, contact),
        reason=call.outcome or Outcome.DROPPED,
        created_at=uow.now,
        due_at=due_at,
        norm=norm.id,
        contact_ref=contact.ref if contact is not None and contact.is_callable else None,
        alarm=call.alarm,
    )
    uow.callbacks.add(callback)
    uow.emit("call.missed", str(callback.request_id), _told(callback))
    return _linked(uow, call, callback)


def _linked(uow: UnitOfWork, call: Call, callback: Callback) -> Call:
    linked = replace(call, request_id=call.request_id or callback.request_id)
    uow.calls.save(linked)
    return linked


def _draft(uow: UnitOfWork, listener: Listener, call: Call, contact: Contact | None) -> UUID:
    draft = replace(new_draft(uow, call, contact), needs_operator=True)
    finish(uow, listener, None, draft)
    return draft.id


def _open(uow: UnitOfWork, contact: Contact | None) -> Callback | None:
    if contact is None or not contact.is_callable:
        return None
    return uow.callbacks.open_of(contact.ref)


def _nobody_to_call(uow: UnitOfWork, call: Call, contact: Contact | None) -> None:
    callback = _open(uow, contact)
    if callback is not None and callback.is_answered_by(call):
        end(uow, callback.settled(CallbackState.ANSWERED, uow.now))


def end(uow: UnitOfWork, callback: Callback, nothing_needed: bool = False) -> None:
    """Store a place in the queue that is settled, and tell. The draft of a silent call goes with it when its
    caller got through, any draft when they say that nothing is needed any more."""
    uow.callbacks.save(callback)
    draft = uow.requests.get(callback.request_id, lock=True)
    if draft is not None and _is_needless(draft, callback, nothing_needed):
        drop(uow, draft)
    facts = {
        "callback_id": callback.id,
        "request_id": callback.request_id,
        "outcome": callback.state,
        "by": callback.claimed_by,
        "attempts": callback.attempts,
        "at": callback.settled_at,
    }
    uow.emit("call.settled", str(callback.request_id), facts)


def _is_needless(draft: Request, callback: Callback, nothing_needed: bool) -> bool:
    if not draft.is_draft or draft.is_dropped:
        return False
    says_nothing = not (draft.problem or draft.address or draft.address_text)
    return nothing_needed or (callback.state is CallbackState.ANSWERED and says_nothing)


def drop(uow: UnitOfWork, draft: Request) -> None:
    """A draft whose caller wants nothing any more; it stays on record."""
    dropped = replace(draft, cancelled_at=uow.now, updated_at=uow.now, needs_operator=False)
    uow.requests.save(dropped)
    facts = {"request_id": draft.id, "channel": draft.channel, "needs_person": False, "at": uow.now}
    uow.emit("request.cancelled", str(draft.id), facts)


def _told(callback: Callback) -> dict[str, object]:
    return {
        "callback_id": callback.id,
        "request_id": callback.request_id,
        "reason": callback.reason,
        "alarm": callback.alarm,
        "rang_at": callback.rang_at,
        "due_at": callback.due_at,
        "norm": callback.norm,
        "at": callback.created_at,
    }
