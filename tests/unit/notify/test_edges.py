"""The outer ring without servers: what is read, what is shown, what is signed, what is configured."""

import json
from datetime import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from marshmallow import Schema, ValidationError
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from services.notify.clients import (
    NullProvider,
    NullSignature,
    RebasedHttp,
    TwilioSignature,
    receipt_of,
)
from services.notify.domain.messages import Message, Receipt, Recipient, Sms, State
from services.notify.domain.telling import Telling
from services.notify.errors import BadSignature, MessageRejected
from services.notify.schemas import events, http
from services.notify.schemas.config import Choices
from shared.config import Misconfigured, Settings
from tests.support import contracts
from tests.support.fakes import NOON

SID = "SM" + "a" * 32
READERS: dict[tuple[str, str], type[Schema]] = {
    ("intake", "contact.known"): events.ContactKnown,
    ("intake", "contact.erased"): events.ContactErased,
    ("intake", "request.registered"): events.RequestRegistered,
    ("triage", "request.classified"): events.RequestClassified,
    ("routing", "request.urgency_overridden"): events.UrgencyOverridden,
    ("crews", "assignment.progressed"): events.AssignmentProgressed,
    ("journal", "request.state_changed"): events.RequestStateChanged,
}


@pytest.mark.parametrize(("source", "type_"), READERS)
def test_events_are_read_tolerantly(source: str, type_: str) -> None:
    reader = READERS[source, type_]()
    example = contracts.example(source, type_)
    assert reader.load(example) == reader.load({**example, "a_field_of_the_future": 1})
    with pytest.raises(ValidationError):
        reader.load({})


def test_an_unknown_result_is_a_broken_contract() -> None:
    with pytest.raises(ValidationError):
        events.AssignmentProgressed().load(contracts.example("crews", "assignment.progressed", result="?"))


@pytest.mark.parametrize(
    ("status", "error", "receipt"),
    [
        ("queued", None, Receipt(SID, State.SENT)),
        ("accepted", None, Receipt(SID, State.SENT)),
        ("sending", None, Receipt(SID, State.SENT)),
        ("sent", None, Receipt(SID, State.SENT)),
        ("a word of the future", None, Receipt(SID, State.SENT)),
        ("delivered", None, Receipt(SID, State.DELIVERED)),
        ("read", None, Receipt(SID, State.DELIVERED)),
        ("undelivered", "30003", Receipt(SID, State.FAILED, "twilio_30003")),
        ("failed", 30008, Receipt(SID, State.FAILED, "twilio_30008")),
        ("canceled", None, Receipt(SID, State.FAILED, "twilio_canceled")),
    ],
)
def test_twilios_words_in_ours(status: str, error: Any, receipt: Receipt) -> None:
    assert receipt_of(SID, status, error) == receipt


