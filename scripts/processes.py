"""Processes of the local suite, found again after any crash.

Each process that we start lives in a directory of its own under ``var/``: its current directory tells whose
it is, so no pid file can be stale and no foreign process can be mistaken for ours. Linux only (``/proc``).
"""

import signal
import subprocess
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from os import kill
from pathlib import Path

_DELETED = " (deleted)"
_POLL_S = 0.05

Pids = Callable[[], Collection[int]]


@dataclass(frozen=True)
class Done:
    """How a finished command ended and what it printed; ``complaint`` is never empty after a failure."""

    returncode: int
    output: str
    complaint: str


def program(pid: int) -> str:
    """Name of the executable that a process runs; empty if it is gone or not ours to see."""
    return Path(_link(pid, "exe")).name


def directory(pid: int) -> str:
    """Current directory of a process, also when it was removed since; empty if gone or not ours to see."""
    return _link(pid, "cwd")


def _link(pid: int, what: str) -> str:
    try:
        return str(Path(f"/proc/{pid}/{what}").readlink()).removesuffix(_DELETED)
    except OSError:
        return ""


def living_in(home: Path, programs: Collection[str]) -> list[int]:
    """Processes whose current directory is ``home`` and whose executable begins with one of ``programs``.

    A zombie has no current directory, so it does not count as living.
    """
    wanted, prefixes = str(home.resolve()), tuple(programs)
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if directory(pid) == wanted and program(pid).startswith(prefixes)]


def send(pids: Collection[int], what: signal.Signals) -> None:
    """Signal every process that still exists."""
    for pid in pids:
        with suppress(ProcessLookupError):
            kill(pid, what)


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll until the condition holds or the time is over; tells whether it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def end(find: Pids, first: signal.Signals, patience: float) -> None:
    """Ask the processes that ``find`` reports to end; kill those still alive after ``patience`` seconds."""
    send(find(), first)
    if not wait_for(lambda: not find(), patience):
        slay(find)


def slay(find: Pids) -> None:
    """SIGKILL until none is left: a process may have started a child between looking and killing."""

    def gone() -> bool:
        left = find()
        send(left, signal.SIGKILL)
        return not left

    wait_for(gone, 10.0)


def spawn(
    command: Sequence[str | Path],
    home: Path,
    environment: Mapping[str, str],
    log: Path,
    leash: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a process in its own session and directory; its output is appended to ``log``.

    With a ``leash`` its standard input stays open exactly as long as this process lives.
    """
    home.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(word) for word in command],
            cwd=home,
            env=dict(environment),
            stdin=subprocess.PIPE if leash else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def run(command: Sequence[str | Path], home: Path, environment: Mapping[str, str], text: str = "") -> Done:
    """Run a short command with ``text`` as its input and wait for it."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=home,
        env=dict(environment),
        input=text,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=600,
    )
    complaint = done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}"
    return Done(done.returncode, done.stdout, complaint)


def last_lines(log: Path, count: int = 8) -> str:
    """The end of a log for an error message; a note if there is none."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "(no log)"
    return "\n".join([line for line in text.splitlines() if line.strip()][-count:])
