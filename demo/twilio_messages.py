"""What the Twilio stand-in keeps and does: messages, delivery with signed callbacks, misbehaviour."""

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from queue import Empty, PriorityQueue
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import requests
from twilio.request_validator import RequestValidator

from demo.twilio_contract.contract import moment

_OPERATIONS = ("create", "list", "call", "list_calls", "update_call")
_PROGRESS = ("queued", "sent", "delivered", "undelivered", "failed")
_OURS = ("callbacks", "spoken", "does")
_UNREACHABLE_HANDSET = 30003
_CALLBACK_TIMEOUT_S = 15.0  # as Twilio's
_DEFAULT_PAGE = 50


@dataclass
class Behaviour:
    """How requests of ``on`` ("create", "list", "call", "list_calls", "update_call") go, for the next
    ``times`` of them (None: until changed).

    ``answer``: ``accept`` (as always, after ``delay_s``), ``refuse`` (with ``status`` and Twilio's ``code``),
    ``hang`` (no answer until the behaviour changes) or ``drop`` (the connection ends). With ``accept_first``
    the message is taken and sent before that: the client cannot know. ``callbacks`` are the statuses
    reported, in this order. Raises ValueError for an unknown value.
    """

    answer: str = "accept"
    on: str = "create"
    status: int = 503
    code: int | None = None
    accept_first: bool = False
    delay_s: float = 0.0
    times: int | None = None
    callbacks: Sequence[str] = ("sent", "delivered")
    released: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.answer not in ("accept", "refuse", "hang", "drop") or self.on not in _OPERATIONS:
            raise ValueError(f"unknown behaviour {self.answer} on {self.on}")
        if not set(self.callbacks) <= set(_PROGRESS):
            raise ValueError(f"unknown statuses {self.callbacks}")
        self.accept_first = self.accept_first or self.answer == "accept"

    def to_json(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "released"}

    def meets(self, operation: str) -> bool:
        """Whether this call goes wrong (or slowly); counts it."""
        if operation != self.on or self.times == 0 or (self.answer == "accept" and not self.delay_s):
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass
class _Kept:
    """One message and the reports of its delivery."""

    resource: dict[str, Any]
    callbacks: list[dict[str, Any]] = field(default_factory=list)


class Messages:
    """Every message ever accepted, newest last. All methods may be called from any thread."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._kept: dict[str, _Kept] = {}
        self._to: dict[str, list[_Kept]] = {}
        self._lock = threading.Lock()

    def add(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a new message; returns Twilio's message resource."""
        resource = _resource(self._account, form)
        kept = _Kept(resource)
        with self._lock:
            self._kept[resource["sid"]] = kept
            self._to.setdefault(resource["to"], []).append(kept)
            return dict(resource)

    def find(self, sid: str) -> dict[str, Any] | None:
        with self._lock:
            kept = self._kept.get(sid)
            return dict(kept.resource) if kept else None

    def all(self, number: str | None = None) -> list[dict[str, Any]]:
        """Copies of the resources (to this number, if one is named), each with the callbacks made for it."""
        with self._lock:
            found = self._kept.values() if number is None else self._to.get(number, [])
            return [{**kept.resource, "callbacks": list(kept.callbacks)} for kept in found]

    def __len__(self) -> int:
        return len(self._kept)

    def reached(self, number: str) -> bool:
        """Whether any message to this number was accepted."""
        return number in self._to

    def move(self, sid: str, status: str) -> dict[str, Any]:
        """Note a status (never an earlier one) and return the resource."""
        now = rfc_2822(datetime.now(UTC))
        with self._lock:
            resource = self._kept[sid].resource
            if _PROGRESS.index(status) > _PROGRESS.index(resource["status"]):
                resource.update(status=status, date_updated=now, date_sent=resource["date_sent"] or now)
                if status in ("undelivered", "failed"):
                    resource["error_code"] = _UNREACHABLE_HANDSET
            return dict(resource)

    def note_callback(self, sid: str, status: str, answered: int | None) -> None:
        with self._lock:
            self._kept[sid].callbacks.append({"status": status, "answered": answered})


class Postman:
    """Moves messages to their final status and reports each step to the message's callback URL."""

    def __init__(self, account: str, token: str, messages: Messages, delay_s: float) -> None:
        self._account = account
        self._validator = RequestValidator(token)
        self._messages = messages
        self._delay_s = delay_s
        self._due: PriorityQueue[tuple[float, str, str | None, tuple[str, ...]]] = PriorityQueue()
        self._pool = ThreadPoolExecutor(8, "twilio-callback")
        self._stopping = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="twilio-postman", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def deliver(self, sid: str, url: str | None, statuses: Sequence[str]) -> None:
        """After the delay take the first step; the others follow at the same pace."""
        if statuses:
            self._due.put((time.monotonic() + self._delay_s, sid, url, tuple(statuses)))

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                due, sid, url, statuses = self._due.get(timeout=0.1)
            except Empty:
                continue
            self._stopping.wait(max(0.0, due - time.monotonic()))
            if not self._stopping.is_set():
                self._pool.submit(self._step, sid, url, statuses)

    def _step(self, sid: str, url: str | None, statuses: tuple[str, ...]) -> None:
        resource = self._messages.move(sid, statuses[0])
        if url:
            self._messages.note_callback(sid, statuses[0], self._report(url, resource, statuses[0]))
        self.deliver(sid, url, statuses[1:])

    def _report(self, url: str, resource: Mapping[str, Any], status: str) -> int | None:
        """Post one status callback, signed; returns the HTTP status, None when nobody answered."""
        form = {
            "AccountSid": self._account,
            "ApiVersion": "2010-04-01",
            "From": str(resource["from"]),
            "MessageSid": resource["sid"],
            "MessageStatus": status,
            "SmsSid": resource["sid"],
            "SmsStatus": status,
            "To": resource["to"],
        }
        if resource["error_code"]:
            form["ErrorCode"] = str(resource["error_code"])
        signature = self._validator.compute_signature(url, form)
        return post(url, form, signature)[0]