@pytest.mark.parametrize(
    "form", [{}, {"MessageSid": "nonsense", "MessageStatus": "sent"}, {"MessageSid": SID}]
)
def test_a_callback_without_its_facts_is_refused(form: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        http.StatusCallback().load(form)


def test_the_null_provider_fails_openly() -> None:
    nobody = NullProvider()
    with pytest.raises(MessageRejected) as refused:
        nobody.send(Sms(uuid4(), "+77010000001", "Текст"))
    assert refused.value.reason == "no_provider"
    assert nobody.find(Sms(uuid4(), "+77010000001", "Текст"), NOON) == []


def test_signatures_cover_the_url_that_twilio_was_given() -> None:
    """The public address counts, whatever proxy passed the request on."""
    form = MultiDict({"MessageSid": SID, "MessageStatus": "sent"})
    path = "/twilio/status?message_id=1"
    signed = RequestValidator("12345").compute_signature(f"https://ads.example.kz{path}", form)
    TwilioSignature("12345", "https://ads.example.kz").check(path, form, signed)
    for signature, wrong_path, token in (
        (signed, "/twilio/status?message_id=2", "12345"),
        (signed, path, "54321"),
        ("", path, "12345"),
    ):
        with pytest.raises(BadSignature):
            TwilioSignature(token, "https://ads.example.kz").check(wrong_path, form, signature)


def test_twilios_published_signature_vector() -> None:
    """From the tests of twilio-python (MIT)."""
    form = MultiDict(
        {
            "CallSid": "CA1234567890ABCDE",
            "Digits": "1234",
            "From": "+14158675309",
            "To": "+18005551212",
            "Caller": "+14158675309",
        }
    )
    checks = TwilioSignature("12345", "https://mycompany.com")
    checks.check("/myapp.php?foo=1&bar=2", form, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")


def test_without_a_token_nobody_is_twilio() -> None:
    with pytest.raises(BadSignature):
        NullSignature().check("/twilio/status", {}, "")


@pytest.mark.parametrize(
    ("api_url", "rebased"),
    [
        ("", "https://api.twilio.com/2010-04-01/Messages.json?To=1"),
        ("http://127.0.0.1:8110", "http://127.0.0.1:8110/2010-04-01/Messages.json?To=1"),
        ("https://proxy.example/twilio/", "https://proxy.example/twilio/2010-04-01/Messages.json?To=1"),
    ],
)
def test_requests_go_where_the_configuration_says(api_url: str, rebased: str) -> None:
    http = RebasedHttp(api_url, timeout_s=1)
    assert http._rebased("https://api.twilio.com/2010-04-01/Messages.json?To=1") == rebased
    assert http.timeout == 1


@pytest.mark.rule("6.11")
def test_dispatchers_see_masked_numbers() -> None:
    message = Message.queued(UUID(int=1), UUID(int=2), Telling("localised", "fact", NOON), NOON)
    assert http.shown(message)["to"] is None
    written = message.written(Recipient("+77010000001", "ru", True, "1042"), "Авария остановлена")
    shape = http.MessageShape().dump(http.shown(written))
    assert (shape["to"], shape["text"], shape["channel"]) == ("+7701***0001", "Авария остановлена", "sms")
    assert "7010000001" not in json.dumps(shape)


def test_the_shipped_configuration_is_right() -> None:
    choices = Choices.of(Settings.load("notify", {}))
    assert NOON.astimezone(choices.zone).hour == NOON.hour + 5, "all Kazakhstan is UTC+5 since March 2024"
    assert choices.policy.lease.total_seconds() > 2 * choices.timeout_s
    assert choices.help_phone == "109"
    assert (choices.policy.quiet.starts, choices.policy.quiet.ends) == (time(22), time(8))


@pytest.mark.parametrize("written", ["22:30", "'22:30'"])
def test_a_time_of_day_is_read_with_and_without_quotes(written: str) -> None:
    choices = Choices.of(Settings.load("notify", {"AVARIYKA_NOTIFY_QUIET_FROM": written}))
    assert choices.policy.quiet.starts == time(22, 30)


@pytest.mark.parametrize(
    "environment",
    [
        {"AVARIYKA_NOTIFY_LEASE_S": "15"},
        {"AVARIYKA_NOTIFY_MESSAGES_PER_SECOND": "0"},
        {"AVARIYKA_NOTIFY_PARALLEL_SENDS": "many"},
        {"AVARIYKA_NOTIFY_TIMEZONE": "Asia/Atlantis"},
        {"AVARIYKA_NOTIFY_QUIET_FROM": "evening"},
        {"AVARIYKA_NOTIFY_QUIET_UNTIL": "1500"},
        {"AVARIYKA_NOTIFY_ASK_IF_FIXED": "perhaps"},
    ],
)
def test_a_setting_that_means_nothing_is_named(environment: dict[str, str]) -> None:
    [key] = environment
    with pytest.raises(Misconfigured, match=key.removeprefix("AVARIYKA_NOTIFY_").lower()):
        Choices.of(Settings.load("notify", environment))
