"""A call's way through the menu: each answer of the caller once, in one transaction, answered at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from services.intake.domain import riding
from services.intake.domain.addresses import Candidate
from services.intake.domain.call_norms import CallClock, CallNorms
from services.intake.domain.calls import Call, Consent, Recording, Wish
from services.intake.domain.hearing import Heard, Listener
from services.intake.domain.language import KAZAKH, RUSSIAN
from services.intake.domain.replies import Texts
from services.intake.domain.requests import Contact, Request
from services.intake.domain.voice import (
    Ask,
    Bye,
    Connect,
    Ear,
    Hold,
    LeaveQueue,
    Line,
    Lines,
    Reply,
    StayInQueue,
    Step,
    TakeMessage,
)
from services.intake.errors import CallNotFound
from services.intake.usecases import missed
from services.intake.usecases.facts import find_or_add, meet
from services.intake.usecases.forms import Form, fill
from services.intake.usecases.ports import Phone, UnitOfWork

_PATIENCE = 2
"""How often the place is asked for by voice before an operator takes over."""
_AGAINST_RECORDING = "9"
_CALL_BACK, _MESSAGE = "1", "2"
_SAME_PLACE = "same_place_as_before"


@dataclass(frozen=True)
class Exchange:
    """What the menu needs beside the transaction: ears, words, norms, and what lines there are."""

    listener: Listener
    ear: Ear
    texts: Texts
    norms: CallNorms
    hears: frozenset[str] = frozenset({RUSSIAN})
    """Languages in which speech is recognised."""
    has_operators: bool = True
    has_queue: bool = False
    records: bool = True


@dataclass(frozen=True)
class Ring:
    """Which call the provider speaks of, and who calls if it says so."""

    sid: str
    caller: Phone | None = None


@dataclass(frozen=True)
class Said:
    """What came of the last question: keys, recognised speech, or how a line, a queue, a recording ended."""

    digits: str = ""
    speech: str = ""
    line_was_answered: bool = False
    talked: timedelta = timedelta()
    queue_result: str = ""
    recording: Recording | None = None


Render = Callable[[Reply, Call], str]
"""Turns a reply into what the provider understands."""


def take_step(
    uow: UnitOfWork, exchange: Exchange, render: Render, ring: Ring, step: Step, turn: int, said: Said
) -> str:
    """One answer of the caller; the same answer coming again gets the same reply, and does nothing more."""
    with uow:
        call, contact = call_of(uow, ring)
        kept = uow.calls.reply_to(call.sid, step, turn)
        if kept is not None:
            return kept
        talk = _Talk(uow, exchange, replace(call, turn=max(call.turn, turn) + 1), contact)
        reply = talk.go_on(step, said)
        uow.calls.save(talk.call)
        missed.settle(uow, exchange.listener, exchange.norms, call, talk.call)
        answer = render(reply, talk.call)
        uow.calls.keep_reply(call.sid, step, turn, answer)
        uow.commit()
    return answer


def show_call(uow: UnitOfWork, sid: str) -> Call:
    """A call as far as it is known; raises CallNotFound."""
    with uow:
        call = uow.calls.get(sid)
    if call is None:
        raise CallNotFound
    return call


def brief(uow: UnitOfWork, sid: str) -> tuple[Call, Lines]:
    """A call and what its operator should know before hearing the caller; raises CallNotFound."""
    with uow:
        call = uow.calls.get(sid)
        if call is None:
            raise CallNotFound
        request = uow.requests.get(call.request_id) if call.request_id is not None else None
    alarm = (Line(f"voice.problem.{call.alarm}"),) if call.alarm is not None else ()
    if request is None or request.address is None:
        return call, alarm
    return call, (*alarm, Line("voice.place", {"address": request.address}))


def answer_limit(exchange: Exchange, call: Call) -> timedelta:
    """How long a caller may wait for an operator."""
    return exchange.norms.of(CallClock.ANSWER, call.rang_at).limit


def call_of(uow: UnitOfWork, ring: Ring) -> tuple[Call, Contact | None]:
    """The call, locked, begun if nobody has told of it yet, and its caller as far as known."""
    known = uow.calls.get(ring.sid, lock=True)
    contact = uow.contacts.by_ref(known.contact_ref) if known and known.contact_ref else None
    if ring.caller is not None and (contact is None or (ring.caller.is_callable and not contact.is_callable)):
        met, is_new = find_or_add(uow, ring.caller, lambda: RUSSIAN)
        contact = meet(uow, met, met.language, is_new)
    language = contact.language if contact is not None else RUSSIAN
    call = known or uow.calls.start(Call(ring.sid, language, rang_at=uow.now, heard_at=uow.now))
    ref = contact.ref if contact is not None else None
    return replace(call, contact_ref=ref or call.contact_ref, heard_at=max(call.heard_at, uow.now)), contact


class _Talk:
    """One turn of a call, inside one transaction."""

    def __init__(self, uow: UnitOfWork, exchange: Exchange, call: Call, contact: Contact | None) -> None:
        self._uow = uow
        self._exchange = exchange
        self._contact = contact
        self.call = call

    def go_on(self, step: Step, said: Said) -> Reply:
        steps: dict[Step, Callable[[Said], Reply]] = {
            Step.RING: self._greet,
            Step.MENU: self._menu,
            Step.CONSENT: self._consent,
            Step.ADDRESS: self._address,
            Step.OPERATOR: self._line_ended,
            Step.WAITING: self._key_in_queue,
            Step.QUEUE: self._left_queue,
            Step.OFFER: self._choose_offer,
            Step.MESSAGE: self._message,
        }
        return steps[step](said)

    # From the greeting to an operator.

    def _greet(self, _said: Said) -> Reply:
        mine = self.call.language
        other = KAZAKH if mine == RUSSIAN else RUSSIAN
        lines = (Line("voice.greeting", language=mine), Line("voice.greeting", language=other))
        return Ask(Step.MENU, lines, speech=mine in self._exchange.hears)

    def _menu(self, said: Said) -> Reply:
        ear, heard = self._exchange.ear, self._hear(said)
        self._speak(ear.language(said.digits, said.speech))
        alarm = ear.alarm(said.digits, heard.problem if heard is not None else "")
        if alarm is not None:
            self.call = replace(self.call, alarm=alarm)
            return self._raise_alarm(heard)
        if heard is not None and not heard.is_silent and not ear.wants_operator(said.digits, said.speech):
            return self._notice(self._told(self._take_story(heard)))
        return self._notice()

    def _notice(self, lines: Lines = ()) -> Reply:
        """That the talk is recorded; the keys of the menu still hold."""
        if not self._exchange.records or not self._exchange.has_operators:
            return self._connect(lines)
        return Ask(Step.CONSENT, (*lines, Line("voice.recording")))

    def _consent(self, said: Said) -> Reply:
        alarm = self._exchange.ear.alarm(said.digits, "")
        if alarm is not None:
            self.call = replace(self.call, alarm=alarm)
            return self._raise_alarm(None)
        self._speak(self._exchange.ear.language(said.digits, ""))
        refused = said.digits == _AGAINST_RECORDING
        self.call = replace(self.call, consent=Consent.REFUSED if refused else Consent.NOTICED)
        return self._connect()

    def _connect(self, lines: Lines = ()) -> Reply:
        if not self._exchange.has_operators:
            return self._offer(lines)
        return Connect(
            (*lines, Line("voice.connecting")),
            urgent=self.call.alarm is not None,
            record=self._exchange.records and self.call.consent is Consent.NOTICED,
        )

    # Gas, or a person in a lift: advice at once, the address as fast as it can be had, then a person.

    def _raise_alarm(self, heard: Heard | None) -> Reply:
        problem = self._exchange.texts.text(self.call.language, f"voice.problem.{self.call.alarm}")
        if heard is not None and heard.problem:
            problem = f"{problem}\n{heard.problem}"
        place = heard.text if heard is not None and heard.resolution.choices else None
        request = self._fill(Form(text=problem, address_text=place))
        if request.is_draft and not request.candidates:
            request = self._offer_known_place(request)
        return self._ask_place_or_connect(request, (Line(f"voice.advice.{self.call.alarm}"),))

    def _offer_known_place(self, request: Request) -> Request:
        """The address of the caller's last request, to be confirmed with one key."""
        contact = self._contact
        place = self._uow.requests.last_place_of(contact.ref) if contact and contact.is_callable else None
        if place is None:
            return request
        return self._fill(Form(offered=(Candidate(place, 1.0, (_SAME_PLACE,), (0, 0)),)))

    def _address(self, said: Said) -> Reply:
        ear = self._exchange.ear
        request = self._request()
        if request is None or not request.is_draft or ear.wants_operator(said.digits, said.speech):
            return self._connect_alarm(())
        choice = ear.choice(said.digits, said.speech, len(request.candidates))
        heard = self._hear(said)
        if choice is not None:
            request = self._fill(Form(choice=choice))
        elif heard is not None:
            request = self._fill(self._form_of(heard, request))
        return self._ask_place_or_connect(request, ())

    def _ask_place_or_connect(self, request: Request, lines: Lines) -> Reply:
        if not request.is_draft:
            return self._connect_alarm((*lines, *self._told(request)))
        question, speech = self._question(request), self.call.language in self._exchange.hears
        patience = _PATIENCE if speech else 1
        if question is None or request.address is not None or request.times_asked >= patience:
            return self._hand_over(request, lines)
        self._uow.requests.save(replace(request, times_asked=request.times_asked + 1))
        return Ask(Step.ADDRESS, (*lines, question), speech=speech)

    def _question(self, request: Request) -> Line | None:
        """What to ask for; None when the caller could not answer it, having keys only."""
        complete = [candidate for candidate in request.candidates if candidate.is_complete]
        if _SAME_PLACE in {reason for one in request.candidates for reason in one.reasons}:
            return Line("voice.ask_same_place", {"address": request.candidates[0]})
        if complete:
            return Line("voice.ask_choice", {"choices": tuple(complete)})
        if self.call.language not in self._exchange.hears:
            return None
        return Line("voice.ask_house" if request.candidates else "voice.ask_address")

    def _hand_over(self, request: Request, lines: Lines) -> Reply:
        """An operator finds the place; the draft stands first in their list."""
        if not request.needs_operator:
            self._fill(Form(as_is=True))
        return self._connect_alarm(lines)

    def _connect_alarm(self, lines: Lines) -> Reply:
        """No time for questions about recording: the notice is spoken, staying is consent."""
        if not self._exchange.records or not self._exchange.has_operators:
            return self._connect(lines)
        self.call = replace(self.call, consent=Consent.NOTICED)
        return self._connect((*lines, Line("voice.recorded")))

    # When nobody answers.

    def _line_ended(self, said: Said) -> Reply:
        if said.line_was_answered:
            self.call = self.call.answered(self._uow.now - said.talked, None)
            return Bye()
        if self._exchange.has_queue:
            return Hold((Line("voice.queue"),), urgent=self.call.alarm is not None)
        return self._offer()

    def _key_in_queue(self, said: Said) -> Reply:
        wish = {_CALL_BACK: Wish.CALLBACK, _MESSAGE: Wish.MESSAGE}.get(said.digits)
        if wish is None or (wish is Wish.CALLBACK and not self._can_be_called):
            return StayInQueue()
        self.call = replace(self.call, wish=wish)
        return LeaveQueue()

    def _left_queue(self, said: Said) -> Reply:
        if said.queue_result in ("bridged", "bridging-in-process"):
            self.call = self.call.answered(self._uow.now - said.talked, None)
            return Bye()
        if said.queue_result == "hangup":
            self.call = self.call.ended(self._uow.now)
            return Bye()
        if self.call.wish is Wish.MESSAGE:
            return TakeMessage((Line("voice.leave_message"),))
        return self._promise() if self.call.wish is Wish.CALLBACK else self._offer()

    def _offer(self, lines: Lines = ()) -> Reply:
        """A call back or a message; whoever hangs up now is called back too."""
        if not self._can_be_called:
            self.call = replace(self.call, wish=Wish.MESSAGE)
            return TakeMessage((*lines, Line("voice.leave_message_with_number")))
        self.call = replace(self.call, wish=Wish.CALLBACK)
        return Ask(Step.OFFER, (*lines, Line("voice.offer", {"minutes": self._minutes(CallClock.CALL_BACK)})))

    def _choose_offer(self, said: Said) -> Reply:
        if said.digits != _MESSAGE:
            return self._promise()
        self.call = replace(self.call, wish=Wish.MESSAGE)
        return TakeMessage((Line("voice.leave_message"),))

    def _promise(self) -> Reply:
        return Bye((Line("voice.will_call", {"minutes": self._minutes(CallClock.CALL_BACK)}),))

    def _message(self, said: Said) -> Reply:
        if said.recording is not None:
            self.call = self.call.recorded(said.recording)
        return Bye((Line("voice.message_taken", {"minutes": self._minutes(CallClock.REVIEW)}),))

    # What is known of the caller and of the request.

    @property
    def _can_be_called(self) -> bool:
        return self._contact is not None and self._contact.is_callable

    def _minutes(self, clock: CallClock) -> int:
        return int(self._exchange.norms.of(clock, self.call.rang_at).limit.total_seconds() // 60)

    def _speak(self, language: str | None) -> None:
        """Go on in the language asked for; it is remembered for the next time."""
        if language is None or language == self.call.language:
            return
        self.call = replace(self.call, language=language)
        if self._contact is not None:
            self._contact = meet(self._uow, self._contact, language, is_new=False)

    def _hear(self, said: Said) -> Heard | None:
        if not said.speech.strip():
            return None
        request = self._request()
        earlier = request.address_text if request is not None else ""
        return self._exchange.listener.hear(said.speech, self.call.language, earlier)

    def _take_story(self, heard: Heard) -> Request:
        """What a caller told instead of pressing a key: a request like any other, or a draft."""
        place = heard.text if heard.resolution.choices else None
        return self._fill(Form(text=heard.problem or None, address_text=place, details=heard.details))

    def _form_of(self, heard: Heard, request: Request) -> Form:
        text = f"{request.problem}\n{heard.problem}" if heard.problem else None
        alone = self._exchange.listener.resolver.resolve(heard.text)
        names_house = any(candidate.is_complete for candidate in alone.choices)
        place = (
            heard.text if names_house or not request.address_text else f"{request.address_text}, {heard.text}"
        )
        return Form(text=text, address_text=place, details=heard.details)

    def _told(self, request: Request) -> Lines:
        if request.is_draft:
            return ()
        told = Line("voice.registered", {"number": str(request.number), "address": request.address})
        rider = self._uow.riders.get(request.id)
        outage = self._uow.outages.get(rider.outage_id) if rider is not None and rider.outage_id else None
        return (told,) if outage is None else (told, Line("voice.joined", riding.words(outage)))

    def _request(self) -> Request | None:
        return self._uow.requests.get(self.call.request_id, lock=True) if self.call.request_id else None

    def _fill(self, form: Form) -> Request:
        before = self._request()
        request = before or missed.new_draft(self._uow, self.call, self._contact)
        if before is not None:
            request = replace(request, updated_at=self._uow.now)
        filled = fill(self._uow, self._exchange.listener, before, request, form)
        self.call = replace(self.call, request_id=filled.id)
        return filled
