"""One suite for the provider in memory, Twilio's client against the stand-in, and an HTTP operator."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests

from demo.twilio_messages import Behaviour
from demo.twilio_stand_in import StandIn
from services.notify.clients import TwilioProvider
from services.notify.clients.http_sms import HttpProvider
from services.notify.domain.messages import Sms, State
from services.notify.errors import MessageRejected, OutcomeUnknown, ProviderBusy
from services.notify.usecases.ports import SmsProvider
from shared.clock import SystemClock
from tests.support.processes import free_port
from tests.support.sms_gateway import Behaviour as Behaves
from tests.support.sms_gateway import SmsGateway, dialect
from tests.support.waiting import eventually
from tests.unit.notify.fakes import FakeProvider

ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "not-a-secret", "+77270000000"
CALLBACK = "http://127.0.0.1:9/twilio/status"
PHONE = "+77010000001"


def provider_at(url: str, sender: str = SENDER, timeout_s: float = 2.0) -> TwilioProvider:
    return TwilioProvider(ACCOUNT, TOKEN, sender, CALLBACK, api_url=url, timeout_s=timeout_s)


def sms(body: str = "Заявка №1042: бригада на месте.", phone: str = PHONE) -> Sms:
    return Sms(uuid4(), phone, body)


def a_while_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


@dataclass
class Carrier:
    """A provider, and how to make it fail."""

    provider: SmsProvider
    be_busy: Callable[[], None]
    be_silent: Callable[[bool], None]
    refuse_to_list: Callable[[], None]
    count: Callable[[], int]
    refusal: str = "twilio_21211"


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn(ACCOUNT, TOKEN, callback_delay_s=0.01) as running:
        yield running


@pytest.fixture
def gateway() -> Iterator[SmsGateway]:
    with SmsGateway() as running:
        yield running


@pytest.fixture(params=["fake", "twilio", "http"])
def carrier(request: pytest.FixtureRequest) -> Carrier:
    if request.param == "http":
        return _http(request.getfixturevalue("gateway"))
    return _fake() if request.param == "fake" else _twilio(request.getfixturevalue("stand_in"))


@pytest.fixture(params=["fake", "twilio"])
def lister(request: pytest.FixtureRequest) -> Carrier:
    """Those that find a message by its words; the HTTP operator knows our id."""
    return _fake() if request.param == "fake" else _twilio(request.getfixturevalue("stand_in"))


def http_at(url: str, timeout_s: float = 2.0, **changes: Any) -> HttpProvider:
    return HttpProvider(dialect(url, **changes), lambda id_: f"{CALLBACK}/{id_}", timeout_s=timeout_s)


def _http(gateway: SmsGateway) -> Carrier:
    def behave(**how: Any) -> None:
        gateway.behaviour = Behaves(**how)

    return Carrier(
        http_at(gateway.url),
        be_busy=lambda: behave(status=429, times=1),
        be_silent=lambda taken: behave(silent=True, times=1, taken=taken),
        refuse_to_list=lambda: behave(on="list", status=503, times=1),
        count=lambda: len(gateway.sent),
        refusal="http_7",
    )


def _fake() -> Carrier:
    provider = FakeProvider(SystemClock())

    def be_silent(taken: bool) -> None:
        provider.failures, provider.taken_all_the_same = [OutcomeUnknown()], taken

    return Carrier(
        provider,
        be_busy=lambda: provider.failures.append(ProviderBusy()),
        be_silent=be_silent,
        refuse_to_list=lambda: provider.find_failures.append(ProviderBusy()),
        count=lambda: len(provider.sent),
    )


def _twilio(stand_in: StandIn) -> Carrier:
    return Carrier(
        provider_at(stand_in.url),
        be_busy=lambda: stand_in.behave(Behaviour(answer="refuse", status=429, times=1)),
        be_silent=lambda taken: stand_in.behave(Behaviour(answer="drop", times=1, accept_first=taken)),
        refuse_to_list=lambda: stand_in.behave(Behaviour(answer="refuse", on="list", status=503, times=1)),
        count=lambda: len(stand_in.messages.all()),
    )


def test_a_message_is_taken_and_can_be_found(carrier: Carrier) -> None:
    said = sms()
    receipt = carrier.provider.send(said)
    assert receipt.state is State.SENT
    assert [found.sid for found in carrier.provider.find(said, a_while_ago())] == [receipt.sid]


def test_only_the_same_words_to_the_same_number_since_then_are_found(lister: Carrier) -> None:
    said = sms()
    first, second = lister.provider.send(said).sid, lister.provider.send(said).sid
    lister.provider.send(sms(body=said.body + " "))
    lister.provider.send(sms(phone="+77010000002"))
    assert [found.sid for found in lister.provider.find(said, a_while_ago())] == [first, second]
    assert lister.provider.find(said, datetime.now(UTC) + timedelta(hours=1)) == []


def test_the_http_operator_finds_a_message_by_our_id(gateway: SmsGateway) -> None:
    said, provider = sms(), http_at(gateway.url)
    receipt = provider.send(said)
    provider.send(replace(said, message_id=uuid4()))
    assert [found.sid for found in provider.find(said, a_while_ago())] == [receipt.sid]
    assert gateway.sent[0] == {
        "recipient": "77010000001",
        "text": said.body,
        "from": "ADS",
        "ref": said.message_id.hex,
        "report": f"{CALLBACK}/{said.message_id}",
        "messageId": 1,
        "status": "sent",
    }


def test_an_operator_that_cannot_be_asked_never_makes_us_send_twice(gateway: SmsGateway) -> None:
    with pytest.raises(ProviderBusy):
        http_at(gateway.url, lookup=False).find(sms(), a_while_ago())


@pytest.mark.parametrize(("asked", "pause_s"), [("30", 30), ("soon", 0), ("999999", 3600)])
def test_the_pause_that_a_provider_asks_for_is_kept(
    gateway: SmsGateway, stand_in: StandIn, asked: str, pause_s: int
) -> None:
    gateway.behaviour = Behaves(status=429, headers={"Retry-After": asked}, times=1)
    with pytest.raises(ProviderBusy) as busy:
        http_at(gateway.url).send(sms())
    assert busy.value.retry_after == timedelta(seconds=pause_s)


def test_a_busy_provider_has_not_taken_it(carrier: Carrier) -> None:
    carrier.be_busy()
    with pytest.raises(ProviderBusy):
        carrier.provider.send(sms())
    assert carrier.count() == 0


@pytest.mark.parametrize("taken", [True, False])
def test_without_an_answer_nobody_knows(carrier: Carrier, taken: bool) -> None:
    carrier.be_silent(taken)
    said = sms()
    with pytest.raises(OutcomeUnknown):
        carrier.provider.send(said)
    assert len(carrier.provider.find(said, a_while_ago())) == taken


def test_an_impossible_number_is_refused_for_ever_with_the_providers_code(carrier: Carrier) -> None:
    with pytest.raises(MessageRejected) as refused:
        carrier.provider.send(sms(phone="87010000001"))
    assert refused.value.reason == carrier.refusal


def test_a_provider_that_cannot_list_says_so(carrier: Carrier) -> None:
    carrier.refuse_to_list()
    with pytest.raises(ProviderBusy):
        carrier.provider.find(sms(), a_while_ago())


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, ProviderBusy),
        (429, ProviderBusy),
        (500, OutcomeUnknown),
        (502, OutcomeUnknown),
        (503, OutcomeUnknown),
    ],
)
def test_http_errors_are_told_apart(
    stand_in: StandIn, gateway: SmsGateway, status: int, error: type[Exception]
) -> None:
    stand_in.behave(Behaviour(answer="refuse", status=status))
    gateway.behaviour = Behaves(status=status, times=1)
    for provider in (provider_at(stand_in.url), http_at(gateway.url)):
        with pytest.raises(error):
            provider.send(sms())


def test_the_resident_who_blocked_us_is_a_final_refusal(stand_in: StandIn) -> None:
    stand_in.behave(Behaviour(answer="refuse", status=400, code=21610))
    with pytest.raises(MessageRejected) as refused:
        provider_at(stand_in.url).send(sms())
    assert refused.value.reason == "twilio_21610"


@pytest.mark.parametrize("make", [provider_at, http_at])
def test_nobody_listening_means_not_taken(make: Callable[[str], SmsProvider]) -> None:
    nobody = make(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(ProviderBusy):
        nobody.send(sms())
    with pytest.raises(ProviderBusy):
        nobody.find(sms(), a_while_ago())


def test_a_hanging_provider_is_left_after_the_timeout(stand_in: StandIn) -> None:
    stand_in.behave(Behaviour(answer="hang", accept_first=True))
    impatient = provider_at(stand_in.url, timeout_s=0.2)
    said = sms()
    with pytest.raises(OutcomeUnknown):
        impatient.send(said)
    assert len(impatient.find(said, a_while_ago())) == 1


def test_a_hanging_http_operator_is_left_after_the_timeout(gateway: SmsGateway) -> None:
    gateway.behaviour = Behaves(hang=True, taken=True, times=1)
    said, impatient = sms(), http_at(gateway.url, timeout_s=0.2)
    with pytest.raises(OutcomeUnknown):
        impatient.send(said)
    assert len(impatient.find(said, a_while_ago())) == 1


def test_wrong_credentials_wait_for_a_person(stand_in: StandIn, gateway: SmsGateway) -> None:
    with pytest.raises(ProviderBusy):
        http_at(gateway.url, key="guess").send(sms())
    wrong = TwilioProvider(ACCOUNT, "guess", SENDER, CALLBACK, api_url=stand_in.url)
    with pytest.raises(ProviderBusy):
        wrong.send(sms())


def test_the_callback_names_our_message_and_a_late_message_is_dropped(stand_in: StandIn) -> None:
    asked: list[dict[str, str]] = []

    def remember(form: dict[str, str]) -> dict[str, str]:
        asked.append(form)
        return form

    original = stand_in.contract.form
    stand_in.contract.form = lambda fields: remember(original(fields))  # type: ignore[method-assign]
    said = sms()
    provider_at(stand_in.url).send(said)
    provider_at(stand_in.url, sender="MG" + "a" * 32).send(said)
    assert asked[0] == {
        "To": PHONE,
        "From": SENDER,
        "Body": said.body,
        "StatusCallback": f"{CALLBACK}?message_id={said.message_id}",
        "ValidityPeriod": 14400,
    }
    assert (asked[1].get("From"), asked[1]["MessagingServiceSid"]) == (None, "MG" + "a" * 32)


def test_messages_not_yet_sent_on_are_found_too(stand_in: StandIn) -> None:
    """Twilio's filter by date would pass over a message it has accepted but not sent."""
    stand_in.behave(Behaviour(callbacks=()))
    said = sms()
    receipt = provider_at(stand_in.url).send(said)
    assert stand_in.messages.all()[0]["date_sent"] is None
    assert [found.sid for found in provider_at(stand_in.url).find(said, a_while_ago())] == [receipt.sid]


def test_what_became_of_a_found_message_is_known(stand_in: StandIn) -> None:
    stand_in.behave(Behaviour(callbacks=("sent", "undelivered")))
    said, provider = sms(), provider_at(stand_in.url)
    provider.send(said)
    eventually(lambda: stand_in.messages.all()[0]["status"] == "undelivered")
    [found] = provider.find(said, a_while_ago())
    assert (found.state, found.error_code) == (State.FAILED, "twilio_30003")


def test_the_stand_in_is_reached_where_it_is(stand_in: StandIn) -> None:
    assert requests.get(f"{stand_in.url}/_stand-in/messages", timeout=60).json() == {"messages": []}
    provider_at(stand_in.url + "/").send(sms())
    assert len(stand_in.messages.all()) == 1
