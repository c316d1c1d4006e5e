"""Services as real processes of a test: start, ask, kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import requests

from scripts.ports import pick
from shared.config import ROOT
from tests.support.keys import key_pair
from tests.support.sealing import SEALING_ENVIRONMENT
from tests.support.waiting import eventually


def free_port() -> int:
    """A loopback port that neither a client nor a run side by side is given."""
    return pick(set())


class ServiceProcess:
    """One service under test; its log lies beside its keys in ``home``."""

    def __init__(
        self,
        command: list[str],
        service: str,
        home: Path,
        database_url: str,
        amqp_uri: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.service = service
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home / f"{service}-{self.port}.log"
        self.database_url = database_url
        self._command = command
        public_key = home / "public.pem"
        public_key.write_text(key_pair().public_pem)
        (home / "private.pem").write_text(key_pair().private_pem)
        name = service.upper()
        self.environment = {
            **os.environ,
            "AVARIYKA_AMQP_URI": amqp_uri,
            f"AVARIYKA_{name}_DATABASE_URL": database_url,
            f"AVARIYKA_{name}_BIND": f"127.0.0.1:{self.port}",
            "AVARIYKA_TOKEN_PUBLIC_KEY_FILE": str(public_key),
            "AVARIYKA_TOKEN_PRIVATE_KEY_FILE": str(home / "private.pem"),
            **SEALING_ENVIRONMENT,
            "PYTHONPATH": str(ROOT),
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, wait_ready: bool = True) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._command],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        if wait_ready:
            eventually(self.ready, 30, f"{self.service} ready; its log: {self.log}")
        return self

    def ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"ended with {self._process.returncode}:\n{self.tail()}"
        try:
            return self.get("/ready").status_code == 200
        except requests.RequestException:
            return False

    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = self.get("/ready").json()
        return facts

    def get(self, path: str, **kwargs: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=60, **kwargs)

    def post(self, path: str, **kwargs: Any) -> requests.Response:
        return requests.post(self.url + path, timeout=60, **kwargs)

    def kill(self) -> None:
        """As a power cut would."""
        self.end(signal.SIGKILL)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.send_signal(how)
        return self._process.wait(60)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def resident_mb(self) -> float:
        assert self._process is not None
        return psutil.Process(self._process.pid).memory_info().rss / 1e6

    def ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end(signal.SIGKILL)
