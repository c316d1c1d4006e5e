"""What the menu says, as TwiML: spoken by a voice, or played where a person has recorded it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from services.intake.domain.addresses import Candidate
from services.intake.domain.calls import Call
from services.intake.domain.replies import Texts, Wording
from services.intake.domain.voice import (
    Ask,
    Bye,
    Connect,
    Hold,
    LeaveQueue,
    Line,
    Lines,
    Reply,
    StayInQueue,
    Step,
    TakeMessage,
    spelt,
    with_numbers_in_words,
)

HOME = "/twilio/voice"
_ANSWER_WITHIN_S = 4
_NOTICE_WITHIN_S = 2
_LONGEST_MESSAGE_S = 180
_MESSAGE_ENDS_AFTER_S = 5
_HOLD_PAUSE_S = 15
_ACCEPT_WITHIN_S = 8

EMPTY = str(VoiceResponse())
"""Go on as before."""


@dataclass(frozen=True)
class Speaker:
    """How one language is spoken: by which voice, with which letters and numbers, what is recorded."""

    language: str
    digits: Sequence[str]
    tens: Sequence[str] = ()
    respell: Mapping[str, str] = field(default_factory=dict)
    voice: str | None = None
    recorded: str | None = None
    """Where ``<msgid>.mp3`` of every text without places to fill lies."""


@dataclass(frozen=True)
class Operator:
    """A telephone that rings: ``address`` is a number in E.164 or a SIP address, ``name`` what is kept."""

    name: str
    address: str


@dataclass(frozen=True)
class Telephones:
    """The operators' telephones and how long they ring (seconds)."""

    operators: tuple[Operator, ...] = ()
    urgent: tuple[Operator, ...] = ()
    """Those rung for gas and lifts; the usual ones if there are none."""
    ring_s: int = 20
    caller_id: str | None = None
    queue: str = ""
    transcribe: bool = False

    def named(self, address: str) -> Operator | None:
        """The operator whose telephone this is."""
        every = (*self.operators, *self.urgent)
        return next((operator for operator in every if operator.address == address), None)


