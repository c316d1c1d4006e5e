"""Telephone calls by Twilio, spoken by TwiML that travels with the call, and a Null twin that says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twilio.base import values
from twilio.rest import Client
from twilio.twiml.voice_response import Gather, VoiceResponse

from services.notify.clients import RebasedHttp, handing_over, is_ours, looking_up
from services.notify.domain.speech import Speaker
from services.notify.errors import MessageRejected, OutcomeUnknown, ProviderBusy
from services.notify.usecases.alert_ports import Ring
from shared.logs import get_logger

_LOOK_BACK = 50
_TIMES = 3  # how often the text is repeated to whoever does not press the key
_KEY_WITHIN_S = 4
_log = get_logger(__name__)


@dataclass(frozen=True)
class Telephone:
    """How calls are made: from which number, whom Twilio tells, how long it rings."""

    sender: str
    status_url: str
    answer_url: str
    ring_s: int = 30
    detects_machines: bool = True


class TwilioCaller:
    """Calls by Twilio. The words travel with the call, so they are spoken even while we are down."""

    def __init__(
        self,
        account: str,
        token: str,
        telephone: Telephone,
        speakers: Mapping[str, Speaker],
        *,
        api_url: str = "",
        timeout_s: float = 10.0,
    ) -> None:
        self._client = Client(account, token, http_client=RebasedHttp(api_url, timeout_s))
        self._telephone = telephone
        self._speakers = speakers

    def call(self, ring: Ring) -> str:
        telephone = self._telephone
        status_url = f"{telephone.status_url}?attempt_id={ring.attempt_id}"
        machines = telephone.detects_machines
        with handing_over():
            taken = self._client.calls.create(
                to=ring.number,
                from_=telephone.sender,
                twiml=spoken(ring, f"{telephone.answer_url}?attempt_id={ring.attempt_id}", self._speakers),
                timeout=telephone.ring_s,
                status_callback=status_url,
                status_callback_event=["answered", "completed"],
                machine_detection="Enable" if machines else values.unset,
                async_amd="true" if machines else values.unset,
                async_amd_status_callback=status_url if machines else values.unset,
            )
            return str(taken.sid)

    def find(self, ring: Ring, since: datetime) -> Sequence[str]:
        """A call does not carry what it said: those to this number since then are ours to tell apart."""
        with looking_up():
            listed = self._client.calls.list(to=ring.number, limit=_LOOK_BACK, page_size=_LOOK_BACK)
            return [call.sid for call in reversed(listed) if is_ours(call, since)]

    def hang_up(self, sid: str) -> None:
        """``canceled`` ends what waits or rings and leaves alone who has answered."""
        try:
            with handing_over():
                self._client.calls(sid).update(status="canceled")
        except MessageRejected as over:
            _log.info("call_was_over", sid=sid, reason=over.reason)
        except OutcomeUnknown as silent:
            raise ProviderBusy(str(silent)) from None


class NullCaller:
    """No telephone is configured: every call fails openly, and the log says why."""

    def __init__(self) -> None:
        _log.warning("telephone_not_configured", effect="alerts call nobody: a dispatcher must")

    def call(self, ring: Ring) -> str:
        _log.warning("call_not_made_no_provider", attempt_id=str(ring.attempt_id))
        raise MessageRejected("no_provider")

    def find(self, ring: Ring, since: datetime) -> Sequence[str]:  # noqa: ARG002 - nobody was ever called
        return []

    def hang_up(self, sid: str) -> None:
        _log.warning("call_not_hung_up_no_provider", sid=sid)


def spoken(ring: Ring, answer_url: str, speakers: Mapping[str, Speaker]) -> str:
    """TwiML: the text in each language, some times over; a key acknowledges, and no machine presses one."""
    response = VoiceResponse()
    for _ in range(_TIMES):
        gather = Gather(num_digits=1, action=answer_url, timeout=_KEY_WITHIN_S, input="dtmf")
        speak(gather, ring, speakers)
        response.append(gather)
    response.hangup()
    return str(response)


def speak(verb: Any, ring: Ring, speakers: Mapping[str, Speaker]) -> None:
    for language, text in ring.texts:
        speaker = speakers[language]
        if speaker.recorded:
            verb.play(f"{speaker.recorded.rstrip('/')}/alert.{ring.event}.mp3")
        verb.say(speaker.spelt(text), language=speaker.language, voice=speaker.voice)


def thanks(text: str, speaker: Speaker) -> str:
    """TwiML for whoever acknowledged."""
    response = VoiceResponse()
    response.say(speaker.spelt(text), language=speaker.language, voice=speaker.voice)
    response.hangup()
    return str(response)
