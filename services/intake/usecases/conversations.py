"""Taking a message: one turn of a conversation, answered at once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.intake.domain import conversation, riding
from services.intake.domain.addresses import Address, Candidate
from services.intake.domain.conversation import Answer
from services.intake.domain.hearing import Listener
from services.intake.domain.keywords import Command, Verb
from services.intake.domain.language import RUSSIAN
from services.intake.domain.latin import is_latin
from services.intake.domain.replies import Texts, render
from services.intake.domain.requests import Channel, Question, Request, Script
from services.intake.usecases import incidents
from services.intake.usecases.facts import begun, contact_at, find_or_add, finish, meet
from services.intake.usecases.judging import Judging
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
    media: tuple[str, ...] = ()
    """Where the provider keeps the photos of a message; not fetched here."""
    opt_out: str = ""
    """STOP, START or HELP when the provider has understood and answered that itself."""


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
        if not uow.messages.claim(sms.sid, body, truncated, uow.now, sms.media):
            return uow.messages.reply_to(sms.sid)
        turn = _Turn(uow, listener, read_phone, manners, replace(sms, body=body))
        request, answer = turn.take()
        reply = turn.worded(texts, answer) if answer else ""
        reply = "" if turn.has_said_twice(reply) else reply
        about = request.id if request else None
        uow.messages.answer(sms.sid, reply, turn.sender.ref, about, held=turn.is_held)
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
        sms: Sms,
    ) -> None:
        body = sms.body
        self._sms = sms
        self._uow = uow
        self._listener = listener
        self._manners = manners
        self._read_phone = read_phone
        sender, is_new = find_or_add(uow, sms.sender, lambda: listener.hear(body, RUSSIAN).language.language)
        self._latest = uow.requests.latest_of(sender.ref, uow.now - CONVERSATION)
        self._draft = self._latest if self._latest is not None and self._latest.is_draft else None
        said_of_place = self._draft.address_text if self._draft else ""
        self._heard = listener.hear(body, sender.language, said_of_place)
        self.language = self._heard.language.language
        self._command = listener.command(body)
        self.sender = meet(uow, sender, self.language, is_new, script=self._script())
        self._is_new = is_new
        self._recent = uow.messages.recent(sender.ref, uow.now - manners.window, manners.messages_most + 1)
        self.is_held = False

    def worded(self, texts: Texts, answer: Answer) -> str:
        """The answer in the sender's language and letters."""
        text = render(texts, self.language, answer, self._manners.zone, self._uow.now)
        is_latin = self.sender.script is Script.LATIN
        return self._manners.latin(text, self.language) if is_latin else text

    def _script(self) -> Script | None:
        """The letters of this message, if it shows them; STOP is STOP for everybody."""
        latin = is_latin(self._heard.text) if self._command is None else None
        return None if latin is None else Script.LATIN if latin else Script.CYRILLIC

    def has_said_twice(self, reply: str) -> bool:
        """Whether the last two answers were this one: a third would only feed a machine that answers us."""
        said = [message.reply for message in self._recent if message.reply][-2:]
        return bool(reply) and self._command is None and said == [reply, reply]

    def take(self) -> tuple[Request | None, Answer | None]:
        """The request the message belongs to, if any, and what to answer; None: nothing."""
        if self._sms.opt_out:
            return self._answered_by_provider(self._sms.opt_out)
        if self._is_flood:
            return self._hold()
        answered = self._judge() or self._split_off()
        if answered is not None:
            return answered
        if self._command is not None:
            return self._obey(self._command)
        return self._understand()

    def _answered_by_provider(self, opt_out: str) -> tuple[Request | None, None]:
        verb = {"STOP": Verb.STOP, "START": Verb.START}.get(opt_out.upper())
        return (self._obey(Command(verb))[0] if verb is not None else None), None

    @property
    def _is_flood(self) -> bool:
        """Whether a limit is passed, by this sender or by strangers together; danger passes every limit."""
        if self._listener.is_grave(self._heard.text):
            return False
        if len(self._recent) >= self._manners.messages_most:
            return True
        is_whole = bool(self._heard.problem) and self._heard.resolution.best is not None
        return self._is_new and not self._manners.admits_stranger(self._uow.now) and not is_whole

    def _hold(self) -> tuple[Request | None, Answer | None]:
        """Keep the message unanswered. A sender's flood is one draft for a person to look at, told once."""
        self.is_held = True
        if self._is_new:
            return None, None
        draft = self._draft or self._new_draft()
        kept = replace(draft, problem=draft.problem or self._heard.text.strip(), needs_operator=True)
        if kept != self._draft:
            finish(self._uow, self._listener, self._draft, kept)
        is_first = len(self._recent) == self._manners.messages_most
        return kept, Answer("sms.too_many") if is_first else None

    def _understand(self) -> tuple[Request | None, Answer | None]:
        if self._sms.media and not self._heard.text.strip() and self._latest and not self._draft:
            return self._latest, Answer("sms.photo_added", {"number": self._latest.number})
        if self._draft is None and self._latest is not None and self._heard.is_silent:
            number = self._latest.number
            # Thanks for a cancellation ask for no answer.
            is_off = self._latest.cancelled_at is not None
            return self._latest, None if is_off else Answer("sms.already_registered", {"number": number})
        if self._draft is None and not self._heard.text.strip():
            return None, Answer("sms.ask_address_and_problem")
        after, answer = self._go_on(self._draft or self._new_draft())
        outage = finish(self._uow, self._listener, self._draft, after)
        return after, answer if outage is None else riding.answer(after, outage)

    def _judge(self) -> tuple[Request | None, Answer] | None:
        """«Исправлено?» – «нет»: an answer about work that has ended, unless a draft or an outage, spoken of
        later, waits for this very word."""
        said = self._listener.judgement(self._heard.text)
        if said is None or (self._draft and (said.is_digit or self._draft.question is Question.CHOICE)):
            return None
        judging = Judging(self._uow, self._uow.requests.of_contact(self.sender.ref))
        if said.number is None and self._is_about_outage(judging.latest_end):
            return None
        judged = judging.take(said)
        if judged is None and said.number is not None:
            return self._obey(Command(Verb.STATUS, said.number))
        return judged

    def _is_about_outage(self, work_ended_at: datetime | None) -> bool:
        rider = self._uow.riders.latest_member(self.sender.ref) if self._heard.refuses else None
        if rider is None or rider.joined_at is None or self._draft is not None:
            return False
        return work_ended_at is None or rider.joined_at > work_ended_at

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
        draft = begun(self._uow, Channel.SMS, self.language, self._uow.now, self.sender)
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
            return draft, conversation.operator_will_call(draft)
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
