"""The whole suite as processes on private servers, seeded with the demo's cast: for end-to-end tests."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from demo.edges import Edges
from demo.play import Stage
from shared.config import ROOT, SERVICES
from tests.support.processes import ServiceProcess, free_port
from tests.support.sealing import SEALING_ENVIRONMENT
from tests.support.waiting import eventually

_ACCOUNT = "AC" + "0123456789abcdef" * 2
_TOKEN = "a-token-of-the-tests"
_NUMBER = "+15005550006"


class Suite:
    """Six services and the Twilio stand-in. ``databases`` are migrated and empty."""

    def __init__(self, home: Path, databases: Mapping[str, str], amqp_uri: str) -> None:
        self._home = home
        self.databases = databases
        ports = {name: free_port() for name in (*SERVICES, "twilio")}
        self.environment = _environment(home, databases, amqp_uri, ports)
        self.services = {name: self._service(name, amqp_uri, ports[name]) for name in SERVICES}
        self._twilio: subprocess.Popen[bytes] | None = None
        self._twilio_port = ports["twilio"]

    def start(self, seed: Callable[[Stage], None] = Stage.prepare) -> Stage:
        """Everything up and seeded (by default with the demo's cast); returns the stage to play on."""
        self._start_twilio()
        for process in self.services.values():
            process.start(wait_ready=False)
        for process in self.services.values():
            eventually(process.ready, 60, f"{process.service} ready; its log: {process.log}")
        stage = Stage(self._home / "demo", self.environment)
        seed(stage)
        return stage

    def stop(self) -> None:
        for process in self.services.values():
            process.kill()
        if self._twilio is not None:
            self._twilio.kill()
            self._twilio.wait(60)

    def _service(self, name: str, amqp_uri: str, port: int) -> ServiceProcess:
        process = ServiceProcess(
            ["shared.run", name], name, self._home, self.databases[name], amqp_uri, self.environment
        )
        process.port, process.url = port, f"http://127.0.0.1:{port}"
        process.environment[f"AVARIYKA_{name.upper()}_BIND"] = f"127.0.0.1:{port}"
        return process

    def _start_twilio(self) -> None:
        arguments = ["--port", str(self._twilio_port), "--account", _ACCOUNT, "--token", _TOKEN]
        with (self._home / "twilio.log").open("ab") as log:
            self._twilio = subprocess.Popen(
                [sys.executable, "-m", "demo.twilio_stand_in", *arguments], cwd=ROOT, stdout=log, stderr=log
            )
        eventually(self._twilio_answers, 20, "the Twilio stand-in answers")

    def _twilio_answers(self) -> bool:
        try:
            return isinstance(Edges.of(self.environment).outgoing(), list)
        except OSError:
            return False


SuiteMaker = Callable[[], Suite]


def _environment(
    home: Path, databases: Mapping[str, str], amqp_uri: str, ports: Mapping[str, int]
) -> dict[str, str]:
    binds = {name: f"127.0.0.1:{ports[name]}" for name in SERVICES}
    return {
        **os.environ,
        **{f"AVARIYKA_{name.upper()}_BIND": bind for name, bind in binds.items()},
        **{f"AVARIYKA_{name.upper()}_DATABASE_URL": url for name, url in databases.items()},
        "AVARIYKA_AMQP_URI": amqp_uri,
        "AVARIYKA_TOKEN_PUBLIC_KEY_FILE": str(home / "public.pem"),
        "AVARIYKA_TOKEN_PRIVATE_KEY_FILE": str(home / "private.pem"),
        **SEALING_ENVIRONMENT,
        "AVARIYKA_TWILIO_ACCOUNT_SID": _ACCOUNT,
        "AVARIYKA_TWILIO_AUTH_TOKEN": _TOKEN,
        "AVARIYKA_TWILIO_FROM": _NUMBER,
        "AVARIYKA_TWILIO_API_URL": f"http://127.0.0.1:{ports['twilio']}",
        "AVARIYKA_NOTIFY_QUIET_FROM": "00:00",
        "AVARIYKA_NOTIFY_QUIET_UNTIL": "00:00",
        "AVARIYKA_JOURNAL_PEERS": ",".join(f"{name}=http://{bind}" for name, bind in binds.items()),
    }
