"""A partner service as tests need it: a small HTTP server that keeps what comes and answers as it is told."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Answer = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Received:
    """One body that came, with its headers."""

    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


@dataclass
class PartnerServer:
    """``answer`` decides what to say to each; it may wait for the ``gate``, which is open at first."""

    answer: Callable[[Received], Answer] = lambda _: (200, {}, b"{}")
    received: list[Received] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self.gate.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/cards"

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        return [received.told for received in self.received if received.told["kind"] == kind]


def _handler(partner: PartnerServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received = Received(dict(self.headers.items()), body)
            partner.received.append(received)
            partner.gate.wait(120)
            status, headers, content = partner.answer(received)
            try:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                pass  # the caller did not wait

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's signature
            """Nothing on the screen."""

    return Handler
