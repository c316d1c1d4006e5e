"""The browsers' push services, through pywebpush; without keys a Null twin that says so."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests

from services.crews.domain.push import Fate, Push, PushKind
from shared.config import Misconfigured, Settings
from shared.logs import get_logger

_TIMEOUT_S = 10.0
_GONE = frozenset({404, 410})
_URGENT = frozenset({PushKind.OFFER, PushKind.WITHDRAWN})
_log = get_logger(__name__)

AtOnce = Callable[[Callable[[Push], Fate], Iterable[Push]], Iterable[Fate]]
"""Applies a function to each, some at the same time."""


class Pusher(Protocol):
    """Wakes phones."""

    @property
    def public_key(self) -> str | None: ...
    def send(self, pushes: Sequence[Push], now: datetime) -> dict[int, Fate]: ...


class NullPusher:
    """Wakes nobody: no VAPID key is configured."""

    public_key = None

    def send(self, pushes: Sequence[Push], now: datetime) -> dict[int, Fate]:  # noqa: ARG002
        _log.warning("push_not_configured", pushes=len(pushes))
        return {}


class WebPusher:
    """Sends by VAPID (RFC 8292), encrypted for the phone alone (RFC 8291)."""

    def __init__(self, private_key: str, contact: str, at_once: AtOnce = map) -> None:
        # Twelve megabytes which only those who push need.
        from py_vapid import Vapid02, b64urlencode
        from pywebpush import WebPushException, webpush

        self._webpush, self._refused = webpush, WebPushException
        self._key, self._contact, self._at_once = _vapid(Vapid02, private_key), contact, at_once
        self.public_key: str | None = b64urlencode(_point(self._key))

    def send(self, pushes: Sequence[Push], now: datetime) -> dict[int, Fate]:
        """What became of each."""
        fates = self._at_once(lambda push: self._one(push, now), pushes)
        return {push.id: fate for push, fate in zip(pushes, fates, strict=True)}

    def _one(self, push: Push, now: datetime) -> Fate:
        phone = push.subscription
        try:
            self._webpush(
                {"endpoint": phone.endpoint, "keys": {"p256dh": phone.p256dh, "auth": phone.auth}},
                json.dumps({"kind": push.kind.value, "id": str(push.subject)}),
                vapid_private_key=self._key,
                vapid_claims={"sub": self._contact},
                ttl=max(1, round((push.expires_at - now).total_seconds())),
                headers={"Urgency": "high" if push.kind in _URGENT else "normal"},
                timeout=_TIMEOUT_S,
            )
        except self._refused as refused:
            return self._fate(push, refused.response.status_code if refused.response is not None else None)
        except (requests.RequestException, ValueError) as failure:
            _log.warning("push_failed", subscription=str(phone.id), reason=type(failure).__name__)
            return Fate.LATER if isinstance(failure, requests.RequestException) else Fate.GONE
        return Fate.SENT

    def _fate(self, push: Push, status: int | None) -> Fate:
        _log.warning("push_refused", subscription=str(push.subscription.id), status=status)
        return Fate.GONE if status in _GONE else Fate.LATER


def pusher_of(settings: Settings, at_once: AtOnce = map) -> Pusher:
    """The pusher that the environment asks for; raises Misconfigured for a key without a contact."""
    key = settings.secret("AVARIYKA_CREWS_VAPID_PRIVATE_KEY", "")
    contact = settings.secret("AVARIYKA_CREWS_VAPID_CONTACT", "")
    if not key:
        _log.info("push_not_configured")
        return NullPusher()
    if not contact.startswith(("mailto:", "https://")):
        raise Misconfigured("set AVARIYKA_CREWS_VAPID_CONTACT to a mailto: or https: address")
    return WebPusher(key, contact, at_once)


def is_push_service(endpoint: str, hosts: Sequence[str]) -> bool:
    """Whether an address that a phone names is one of the known push services: we call no others."""
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    return parts.scheme == "https" and any(host == known or host.endswith(f".{known}") for known in hosts)


def _vapid(kind: Any, private_key: str) -> Any:
    try:
        return kind.from_string(private_key)
    except Exception as broken:
        raise Misconfigured("AVARIYKA_CREWS_VAPID_PRIVATE_KEY is no VAPID key") from broken


def _point(key: Any) -> bytes:
    """The public key as browsers want it: an uncompressed point of P-256."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    point: bytes = key.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return point
