"""``python -m scripts.supervisor VAR``: keeps the services and the private servers of a local suite alive.

Started in the background by ``up``, bound to its parent by ``demo``. It restarts what ends by itself, with
growing pauses, keeps the logs short, counts restarts in ``VAR/run/restarts.json``, and on SIGTERM (or when
the parent it is bound to ends in any way) stops everything in order.
"""

import argparse
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scripts import memory, processes, programs
from scripts.errors import Failure
from scripts.plan import Plan
from scripts.programs import Program
from scripts.servers.base import Server

LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0
STOP_S = 15.0
_LOOK_EVERY_S = 0.5
_SERVERS_EVERY_S = 3.0
_LOG_LIMIT = 10 * 2**20


@dataclass
class Kept:
    """A program that is kept alive: restarted when it ends, later each time it ends soon after a start."""

    program: Program
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    quick_ends: int = 0
    started: float = 0.0
    due: float = 0.0

    @property
    def restarts(self) -> int:
        return max(self.starts - 1, 0)

    def look(self, now: float) -> bool:
        """Start it if it does not run and its pause is over; tells whether anything changed."""
        if self.process is not None and self.process.poll() is not None:
            self._ended(now)
            return True
        if self.process is None and now >= self.due:
            self._start(now)
            return True
        return False

    def pause(self) -> float:
        """Seconds to wait before the next start: 1, 2, 4 and on while it keeps ending early."""
        return float(min(2 ** max(self.quick_ends - 1, 0), LONGEST_PAUSE_S))

    def _start(self, now: float) -> None:
        program = self.program
        self.process = processes.spawn(program.command, program.home, self.environment, program.log)
        self.started = now
        self.starts += 1

    def _ended(self, now: float) -> None:
        self.quick_ends = 1 if now - self.started > STEADY_S else self.quick_ends + 1
        self.process = None
        self.due = now + self.pause()


class Supervisor:
    """All that is kept alive under one ``var`` directory."""

    def __init__(self, notes: Path, kept: Sequence[Kept], servers: Sequence[Server]) -> None:
        self._notes = notes
        self._kept = kept
        self._servers = servers
        self._server_restarts = dict.fromkeys((server.name for server in servers), 0)
        self._stopping = False
        self._servers_due = 0.0

    def request_stop(self, *_: object) -> None:
        self._stopping = True

    def run(self, bound_to_parent: bool) -> None:
        """Watch until told to stop, then stop everything."""
        while not self._stopping:
            self._look_after(time.monotonic())
            if _parent_gone(bound_to_parent, _LOOK_EVERY_S):
                break
        self.stop()

    def stop(self) -> None:
        """Services first, so that they can finish what they have in hand; then the servers."""
        processes.end(self._service_pids, signal.SIGTERM, STOP_S)
        for server in self._servers:
            server.stop()
        self._notes.unlink(missing_ok=True)

    def _look_after(self, now: float) -> None:
        changes = [kept.look(now) for kept in self._kept]
        if now >= self._servers_due:
            self._servers_due = now + _SERVERS_EVERY_S
            changes += [self._revive(server) for server in self._servers]
        for kept in self._kept:
            shorten(kept.program.log)
        if any(changes):
            memory.write(self._notes, {**self.restarts()})

    def _revive(self, server: Server) -> bool:
        if server.lives():
            return False
        print(f"{server.name} ended by itself, starting it again", flush=True)
        try:
            server.start()
        except Failure as failure:
            print(failure, flush=True)
            return False
        self._server_restarts[server.name] += 1
        return True

    def _service_pids(self) -> list[int]:
        for kept in self._kept:
            if kept.process is not None:
                kept.process.poll()
        return [pid for kept in self._kept for pid in kept.program.pids()]

    def restarts(self) -> dict[str, int]:
        """How often each process was started again, by name."""
        servers = {name.lower(): restarts for name, restarts in self._server_restarts.items()}
        return {kept.program.name: kept.restarts for kept in self._kept} | servers


def restarts_file(var: Path) -> Path:
    return var / "run" / "restarts.json"


def shorten(log: Path, limit: int = _LOG_LIMIT) -> None:
    """Keep the last ``limit`` bytes of a log beside a fresh one. Writers append, so truncating is safe."""
    with suppress(OSError):
        if log.stat().st_size > limit:
            log.with_suffix(".log.1").write_bytes(log.read_bytes())
            os.truncate(log, 0)


def _parent_gone(bound: bool, seconds: float) -> bool:
    """Wait some seconds; tells whether the parent at the other end of our standard input is gone."""
    if not bound:
        time.sleep(seconds)
        return False
    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(readable) and not os.read(sys.stdin.fileno(), 1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.supervisor", description=__doc__)
    parser.add_argument("var", type=Path)
    parser.add_argument("--bound", action="store_true", help="stop when standard input closes")
    options = parser.parse_args()
    plan = Plan.load(options.var)
    if plan is None:
        sys.exit(f"nothing is planned in {options.var}: run ./avariyka up")
    environment = programs.child_environment(plan.settings, os.environ)
    kept = [Kept(program, environment) for program in programs.planned(options.var, plan)]
    supervisor = Supervisor(restarts_file(options.var), kept, plan.private_servers(options.var))
    signal.signal(signal.SIGTERM, supervisor.request_stop)
    supervisor.run(options.bound)


if __name__ == "__main__":
    main()
