"""Crews and dispatchers: signals acknowledged by a person, messages both ways, what a crew corrected."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from services.routing.domain.signals import Correction, CrewMessage, CrewSignal, acknowledged
from services.routing.errors import CrewNotFound, SignalNotFound
from services.routing.usecases.ports import Work

LATEST_MESSAGES = 100


def note_signal(work: Work, signal: CrewSignal) -> None:
    """A crew calls: it is an alarm until somebody acknowledges it."""
    with work:
        work.signals.put(signal)
        if signal.is_from_crew:
            work.assignments.hear(signal.crew_id, signal.at)
        work.commit()


def acknowledge_signal(work: Work, signal_id: UUID, by: str, answer: str | None) -> CrewSignal:
    """Take a signal on; the crew hears who did. Doing it again changes nothing. Raises SignalNotFound."""
    with work:
        before = work.signals.get(signal_id)
        if before is None:
            raise SignalNotFound
        after = acknowledged(before, by, work.now, answer)
        if after != before:
            work.signals.answer(after)
            work.emit("signal.acknowledged", str(signal_id), _acknowledgement(after))
            work.commit()
    return after


def note_message(work: Work, message: CrewMessage) -> None:
    """What a crew wrote."""
    with work:
        work.messages.add(message)
        work.assignments.hear(message.crew_id, message.at)
        work.commit()


def write_to_crew(work: Work, crew_id: UUID, by: str, text: str, request_id: UUID | None) -> CrewMessage:
    """Write to a crew, about a request of its or none; raises CrewNotFound."""
    with work:
        if work.roster.crew(crew_id) is None:
            raise CrewNotFound
        live = work.assignments.live(request_id) if request_id is not None else None
        own = live is not None and live.crew_id == crew_id
        assignment_id = live.assignment_id if live is not None and own else None
        message = CrewMessage(uuid4(), crew_id, request_id, assignment_id, False, by, text, work.now)
        work.messages.add(message)
        work.emit("crew.messaged", str(message.message_id), _message(message))
        work.commit()
    return message


def list_messages(work: Work, crew_id: UUID) -> list[CrewMessage]:
    """The last messages of a crew, the latest last."""
    with work:
        return work.messages.latest(crew_id, LATEST_MESSAGES)


def note_correction(work: Work, told: Correction) -> None:
    """The crew on site knows better what it is and where: the board shows that."""
    with work:
        case = work.cases.open(told.request_id)
        changed = replace(case, place=told.place or case.place, fault=told.fault or case.fault)
        if changed != case:
            work.cases.save(changed)
        work.commit()


def _acknowledgement(signal: CrewSignal) -> dict[str, Any]:
    return {
        "signal_id": signal.signal_id,
        "crew_id": signal.crew_id,
        "by": signal.acknowledged_by,
        "at": signal.acknowledged_at,
        "answer": signal.answer,
    }


def _message(message: CrewMessage) -> dict[str, Any]:
    return {name: value for name, value in vars(message).items() if name != "from_crew"}
