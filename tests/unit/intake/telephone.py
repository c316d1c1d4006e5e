"""A telephone for tests: speaks Twilio's form fields to the use-cases and follows the TwiML it gets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from services.intake.domain.calls import Call
from services.intake.domain.voice import Ear, Step
from services.intake.schemas import voice
from services.intake.schemas.lexicon import load_lexicon
from services.intake.schemas.telephony import read_call_norms, read_telephony, voice_data
from services.intake.schemas.twiml import Narrator
from services.intake.usecases import call_facts, calls
from shared.config import ROOT
from shared.i18n import Catalog
from tests.unit.intake.examples import listener
from tests.unit.intake.fakes import FakeUnitOfWork

CATALOG = Catalog(ROOT / "services" / "intake" / "locale")
OPERATORS = {
    "voice_operators": ["desk=sip:desk@example.com", "+77010000099"],
    "voice_caller_id": "+15005550006",
}


def exchange(**changes: Any) -> calls.Exchange:
    telephony = read_telephony(OPERATORS)
    usual = calls.Exchange(
        listener=listener(),
        ear=Ear(load_lexicon(), voice_data()["words"]),
        texts=CATALOG,
        norms=read_call_norms("kz"),
        hears=frozenset(telephony.speech),
    )
    return replace(usual, **changes)


def narrator(**settings: Any) -> Narrator:
    telephony = read_telephony({**OPERATORS, **settings})
    return Narrator(CATALOG, telephony.speakers, telephony.speech, "", telephony.telephones)


@dataclass
class Telephone:
    """One call: ``says`` and ``presses`` answer what was asked last."""

    uow: FakeUnitOfWork
    exchange: calls.Exchange = field(default_factory=exchange)
    narrator: Narrator = field(default_factory=narrator)
    sid: str = "CA1"
    number: str = "+77010000001"
    twiml: str = ""

    def rings(self) -> str:
        return self._post("/twilio/voice", {"CallStatus": "ringing"})

    def presses(self, key: str) -> str:
        return self._post(self.action, {"Digits": key})

    def says(self, speech: str) -> str:
        return self._post(self.action, {"SpeechResult": speech, "Confidence": "0.9"})

    def is_silent(self) -> str:
        return self._post(self.action, {})

    def line_ends(self, status: str, seconds: int = 0) -> str:
        return self._post(self.action, {"DialCallStatus": status, "DialCallDuration": str(seconds)})

    def leaves_message(self, seconds: int = 7) -> str:
        return self._post(self.action, {**RECORDED, "RecordingDuration": str(seconds)})

    def hangs_up(self) -> None:
        call_facts.note_end(self.uow, self.exchange, voice.read_ring(self._form({})))

    def post(self, address: str, form: Mapping[str, str]) -> str:
        """The webhook again, whatever was asked last."""
        return self._post(address, form)

    @property
    def call(self) -> Call:
        return self.uow.calls.rows[self.sid]

    @property
    def root(self) -> ElementTree.Element:
        return ElementTree.fromstring(self.twiml)

    @property
    def words(self) -> str:
        return " ".join("".join(said.itertext()) for said in self.root.iter("Say"))

    @property
    def verbs(self) -> list[str]:
        return [verb.tag for verb in self.root]

    @property
    def action(self) -> str:
        return next(verb.attrib["action"] for verb in self.root.iter() if "action" in verb.attrib)

    def _post(self, address: str, form: Mapping[str, str]) -> str:
        url, full = urlsplit(address), self._form(form)
        turn = voice.read_turn({name: values[0] for name, values in parse_qs(url.query).items()})
        step = Step.RING if url.path == "/twilio/voice" else Step(url.path.rsplit("/", 1)[1])
        ring, said = voice.read_ring(full), voice.read_said(full)
        self.twiml = calls.take_step(self.uow, self.exchange, self.narrator.render, ring, step, turn, said)
        return self.twiml

    def _form(self, form: Mapping[str, str]) -> dict[str, str]:
        return {"CallSid": self.sid, "From": self.number, "To": "+15005550006", **form}


RECORDED = {
    "RecordingSid": "RE1",
    "RecordingUrl": "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1",
    "RecordingStatus": "completed",
}
