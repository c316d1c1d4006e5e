"""Taking cards and news to partners."""

import json

import requests

from services.intake.domain.deliveries import Delivery
from services.intake.domain.partners import Partner, sign
from services.intake.errors import PartnerAway, PartnerRefused
from services.intake.usecases.deliveries import Receipt
from shared.clock import Clock
from shared.logs import get_logger

_log = get_logger(__name__)


class HttpCourier:
    """Takes bodies to partners over HTTP, signed. Only addresses that a person has configured are called,
    redirections are not followed, and no more of an answer is read than is needed."""

    def __init__(self, clock: Clock, timeout_s: float = 10.0) -> None:
        self._clock = clock
        self._timeouts = (min(3.0, timeout_s), timeout_s)
        self._session = requests.Session()
        self._session.trust_env = False

    def deliver(self, partner: Partner, delivery: Delivery) -> Receipt:
        """Raises PartnerAway when trying later is right, PartnerRefused when it is not."""
        if not partner.listens:
            raise PartnerRefused("no_url")
        body = delivery.body.encode()
        try:
            with self._session.post(
                partner.url,
                data=body,
                headers=self._headers(partner, delivery, body),
                timeout=self._timeouts,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return _receipt(answer.status_code, next(answer.iter_content(_MOST_READ), b""))
        except requests.Timeout:
            raise PartnerAway("timeout") from None
        except requests.RequestException as broken:
            raise PartnerAway(_trouble(broken)) from None

    def _headers(self, partner: Partner, delivery: Delivery, body: bytes) -> dict[str, str]:
        timestamp = int(self._clock.now().timestamp())
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": str(delivery.id),
            "Avariyka-Timestamp": str(timestamp),
            "Avariyka-Signature": sign(partner.secret, timestamp, body),
        }
        return {**headers, "X-Api-Key": partner.their_key} if partner.their_key else headers


class NullCourier:
    """Stands in where nothing may leave the house: what is sent waits, and the log says so."""

    def deliver(self, partner: Partner, delivery: Delivery) -> Receipt:
        _log.warning("partner_delivery_is_off", partner=partner.id, delivery_id=str(delivery.id))
        raise PartnerAway("delivery_off")


_MOST_READ = 16 * 1024
_TAKEN_BEFORE = 409
_TRY_LATER = frozenset({401, 403, 404, 408, 425, 429})
"""Refused for a reason that the partner's people can mend, or a limit that passes."""


def _receipt(status: int, content: bytes) -> Receipt:
    """What an answer means: a conflict says that it came before; any other 4xx is final."""
    if 200 <= status < 300 or status == _TAKEN_BEFORE:
        return _read_receipt(content)
    if 400 <= status < 500 and status not in _TRY_LATER:
        raise PartnerRefused(f"http_{status}")
    raise PartnerAway(f"http_{status}")


def _read_receipt(content: bytes) -> Receipt:
    """A partner may say at once that it works on it, or say nothing that we understand."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return Receipt()
    if not isinstance(told, dict):
        return Receipt()
    reference = told.get("reference")
    text = str(reference)[:100].replace("\0", "") if isinstance(reference, str | int) else ""
    return Receipt(acknowledged=told.get("acknowledged") is True, reference=text)


def _trouble(broken: requests.RequestException) -> str:
    return "tls" if isinstance(broken, requests.exceptions.SSLError) else "no_connection"
