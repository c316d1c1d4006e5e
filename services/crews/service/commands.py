"""The commands that a crew's device may send one by one or out of its queue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError

from services.crews.domain.leaving import LEAVE
from services.crews.domain.moments import DeviceTime
from services.crews.domain.notes import NOTE, Command
from services.crews.domain.orders import VERBS, Stage, Step
from services.crews.domain.signals import SignalKind
from services.crews.errors import UnknownCommand
from services.crews.schemas import orders as shapes
from services.crews.schemas import records, talk
from services.crews.schemas.config import Policies
from services.crews.usecases.commands import Work
from services.crews.usecases.leaving import say_leaving
from services.crews.usecases.notes import add_note, correct_order
from services.crews.usecases.orders import decline_to_stay, report_stage
from services.crews.usecases.ports import UnitOfWork
from services.crews.usecases.records import keep_record
from services.crews.usecases.talk import raise_signal, write_message
from shared.db import DATABASE_AWAY
from shared.errors import AvariykaError, Invalid
from shared.idempotency import fingerprint
from shared.logs import get_logger

_log = get_logger(__name__)
_NOT_OF_STEP = frozenset({"sent_at", "records", "cannot_leave"})


@dataclass(frozen=True)
class Kind:
    """One kind of command: the shape of its body, and what to do with a body of that shape."""

    shape: Schema
    work: Callable[[Command, Mapping[str, Any], Policies], Work]


@dataclass(frozen=True)
class Sent:
    """Who sent a command under which key, about which order, and what the device's clock showed then."""

    name: str
    key: str
    crew_id: UUID
    by: str
    assignment_id: UUID | None = None
    sent_at: datetime | None = None


def spoken(sent: Sent, body: Mapping[str, Any], policies: Policies) -> tuple[Command, Work]:
    """A command whose body was read by its shape."""
    kind = COMMANDS[sent.name]
    told = kind.shape.dump(body)
    entered = {name: value for name, value in told.items() if name != "sent_at" and value not in (None, [])}
    time = DeviceTime(body["device_at"], sent.sent_at or body["sent_at"], policies.longest_offline)
    command = _command(sent, entered, time)
    return command, _watched(kind.work(command, body, policies))


def queued(sent: Sent, raw: Mapping[str, Any], policies: Policies) -> tuple[Command, Work]:
    """A command whose body nobody has looked at yet; one that cannot be read is refused when it is done."""
    kind = COMMANDS.get(sent.name)
    if kind is None:
        return _refused(sent, raw, UnknownCommand(command=sent.name))
    try:
        return spoken(sent, kind.shape.load(raw), policies)
    except ValidationError as invalid:
        return _refused(sent, raw, Invalid(errors=invalid.messages))


def _command(sent: Sent, entered: Mapping[str, Any], time: DeviceTime) -> Command:
    asked = fingerprint(sent.name, sent.assignment_id, entered)
    return Command(sent.name, sent.key, asked, sent.crew_id, sent.by, entered, sent.assignment_id, time)


def _refused(sent: Sent, raw: Mapping[str, Any], refusal: AvariykaError) -> tuple[Command, Work]:
    def refuse(uow: UnitOfWork, command: Command) -> dict[str, Any]:  # noqa: ARG001
        raise refusal

    return _command(sent, raw, DeviceTime()), refuse


def _watched(work: Work) -> Work:
    """A mistake of ours is logged and refuses the command; it does not hold up those behind it."""

    def watched(uow: UnitOfWork, command: Command) -> dict[str, Any]:
        try:
            return work(uow, command)
        except (AvariykaError, *DATABASE_AWAY):
            raise
        except Exception as mistake:
            _log.error("command_failed", command=command.name, exc_info=mistake)
            raise AvariykaError from mistake

    return watched


def _stage(stage: Stage, command: Command, body: Mapping[str, Any], policies: Policies) -> Work:
    said = {name: value for name, value in body.items() if name not in _NOT_OF_STEP}
    step = Step(stage, command.by, body["device_at"], **said)
    if stage is Stage.DECLINED and body["cannot_leave"]:
        return partial(decline_to_stay, step=step, gate=policies.gate)
    brought = [records.record(told, command) for told in body["records"]]
    return partial(report_stage, step=step, gate=policies.gate, records=brought)


def _record(command: Command, body: Mapping[str, Any], _policies: Policies) -> Work:
    return partial(keep_record, record=records.record(body, command))


def _note(_command: Command, _body: Mapping[str, Any], _policies: Policies) -> Work:
    return add_note


def _correction(_command: Command, _body: Mapping[str, Any], _policies: Policies) -> Work:
    return correct_order


def _leaving(_command: Command, body: Mapping[str, Any], _policies: Policies) -> Work:
    return partial(say_leaving, can=body["can"], made_safe=body["made_safe"])


def _signal(kind: SignalKind | None, _command: Command, body: Mapping[str, Any], _policies: Policies) -> Work:
    """SOS is a command of its own; the other kinds are named in the body."""
    known = kind or SignalKind(body["kind"])
    position, service, note = body["position"], body.get("service"), body["note"]
    return partial(raise_signal, kind=known, position=position, service=service, note=note)


def _message(_command: Command, body: Mapping[str, Any], _policies: Policies) -> Work:
    return partial(write_message, text=body["text"])


COMMANDS: Mapping[str, Kind] = {
    **{verb: Kind(shapes.Report(), partial(_stage, stage)) for verb, stage in VERBS.items()},
    NOTE: Kind(shapes.NewNote(), _note),
    "correct": Kind(shapes.Correction(), _correction),
    LEAVE: Kind(shapes.Leaving(), _leaving),
    "sos": Kind(talk.NewSos(), partial(_signal, SignalKind.SOS)),
    "signal": Kind(talk.NewSignal(), partial(_signal, None)),
    "record": Kind(records.NewRecord(), _record),
    "message": Kind(talk.NewMessage(), _message),
}