def page_of(
    messages: Sequence[Mapping[str, Any]], filters: Mapping[str, Any], uri: str, name: str = "messages"
) -> dict[str, Any]:
    """Twilio's list answer, newest first. ``PageToken`` is the last message of the page before."""
    found = [_bare(message) for message in reversed(messages) if _fits(message, filters)]
    size, number = filters.get("PageSize", _DEFAULT_PAGE), filters.get("Page", 0)
    start = _after(found, filters.get("PageToken"))
    shown = found[start : start + size]
    further = {"Page": number + 1, "PageToken": shown[-1]["sid"]} if len(found) > start + size else None
    return {
        name: shown,
        "page": number,
        "page_size": size,
        "start": start,
        "end": start + max(0, len(shown) - 1),
        "uri": _page_uri(uri, filters, {}),
        "first_page_uri": _page_uri(uri, filters, {"Page": 0}),
        "next_page_uri": _page_uri(uri, filters, further) if further else None,
        "previous_page_uri": None,
    }


def _page_uri(uri: str, filters: Mapping[str, Any], changes: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in filters.items() if name != "PageToken"}
    return f"{uri}?{urlencode({'PageSize': _DEFAULT_PAGE, **kept, **changes})}"


def _bare(message: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name not in _OURS}


def _after(found: Sequence[Mapping[str, Any]], token: str | None) -> int:
    return next((place + 1 for place, message in enumerate(found) if message["sid"] == token), 0)


def _fits(message: Mapping[str, Any], filters: Mapping[str, Any]) -> bool:
    if message["to"] != filters.get("To", message["to"]) or message["from"] != filters.get(
        "From", message["from"]
    ):
        return False
    asked = {
        name: moment(filters[name]) for name in ("DateSent", "DateSent<", "DateSent>") if name in filters
    }
    if not asked:
        return True
    return message["date_sent"] is not None and _sent_when(parsedate_to_datetime(message["date_sent"]), asked)


def _sent_when(sent: datetime, asked: Mapping[str, datetime]) -> bool:
    same_day = "DateSent" not in asked or sent.date() == asked["DateSent"].date()
    not_later = "DateSent<" not in asked or sent <= asked["DateSent<"]
    not_earlier = "DateSent>" not in asked or sent >= asked["DateSent>"]
    return same_day and not_later and not_earlier


def _resource(account: str, form: Mapping[str, Any]) -> dict[str, Any]:
    sid = f"SM{uuid4().hex}"
    now = rfc_2822(datetime.now(UTC))
    home = f"/2010-04-01/Accounts/{account}/Messages/{sid}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": form.get("Body"),
        "date_created": now,
        "date_sent": None,
        "date_updated": now,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": form.get("From"),
        "messaging_service_sid": form.get("MessagingServiceSid"),
        "num_media": str(len(form.get("MediaUrl", ()))),
        "num_segments": str(_segments(form.get("Body", ""))),
        "price": None,
        "price_unit": "USD",
        "sid": sid,
        "status": "queued",
        "subresource_uris": {"media": f"{home}/Media.json"},
        "to": form["To"],
        "uri": f"{home}.json",
    }


def _segments(body: str) -> int:
    """Parts of the message; every letter outside ASCII counts as UCS-2, which is near enough here."""
    alone, joined = (160, 153) if body.isascii() else (70, 67)
    units = len(body) if body.isascii() else len(body.encode("utf-16-le")) // 2
    return 1 if units <= alone else -(-units // joined)


def post(url: str, form: Mapping[str, str], signature: str) -> tuple[int | None, str]:
    """One signed callback; the status (None when nobody answered) and what was answered."""
    try:
        answer = _session().post(
            url,
            data=dict(form),
            headers={"X-Twilio-Signature": signature},
            timeout=_CALLBACK_TIMEOUT_S,
            allow_redirects=False,
        )
    except requests.RequestException:
        return None, ""
    return answer.status_code, answer.text


_of_thread = threading.local()


def _session() -> requests.Session:
    """One for each thread, so that connections are kept."""
    if not hasattr(_of_thread, "session"):
        _of_thread.session = requests.Session()
        _of_thread.session.trust_env = False  # no proxy: the call stays on this machine
    session: requests.Session = _of_thread.session
    return session


def rfc_2822(moment: datetime) -> str:
    return format_datetime(moment)
