"""Taking a message: one turn of a conversation, answered at once."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

from services.intake.domain import conversation, riding
from services.intake.domain.addresses import Address, Candidate
from services.intake.domain.conversation import Answer
from services.intake.domain.hearing import Listener
from services.intake.domain.keywords import Command
from services.intake.domain.language import RUSSIAN
from services.intake.domain.replies import Texts, render
from services.intake.domain.requests import Channel, Request
from services.intake.usecases import incidents
from services.intake.usecases.facts import contact_at, find_or_add, finish, meet
from services.intake.usecases.keywords import Obedience
from services.intake.usecases.manners import Manners
from services.intake.usecases.ports import Phone, ReadPhone, UnitOfWork

CONVERSATION = timedelta(minutes=30)
"""How long a sender's messages belong together."""
_PLAIN = Manners()
LONGEST_MESSAGE = 10_240
"""Bytes of UTF-8 of a message that are read and kept; a longer one is cut, not refused."""


@dataclass(frozen=True)
class Sms:
    """A message as the provider delivered it."""

    sid: str
    sender: Phone
    body: str


def receive_sms(
    uow: UnitOfWork,
    listener: Listener,
    texts: Texts,
    read_phone: ReadPhone,
    sms: Sms,
    manners: Manners = _PLAIN,
) -> str:
    """Takes one message once and returns the text of the answer; a repeat gets the same answer again."""
    body, truncated = _cut(sms.body)
    with uow:
        if not uow.messages.claim(sms.sid, body, truncated, uow.now):
            return uow.messages.reply_to(sms.sid)
        turn = _Turn(uow, listener, read_phone, manners, sms.sender, body)
        request, answer = turn.take()
        reply = render(texts, turn.language, answer, manners.zone, uow.now)
        uow.messages.answer(sms.sid, reply, turn.sender.ref, request.id if request else None)
        uow.commit()
    return reply


class _Turn:
    """One message of a conversation, inside one transaction."""

    def __init__(
        self,
        uow: UnitOfWork,
        listener: Listener,
        read_phone: ReadPhone,
        manners: Manners,
        phone: Phone,
        body: str,
    ) -> None:
        self._uow = uow
        self._listener = listener
        self._manners = manners
        self._read_phone = read_phone
        sender, is_new = find_or_add(uow, phone, lambda: listener.hear(body, RUSSIAN).language.language)
        self._latest = uow.requests.latest_of(sender.ref, uow.now - CONVERSATION)
        self._draft = self._latest if self._latest is not None and self._latest.is_draft else None
        said_of_place = self._draft.address_text if self._draft else ""
        self._heard = listener.hear(body, sender.language, said_of_place)
        self.language = self._heard.language.language
        self.sender = meet(uow, sender, self.language, is_new)

    def take(self) -> tuple[Request | None, Answer]:
        """The request the message belongs to, if any, and what to answer."""
        split = self._split_off()
        if split is not None:
            return split
        command = self._listener.command(self._heard.text)
        if command is not None:
            return self._obey(command)
        if self._draft is None and self._latest is not None and self._heard.is_silent:
            return self._latest, Answer("sms.already_registered", {"number": self._latest.number})
        if self._draft is None and not self._heard.text.strip():
            return None, Answer("sms.ask_address_and_problem")
        after, answer = self._go_on(self._draft or self._new_draft())
        outage = finish(self._uow, self._listener, self._draft, after)
        return after, answer if outage is None else riding.answer(after, outage)

    def _split_off(self) -> tuple[Request, Answer] | None:
        """«НЕТ» to what was said of an outage: this trouble is another one, and gets its own crew."""
        if self._draft is not None or not self._heard.refuses:
            return None
        request_id = incidents.split_by_resident(self._uow, self._listener.troubles.book, self.sender.ref)
        request = self._uow.requests.get(request_id) if request_id is not None else None
        return None if request is None else (request, Answer("sms.split", {"number": request.number}))

    def _obey(self, command: Command) -> tuple[Request | None, Answer]:
        grave = self._listener.is_grave
        return Obedience(self._uow, grave, self.sender, self._draft).obey(command)

    def _new_draft(self) -> Request:
        """A draft; a sender who wrote about another trouble before is offered that address first."""
        draft = Request(
            id=uuid4(),
            channel=Channel.SMS,
            language=self.language,
            received_at=self._uow.now,
            updated_at=self._uow.now,
            sender_ref=self.sender.ref,
            contact_ref=self.sender.ref if self.sender.is_callable else None,
        )
        if self._latest is None or self._latest.address is None:
            return draft
        return replace(draft, candidates=(_again(self._latest.address),))

    def _go_on(self, draft: Request) -> tuple[Request, Answer]:
        draft = replace(draft, language=self.language, updated_at=self._uow.now)
        draft = self._with_contact(conversation.listen(draft, self._heard), self._heard.text)
        draft, question = conversation.next_question(draft)
        if question is not None:
            return draft, question
        if draft.needs_operator:
            return draft, Answer("sms.operator_will_call")
        registered = draft.registered(self._uow.requests.next_number(), self._uow.now)
        told = {"number": registered.number, "address": registered.address}
        return registered, Answer("sms.registered", told)

    def _with_contact(self, draft: Request, text: str) -> Request:
        phone = self._read_phone(text) if draft.contact_ref is None else None
        if phone is None:
            return draft
        return replace(draft, contact_ref=contact_at(self._uow, phone, draft.language).ref)


def _again(address: Address) -> Candidate:
    return Candidate(address, 1.0, ("same_place_as_before",), (0, 0))


def _cut(body: str) -> tuple[str, bool]:
    """At most :data:`LONGEST_MESSAGE` bytes of a message, without the characters a database cannot keep."""
    kept = body.replace("\x00", "").encode("utf-8", "ignore")
    return kept[:LONGEST_MESSAGE].decode("utf-8", "ignore"), len(kept) > LONGEST_MESSAGE
