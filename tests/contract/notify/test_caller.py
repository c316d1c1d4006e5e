"""One suite for the telephone in memory and for Twilio's client against the stand-in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from demo.twilio_contract.contract import CallContract, Violation
from demo.twilio_messages import Behaviour
from demo.twilio_stand_in import StandIn
from services.notify.clients.calls import NullCaller, Telephone, TwilioCaller
from services.notify.errors import MessageRejected, OutcomeUnknown, ProviderBusy
from services.notify.schemas.alert_words import read_speakers
from services.notify.usecases.alert_ports import Caller, Ring
from shared.clock import SystemClock
from tests.support.processes import free_port
from tests.support.waiting import eventually
from tests.unit.notify.fake_alerts import FakeCaller

ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "not-a-secret", "+77270000000"
HERE = "http://127.0.0.1:9"
NUMBER, RINGING = "+77272581104", "+77272581109"
TELEPHONE = Telephone(SENDER, f"{HERE}/status", f"{HERE}/answer")


def caller_at(url: str, **choices: Any) -> TwilioCaller:
    telephone = Telephone(SENDER, f"{HERE}/status", f"{HERE}/answer", **choices)
    speakers = read_speakers({"kk": "https://voice.invalid/kk"})
    return TwilioCaller(ACCOUNT, TOKEN, telephone, speakers, api_url=url, timeout_s=2.0)


def ring(number: str = NUMBER) -> Ring:
    texts = [("ru", "Запах газа. Заявка 1042."), ("kk", "Газ иісі. Өтінім 1042.")]
    return Ring(uuid4(), "gas", number, texts)


def a_while_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


@dataclass
class Line:
    """A telephone, and how to make it fail."""

    caller: Caller
    be_busy: Callable[[], None]
    be_silent: Callable[[bool], None]
    refuse_to_list: Callable[[], None]
    count: Callable[[], int]
    refuse_to_hang_up: Callable[[], None]
    hung_up: Callable[[], list[str]]


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn(ACCOUNT, TOKEN, callback_delay_s=0.01) as running:
        yield running


@pytest.fixture(params=["fake", "twilio"])
def line(request: pytest.FixtureRequest) -> Line:
    return _fake() if request.param == "fake" else _twilio(request.getfixturevalue("stand_in"))


def _fake() -> Line:
    caller = FakeCaller(SystemClock())

    def be_silent(taken: bool) -> None:
        caller.failures, caller.taken_all_the_same = [OutcomeUnknown()], taken

    return Line(
        caller,
        be_busy=lambda: caller.failures.append(ProviderBusy()),
        be_silent=be_silent,
        refuse_to_list=lambda: caller.find_failures.append(ProviderBusy()),
        count=lambda: len(caller.calls),
        refuse_to_hang_up=lambda: caller.failures.append(ProviderBusy()),
        hung_up=lambda: caller.hung_up,
    )


def _twilio(stand_in: StandIn) -> Line:
    stand_in.calls.telephones[RINGING] = "ring"
    return Line(
        caller_at(stand_in.url),
        be_busy=lambda: stand_in.behave(Behaviour(answer="refuse", on="call", status=429, times=1)),
        be_silent=lambda taken: stand_in.behave(
            Behaviour(answer="drop", on="call", times=1, accept_first=taken)
        ),
        refuse_to_list=lambda: stand_in.behave(
            Behaviour(answer="refuse", on="list_calls", status=503, times=1)
        ),
        count=lambda: len(stand_in.calls.all()),
        refuse_to_hang_up=lambda: stand_in.behave(Behaviour(answer="drop", on="update_call", times=1)),
        hung_up=lambda: [one["sid"] for one in stand_in.calls.all() if one["status"] == "canceled"],
    )


def test_a_call_is_made_and_can_be_found(line: Line) -> None:
    said = ring()
    sid = line.caller.call(said)
    line.caller.call(ring("+77272581105"))
    assert list(line.caller.find(said, a_while_ago())) == [sid]
    assert list(line.caller.find(said, datetime.now(UTC) + timedelta(hours=1))) == []


def test_a_busy_provider_has_called_nobody(line: Line) -> None:
    line.be_busy()
    with pytest.raises(ProviderBusy):
        line.caller.call(ring())
    assert line.count() == 0


@pytest.mark.parametrize("taken", [True, False])
def test_without_an_answer_nobody_knows_until_the_list_is_read(line: Line, taken: bool) -> None:
    line.be_silent(taken)
    said = ring()
    with pytest.raises(OutcomeUnknown):
        line.caller.call(said)
    assert len(line.caller.find(said, a_while_ago())) == int(taken)


def test_a_list_that_cannot_be_read_is_no_empty_list(line: Line) -> None:
    line.refuse_to_list()
    with pytest.raises(ProviderBusy):
        line.caller.find(ring(), a_while_ago())


def test_a_telephone_that_rings_is_hung_up_when_the_provider_can_be_asked(line: Line) -> None:
    sid = line.caller.call(ring(RINGING))
    line.refuse_to_hang_up()
    with pytest.raises(ProviderBusy):
        line.caller.hang_up(sid)
    assert line.hung_up() == []
    line.caller.hang_up(sid)
    assert line.hung_up() == [sid]


def test_twilio_tells_that_a_call_was_hung_up_and_again_is_the_same_as_once(stand_in: StandIn) -> None:
    stand_in.calls.telephones[NUMBER] = "ring"
    caller = caller_at(stand_in.url)
    sid = caller.call(ring())
    for _ in range(2):
        caller.hang_up(sid)
    eventually(lambda: [one["status"] for one in stand_in.calls.all()[0]["callbacks"]] == ["canceled"])
    with pytest.raises(Violation):
        stand_in.call_contract.update({"Status": ["ringing"]})


def test_who_has_answered_is_not_hung_up_on(stand_in: StandIn) -> None:
    caller = caller_at(stand_in.url)
    sid = caller.call(ring())
    eventually(lambda: stand_in.calls.find(sid)["status"] != "queued")
    caller.hang_up(sid)
    eventually(lambda: stand_in.calls.find(sid)["status"] == "completed")


def test_a_number_that_cannot_be_called_is_refused_for_good(stand_in: StandIn) -> None:
    with pytest.raises(MessageRejected) as refused:
        caller_at(stand_in.url).call(ring("104"))
    assert refused.value.reason == "twilio_21211"


def test_nobody_listening_means_that_nobody_was_called() -> None:
    with pytest.raises(ProviderBusy):
        caller_at(f"http://127.0.0.1:{free_port()}").call(ring())


def test_without_a_telephone_every_call_fails_openly() -> None:
    with pytest.raises(MessageRejected) as refused:
        NullCaller().call(ring())
    assert (refused.value.reason, NullCaller().find(ring(), a_while_ago())) == ("no_provider", [])


def test_both_languages_are_said_with_letters_and_figures_that_the_voice_knows(stand_in: StandIn) -> None:
    sid = caller_at(stand_in.url).call(ring())
    (call,) = stand_in.calls.all()
    assert call["sid"] == sid
    assert call["spoken"] == [
        "Запах газа. Заявка 1 0 4 2.",
        "https://voice.invalid/kk/alert.gas.mp3",
        "Газ иiсi. Ётiнiм бiр нёл тёрт екi.".replace("i", "и"),
    ]


@pytest.mark.parametrize(
    ("does", "callbacks"),
    [
        ("press:1", ["in-progress", "key 1", "completed"]),
        ("listen", ["in-progress", "completed"]),
        ("machine", ["in-progress", "machine", "completed"]),
        ("busy", ["busy"]),
        ("no-answer", ["no-answer"]),
    ],
)
def test_twilio_tells_what_became_of_a_call(stand_in: StandIn, does: str, callbacks: list[str]) -> None:
    stand_in.calls.telephones[NUMBER] = does
    caller_at(stand_in.url).call(ring())

    def told() -> list[str]:
        return [callback["status"] for callback in stand_in.calls.all()[0]["callbacks"]]

    eventually(lambda: told() == callbacks)


def test_what_twilio_would_refuse_the_stand_in_refuses() -> None:
    contract = CallContract()
    whole = {"To": [NUMBER], "From": [SENDER], "Twiml": ["<Response/>"]}
    assert contract.form(whole)["Twiml"] == "<Response/>"
    for change, code in (
        ({"To": ["104"]}, 21211),
        ({"From": ["АДС"]}, 21212),
        ({"Twiml": ["<Response>"]}, 20001),
        ({"Twiml": [f"<Response><!--{'x' * 4000}--></Response>"]}, 21226),
        ({"Speed": ["1"]}, 20001),
    ):
        with pytest.raises(Violation) as refused:
            contract.form({**whole, **change})
        assert refused.value.code == code
    with pytest.raises(Violation) as nothing_to_say:
        contract.form({"To": [NUMBER], "From": [SENDER]})
    assert nothing_to_say.value.code == 21205
