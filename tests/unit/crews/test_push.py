"""Waking phones: what for, how often, and when no more."""

import base64
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from services.crews.clients.push import NullPusher, WebPusher, is_push_service, pusher_of
from services.crews.domain.messages import Message
from services.crews.domain.orders import Stage, Step
from services.crews.domain.push import Fate, Push, PushKind, Subscription
from services.crews.usecases.orders import receive_order, withdraw_order
from services.crews.usecases.push import send_pushes, subscribe, unsubscribe
from services.crews.usecases.talk import receive_message
from shared.clock import FixedClock
from shared.config import Misconfigured, Settings
from tests.unit.crews.examples import ASSIGNMENT, CARD, CREW, NOON
from tests.unit.crews.fakes import FakeUnitOfWork

PHONE = Subscription(uuid4(), CREW, "https://push.example/1", "key", "secret")
MINUTE = timedelta(minutes=1)


class Phones:
    """Notes what it is asked to send; every push meets the same fate."""

    def __init__(self, fate: Fate = Fate.SENT) -> None:
        self.fate = fate
        self.sent: list[tuple[PushKind, Any]] = []

    def send(self, pushes: Sequence[Push], now: datetime) -> dict[int, Fate]:
        self.sent += [(push.kind, push.subject) for push in pushes]
        return {push.id: self.fate for push in pushes}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def uow(clock: FixedClock) -> FakeUnitOfWork:
    uow = FakeUnitOfWork(clock)
    subscribe(uow, PHONE)
    return uow


def test_a_phone_is_woken_for_offer_withdrawal_and_message(uow: FakeUnitOfWork) -> None:
    phones = Phones()
    receive_order(uow, CARD)
    receive_order(uow, CARD)
    withdraw_order(uow, ASSIGNMENT, Step(Stage.WITHDRAWN, "dispatcher-1", NOON, reason="dispatcher"))
    message = Message(uuid4(), CREW, None, False, "dispatcher-1", "Ключи у старшей", NOON, NOON)
    receive_message(uow, message)
    assert send_pushes(lambda: uow, phones) == 3
    assert phones.sent == [
        (PushKind.OFFER, ASSIGNMENT),
        (PushKind.WITHDRAWN, ASSIGNMENT),
        (PushKind.MESSAGE, message.id),
    ]
    assert send_pushes(lambda: uow, phones) == 0


def test_a_phone_that_is_gone_is_dropped_with_all_that_waited_for_it(uow: FakeUnitOfWork) -> None:
    receive_order(uow, CARD)
    send_pushes(lambda: uow, Phones(Fate.GONE))
    assert (uow.tables.phones, uow.tables.pushes) == ({}, {})


def test_what_could_not_be_sent_is_tried_again_until_nobody_wants_to_know(
    uow: FakeUnitOfWork, clock: FixedClock
) -> None:
    receive_order(uow, CARD)
    phones = Phones(Fate.LATER)
    for _ in range(30):
        send_pushes(lambda: uow, phones)
        clock.advance(timedelta(seconds=10))
    assert 3 <= len(phones.sent) <= 8
    assert uow.tables.pushes == {}


def test_nobody_is_woken_for_an_offer_that_can_no_longer_be_answered(
    uow: FakeUnitOfWork, clock: FixedClock
) -> None:
    receive_order(uow, CARD)
    clock.advance(10 * MINUTE)
    phones = Phones()
    assert send_pushes(lambda: uow, phones) == 0
    assert (phones.sent, uow.tables.pushes) == ([], {})


def test_without_keys_nobody_is_woken_and_nothing_piles_up(uow: FakeUnitOfWork) -> None:
    receive_order(uow, CARD)
    pusher = pusher_of(Settings("crews", {}, {}))
    assert isinstance(pusher, NullPusher)
    assert pusher.public_key is None
    assert send_pushes(lambda: uow, pusher) == 0
    assert uow.tables.pushes == {}


def test_a_phone_may_be_left_alone(uow: FakeUnitOfWork) -> None:
    unsubscribe(uow, uuid4(), PHONE.id)
    assert uow.tables.phones != {}
    unsubscribe(uow, CREW, PHONE.id)
    assert uow.tables.phones == {}


@pytest.mark.parametrize(
    ("endpoint", "known"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/abc", True),
        ("http://fcm.googleapis.com/x", False),
        ("https://evilfcm.googleapis.com.example/x", False),
        ("https://notfcm.googleapis.com.evil/", False),
        ("https://127.0.0.1:8104/v1/me", False),
        ("https://fcm.googleapis.com@10.0.0.1/", False),
    ],
)
def test_only_push_services_are_called(endpoint: str, known: bool) -> None:
    assert is_push_service(endpoint, ("fcm.googleapis.com", "push.services.mozilla.com")) is known


class PushService(BaseHTTPRequestHandler):
    """A push service that keeps what it gets and answers with the status in the path."""

    got: list[tuple[dict[str, str], bytes]] = []  # noqa: RUF012

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.got.append((headers, self.rfile.read(length)))
        self.send_response(int(self.path[1:]))
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    PushService.got.clear()
    server = HTTPServer(("127.0.0.1", 0), PushService)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_a_push_is_signed_by_our_key_and_only_the_phone_can_read_it(service: str) -> None:
    vapid = Vapid02()
    vapid.generate_keys()
    raw = vapid.private_key.private_numbers().private_value.to_bytes(32, "big")
    phone_key, secret = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
    point = phone_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    pusher = WebPusher(_b64(raw), "mailto:dispatch@example.kz")

    def push(number: int, status: int) -> Push:
        phone = Subscription(uuid4(), CREW, f"{service}/{status}", _b64(point), _b64(secret))
        return Push(number, phone, PushKind.OFFER, ASSIGNMENT, NOON + MINUTE, 1)

    fates = pusher.send([push(n, status) for n, status in enumerate((201, 410, 404, 429, 500))], NOON)
    assert list(fates.values()) == [Fate.SENT, Fate.GONE, Fate.GONE, Fate.LATER, Fate.LATER]
    headers, body = PushService.got[0]
    told = json.loads(http_ece.decrypt(body, private_key=phone_key, auth_secret=secret))
    assert told == {"kind": "offer", "id": str(ASSIGNMENT)}
    assert (headers["ttl"], headers["urgency"]) == ("60", "high")
    signed, key = headers["authorization"].removeprefix("vapid t=").split(",k=")
    assert key == pusher.public_key
    claims = jwt.decode(signed, options={"verify_signature": False})
    assert (claims["sub"], claims["aud"]) == ("mailto:dispatch@example.kz", service)


def test_a_key_that_is_none_or_a_contact_that_is_none_is_said_at_the_start() -> None:
    for key, contact in (("nonsense", "mailto:a@example.kz"), ("AAAA", "")):
        environment = {"AVARIYKA_CREWS_VAPID_PRIVATE_KEY": key, "AVARIYKA_CREWS_VAPID_CONTACT": contact}
        with pytest.raises(Misconfigured, match="AVARIYKA_CREWS_VAPID"):
            pusher_of(Settings("crews", {}, environment))
