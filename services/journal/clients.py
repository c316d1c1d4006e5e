"""What the self-audit asks outside its own database: the other services' ``/ready`` and the dead letters."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Protocol, TypeVar

import requests
from amqp.exceptions import AMQPError
from kombu.exceptions import OperationalError
from marshmallow import EXCLUDE, Schema, ValidationError, fields

from services.journal.domain.audit import Silence, Surroundings, Vitals
from shared import deadletters
from shared.clock import Clock
from shared.config import Misconfigured
from shared.logs import get_logger

T = TypeVar("T")

_log = get_logger(__name__)


class _Outbox(Schema):
    class Meta:
        unknown = EXCLUDE

    pending = fields.Integer(load_default=0)
    oldest_age_s = fields.Float(load_default=0.0)


class _Messages(Schema):
    class Meta:
        unknown = EXCLUDE

    waiting = fields.Integer(load_default=0)
    oldest_age_s = fields.Float(load_default=0.0)


class _Untold(Schema):
    class Meta:
        unknown = EXCLUDE

    count = fields.Integer(load_default=0)
    oldest_age_s = fields.Float(load_default=0.0)


class _Ready(Schema):
    class Meta:
        unknown = EXCLUDE

    status = fields.String(required=True)
    outbox = fields.Nested(_Outbox, load_default=dict)
    messages = fields.Nested(_Messages, load_default=dict)
    untold = fields.Nested(_Untold, load_default=dict)


def read_vitals(body: Any) -> Vitals:
    """What a service's ``/ready`` says; raises ValidationError if it is not that."""
    told = _Ready().load(body)
    return Vitals(
        ready=told["status"] != "unready",
        outbox_pending=told["outbox"].get("pending", 0),
        outbox_age_s=told["outbox"].get("oldest_age_s", 0.0),
        unsent_messages=told["messages"].get("waiting", 0),
        message_age_s=told["messages"].get("oldest_age_s", 0.0),
        untold=told["untold"].get("count", 0),
        untold_age_s=told["untold"].get("oldest_age_s", 0.0),
    )


class Peers(Protocol):
    """The other services; None for one that does not answer."""

    def vitals(self) -> Mapping[str, Vitals | None]: ...


class HttpPeers:
    """Asks every service at once: one that hangs delays the audit by ``timeout_s``, not more."""

    def __init__(self, urls: Mapping[str, str], timeout_s: float = 3.0) -> None:
        self._urls = urls
        self._timeout_s = timeout_s

    def vitals(self) -> Mapping[str, Vitals | None]:
        with ThreadPoolExecutor(max_workers=len(self._urls)) as threads:
            return dict(zip(self._urls, threads.map(self._ask, self._urls.values()), strict=True))

    def _ask(self, url: str) -> Vitals | None:
        try:
            return read_vitals(requests.get(f"{url}/ready", timeout=self._timeout_s).json())
        except (requests.RequestException, ValidationError, ValueError):
            return None


class NullPeers:
    """Nobody to ask: the audit then sees only its own database and the broker."""

    def __init__(self) -> None:
        _log.warning("audit_sees_no_peers", hint="set AVARIYKA_JOURNAL_PEERS")

    def vitals(self) -> Mapping[str, Vitals | None]:
        return {}


def peers_of(setting: str) -> Peers:
    """The peers that ``intake=http://...,triage=http://...`` names; raises Misconfigured."""
    pairs = [part.strip().partition("=") for part in setting.split(",") if part.strip()]
    urls = {name: url.rstrip("/") for name, _, url in pairs}
    if any(not url.startswith(("http://", "https://")) for url in urls.values()):
        raise Misconfigured("AVARIYKA_JOURNAL_PEERS must look like intake=http://127.0.0.1:8101,triage=...")
    return HttpPeers(urls) if urls else NullPeers()


class DeadLetters(Protocol):
    """Dead letters by service; None when the broker does not answer."""

    def counts(self) -> Mapping[str, int] | None: ...


class BrokerDeadLetters:
    """Asks the broker itself."""

    def __init__(self, amqp_uri: str) -> None:
        self._amqp_uri = amqp_uri

    def counts(self) -> Mapping[str, int] | None:
        try:
            return deadletters.counts(self._amqp_uri)
        except (OSError, AMQPError, OperationalError):
            return None


class Outside:
    """The world around the journal, with a memory of when each part of it last answered."""

    def __init__(
        self, peers: Peers, letters: DeadLetters, own: Callable[[], Mapping[str, Vitals]], clock: Clock
    ) -> None:
        self._peers = peers
        self._letters = letters
        self._own = own
        self._clock = clock
        self._began = clock.now()
        self._heard: dict[str, datetime] = {}

    def look(self) -> Surroundings:
        """Ask everybody now."""
        vitals = {**self._peers.vitals(), **self._own()}
        counts = self._letters.counts()
        peers = {name: self._or_silence(name, answer) for name, answer in vitals.items()}
        return Surroundings(peers, self._or_silence("broker", counts))

    def _or_silence(self, name: str, answer: T | None) -> T | Silence:
        if answer is None:
            return Silence(self._heard.get(name, self._began))
        self._heard[name] = self._clock.now()
        return answer
