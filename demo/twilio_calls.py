"""Calls in the Twilio stand-in: telephones that ring, answer, press keys or do not, with signed callbacks.

What a number does: ``press:1`` (any key; the usual), ``listen`` (to the end, without a key), ``machine``,
``busy``, ``no-answer``, ``failed``, or ``ring`` (until it is hung up).
"""

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

from twilio.request_validator import RequestValidator

from demo.twilio_messages import post, rfc_2822

USUAL = "press:1"
_AT_ONCE = ("busy", "no-answer", "failed")
_OURS = ("callbacks", "spoken", "does")
_RINGS = ("queued", "ringing")
_KINDS = ("listen", "machine", "ring", *_AT_ONCE)


def known(does: str) -> str:
    """Raises ValueError for what no telephone does."""
    if does not in _KINDS and not (does.startswith("press:") and len(does) == len(USUAL)):
        raise ValueError(f"a telephone does not {does!r}")
    return does


class Calls:
    """Every call ever made, newest last, and what each number does. Any thread may use it."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._kept: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self.telephones: dict[str, str] = {}

    def add(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a new call; returns Twilio's call resource."""
        resource = _resource(self._account, form)
        spoken = list(_spoken(form.get("Twiml", "")))
        does = self.telephones.get(form["To"], USUAL)
        with self._lock:
            kept = {**resource, "spoken": spoken, "does": does, "callbacks": []}
            self._kept[resource["sid"]] = kept
        return resource

    def all(self) -> list[dict[str, Any]]:
        """Copies of the resources, each with what was said and the callbacks made for it."""
        with self._lock:
            return [{**kept, "callbacks": list(kept["callbacks"])} for kept in self._kept.values()]

    def to(self, number: str) -> list[dict[str, Any]]:
        return [call for call in self.all() if call["to"] == number]

    def move(self, sid: str, status: str, answered_by: str | None = None) -> None:
        now = rfc_2822(datetime.now(UTC))
        with self._lock:
            kept = self._kept[sid]
            kept.update(status=status, date_updated=now, answered_by=answered_by or kept["answered_by"])
            kept["start_time"] = kept["start_time"] or (now if status == "in-progress" else None)
            kept["end_time"] = None if status == "in-progress" else now

    def note_callback(self, sid: str, what: str, answered: int | None) -> None:
        with self._lock:
            self._kept[sid]["callbacks"].append({"status": what, "answered": answered})

    def find(self, sid: str) -> dict[str, Any]:
        """Raises KeyError."""
        with self._lock:
            return dict(self._kept[sid])

    def resource(self, sid: str) -> dict[str, Any]:
        """As Twilio shows it. Raises KeyError."""
        return {name: value for name, value in self.find(sid).items() if name not in _OURS}

    def rings(self, sid: str) -> bool:
        """Whether nobody has answered yet. Raises KeyError."""
        return self.find(sid)["status"] in _RINGS


class Operator:
    """Lets telephones ring and tells what became of each call, step by step, ``delay_s`` apart."""

    def __init__(self, account: str, token: str, calls: Calls, delay_s: float) -> None:
        self._account = account
        self._validator = RequestValidator(token)
        self._calls = calls
        self._delay_s = delay_s
        self._forms: dict[str, dict[str, Any]] = {}
        self._pool = ThreadPoolExecutor(8, "twilio-call")
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def ring(self, sid: str, form: Mapping[str, Any]) -> None:
        self._forms[sid] = dict(form)
        self._pool.submit(self._conduct, sid, self._forms[sid])

    def cancel(self, sid: str) -> None:
        """It rings no more; whoever made it is told."""
        self._calls.move(sid, "canceled")
        self._pool.submit(self._tell, sid, self._forms[sid], "canceled")

    def _conduct(self, sid: str, form: Mapping[str, Any]) -> None:
        does = self._calls.find(sid)["does"]
        if does == "ring":
            return
        if does in _AT_ONCE:
            self._tell(sid, form, does)
            return
        self._tell(sid, form, "in-progress")
        if does == "machine":
            self._tell_machine(sid, form)
        elif does.startswith("press:"):
            self._press(sid, form, does.removeprefix("press:"))
        self._tell(sid, form, "completed")

    def _tell(self, sid: str, form: Mapping[str, Any], status: str) -> None:
        if self._stopping.wait(self._delay_s):
            return
        self._calls.move(sid, status)
        wanted = "answered" if status == "in-progress" else "completed"
        if form.get("StatusCallback") and wanted in form.get("StatusCallbackEvent", ["completed"]):
            self._post(sid, form["StatusCallback"], status, {})

    def _tell_machine(self, sid: str, form: Mapping[str, Any]) -> None:
        self._calls.move(sid, "in-progress", "machine_start")
        if form.get("AsyncAmdStatusCallback"):
            self._post(sid, form["AsyncAmdStatusCallback"], "machine", {"AnsweredBy": "machine_start"})

    def _press(self, sid: str, form: Mapping[str, Any], key: str) -> None:
        gather = next(ElementTree.fromstring(form.get("Twiml") or "<Response/>").iter("Gather"), None)  # noqa: S314
        if gather is not None and not self._stopping.wait(self._delay_s):
            self._post(sid, gather.attrib["action"], f"key {key}", {"Digits": key})

    def _post(self, sid: str, url: str, what: str, further: Mapping[str, str]) -> None:
        call = self._calls.find(sid)
        form = {
            "AccountSid": self._account,
            "ApiVersion": "2010-04-01",
            "CallSid": sid,
            "CallStatus": call["status"],
            "Direction": "outbound-api",
            "From": call["from"],
            "To": call["to"],
            **further,
        }
        answered, _ = post(url, form, self._validator.compute_signature(url, form))
        self._calls.note_callback(sid, what, answered)


def _spoken(twiml: str) -> Iterator[str]:
    """What the call says, each sentence once."""
    if twiml:
        said = ElementTree.fromstring(twiml).iter()  # noqa: S314
        yield from dict.fromkeys(verb.text or "" for verb in said if verb.tag in ("Say", "Play"))


def _resource(account: str, form: Mapping[str, Any]) -> dict[str, Any]:
    sid, now = f"CA{uuid4().hex}", rfc_2822(datetime.now(UTC))
    home = f"/2010-04-01/Accounts/{account}/Calls/{sid}"
    empty = ("parent_call_sid", "phone_number_sid", "start_time", "end_time", "duration", "price")
    return {
        **dict.fromkeys((*empty, "answered_by", "forwarded_from", "group_sid", "caller_name", "trunk_sid")),
        "sid": sid,
        "date_created": now,
        "date_updated": now,
        "account_sid": account,
        "to": form["To"],
        "to_formatted": form["To"],
        "from": form["From"],
        "from_formatted": form["From"],
        "status": "queued",
        "price_unit": "USD",
        "direction": "outbound-api",
        "api_version": "2010-04-01",
        "queue_time": "0",
        "uri": f"{home}.json",
        "subresource_uris": {"events": f"{home}/Events.json"},
    }
