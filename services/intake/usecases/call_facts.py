"""What the provider tells of a call beside the talk itself, in any order and more than once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from services.intake.domain.call_norms import CallClock
from services.intake.domain.calls import Call, Recording
from services.intake.usecases import missed
from services.intake.usecases.calls import Exchange, Ring, call_of
from services.intake.usecases.forms import Form, fill
from services.intake.usecases.ports import UnitOfWork

_SILENT_AFTER_ANSWER_NORM = timedelta(minutes=1)


def note_end(uow: UnitOfWork, exchange: Exchange, ring: Ring) -> None:
    """The call is over; if nobody spoke to the caller, they stand in the call-back queue from now on."""
    _note(uow, exchange, ring, lambda call: call.ended(uow.now))


def note_answer(uow: UnitOfWork, exchange: Exchange, ring: Ring, operator: str) -> None:
    """An operator took the call."""
    _note(uow, exchange, ring, lambda call: call.answered(uow.now, operator))


def note_recording(uow: UnitOfWork, exchange: Exchange, ring: Ring, recording: Recording) -> None:
    _note(uow, exchange, ring, lambda call: call.recorded(recording))


def note_transcription(uow: UnitOfWork, exchange: Exchange, ring: Ring, text: str) -> None:
    """What was said on a message, in words; read like any message once the caller's draft is there."""
    with uow:
        call, _ = call_of(uow, ring)
        _save(uow, exchange, call, call.transcribed(text))
        uow.commit()


def sweep(uow: UnitOfWork, exchange: Exchange) -> bool:
    """A call of which we heard nothing more, because a callback of the provider was lost: taken for over.

    One at a time, as replicas sweep side by side and the same people may have called. False: there is none.
    """
    with uow:
        limit = exchange.norms.of(CallClock.ANSWER, uow.now).limit
        silent = uow.calls.silent(uow.now - limit - _SILENT_AFTER_ANSWER_NORM, 1)
        for call in silent:
            _save(uow, exchange, call, call.ended(call.heard_at))
        uow.commit()
    return bool(silent)


def _note(uow: UnitOfWork, exchange: Exchange, ring: Ring, fact: Callable[[Call], Call]) -> None:
    with uow:
        call, _ = call_of(uow, ring)
        _save(uow, exchange, call, fact(call))
        uow.commit()


def _save(uow: UnitOfWork, exchange: Exchange, before: Call, after: Call) -> None:
    uow.calls.save(after)
    _read_into_draft(uow, exchange, missed.settle(uow, exchange.listener, exchange.norms, before, after))


def _read_into_draft(uow: UnitOfWork, exchange: Exchange, call: Call) -> None:
    if not call.transcription or call.request_id is None:
        return
    draft = uow.requests.get(call.request_id, lock=True)
    if draft is None or not draft.is_draft or draft.problem:
        return
    heard = exchange.listener.hear(call.transcription, call.language)
    if heard.is_silent:
        return
    place = heard.text if heard.resolution.choices else None
    form = Form(text=heard.problem or None, address_text=place, details=heard.details)
    fill(uow, exchange.listener, draft, replace(draft, updated_at=uow.now), form)
