"""Doing what a message commands: how a request stands, calling it off, help, consent to messages.

A number of somebody else's request answers as one that does not exist.
"""

from collections.abc import Callable
from datetime import timedelta

from services.intake.domain import conversation
from services.intake.domain.conversation import Answer
from services.intake.domain.keywords import Command, Verb
from services.intake.domain.replies import Moment, Term
from services.intake.domain.requests import Channel, Contact, Request, State
from services.intake.domain.standing import Standing
from services.intake.usecases.cancelling import call_off, drop
from services.intake.usecases.facts import consent
from services.intake.usecases.ports import UnitOfWork

Outcome = tuple[Request | None, Answer]
_REMEMBERED = timedelta(minutes=30)
"""How long a bare «отмена» said twice means the same request."""

_MOST_NAMED = 5


class Obedience:
    """Commands of one sender inside one transaction. ``draft`` is what they were about to report."""

    def __init__(
        self,
        uow: UnitOfWork,
        is_grave: Callable[[str], bool],
        sender: Contact,
        draft: Request | None,
    ) -> None:
        self._uow = uow
        self._is_grave = is_grave
        self._sender = sender
        self._draft = draft

    def obey(self, command: Command) -> Outcome:
        """The request that the command is about, if any, and what to answer."""
        match command.verb:
            case Verb.STATUS:
                return self._status(command.number)
            case Verb.CANCEL:
                return self._cancel(command.number)
            case Verb.HELP:
                return self._draft, Answer("sms.help")
            case Verb.STOP:
                return self._consent(False)
            case Verb.START:
                return self._consent(True)

    def _consent(self, allowed: bool) -> Outcome:
        consent(self._uow, self._sender, allowed)
        return self._draft, Answer("sms.started" if allowed else "sms.stopped")

    def _status(self, number: int | None) -> Outcome:
        if number is None and self._draft is not None:
            return self._draft, conversation.question_again(self._draft)
        own = self._registered()
        asked = own[-1:] if number is None else [request for request in own if request.number == number]
        if not asked:
            return None, self._no_such(number)
        return asked[0], self._told(asked[0], self._uow.standings.get(asked[0].id))

    def _told(self, request: Request, standing: Standing | None) -> Answer:
        state = Term(f"state.{standing.told_as if standing is not None else State.REGISTERED}")
        told = {"number": request.number, "state": state}
        if standing is None:
            return Answer("sms.status", told)
        if standing.arrives_at is not None and standing.arrives_at > self._uow.now:
            return Answer("sms.status_arrival", {**told, "time": Moment(standing.arrives_at)})
        deadline = standing.next_deadline(self._uow.now)
        if standing.is_work_over or (deadline is None and not standing.deadlines):
            return Answer("sms.status", told)
        if standing.overdue or deadline is None:
            return Answer("sms.status_late", told)
        return Answer(f"sms.status_{deadline.clock}", {**told, "time": Moment(deadline.due_at)})

    def _cancel(self, number: int | None) -> Outcome:
        if number is None and self._draft is not None:
            return self._drop(self._draft)
        own = self._registered()
        chosen = self._chosen(own, number)
        if isinstance(chosen, Answer):
            return None, chosen
        standing = self._uow.standings.get(chosen.id)
        if standing is not None and standing.is_work_over:
            return chosen, Answer(
                "sms.cancel_late", {"number": chosen.number, "state": Term(f"state.{standing.state}")}
            )
        return self._call_off(chosen, standing)

    def _chosen(self, own: list[Request], number: int | None) -> Request | Answer:
        """The request to call off. Said twice, a bare command means the same one, never the next."""
        if number is not None:
            return next((request for request in own if request.number == number), self._no_such(number))
        just = [r for r in own if r.cancelled_at and r.cancelled_at > self._uow.now - _REMEMBERED]
        if just:
            return max(just, key=lambda request: request.cancelled_at or self._uow.now)
        living = [request for request in own if not request.cancelled_at and self._lives(request)]
        if len(living) > 1:
            numbers = ", ".join(str(request.number) for request in living[-_MOST_NAMED:])
            return Answer("sms.cancel_which", {"numbers": numbers, "number": living[-1].number})
        return living[0] if living else self._no_such(None)

    def _lives(self, request: Request) -> bool:
        standing = self._uow.standings.get(request.id)
        return standing is None or not standing.is_work_over

    def _call_off(self, request: Request, standing: Standing | None) -> Outcome:
        needs_person = call_off(self._uow, self._is_grave, request, standing, Channel.SMS)
        told = {"number": request.number}
        return request, Answer("sms.cancel_asked" if needs_person else "sms.cancelled", told)

    def _drop(self, draft: Request) -> Outcome:
        dropped = drop(self._uow, self._is_grave, draft, Channel.SMS)
        return dropped, Answer("sms.draft_kept" if dropped.needs_operator else "sms.draft_dropped")

    def _registered(self) -> list[Request]:
        """The sender's own requests, the oldest first."""
        return [r for r in self._uow.requests.of_contact(self._sender.ref) if r.state is State.REGISTERED]

    def _no_such(self, number: int | None) -> Answer:
        return Answer("sms.no_requests") if number is None else Answer("sms.not_yours", {"number": number})
