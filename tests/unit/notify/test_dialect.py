"""An operator described by data: what is filled in, where answers have what, whose receipts are believed."""

import hmac
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.notify.clients.http_sms import ReceiptKeys
from services.notify.domain.dialect import Ask, Dialect, dig
from services.notify.domain.messages import Pace, Receipt, Sms, State
from services.notify.errors import ReceiptForged
from services.notify.schemas.config import Choices
from services.notify.schemas.http_sms import dialect_of
from shared.config import ROOT, Misconfigured, Settings
from tests.support.fakes import NOON

ID = UUID(int=5)
HERE = "https://notify.city.kz/sms/receipts"


def settings(dialect: Any, **environment: str) -> Settings:
    return Settings.load("notify", {"AVARIYKA_NOTIFY_HTTP_SMS": yaml.safe_dump(dialect), **environment})


SEND = {"url": "https://sms.example/send", "fields": {"phones": "{digits}", "psw": "{secret_password}"}}


def test_secrets_come_from_the_environment() -> None:
    dialect = dialect_of(
        settings({"send": SEND, "fine": [0], "refused": [7, "8"]}, AVARIYKA_SMS_PASSWORD="x1")
    )
    filled = dialect.send.filled(dialect.words(Sms(ID, "+77010000001", "Текст"), "cb"))
    assert filled.fields == {"phones": "77010000001", "psw": "x1"}
    assert dialect.fine == {"0"}
    assert dialect.refused == {"7", "8"}


@pytest.mark.parametrize(
    ("dialect", "named"),
    [
        ({}, "send"),
        ({"send": {"url": "sms.example"}}, "url"),
        ({"send": SEND}, "secret_password"),
        ({"send": {"url": "https://sms.example/{nobody}"}}, "nobody"),
        ({"send": {"url": "https://sms.example", "method": "PUT"}}, "method"),
        ({"send": {"url": "https://sms.example"}, "surprise": 1}, "surprise"),
    ],
)
def test_a_dialect_that_means_nothing_is_named_at_the_start(dialect: Any, named: str) -> None:
    with pytest.raises(Misconfigured, match=named):
        dialect_of(settings(dialect))


def test_the_provider_is_one_that_there_is() -> None:
    assert Choices.of(Settings.load("notify", {"AVARIYKA_NOTIFY_PROVIDER": "null"})).provider == "null"
    with pytest.raises(Misconfigured, match="provider"):
        Choices.of(Settings.load("notify", {"AVARIYKA_NOTIFY_PROVIDER": "pigeon"}))


@pytest.mark.parametrize(
    ("path", "found"),
    [("", {"a": [{"b": 1}]}), ("a.0.b", 1), ("a.1.b", None), ("a.b", None), ("x", None), ("a.0.b.c", None)],
)
def test_digging_in_an_answer(path: str, found: Any) -> None:
    assert dig({"a": [{"b": 1}]}, path) == found


ANSWERS = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(ANSWERS)
def test_any_answer_is_read_or_passed_by(answer: Any) -> None:
    dialect = Dialect(Ask("https://sms.example"), items_at="data")
    assert all(isinstance(one, Receipt) for one in dialect.found(answer))


def test_words_of_the_operator_in_ours() -> None:
    dialect = Dialect(Ask("x"), delivered=frozenset({"1"}), failed=frozenset({"20"}))
    assert dialect.receipt("9", 1) == Receipt("9", State.DELIVERED)
    assert dialect.receipt("9", 20, 237) == Receipt("9", State.FAILED, "sms_237")
    assert dialect.receipt("9", 20) == Receipt("9", State.FAILED, "sms_20")
    assert dialect.receipt("9", None) == Receipt("9", State.SENT)


def test_a_receipt_is_believed_by_its_key_or_its_signature() -> None:
    keys = ReceiptKeys("s3cret", HERE, "X-Signature")
    key = keys.callback(ID).rpartition("key=")[2]
    signature = hmac.new(b"s3cret", b"body", sha256).hexdigest()
    keys.check(ID, key, b"", {})
    keys.check(None, "", b"body", {"X-Signature": signature})
    forgeries: list[tuple[Any, str, bytes, Any]] = [
        (UUID(int=6), key, b"", {}),
        (None, key, b"", {}),
        (ID, "", b"body", {"X-Signature": signature[::-1]}),
        (ID, "", b"other", {"X-Signature": signature}),
    ]
    for forged in forgeries:
        with pytest.raises(ReceiptForged):
            keys.check(*forged)


def test_without_a_secret_nobody_is_believed() -> None:
    keys = ReceiptKeys("", HERE)
    with pytest.raises(ReceiptForged):
        keys.check(ID, keys.callback(ID).rpartition("key=")[2], b"", {})


def test_nothing_starts_while_the_provider_wants_a_rest() -> None:
    second = timedelta(seconds=1)
    pace = Pace(10, NOON)
    assert pace.allowed(NOON) == 10
    pace.rest(NOON + 5 * second)
    assert [pace.allowed(NOON + wait * second) for wait in (0, 4, 6)] == [0, 0, 10]


def test_the_dialects_of_the_decision_are_readable() -> None:
    """What ADR 0030 shows is what the service reads."""
    text = next((ROOT / "docs" / "adr").glob("*-sms-operators.md")).read_text(encoding="utf-8")
    blocks = [block.split("```")[0] for block in text.split("```yaml\n")[1:]]
    names = ("LOGIN", "PASSWORD", "KEY")
    environment = {f"AVARIYKA_SMS_{name}": "x" for name in names}
    assert len(blocks) == 2
    for block in blocks:
        dialect_of(settings(yaml.safe_load(block)["http_sms"], **environment))
