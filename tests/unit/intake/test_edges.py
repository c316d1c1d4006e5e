"""What comes over the wires: phone numbers of any kind, Twilio's signatures and forms, operators' JSON."""

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from services.intake.clients import (
    NullPreview,
    NullSignatures,
    TriagePreview,
    TwilioSignatures,
    signatures_for,
)
from services.intake.domain.requests import Applicant, Channel
from services.intake.errors import InvalidSignature, MessageSidMissing, SignatureUnverifiable
from services.intake.schemas import http, twilio
from services.intake.schemas.phones import read_phone, read_sender
from shared.errors import Unavailable

# Values of twilio-python's own tests (MIT, © Twilio): address, form, signature made with the token "12345".
CALL = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]
REPEATED = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234")]
VECTORS = [
    ("https://mycompany.com/myapp.php?foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    ("https://mycompany.com/myapp.php?foo=1&bar=2", REPEATED, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    ("https://mycompany.com:1234/myapp.php?foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", CALL, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ("https://mycompany.com/myapp.php?foo=1&bar=2", CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
    ("http://mycompany.com/myapp.php?foo=1&bar=2", CALL, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
]


@pytest.mark.parametrize(("url", "form", "signature"), VECTORS)
def test_twilios_own_signatures_are_accepted(url: str, form: list[tuple[str, str]], signature: str) -> None:
    TwilioSignatures("12345").check(url, MultiDict(form), signature)


@pytest.mark.parametrize(
    ("url", "token", "signature"),
    [
        ("https://mycompany.com/other", "12345", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (VECTORS[0][0], "another", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (VECTORS[0][0], "12345", ""),
        (VECTORS[0][0], "12345", "нет"),
    ],
)
def test_anything_else_is_refused(url: str, token: str, signature: str) -> None:
    with pytest.raises(InvalidSignature):
        TwilioSignatures(token).check(url, MultiDict(CALL), signature)


def test_without_a_token_nothing_is_believed() -> None:
    assert isinstance(signatures_for(""), NullSignatures)
    with pytest.raises(SignatureUnverifiable):
        NullSignatures().check("https://x", {}, "")


@pytest.mark.parametrize(
    ("written", "text", "is_callable"),
    [
        ("+77010000001", "+77010000001", True),
        ("8 701 000 00 01", "+77010000001", True),
        ("7010000001", "+77010000001", True),
        ("+49 30 901820", "+4930901820", True),
        ("whatsapp:+77010000001", "+77010000001", True),
        ("Kaspi", "Kaspi", False),
        ("1234", "1234", False),
        ("+266696687", "+266696687", False),
        ("7" * 80, "7" * 64, False),
    ],
)
def test_senders_of_every_kind(written: str, text: str, is_callable: bool) -> None:
    sender = read_sender(written)
    assert (sender.text, sender.is_callable) == (text, is_callable)


@given(st.text(max_size=80))
def test_no_sender_breaks_anything(text: str) -> None:
    assert len(read_sender(text).text) <= 64
    read_phone(text)


def test_a_number_inside_a_text() -> None:
    phone = read_phone("перезвоните на 8 (701) 222-33-44, дом 12")
    assert phone is not None
    assert phone.text == "+77012223344"
    assert read_phone("Абая 12 кв 5, 3 подъезд") is None


def test_a_webhook_form_is_read() -> None:
    sms = twilio.read_sms({"MessageSid": "SM1", "From": "+77010000001", "Body": "Нет воды"})
    assert (sms.sid, sms.sender.text, sms.body) == ("SM1", "+77010000001", "Нет воды")


@pytest.mark.parametrize("form", [{}, {"MessageSid": ""}, {"MessageSid": "S" * 101}])
def test_a_webhook_without_a_usable_id_is_refused(form: dict[str, str]) -> None:
    with pytest.raises(MessageSidMissing):
        twilio.read_sms(form)


def test_senders_without_a_name_do_not_share_a_conversation() -> None:
    one, other = (twilio.read_sms({"MessageSid": sid}).sender for sid in ("SM1", "SM2"))
    assert one != other


def test_the_answer_is_twiml() -> None:
    root = ElementTree.fromstring(twilio.answer("Где <вы> & кто?\n1) там"))
    assert (root.tag, [child.text for child in root]) == ("Response", ["Где <вы> & кто?\n1) там"])
    assert list(ElementTree.fromstring(twilio.answer(""))) == []


def test_a_form_is_read_with_its_defaults() -> None:
    form = http.NewRequest().load(
        {"phone": "8 701 000 00 01", "text": "нет воды", "address": {"text": " Абая 12 "}}
    )
    assert (form.phone.text, form.address_text, form.channel) == ("+77010000001", "Абая 12", Channel.PHONE)
    assert (form.applicant, form.language, form.choice) == (Applicant.PERSON, None, None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"phone": "abc"}, "phone"),
        ({"phone": 5}, "phone"),
        ({"text": "a" * 5001}, "text"),
        ({"language": "en"}, "language"),
        ({"channel": "sms"}, "channel"),
        ({"applicant": "robot"}, "applicant"),
        ({"choice": 0}, "choice"),
        ({"address": "Абая 12"}, "address"),
        ({"address": {"flat": "1" * 11}}, "address"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_form_names_the_field(body: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        http.NewRequest().load(body)
    assert list(refused.value.messages_dict) == [field]


class Triage:
    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def call(self, method: str, **arguments: Any) -> Any:
        if isinstance(self._answer, Exception):
            raise self._answer
        return {**self._answer, "asked": (method, arguments)}


def test_the_preview_is_what_triage_says() -> None:
    decision = TriagePreview(Triage({"category": "emergency"})).classify("газ", "ru")
    assert decision == {
        "category": "emergency",
        "asked": ("classify", {"text": "газ", "language": "ru"}),
    }


def test_the_preview_is_nothing_when_triage_is_silent() -> None:
    assert TriagePreview(Triage(Unavailable())).classify("газ", "ru") is None
    assert NullPreview().classify("газ", "ru") is None
