"""Adapters to the SMS provider and its signatures, each with a Null twin that says so."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.base import values
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from services.notify.domain.messages import Receipt, Sms, State
from services.notify.errors import BadSignature, MessageRejected, OutcomeUnknown, ProviderBusy
from shared.logs import get_logger

_log = get_logger(__name__)

_TWILIO = "https://api.twilio.com"
_OUR_DIRECTION = "outbound-api"
_CLOCK_SKEW = timedelta(minutes=2)
_LOOK_BACK = 200
_TOO_MANY = 429
_LONGEST_WAIT_S = 3600
_FAILED = frozenset({"undelivered", "failed", "canceled"})
_DELIVERED = frozenset({"delivered", "read", "partially_delivered"})
# Refused for a reason that a person can mend (credentials, account), or a limit that passes.
TRY_LATER = frozenset({401, 403, 404, 408, 429})


class RebasedHttp(TwilioHttpClient):
    """Twilio's own HTTP client, sent to another address (a stand-in, a proxy) and always with a timeout. A
    connection is kept for each of the ``at_once`` calls that may be under way: Twilio's own keeps six on two
    cores, and every further call would shake hands anew."""

    def __init__(self, api_url: str, timeout_s: float, at_once: int = 10) -> None:
        super().__init__(timeout=timeout_s)
        self.session: requests.Session = connected(api_url or _TWILIO, at_once)
        self._base = urlsplit(api_url) if api_url else None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        answer = super().request(method, self._rebased(url), *args, **kwargs)
        if answer.status_code == _TOO_MANY:  # Twilio's own exception forgets the header
            raise ProviderBusy("HTTP 429", retry_after=retry_after(dict(answer.headers or {})))
        return answer

    def _rebased(self, url: str) -> str:
        if self._base is None:
            return url
        path = self._base.path.rstrip("/") + urlsplit(url).path
        return urlunsplit((self._base.scheme, self._base.netloc, path, urlsplit(url).query, ""))


class TwilioProvider:
    """SMS by Twilio. ``callback_url`` gets receipts, with our message id added to it."""

    def __init__(
        self,
        account: str,
        token: str,
        sender: str,
        callback_url: str,
        *,
        api_url: str = "",
        timeout_s: float = 10.0,
        at_once: int = 10,
        validity_s: int = 14400,
    ) -> None:
        self._client = Client(account, token, http_client=RebasedHttp(api_url, timeout_s, at_once))
        self._sender = sender
        self._callback_url = callback_url
        self._validity_s = validity_s

    def send(self, sms: Sms) -> Receipt:
        by_service = self._sender.startswith("MG")
        with handing_over():
            taken = self._client.messages.create(
                to=sms.phone,
                body=sms.body,
                from_=values.unset if by_service else self._sender,
                messaging_service_sid=self._sender if by_service else values.unset,
                status_callback=f"{self._callback_url}?message_id={sms.message_id}",
                validity_period=self._validity_s,
            )
            return _receipt(taken)

    def find(self, sms: Sms, since: datetime) -> Sequence[Receipt]:
        """Our messages to this number with this body since then (less the clocks' difference), oldest first.

        Twilio's filter by date passes over messages that it has not sent yet, so the newest are read.
        """
        with looking_up():
            listed = self._client.messages.list(to=sms.phone, limit=_LOOK_BACK, page_size=_LOOK_BACK)
            return [_receipt(one) for one in reversed(listed) if is_ours(one, since) and one.body == sms.body]


class NullProvider:
    """No provider is configured: every message fails openly, and the log says why."""

    def __init__(self) -> None:
        _log.warning("sms_provider_not_configured", effect="messages to residents fail as no_provider")

    def send(self, sms: Sms) -> Receipt:
        _log.warning("sms_not_sent_no_provider", message_id=str(sms.message_id))
        raise MessageRejected("no_provider")

    def find(self, sms: Sms, since: datetime) -> Sequence[Receipt]:  # noqa: ARG002 - nothing was ever sent
        return []


class TwilioSignature:
    """Whether a callback comes from Twilio: signed with our auth token over the URL that Twilio was given."""

    def __init__(self, token: str, public_url: str) -> None:
        self._validator = RequestValidator(token)
        self._public_url = public_url

    def check(self, path_and_query: str, form: Mapping[str, Any], signature: str) -> None:
        """Raises BadSignature."""
        if not self._validator.validate(self._public_url + path_and_query, form, signature):
            raise BadSignature


class NullSignature:
    """No auth token is configured: nobody can be Twilio."""

    def check(self, path_and_query: str, form: Mapping[str, Any], signature: str) -> None:  # noqa: ARG002
        _log.warning("callback_refused_no_auth_token")
        raise BadSignature


def connected(url: str, at_once: int) -> requests.Session:
    """A session with room for so many connections to be kept. What the environment says of the way to ``url``
    (proxies, certificates) is read once: to read it for every message costs a tenth of sending it."""
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=at_once))
    found = session.merge_environment_settings(url, {}, None, None, None)
    session.proxies, session.verify, session.trust_env = found["proxies"], found["verify"], False
    return session


def receipt_of(sid: str, status: str, error_code: str | int | None = None) -> Receipt:
    """Twilio's word in ours: whatever is not final counts as sent, for Twilio has the message."""
    if status in _FAILED:
        return Receipt(sid, State.FAILED, f"twilio_{error_code or status}")
    return Receipt(sid, State.DELIVERED if status in _DELIVERED else State.SENT)


def _receipt(message: Any) -> Receipt:
    return receipt_of(message.sid, str(message.status), message.error_code)


def is_ours(listed: Any, since: datetime) -> bool:
    """Whether a message or call of Twilio's list is of our ordering since then, less the clocks' gap."""
    created = listed.date_created
    ordered = listed.direction == _OUR_DIRECTION and created is not None
    return ordered and created.astimezone(UTC) >= since - _CLOCK_SKEW


@contextmanager
def handing_over() -> Iterator[None]:
    """What may go wrong while Twilio is given a message or a call to make, in our words: ProviderBusy (not
    taken), MessageRejected (never will be) or OutcomeUnknown."""
    try:
        yield
    except (TwilioRestException, TwilioServiceException) as refused:
        raise judged(refused) from None
    except requests.RequestException as broken:
        raise never_left(broken) or OutcomeUnknown(type(broken).__name__) from None
    except (TwilioException, ValueError, KeyError, TypeError) as garbled:
        raise OutcomeUnknown(type(garbled).__name__) from None


@contextmanager
def looking_up() -> Iterator[None]:
    """The same while its list is read, which may always be read again: ProviderBusy."""
    try:
        yield
    except (TwilioException, requests.RequestException, ValueError, KeyError, TypeError) as trouble:
        raise ProviderBusy(type(trouble).__name__) from None


def judged(refused: TwilioRestException | TwilioServiceException) -> Exception:
    """429 and the like were certainly not taken; after a 5xx nobody knows; any other 4xx is final."""
    if refused.status >= 500:
        return OutcomeUnknown(f"HTTP {refused.status}")
    if refused.status in TRY_LATER:
        return ProviderBusy(f"HTTP {refused.status}")
    return MessageRejected(f"twilio_{refused.code}")


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """What a Retry-After header asks for, an hour at most; dates and nonsense ask for nothing."""
    asked = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return timedelta(seconds=min(int(asked), _LONGEST_WAIT_S)) if asked.isdecimal() else None


def never_left(broken: requests.RequestException) -> ProviderBusy | None:
    """A connection that was never made carried nothing."""
    cause = broken.args[0] if broken.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(reason, NewConnectionError | ConnectTimeoutError):
        return ProviderBusy(type(reason).__name__)
    return None
