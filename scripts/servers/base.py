"""What both servers share: a home, private notes, and a start that may follow any kind of end."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scripts import memory, ports, processes
from scripts.errors import Exit, Failure
from scripts.locks import exclusive

Say = Callable[[str], None]
START_S = 120.0
STOP_S = 60.0
_MINIMUM_FREE = 300 * 2**20
_LOG_LIMIT = 5 * 2**20


def silent(_: str) -> None:
    """Progress that nobody reads."""


class Server:
    """One private server; ``start``, ``stop`` and ``kill`` may come in any order, any number of times."""

    name = ""
    programs: tuple[str, ...] = ()
    port_names: tuple[str, ...] = ("port",)

    def __init__(self, root: Path, say: Say = silent) -> None:
        self.home = root.resolve() / self.name.lower()
        self.say = say
        self._child: subprocess.Popen[bytes] | None = None
        self._helpers: list[subprocess.Popen[bytes]] = []

    @property
    def log(self) -> Path:
        return self.home / "log" / f"{self.name.lower()}.log"

    @property
    def workplace(self) -> Path:
        """The directory in which the server's processes run, by which they are recognised."""
        return self.home

    def port(self, name: str = "port") -> int:
        number = memory.read(self._notes).get(name)
        if number is None:
            raise Failure(Exit.SERVER, f"{self.name} was never started in {self.home}: start it first")
        return int(number)

    def password(self, user: str = "password") -> str:
        """The random password of a user of this instance, made on the first call."""
        return memory.recall(self._notes, user, memory.new_secret)

    def pids(self) -> list[int]:
        """Every living process of this instance."""
        self._reap()
        return processes.living_in(self.workplace, self.programs)

    def lives(self) -> bool:
        """Whether the server's own process exists, ready or not."""
        return bool(self.pids())

    def running(self) -> bool:
        """Whether the instance lives and accepts connections."""
        port = memory.read(self._notes).get("port")
        return port is not None and bool(self.pids()) and ports.answers(port)

    def start(self) -> None:
        """Bring the server up and return when it is ready; a running one is left alone."""
        self._settle()
        with exclusive(self.home / "start.lock"):
            if self.running() and self._ready():
                return
            self.kill()
            self._require_space()
            self._choose_ports()
            self._child = self._launch()
            self._await_ready()

    def kill(self) -> None:
        """End every process at once, like a power cut: no shutdown, no flush, nothing tidied up."""
        processes.slay(self.pids)
        self._bury()

    def stop(self) -> None:
        """End the server in order; returns when its last process is gone."""
        raise NotImplementedError

    @contextmanager
    def alive(self) -> Iterator[None]:
        """The server for the length of a ``with`` block."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    def _reap(self) -> None:
        """Take note of children that ended, so that none stays a zombie."""
        if self._child is not None:
            self._child.poll()
        self._helpers = [helper for helper in self._helpers if helper.poll() is None]

    def _bury(self) -> None:
        """Wait for our own children: all have ended by now, some are not yet collected."""
        for child in [*self._helpers, *([self._child] if self._child else [])]:
            with suppress(subprocess.TimeoutExpired):
                child.wait(5.0)

    def _settle(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)

    def _launch(self) -> subprocess.Popen[bytes]:
        raise NotImplementedError

    def _ready(self) -> bool:
        raise NotImplementedError

    @property
    def _notes(self) -> Path:
        return self.home / "instance.json"

    def _choose_ports(self) -> None:
        notes = memory.read(self._notes)
        known = {name: int(notes[name]) for name in self.port_names if name in notes}
        memory.write(self._notes, notes | ports.assign(dict.fromkeys(self.port_names), known))

    def _await_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while not self._ready():
            if self._died() or time.monotonic() > deadline:
                self.kill()
                end = processes.last_lines(self.log)
                raise Failure(Exit.SERVER, f"{self.name} did not start; the end of {self.log}:\n{end}")
            time.sleep(0.05)

    def _died(self) -> bool:
        return self._child is not None and self._child.poll() is not None

    def _require_space(self) -> None:
        free = shutil.disk_usage(self.home).free
        if free < _MINIMUM_FREE:
            wanted = f"{self.name} needs {_MINIMUM_FREE // 2**20} MB"
            raise Failure(
                Exit.DISK, f"disk full: {free // 2**20} MB left for {self.home}, {wanted}; free some space"
            )

    def _fresh_log(self) -> Path:
        """The log to write to, emptied first when it has grown."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.write_text("", encoding="utf-8")
        return self.log