@dataclass(frozen=True)
class Narrator:
    """Turns replies into TwiML."""

    texts: Texts
    speakers: Mapping[str, Speaker]
    speech: Mapping[str, str]
    hints: str
    lines: Telephones
    zone: tzinfo = UTC

    def render(self, reply: Reply, call: Call) -> str:
        """The TwiML of a reply to one call."""
        response = VoiceResponse()
        match reply:
            case Ask():
                self._ask(response, reply, call)
            case Connect():
                self._speak(response, reply.lines, call.language)
                self._dial(response, reply, call)
            case Hold():
                self._speak(response, reply.lines, call.language)
                action = _step(Step.QUEUE, call.turn)
                response.enqueue(self._queue(reply.urgent), action=action, wait_url=f"{HOME}/wait")
            case StayInQueue():
                response.redirect(f"{HOME}/wait")
            case LeaveQueue():
                response.leave()
            case TakeMessage():
                self._record(response, reply, call)
            case Bye():
                self._speak(response, reply.lines, call.language)
                response.hangup()
        return str(response)

    def waiting(self, language: str, turn: int, position: int, is_too_long: bool) -> str:
        """What is heard in the queue: the place in it, and the keys out of it."""
        response = VoiceResponse()
        if is_too_long:
            response.leave()
            return str(response)
        gather = Gather(action=_step(Step.WAITING, turn), num_digits=1, timeout=_HOLD_PAUSE_S)
        self._speak(gather, (Line("voice.position", {"position": position}),), language)
        response.append(gather)
        return str(response)

    def for_operator(self, operator: str) -> str:
        """What an operator's telephone hears that calls to take the next in the queue: urgent ones first."""
        response = VoiceResponse()
        for urgent, wait_s in ((True, 1), (False, self.lines.ring_s)):
            dial = Dial(timeout=wait_s)
            dial.queue(self._queue(urgent), url=f"{HOME}/dequeued?name={operator}")
            response.append(dial)
        return str(response)

    def asks_operator(self, lines: Lines, call: Call, operator: str) -> str:
        """What an operator hears before the caller: a key takes the call, no machine presses one."""
        response = VoiceResponse()
        gather = Gather(
            action=f"{HOME}/accepted?call={call.sid}&name={operator}", num_digits=1, timeout=_ACCEPT_WITHIN_S
        )
        self._speak(gather, (*lines, Line("voice.accept")), call.language)
        response.append(gather)
        response.hangup()
        return str(response)

    def _ask(self, response: VoiceResponse, ask: Ask, call: Call) -> None:
        by_speech = {
            "language": self.speech.get(call.language),
            "hints": self.hints,
            "speech_timeout": "auto",
            "profanity_filter": False,
        }
        gather = Gather(
            input="dtmf speech" if ask.speech else "dtmf",
            action=_step(ask.step, call.turn),
            num_digits=1,
            timeout=_NOTICE_WITHIN_S if ask.step is Step.CONSENT else _ANSWER_WITHIN_S,
            action_on_empty_result=True,
            **(by_speech if ask.speech else {}),
        )
        self._speak(gather, ask.lines, call.language)
        response.append(gather)

    def _dial(self, response: VoiceResponse, connect: Connect, call: Call) -> None:
        dial = Dial(
            action=_step(Step.OPERATOR, call.turn),
            timeout=self.lines.ring_s,
            caller_id=self.lines.caller_id,
            record="record-from-answer-dual" if connect.record else None,
            recording_status_callback=f"{HOME}/recording" if connect.record else None,
        )
        ringing = (self.lines.urgent if connect.urgent else ()) or self.lines.operators
        for operator in ringing:
            which = f"call={call.sid}&name={operator.name}"
            if operator.address.startswith("sip:"):
                address = f"{HOME}/operator?{which}"
                dial.sip(operator.address, status_callback=address, status_callback_event="answered")
            else:
                dial.number(operator.address, url=f"{HOME}/accept?{which}")
        response.append(dial)

    def _record(self, response: VoiceResponse, message: TakeMessage, call: Call) -> None:
        self._speak(response, message.lines, call.language)
        transcribed = {"transcribe": True, "transcribe_callback": f"{HOME}/transcription"}
        response.record(
            action=_step(Step.MESSAGE, call.turn),
            max_length=_LONGEST_MESSAGE_S,
            timeout=_MESSAGE_ENDS_AFTER_S,
            finish_on_key="#",
            recording_status_callback=f"{HOME}/recording",
            **(transcribed if self.lines.transcribe else {}),
        )
        self._speak(response, (Line("voice.nothing_heard"),), call.language)

    def _speak(self, verb: Any, lines: Lines, language: str) -> None:
        for line in lines:
            spoken = line.language or language
            speaker = self.speakers[spoken]
            if speaker.recorded and not line.params:
                verb.play(f"{speaker.recorded.rstrip('/')}/{line.msgid}.mp3")
            else:
                verb.say(self._words(line, spoken), language=speaker.language, voice=speaker.voice)

    def _words(self, line: Line, language: str) -> str:
        speaker = self.speakers[language]
        filled = {name: self._filling(value, language) for name, value in line.params.items()}
        text = Wording(self.texts, language, self.zone).text(line.msgid, filled).strip()
        text = with_numbers_in_words(text, speaker.digits, speaker.tens)
        return text.translate({ord(letter): other for letter, other in speaker.respell.items()})

    def _filling(self, value: Any, language: str) -> Any:
        if isinstance(value, tuple):
            return self._choices(value, language)
        is_number = isinstance(value, str) and value.isdecimal()
        return spelt(value, self.speakers[language].digits) if is_number else value

    def _choices(self, candidates: tuple[Candidate, ...], language: str) -> str:
        described = (
            self.texts.text(language, "voice.choice", number=number, address=_with_district(one, language))
            for number, one in enumerate(candidates, start=1)
        )
        return " ".join(described)

    def _queue(self, urgent: bool) -> str:
        return f"{self.lines.queue}-urgent" if urgent else self.lines.queue


def _with_district(candidate: Candidate, language: str) -> str:
    return ", ".join(part for part in (candidate.text_in(language), candidate.district_in(language)) if part)


def _step(step: Step, turn: int) -> str:
    return f"{HOME}/steps/{step}?turn={turn}"
