"""A stand-in for Twilio's messages and calls on this machine: ``python -m demo.twilio_stand_in --help``.

It holds every request against Twilio's own OpenAPI document, keeps the messages, and reports their delivery
by signed callbacks, as Twilio does. Tests can make it refuse, hang or break off; see :class:`Behaviour`.
It calls back only hosts of this machine (and those named by ``--callback-host``) and contacts nobody else.
"""

import argparse
import json
import random
import signal
import threading
import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from demo.twilio_calls import Calls, Operator, known
from demo.twilio_contract.contract import CallContract, Contract, Violation
from demo.twilio_messages import Behaviour, Messages, Postman, page_of

_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST_HANG_S = 120.0
_MAX_REQUEST_BYTES = 64 * 1024
_ERROR_CODES = {401: 20003, 404: 20404, 405: 20004, 429: 20429, 500: 20500, 503: 20503}


class Refused(Exception):
    """An HTTP error in Twilio's form."""

    def __init__(self, status: int, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {
            "code": code or _ERROR_CODES.get(status, 20500),
            "message": message,
            "more_info": f"https://www.twilio.com/docs/errors/{code or _ERROR_CODES.get(status, 20500)}",
            "status": status,
        }


class ConnectionLost(Exception):
    """Asked for by the behaviour: the client gets no answer at all."""


class StandIn:
    """The server with its messages; a context manager starts and stops it. ``port`` 0 takes a free one."""

    def __init__(
        self,
        account: str,
        token: str,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        callback_delay_s: float = 0.2,
        callback_hosts: frozenset[str] = frozenset(),
        fail_rate: float = 0.0,
        seed: int = 1,
    ) -> None:
        self.account = account
        self.token = token
        self.contract = Contract()
        self.call_contract = CallContract()
        self.messages = Messages(account)
        self.calls = Calls(account)
        self.behaviour = Behaviour()
        self._callback_hosts = _LOCAL_HOSTS | callback_hosts
        self._postman = Postman(account, token, self.messages, callback_delay_s)
        self._operator = Operator(account, token, self.calls, callback_delay_s)
        self._fail_rate = fail_rate
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._server = _Server((host, port), _Handler)
        self._server.stand_in = self
        self.url = f"http://{host}:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._postman.start()
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.behave(Behaviour())
        self._server.shutdown()
        self._server.server_close()
        self._postman.stop()
        self._operator.stop()

    def behave(self, behaviour: Behaviour) -> None:
        """Behave so from now on; whoever hangs is let go."""
        with self._lock:
            former, self.behaviour = self.behaviour, behaviour
        former.released.set()

    def create_message(self, fields: Mapping[str, list[str]]) -> dict[str, Any]:
        """CreateMessage: check, keep, answer; then callbacks follow."""
        form = self.contract.form(fields)
        callback = form.get("StatusCallback")
        if callback and urlsplit(callback).hostname not in self._callback_hosts:
            raise Violation(21609, "This stand-in calls back only hosts of this machine.")
        behaviour = self._drawn("create")
        if behaviour is None:
            return self._accepted(form, self.behaviour.callbacks)
        taken = self._accepted(form, behaviour.callbacks) if behaviour.accept_first else {}
        self._misbehave(behaviour)
        return taken

    def list_messages(self, fields: Mapping[str, list[str]]) -> dict[str, Any]:
        filters = self.contract.query(fields)
        behaviour = self._drawn("list")
        if behaviour is not None:
            self._misbehave(behaviour)
        home = f"/2010-04-01/Accounts/{self.account}/Messages.json"
        page = page_of(self.messages.all(filters.get("To")), filters, home)
        self.contract.check_listing(page)
        return page

    def fetch_message(self, sid: str) -> dict[str, Any]:
        resource = self.messages.find(sid)
        if resource is None:
            raise Refused(404, f"The requested resource {sid} was not found")
        return resource

    def create_call(self, fields: Mapping[str, list[str]]) -> dict[str, Any]:
        """CreateCall: check, keep, answer; then the telephone rings."""
        form = self.call_contract.form(fields)
        for name in ("StatusCallback", "AsyncAmdStatusCallback"):
            if form.get(name) and urlsplit(form[name]).hostname not in self._callback_hosts:
                raise Violation(21609, "This stand-in calls back only hosts of this machine.")
        behaviour = self._drawn("call")
        taken = self._rung(form) if behaviour is None or behaviour.accept_first else {}
        if behaviour is not None:
            self._misbehave(behaviour)
        return taken

    def update_call(self, sid: str, fields: Mapping[str, list[str]]) -> dict[str, Any]:
        """UpdateCall, as far as hanging up what rings: ``canceled`` leaves alone who has answered."""
        form = self.call_contract.update(fields)
        behaviour = self._drawn("update_call")
        if behaviour is not None:
            self._misbehave(behaviour)
        try:
            call = self.calls.find(sid)
        except KeyError:
            raise Refused(404, f"The requested resource {sid} was not found") from None
        if call["end_time"] is not None:
            raise Violation(21220, "Invalid call state: the call is over.")
        if form.get("Status") == "canceled" and self.calls.rings(sid):
            self._operator.cancel(sid)
        resource = self.calls.resource(sid)
        self.call_contract.check_message(resource)
        return resource

    def list_calls(self, fields: Mapping[str, list[str]]) -> dict[str, Any]:
        filters = self.call_contract.query(fields)
        behaviour = self._drawn("list_calls")
        if behaviour is not None:
            self._misbehave(behaviour)
        home = f"/2010-04-01/Accounts/{self.account}/Calls.json"
        page = page_of(self.calls.all(), filters, home, "calls")
        self.call_contract.check_listing(page)
        return page

    def _rung(self, form: Mapping[str, Any]) -> dict[str, Any]:
        resource = self.calls.add(form)
        self.call_contract.check_message(resource)
        self._operator.ring(resource["sid"], form)
        return resource

    def _accepted(self, form: Mapping[str, Any], callbacks: Sequence[str]) -> dict[str, Any]:
        resource = self.messages.add(form)
        self.contract.check_message(resource)
        self._postman.deliver(resource["sid"], form.get("StatusCallback"), callbacks)
        return resource

    def _drawn(self, operation: str) -> Behaviour | None:
        """The misbehaviour that meets this call, if any."""
        with self._lock:
            if self.behaviour.meets(operation):
                return self.behaviour
            unlucky = operation == "create" and self._chance.random() < self._fail_rate
        return Behaviour(answer="refuse", status=503) if unlucky else None

    def _misbehave(self, behaviour: Behaviour) -> None:
        time.sleep(behaviour.delay_s)
        if behaviour.answer == "hang":
            behaviour.released.wait(_LONGEST_HANG_S)
        if behaviour.answer in ("hang", "drop"):
            raise ConnectionLost
        if behaviour.answer == "refuse":
            raise Refused(behaviour.status, "Refused by order of the test", behaviour.code)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    stand_in: StandIn


class _Handler(BaseHTTPRequestHandler):
    """Decode, route, encode."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    server: _Server
    server_version = "twilio-stand-in"

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Silent: what it did is in ``/_stand-in/messages``."""

    def _answer(self, verb: str) -> None:
        try:
            status, body = self._route(verb, urlsplit(self.path), self._body())
        except ConnectionLost:
            self.close_connection = True
        except Violation as wrong:
            self._send(400, Refused(400, wrong.message, wrong.code).body)
        except Refused as refused:
            self._send(refused.status, refused.body)
        else:
            self._send(status, body)

    def _route(self, verb: str, url: Any, body: bytes) -> tuple[int, Any]:
        if url.path.startswith("/_stand-in/"):
            return self._control(verb, url.path, body)
        self._authenticate()
        stand_in = self.server.stand_in
        home = f"/2010-04-01/Accounts/{stand_in.account}/Messages"
        if (verb, url.path) == ("POST", f"{home}.json"):
            return 201, stand_in.create_message(self._form(body))
        if (verb, url.path) == ("GET", f"{home}.json"):
            return 200, stand_in.list_messages(parse_qs(url.query, keep_blank_values=True))
        if verb == "GET" and url.path.startswith(f"{home}/") and url.path.endswith(".json"):
            return 200, stand_in.fetch_message(url.path.removeprefix(f"{home}/").removesuffix(".json"))
        return self._route_call(verb, url, body)

    def _route_call(self, verb: str, url: Any, body: bytes) -> tuple[int, Any]:
        stand_in = self.server.stand_in
        home = f"/2010-04-01/Accounts/{stand_in.account}/Calls"
        if (verb, url.path) == ("POST", f"{home}.json"):
            return 201, stand_in.create_call(self._form(body))
        if (verb, url.path) == ("GET", f"{home}.json"):
            return 200, stand_in.list_calls(parse_qs(url.query, keep_blank_values=True))
        if verb == "POST" and url.path.startswith(f"{home}/") and url.path.endswith(".json"):
            sid = url.path.removeprefix(f"{home}/").removesuffix(".json")
            return 200, stand_in.update_call(sid, self._form(body))
        raise Refused(404, f"The requested resource {url.path} was not found")

    def _control(self, verb: str, path: str, body: bytes) -> tuple[int, Any]:
        stand_in = self.server.stand_in
        if (verb, path) == ("GET", "/_stand-in/messages"):
            return 200, {"messages": stand_in.messages.all()}
        if (verb, path) == ("GET", "/_stand-in/calls"):
            return 200, {"calls": stand_in.calls.all()}
        if (verb, path) == ("POST", "/_stand-in/telephones"):
            stand_in.calls.telephones.update(_telephones(body))
            return 200, stand_in.calls.telephones
        if (verb, path) == ("POST", "/_stand-in/behaviour"):
            stand_in.behave(_behaviour(body))
        elif (verb, path) != ("GET", "/_stand-in/behaviour"):
            raise Refused(404, f"{verb} {path} is unknown here")
        return 200, stand_in.behaviour.to_json()

    def _authenticate(self) -> None:
        stand_in = self.server.stand_in
        expected = "Basic " + b64encode(f"{stand_in.account}:{stand_in.token}".encode()).decode()
        if not compare_digest(self.headers.get("Authorization", ""), expected):
            raise Refused(401, "Authenticate")

    def _form(self, body: bytes) -> dict[str, list[str]]:
        kind = self.headers.get("Content-Type", "").split(";")[0]
        if kind != "application/x-www-form-urlencoded":
            raise Violation(20001, f"Content-Type {kind!r}: a form is expected")
        try:
            return parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict")
        except UnicodeDecodeError as broken:
            raise Violation(20001, "The form is not UTF-8, percent-encoded") from broken

    def _body(self) -> bytes:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MAX_REQUEST_BYTES:
            self.close_connection = True
            raise Refused(413, "Request too large", 20001)
        return self.rfile.read(length)

    def _send(self, status: int, body: Any) -> None:
        content = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _behaviour(body: bytes) -> Behaviour:
    try:
        return Behaviour(**json.loads(body or b"{}"))
    except (ValueError, TypeError) as wrong:
        raise Refused(400, str(wrong), 20001) from wrong


def _telephones(body: bytes) -> dict[str, str]:
    """What happens at each number that is named; see ``demo.twilio_calls``."""
    try:
        return {str(number): known(does) for number, does in dict(json.loads(body or b"{}")).items()}
    except (ValueError, TypeError) as wrong:
        raise Refused(400, str(wrong), 20001) from wrong


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo.twilio_stand_in", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8110)
    parser.add_argument("--account", required=True, metavar="SID", help="AC and 32 hexadecimal digits")
    parser.add_argument("--token", required=True, help="auth token: signs callbacks, authenticates requests")
    parser.add_argument(
        "--callback-delay", type=float, default=0.2, metavar="S", help="to sent, to delivered"
    )
    parser.add_argument("--callback-host", action="append", default=[], help="also call back this host")
    parser.add_argument("--fail-rate", type=float, default=0.0, help="share of messages refused with 503")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    stand_in = StandIn(
        told.account,
        told.token,
        told.port,
        host=told.host,
        callback_delay_s=told.callback_delay,
        callback_hosts=frozenset(told.callback_host),
        fail_rate=told.fail_rate,
        seed=told.seed,
    )
    finished = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: finished.set())
    with stand_in:
        print(f"Twilio stand-in on {stand_in.url}", flush=True)  # noqa: T201 - a command line speaks on stdout
        finished.wait()


if __name__ == "__main__":
    main()
