"""A small SMS operator with an HTTP interface, the other end of ``HttpProvider`` in tests."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from services.notify.domain.dialect import Ask, Dialect, Form

KEY = "not-a-secret"
BAD_NUMBER = 7
HANG_S = 120.0


def dialect(url: str, key: str = KEY, *, lookup: bool = True) -> Dialect:
    """How this operator is spoken to."""
    headers = {"X-Key": "{secret_key}"}
    wish = {
        "recipient": "{digits}",
        "text": "{text}",
        "from": "{sender}",
        "ref": "{id}",
        "report": "{callback}",
    }
    return Dialect(
        send=Ask(f"{url}/send", headers=headers, fields=wish),
        lookup=Ask(f"{url}/sent", "GET", Form.QUERY, headers, {"ref": "{id}"}) if lookup else None,
        sender="ADS",
        secrets={"secret_key": key},
        id_at="data.messageId",
        code_at="code",
        items_at="data",
        refused=frozenset({str(BAD_NUMBER)}),
    )


@dataclass
class Behaviour:
    """What happens to the next ``times`` requests (-1: to all): an HTTP status, or no answer at all."""

    status: int = 200
    silent: bool = False
    hang: bool = False
    taken: bool = False
    on: str = "send"
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 0


class SmsGateway:
    """Runs in threads of this process; ``sent`` are the messages it took."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.behaviour = Behaviour()
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Desk)
        self._server.gateway = self  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def take(self, wish: dict[str, Any]) -> dict[str, Any]:
        if not str(wish["recipient"]).startswith("7701"):
            return {"code": BAD_NUMBER, "data": None}
        kept = {**wish, "messageId": len(self.sent) + 1, "status": "sent"}
        self.sent.append(kept)
        return {"code": 0, "data": kept}

    def find(self, ref: str) -> dict[str, Any]:
        return {"code": 0, "data": [{"data": one, **one} for one in self.sent if one["ref"] == ref]}


class _Desk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer("send", lambda gateway: gateway.take(body))

    def do_GET(self) -> None:
        ref = parse_qs(urlsplit(self.path).query)["ref"][0]
        self._answer("list", lambda gateway: gateway.find(ref))

    def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - the library's name
        """Silent."""

    def _answer(self, verb: str, act: Any) -> None:
        gateway: SmsGateway = self.server.gateway  # type: ignore[attr-defined]
        now = gateway.behaviour
        troubled = now.on == verb and now.times != 0
        if troubled:
            now.times -= 1
        if self.headers.get("X-Key") != KEY:
            self._send(401, {})
            return
        answer = act(gateway) if not troubled or now.taken else {}
        if troubled and now.hang:
            gateway.released.wait(HANG_S)
        if troubled and (now.silent or now.hang):
            self.close_connection = True
            return
        self._send(now.status if troubled else 200, answer, now.headers if troubled else {})

    def _send(self, status: int, answer: Any, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
