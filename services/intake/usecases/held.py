"""Messages of strangers that a flood held back: a person looks, takes one up or puts it aside."""

from collections.abc import Sequence
from dataclasses import replace

from services.intake.domain import conversation
from services.intake.domain.hearing import Listener
from services.intake.domain.language import RUSSIAN
from services.intake.domain.messages import HeldMessage
from services.intake.domain.requests import Channel, Request
from services.intake.errors import HeldMessageNotFound
from services.intake.usecases.conversations import CONVERSATION
from services.intake.usecases.facts import begun, finish
from services.intake.usecases.ports import UnitOfWork


def list_held(uow: UnitOfWork, limit: int) -> Sequence[HeldMessage]:
    """What waits for a person, the oldest first."""
    with uow:
        return uow.messages.held(limit)


def take_up(uow: UnitOfWork, listener: Listener, sid: str) -> Request:
    """Make a draft of a message, or add it to what its sender wrote since. Again: the same request.

    Raises HeldMessageNotFound."""
    with uow:
        held = _one(uow, sid)
        request = _known(uow, held) or _draft(uow, listener, held)
        uow.messages.release(sid, request.id)
        uow.commit()
    return request


def put_aside(uow: UnitOfWork, sid: str) -> None:
    """Nothing is to be done about a message; it stays on record. Raises HeldMessageNotFound."""
    with uow:
        uow.messages.release(sid, _one(uow, sid).request_id)
        uow.commit()


def _one(uow: UnitOfWork, sid: str) -> HeldMessage:
    held = uow.messages.held_one(sid)
    if held is None:
        raise HeldMessageNotFound
    return held


def _known(uow: UnitOfWork, held: HeldMessage) -> Request | None:
    if held.request_id is not None:
        return uow.requests.get(held.request_id)
    return uow.requests.latest_of(held.sender_ref, held.message.received_at - CONVERSATION)


def _draft(uow: UnitOfWork, listener: Listener, held: HeldMessage) -> Request:
    sender = uow.contacts.by_ref(held.sender_ref)
    language = sender.language if sender is not None else RUSSIAN
    empty = begun(uow, Channel.SMS, language, held.message.received_at, sender)
    heard = listener.hear(held.message.body, language)
    draft = conversation.listen(empty, heard)
    draft = replace(draft, problem=draft.problem or heard.text.strip(), needs_operator=True)
    finish(uow, listener, None, draft)
    return draft
