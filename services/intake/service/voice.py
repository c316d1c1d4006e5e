"""Twilio's voice webhooks."""

from werkzeug.wrappers import Response

from services.intake.domain.voice import Step
from services.intake.schemas import twiml, voice
from services.intake.schemas.twilio import TWIML
from services.intake.service.base import IntakePoints
from services.intake.usecases import call_facts, calls
from services.intake.usecases.calls import Ring
from shared.db import once_more
from shared.errors import Forbidden, NotFound
from shared.http import Call, raw

_NOTED = 204
_LONGEST_NAME = 64
_STEPS = {step.value: step for step in Step if step is not Step.RING}


class VoicePoints(IntakePoints):
    """Telephone calls of residents. Each webhook commits to our own database and answers, no more."""

    @raw("POST", "/twilio/voice", summary="Twilio's webhook for an incoming call; signed, answers TwiML")
    def answer_call(self, call: Call) -> Response:
        return self._take(call, Step.RING)

    @raw(
        "POST",
        "/twilio/voice/steps/<string:step>",
        summary="What a caller answered, or how a line or queue ended; signed, answers TwiML",
    )
    def take_step(self, call: Call) -> Response:
        step = _STEPS.get(call.path["step"])
        if step is None:
            raise NotFound
        return self._take(call, step)

    @raw("POST", "/twilio/voice/wait", summary="What a caller hears in the queue; signed, answers TwiML")
    def wait(self, call: Call) -> Response:
        form = self._signed(call)
        known = calls.show_call(self.wiring.uow(), voice.read_ring(form).sid)
        limit_s = calls.answer_limit(self.wiring.exchange, known).total_seconds()
        is_too_long = voice.read_count(form, "QueueTime") >= limit_s
        position = max(1, voice.read_count(form, "QueuePosition"))
        heard = self.wiring.narrator.waiting(known.language, known.turn, position, is_too_long)
        return Response(heard, content_type=TWIML)

    @raw("POST", "/twilio/voice/status", summary="The end of a call; signed")
    def note_status(self, call: Call) -> Response:
        form = self._signed(call)
        if form.get("CallStatus") in ("completed", "busy", "failed", "no-answer", "canceled"):
            ring = voice.read_ring(form)
            once_more(lambda: call_facts.note_end(self.wiring.uow(), self.wiring.exchange, ring))
        return Response(status=_NOTED)

    @raw("POST", "/twilio/voice/operator", summary="An operator's telephone was taken up; signed")
    def note_operator(self, call: Call) -> Response:
        form = self._signed(call)
        if form.get("CallStatus") == "in-progress":
            self._note_answer(call, Ring(voice.read_sid(call.request.args, "call")))
        return Response(status=_NOTED)

    @raw("POST", "/twilio/voice/accept", summary="An operator hears who calls, and takes it by a key; signed")
    def ask_operator(self, call: Call) -> Response:
        self._signed(call)
        sid, name = voice.read_sid(call.request.args, "call"), _operator(call)
        known, lines = calls.brief(self.wiring.uow(), sid)
        return Response(self.wiring.narrator.asks_operator(lines, known, name), content_type=TWIML)

    @raw("POST", "/twilio/voice/accepted", summary="An operator took the call; signed, answers TwiML")
    def accept_call(self, call: Call) -> Response:
        self._signed(call)
        self._note_answer(call, Ring(voice.read_sid(call.request.args, "call")))
        return Response(twiml.EMPTY, content_type=TWIML)

    @raw("POST", "/twilio/voice/desk", summary="An operator calls to take the next in the queue; signed")
    def serve_operator(self, call: Call) -> Response:
        form, narrator = self._signed(call), self.wiring.narrator
        operator = narrator.lines.named(form.get("From", ""))
        if operator is None or not narrator.lines.queue:
            raise Forbidden
        return Response(narrator.for_operator(operator.name), content_type=TWIML)

    @raw("POST", "/twilio/voice/dequeued", summary="An operator took a caller out of the queue; signed")
    def note_dequeued(self, call: Call) -> Response:
        form = self._signed(call)
        self._note_answer(call, voice.read_ring(form))
        return Response(twiml.EMPTY, content_type=TWIML)

    @raw("POST", "/twilio/voice/recording", summary="A recording is ready; signed")
    def note_recording(self, call: Call) -> Response:
        form = self._signed(call)
        ring, recording = voice.read_ring(form), voice.read_recording(form)
        if recording is not None:
            once_more(
                lambda: call_facts.note_recording(self.wiring.uow(), self.wiring.exchange, ring, recording)
            )
        return Response(status=_NOTED)

    @raw("POST", "/twilio/voice/transcription", summary="A message in words; signed")
    def note_transcription(self, call: Call) -> Response:
        form = self._signed(call)
        ring, text = voice.read_ring(form), voice.read_transcription(form)
        if text:
            once_more(
                lambda: call_facts.note_transcription(self.wiring.uow(), self.wiring.exchange, ring, text)
            )
        return Response(status=_NOTED)

    def _note_answer(self, call: Call, ring: Ring) -> None:
        once_more(
            lambda: call_facts.note_answer(self.wiring.uow(), self.wiring.exchange, ring, _operator(call))
        )

    def _take(self, call: Call, step: Step) -> Response:
        form = self._signed(call)
        ring, said, turn = voice.read_ring(form), voice.read_said(form), voice.read_turn(call.request.args)
        wiring = self.wiring
        answer = once_more(
            lambda: calls.take_step(
                wiring.uow(), wiring.exchange, wiring.narrator.render, ring, step, turn, said
            )
        )
        return Response(answer, content_type=TWIML)

    def _signed(self, call: Call) -> voice.Form:
        form: voice.Form = call.request.form
        signature = call.request.headers.get("X-Twilio-Signature", "")
        self.wiring.signatures.check(self.public_address(call), form, signature)
        return form


def _operator(call: Call) -> str:
    return call.request.args.get("name", "")[:_LONGEST_NAME]
