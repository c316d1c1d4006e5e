"""Commands of devices: done once in one transaction, or answered with why not and kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from services.crews.domain.notes import Command
from services.crews.errors import AssignmentWithdrawn, again
from services.crews.usecases.notes import note_refusal
from services.crews.usecases.ports import Transactions, UnitOfWork
from services.crews.usecases.talk import tell_of_late_work
from shared.encoding import plain
from shared.errors import AvariykaError

DONE = 200


class Work(Protocol):
    """What a command does inside the transaction of its caller; the receipt it returns is plain JSON."""

    def __call__(self, uow: UnitOfWork, command: Command) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Outcome:
    """The answer to a command: its receipt, or the refusal as ``{"code", "details", "errors"}``."""

    status: int
    body: Mapping[str, Any]

    @property
    def is_refusal(self) -> bool:
        return self.status != DONE

    def receipt(self) -> dict[str, Any]:
        """The receipt; raises the refusal again."""
        if self.is_refusal:
            raise again(**self.body)
        return dict(self.body)


def perform(uow: UnitOfWork, command: Command, work: Work) -> dict[str, Any]:
    """Do what the command asks, or repeat its first answer; raises why not, and then nothing has happened."""
    with uow:
        return (_answered(uow, command) or _do(uow, command, work)).receipt()


def perform_or_keep(transactions: Transactions, command: Command, work: Work) -> Outcome:
    """The same for a command that waited on a device without network, where nobody is asked again.

    A refusal is final: it is answered under the command's key, and what was entered is kept as a note, on
    the order if it is this crew's. So a queue sent twice ends as if it had been sent once.
    """
    try:
        with transactions() as uow:
            return _answered(uow, command) or _do(uow, command, work)
    except AvariykaError as refusal:
        return _keep(transactions(), command, refusal)


def _answered(uow: UnitOfWork, command: Command) -> Outcome | None:
    earlier = uow.idempotency.claim(command.key, command.by, command.fingerprint)
    return None if earlier is None else Outcome(earlier.status, earlier.body)


def _do(uow: UnitOfWork, command: Command, work: Work) -> Outcome:
    done = Outcome(DONE, work(uow, command))
    uow.idempotency.answer(command.key, command.by, done.status, done.body)
    uow.commit()
    return done


def _keep(uow: UnitOfWork, command: Command, refusal: AvariykaError) -> Outcome:
    refused = _refused(refusal)
    with uow:
        own_key = _own_key(uow, command)
        if isinstance(own_key, Outcome):
            return own_key
        note_refusal(uow, command, refusal.code)
        if isinstance(refusal, AssignmentWithdrawn):
            tell_of_late_work(uow, command)
        if own_key:
            uow.idempotency.answer(command.key, command.by, refused.status, refused.body)
        uow.commit()
    return refused


def _own_key(uow: UnitOfWork, command: Command) -> Outcome | bool:
    """The answer that a twin of this command got meanwhile, or whether the key may be answered at all:
    not if another command has used it."""
    try:
        return _answered(uow, command) or True
    except AvariykaError:
        return False


def _refused(refusal: AvariykaError) -> Outcome:
    errors = getattr(refusal, "errors", None)
    said = {"code": refusal.code, "details": refusal.details, "errors": errors}
    return Outcome(refusal.status, plain(said))
