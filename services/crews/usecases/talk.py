"""What a crew needs of people elsewhere: signals, messages; and what they answer."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.crews.domain.feed import Topic
from services.crews.domain.messages import Message
from services.crews.domain.notes import Command
from services.crews.domain.orders import WorkOrder
from services.crews.domain.people import Position
from services.crews.domain.push import PushKind
from services.crews.domain.signals import (
    Signal,
    SignalKind,
    acknowledged,
    escalated,
    is_due,
    repeated,
)
from services.crews.errors import AssignmentNotFound
from services.crews.usecases.notes import add_note, own_order
from services.crews.usecases.ports import Transactions, UnitOfWork

_WORTH_KNOWING = timedelta(hours=2)
_WORK = frozenset({"arrive", "start", "localise", "complete"})


def raise_signal(
    uow: UnitOfWork,
    command: Command,
    kind: SignalKind,
    position: Position | None,
    service: str | None = None,
    note: str | None = None,
) -> dict[str, Any]:
    """Call for people, with the place where the crew is. Never refused: an order that is not the crew's is
    left out, and an SOS while an earlier one is open raises that one anew."""
    uow.signals.lock(command.crew_id)
    here = position or uow.duty.position_now(command.crew_id)
    known = uow.signals.open_sos(command.crew_id) if kind is SignalKind.SOS else None
    if known is not None:
        return raised(uow, repeated(known, here, note))
    order = _order(uow, command)
    signal = _signal_of(uow, command, kind, order, here, service, note)
    if order is not None:
        add_note(uow, command)
    return raised(uow, signal)


def tell_of_late_work(uow: UnitOfWork, command: Command) -> None:
    """A crew without network worked on an order that was withdrawn meanwhile: somebody else may be on the way
    for what is done already, so a person must look."""
    order = _order(uow, command)
    if order is not None and command.name in _WORK:
        raised(uow, _signal_of(uow, command, SignalKind.LATE_REPORT, order, note=command.entered.get("note")))


def acknowledge_signal(
    uow: UnitOfWork, crew_id: UUID, signal_id: UUID, by: str, at: datetime, answer: str | None
) -> None:
    """A person elsewhere has taken the signal on: the crew sees who."""
    with uow:
        uow.signals.lock(crew_id)
        before = uow.signals.get(signal_id)
        if before is not None and before.is_open:
            uow.signals.save(acknowledged(before, by, at, answer))
            uow.feed.touch(crew_id, Topic.SIGNAL, signal_id)
            uow.pushes.add(crew_id, PushKind.ACKNOWLEDGED, signal_id, uow.now, uow.now + _WORTH_KNOWING)
        uow.commit()


def escalate_signals(transactions: Transactions, every: timedelta) -> int:
    """Raise each SOS that nobody acknowledged in time one level; returns how many. Safe in every replica."""
    with transactions() as uow:
        crews = uow.signals.crews_with_sos_before(uow.now - every)
    return sum(_escalate(transactions(), crew_id, every) for crew_id in crews)


def write_message(uow: UnitOfWork, command: Command, text: str) -> dict[str, Any]:
    """A message of the crew to the dispatcher, about an order or none."""
    order = _order(uow, command)
    at = command.time.happened(uow.now)
    assignment_id = order.card.assignment_id if order else None
    request_id = order.card.request_id if order else None
    message = Message(command.id, command.crew_id, assignment_id, True, command.by, text, at, uow.now)
    uow.messages.add(message)
    uow.feed.touch(message.crew_id, Topic.MESSAGE, message.id)
    uow.emit("crew.wrote", str(message.id), {**_message(message), "request_id": request_id})
    return {"id": str(message.id), "at": at.isoformat()}


def receive_message(uow: UnitOfWork, message: Message) -> None:
    """A message of the dispatcher to the crew."""
    with uow:
        if uow.messages.add(replace(message, recorded_at=uow.now)):
            uow.feed.touch(message.crew_id, Topic.MESSAGE, message.id)
            soon = uow.now + _WORTH_KNOWING
            uow.pushes.add(message.crew_id, PushKind.MESSAGE, message.id, uow.now, soon)
        uow.commit()


def _signal_of(
    uow: UnitOfWork,
    command: Command,
    kind: SignalKind,
    order: WorkOrder | None,
    position: Position | None = None,
    service: str | None = None,
    note: str | None = None,
) -> Signal:
    return Signal(
        id=command.id,
        kind=kind,
        crew_id=command.crew_id,
        assignment_id=order.card.assignment_id if order else None,
        request_id=order.card.request_id if order else None,
        service=service,
        note=note,
        position=position,
        at=command.time.happened(uow.now),
        recorded_at=uow.now,
        by=command.by,
    )


def _escalate(uow: UnitOfWork, crew_id: UUID, every: timedelta) -> bool:
    with uow:
        uow.signals.lock(crew_id)
        signal = uow.signals.open_sos(crew_id)
        if signal is None or not is_due(signal, uow.now, every):
            return False
        raised(uow, escalated(signal, uow.now))
        uow.commit()
    return True


def _order(uow: UnitOfWork, command: Command) -> WorkOrder | None:
    try:
        return own_order(uow, command.crew_id, command.assignment_id)
    except AssignmentNotFound:
        return None


def raised(uow: UnitOfWork, signal: Signal) -> dict[str, Any]:
    """Keep a signal as it is now and tell people and the crew's devices, inside the caller's transaction."""
    uow.signals.save(signal)
    uow.feed.touch(signal.crew_id, Topic.SIGNAL, signal.id)
    crew = uow.staff.crew(signal.crew_id)
    uow.emit("crew.signalled", str(signal.id), _signal(signal) | {"crew_name": crew.name if crew else None})
    return {"id": str(signal.id), "kind": signal.kind.value, "at": signal.at.isoformat()}


def _signal(signal: Signal) -> dict[str, Any]:
    here = signal.position
    return {
        "signal_id": signal.id,
        "kind": signal.kind,
        "crew_id": signal.crew_id,
        "assignment_id": signal.assignment_id,
        "request_id": signal.request_id,
        "service": signal.service,
        "note": signal.note,
        "lat": here.lat if here else None,
        "lon": here.lon if here else None,
        "accuracy_m": here.accuracy_m if here else None,
        "position_at": here.at if here else None,
        "level": signal.level,
        "repeats": signal.repeats,
        "at": signal.at,
        "recorded_at": signal.recorded_at,
        "by": signal.by,
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "message_id": message.id,
        "crew_id": message.crew_id,
        "assignment_id": message.assignment_id,
        "text": message.text,
        "at": message.at,
        "recorded_at": message.recorded_at,
        "by": message.by,
    }
