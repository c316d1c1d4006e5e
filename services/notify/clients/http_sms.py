"""Any SMS operator with an HTTP interface, spoken to as its dialect says; its receipts, checked."""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import requests

from services.notify.clients import TRY_LATER, connected, never_left, retry_after
from services.notify.domain.dialect import Ask, Dialect, Form, dig
from services.notify.domain.messages import Receipt, Sms
from services.notify.errors import MessageRejected, OutcomeUnknown, ProviderBusy, ReceiptForged

_MOST_ANSWER = 200_000
_CARRIED = {Form.JSON: "json", Form.FORM: "data", Form.QUERY: "params"}


class ReceiptKeys:
    """Whether a receipt is the operator's: it carries the key that only our callback's address had, or the
    signature of its body (HMAC-SHA256, hexadecimal) in a header. Without a secret nothing is believed."""

    def __init__(self, secret: str, callback_url: str, signature_header: str = "") -> None:
        self._secret = secret.encode()
        self._callback_url = callback_url
        self._header = signature_header

    def callback(self, message_id: UUID) -> str:
        return f"{self._callback_url}?message_id={message_id}&key={self._sign(message_id.bytes)}"

    def check(self, message_id: UUID | None, key: str, body: bytes, headers: Any) -> None:
        """Raises ReceiptForged."""
        by_key = message_id is not None and hmac.compare_digest(key, self._sign(message_id.bytes))
        signature = str(headers.get(self._header, "")) if self._header else ""
        by_signature = bool(signature) and hmac.compare_digest(signature.lower(), self._sign(body))
        if not (self._secret and (by_key or by_signature)):
            raise ReceiptForged

    def _sign(self, content: bytes) -> str:
        return hmac.new(self._secret, content, sha256).hexdigest()


class HttpProvider:
    """Its troubles are told apart as Twilio's are: 429 and the like certainly not taken, 5xx nobody knows."""

    def __init__(
        self,
        dialect: Dialect,
        callback: Callable[[UUID], str],
        *,
        timeout_s: float = 10.0,
        at_once: int = 10,
    ) -> None:
        self._dialect = dialect
        self._callback = callback
        self._timeout_s = timeout_s
        self._session = connected(dialect.send.url, at_once)

    def send(self, sms: Sms) -> Receipt:
        answer = self._read(self._asked(self._dialect.send, sms))
        code = dig(answer, self._dialect.code_at) if self._dialect.code_at else None
        if str(code) in self._dialect.refused:
            raise MessageRejected(f"http_{code}")
        if code is not None and str(code) not in self._dialect.fine:
            raise ProviderBusy(f"code {code}")
        sid = dig(answer, self._dialect.id_at)
        if sid in (None, ""):
            raise OutcomeUnknown("no id in the answer")
        return self._dialect.receipt(str(sid), dig(answer, self._dialect.status_at))

    def find(self, sms: Sms, since: datetime) -> Sequence[Receipt]:  # noqa: ARG002 - our id says which
        """Asked by our own id. An operator that cannot be asked leaves it to its receipt: sending again could
        tell twice, so in the end a person calls instead."""
        if self._dialect.lookup is None:
            raise ProviderBusy("no look-up")
        try:
            return self._dialect.found(self._read(self._asked(self._dialect.lookup, sms)))
        except (MessageRejected, OutcomeUnknown) as trouble:
            raise ProviderBusy(str(trouble)) from None

    def _asked(self, ask: Ask, sms: Sms) -> requests.Response:
        ready = ask.filled(self._dialect.words(sms, self._callback(sms.message_id)))
        carried: dict[str, Any] = {_CARRIED[ready.form]: dict(ready.fields)}
        try:
            return self._session.request(
                ready.method,
                ready.url,
                headers=dict(ready.headers),
                timeout=self._timeout_s,
                allow_redirects=False,
                **carried,
            )
        except requests.RequestException as broken:
            raise never_left(broken) or OutcomeUnknown(type(broken).__name__) from None

    def _read(self, answer: requests.Response) -> Any:
        status = answer.status_code
        if status in TRY_LATER:
            raise ProviderBusy(f"HTTP {status}", retry_after=retry_after(answer.headers))
        if status >= 500 or status < 200:
            raise OutcomeUnknown(f"HTTP {status}")
        if status >= 300:
            raise MessageRejected(f"http_{status}")
        try:
            return answer.json() if len(answer.content) <= _MOST_ANSWER else None
        except ValueError:
            raise OutcomeUnknown("no JSON") from None
