"""The telephone over Twilio's own wire: signed forms in, TwiML out, callbacks in any order; no broker."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4
from xml.etree import ElementTree

import pytest
import requests
from twilio.request_validator import RequestValidator

from tests.integration.test_intake_service import NOWHERE, TOKEN, bearer, events, put_city
from tests.support import contracts
from tests.support.database import count, scalar
from tests.support.processes import ServiceProcess

pytestmark = pytest.mark.servers
CALLER = "+77010000001"


@pytest.fixture
def intake(service_database: Callable[[str], str], tmp_path: Path) -> Iterator[ServiceProcess]:
    """The service with an imported town, two operators, a queue, and no broker in reach."""
    url = service_database("intake")
    put_city(url)
    environment = {
        "AVARIYKA_TWILIO_AUTH_TOKEN": TOKEN,
        "AVARIYKA_INTAKE_REGISTRY_CHECK_S": "0.2",
        "AVARIYKA_INTAKE_VOICE_OPERATORS": '["desk-1=sip:desk1@example.com", "+77010000098"]',
        "AVARIYKA_INTAKE_VOICE_URGENT_OPERATORS": '["red=sip:red@example.com"]',
        "AVARIYKA_INTAKE_VOICE_QUEUE": "avariyka",
        "AVARIYKA_INTAKE_CALL_SWEEP_S": "0.3",
    }
    with ServiceProcess(["shared.run", "intake"], "intake", tmp_path, url, NOWHERE, environment) as process:
        yield process


class Call:
    """One call as Twilio would drive it."""

    def __init__(self, intake: ServiceProcess, caller: str = CALLER) -> None:
        self.intake = intake
        self.sid = f"CA{uuid4().hex}"
        self.caller = caller
        self.root = ElementTree.Element("Response")

    def ring(self) -> None:
        self._take("/twilio/voice", {"CallStatus": "ringing"})

    def answer(self, **form: str) -> None:
        """To the question asked last."""
        self._take(self.action, form)

    def tell(self, what: str, **form: str) -> None:
        """A callback that says something of the call and wants no TwiML."""
        answer = self.post(f"/twilio/voice/{what}", form)
        assert (answer.status_code, answer.text) == (204, "")

    def post(self, path: str, form: dict[str, str], key: str = TOKEN) -> requests.Response:
        whole = {
            "AccountSid": "AC1",
            "ApiVersion": "2010-04-01",
            "CallSid": self.sid,
            "CallStatus": "in-progress",
            "Direction": "inbound",
            "From": self.caller,
            "To": "+15005550006",
            **form,
        }
        signature = RequestValidator(key).compute_signature(f"{self.intake.url}{path}", whole)
        return self.intake.post(path, data=whole, headers={"X-Twilio-Signature": signature})

    @property
    def action(self) -> str:
        address = next(verb.attrib["action"] for verb in self.root.iter() if "action" in verb.attrib)
        assert urlsplit(address).path.startswith("/twilio/voice/steps/")
        return address

    @property
    def words(self) -> str:
        return " ".join(self.root.itertext())

    @property
    def verbs(self) -> list[str]:
        return [verb.tag for verb in self.root]

    def _take(self, path: str, form: dict[str, str]) -> None:
        answer = self.post(path, form)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"].startswith("text/xml")
        self.root = ElementTree.fromstring(answer.content)


def callbacks(intake: ServiceProcess, state: str = "open") -> list[dict[str, Any]]:
    answer = intake.get("/v1/callbacks", params={"state": state}, headers=bearer())
    assert answer.status_code == 200, answer.text
    return list(answer.json()["callbacks"])


@pytest.mark.rule("6.7")
def test_gas_is_registered_while_the_caller_is_on_the_line(intake: ServiceProcess) -> None:
    call = Call(intake)
    call.ring()
    call.answer(Digits="1")
    assert "Откройте окна" in call.words
    call.answer(SpeechResult="проспект Абая дом 12", Confidence="0.87")
    assert "Заявка номер 1 0 0 1 принята: проспект Абая, 12" in call.words
    assert [sip.text for sip in call.root.iter("Sip")] == ["sip:red@example.com"]
    call.tell(f"operator?call={call.sid}&name=red", CallSid="CAchild", CallStatus="in-progress")
    call.answer(DialCallStatus="completed", DialCallSid="CAchild", DialCallDuration="30")
    call.tell("status", CallStatus="completed", CallDuration="50")
    assert {event["type"] for event in events(intake)} == {
        "contact.known",
        "request.drafted",
        "request.registered",
    }
    for event in events(intake):
        contracts.check("intake", event["type"], event["data"])
    (kept,) = intake.get("/v1/calls", headers=bearer()).json()["calls"]
    assert (kept["outcome"], kept["operator"], kept["alarm"]) == ("answered", "red", "gas")
    shown = intake.get(f"/v1/requests/{kept['request_id']}", headers=bearer()).json()
    assert [one["call_id"] for one in shown["calls"]] == [call.sid]
    assert callbacks(intake) == []


def test_a_missed_call_in_whatever_order_its_callbacks_come_is_called_back_by_one_operator(
    intake: ServiceProcess,
) -> None:
    call = Call(intake)
    recording = {
        "RecordingSid": "RE1",
        "RecordingUrl": "https://api.twilio.com/RE1",
        "RecordingStatus": "completed",
    }
    call.tell("transcription", TranscriptionText="Прорвало трубу, Абая 12", TranscriptionStatus="completed")
    call.tell("status", CallStatus="completed")
    call.ring()
    call.answer()
    call.answer()
    call.answer(DialCallStatus="busy")
    (queue,) = call.root.iter("Enqueue")
    waiting = call.post("/twilio/voice/wait", {"QueuePosition": "2", "QueueTime": "10"})
    assert "Вы в очереди: 2" in waiting.text
    assert "<Leave" in call.post("/twilio/voice/wait", {"QueuePosition": "1", "QueueTime": "301"}).text
    call.answer(QueueResult="leave", QueueTime="301")
    call.answer(Digits="2")
    assert "Record" in call.verbs
    ended = call.action
    for _ in range(2):
        call.tell("recording", **recording, RecordingDuration="9")
        call.tell("status", CallStatus="completed")
    first = call.post(ended, {**recording, "RecordingDuration": "9"}).text
    assert call.post(ended, {**recording, "RecordingDuration": "9"}).text == first
    assert queue.text == "avariyka"
    (waits,) = callbacks(intake)
    assert (waits["calls"], waits["overdue"], waits["norm"]["is_law"]) == (1, False, False)
    assert waits["call"]["recording"]["seconds"] == 9
    assert "phone" not in waits
    path = f"/v1/callbacks/{waits['callback_id']}"
    anna, boris = bearer(actor_id="anna"), bearer(actor_id="boris")
    claimed = intake.post(f"{path}/claim", headers=anna)
    assert (claimed.status_code, claimed.json()["phone"]) == (200, CALLER)
    taken = intake.post(f"{path}/claim", headers={**boris, "Accept-Language": "kk"})
    assert (taken.status_code, taken.json()["code"]) == (409, "callback_taken")
    for _ in range(2):
        assert intake.post(f"{path}/done", headers=anna).json()["state"] == "done"
    assert callbacks(intake) == []
    assert len(callbacks(intake, "done")) == 1
    assert count(intake.database_url, "access_log") == 1
    told = [event["type"] for event in events(intake)]
    assert "request.registered" in told, (
        "a transcription that came before everything else is read all the same"
    )
    assert told.count("call.missed") == told.count("call.settled") == 1


def test_the_same_webhook_many_times_at_once_is_one_turn(intake: ServiceProcess) -> None:
    call = Call(intake)
    call.ring()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: call.post(call.action, {"Digits": "2"}).text, range(6)))
    assert len(set(answers)) == 1
    assert count(intake.database_url, "requests") == 1
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: call.post("/twilio/voice/status", {"CallStatus": "completed"}), range(6)))
    assert count(intake.database_url, "callbacks") == 1


def test_operators_who_claim_at_once_do_not_both_get_the_person(intake: ServiceProcess) -> None:
    call = Call(intake)
    call.ring()
    call.tell("status", CallStatus="completed")
    (waits,) = callbacks(intake)
    path = f"/v1/callbacks/{waits['callback_id']}/claim"
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda n: intake.post(path, headers=bearer(actor_id=f"op-{n}")).status_code, range(6))
        )
    assert sorted(answers) == [200, 409, 409, 409, 409, 409]


def test_unsigned_unknown_and_broken_webhooks(intake: ServiceProcess) -> None:
    call = Call(intake)
    assert call.post("/twilio/voice", {}, key="wrong").json()["code"] == "invalid_signature"
    assert call.post("/twilio/voice/status", {}, key="wrong").status_code == 403
    assert call.post("/twilio/voice", {"CallSid": ""}).json()["code"] == "call_sid_missing"
    assert call.post("/twilio/voice/steps/nonsense?turn=1", {}).status_code == 404
    assert call.post("/twilio/voice/wait", {}).json()["code"] == "call_not_found"
    assert call.post("/twilio/voice/steps/menu?turn=x", {"SpeechResult": "a\x00b" * 900}).status_code == 200
    assert count(intake.database_url, "calls") == 1


def test_an_operator_takes_a_caller_out_of_the_queue(intake: ServiceProcess) -> None:
    call = Call(intake)
    for step in ({}, {}, {"DialCallStatus": "no-answer"}):
        if call.verbs == []:
            call.ring()
        call.answer(**step)
    desk = Call(intake, caller="+77010000098")
    taking = desk.post("/twilio/voice/desk", {})
    (urgent, usual) = ElementTree.fromstring(taking.content).iter("Queue")
    assert (urgent.text, usual.text) == ("avariyka-urgent", "avariyka")
    assert call.post(usual.attrib["url"], {"QueueTime": "20"}).status_code == 200
    call.answer(QueueResult="bridged", QueueTime="20")
    (kept,) = intake.get("/v1/calls", headers=bearer()).json()["calls"]
    assert (kept["outcome"], kept["operator"]) == ("answered", "operator-2")
    stranger = Call(intake, caller="+77010000055")
    assert stranger.post("/twilio/voice/desk", {}).status_code == 403


def test_an_operators_mobile_answers_by_a_key(intake: ServiceProcess) -> None:
    call = Call(intake)
    call.ring()
    call.answer(Digits="4")
    call.answer()
    (number,) = call.root.iter("Number")
    asked = call.post(number.attrib["url"], {"CallSid": "CAchild", "From": "+15005550006"})
    (gather,) = ElementTree.fromstring(asked.content).iter("Gather")
    taken = call.post(gather.attrib["action"], {"CallSid": "CAchild", "Digits": "5"})
    assert list(ElementTree.fromstring(taken.content)) == []
    (kept,) = intake.get("/v1/calls", headers=bearer()).json()["calls"]
    assert (kept["call_id"], kept["outcome"], kept["operator"]) == (call.sid, "answered", "operator-2")


@pytest.mark.rule("D-1.1-U7")
def test_nothing_personal_is_kept_in_plain_or_logged(intake: ServiceProcess) -> None:
    call = Call(intake)
    call.ring()
    call.answer(Digits="1")
    call.answer(SpeechResult="Абая 12, телефон 87015551122")
    call.tell("transcription", TranscriptionText="это Иван, 87015551122")
    replies = scalar(intake.database_url, "SELECT string_agg(reply, ' ') FROM call_replies")
    assert "Абая" not in replies
    assert "Иван" not in scalar(intake.database_url, "SELECT transcription FROM calls")
    log = intake.log.read_text(encoding="utf-8")
    assert "7010000001" not in log
    assert "7015551122" not in log


def test_figures_and_metrics(intake: ServiceProcess) -> None:
    call = Call(intake)
    call.ring()
    call.tell("status", CallStatus="completed")
    figures = intake.get("/v1/calls/figures", headers=bearer()).json()
    assert (figures["calls"], figures["dropped"], figures["answered_share"]) == (1, 1, 0)
    assert intake.get("/v1/calls", headers=bearer(roles=("crew",))).status_code == 403
