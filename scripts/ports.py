"""Loopback and its ports: chosen once, remembered, and chosen anew only if another program took them."""

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path

from scripts.errors import Exit, Failure

LOOPBACK = "127.0.0.1"
_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_PROMISES = Path(tempfile.gettempdir()) / f"avariyka-ports-{os.getuid()}"
_promised: set[int] = set()


def go_direct(environment: MutableMapping[str, str]) -> None:
    """Whatever proxy a shell names, what stays on this machine does not go through it."""
    for name in ("no_proxy", "NO_PROXY"):
        kept = environment.get(name, "")
        if kept != "*" and LOOPBACK not in kept.split(","):
            environment[name] = ",".join(filter(None, (kept, LOOPBACK, "localhost")))


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def answers(port: int) -> bool:
    """Whether something accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((LOOPBACK, port)) == 0


def pick(taken: set[int], free: Callable[[int], bool] = is_free) -> int:
    """A free port below the ephemeral range.

    Inside that range a client that reconnects to a stopped server can be given the server's own port as its
    local one, connect to itself, and keep the server from coming back.
    """
    ceiling = _first_ephemeral()
    for _ in range(1000):
        port = random.randrange(ceiling // 2, ceiling)  # noqa: S311 - not a secret
        if port not in taken and free(port) and _promise(port):
            return port
    raise Failure(Exit.PORT, "no free loopback port found: stop some local servers and try again")


def assign(
    names: Mapping[str, int | None], remembered: Mapping[str, int], free: Callable[[int], bool] = is_free
) -> dict[str, int]:
    """A port for every name: the remembered one, else the preferred one, else any, as long as it is free."""
    chosen: dict[str, int] = {}
    for name, preferred in names.items():
        taken = set(chosen.values())
        wishes = (remembered.get(name), preferred)
        fits = (port for port in wishes if port and port not in taken and free(port) and _promise(port))
        chosen[name] = next(fits, None) or pick(taken, free)
    return chosen


def _promise(port: int) -> bool:
    """Whether the port is ours while this process lives.

    A server that starts, or starts anew, does not listen for some seconds: what runs side by side and picks
    here as well must not be given its port meanwhile.
    """
    if port in _promised:
        return True
    _PROMISES.mkdir(exist_ok=True)
    lock = os.open(_PROMISES / str(port), os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    _promised.add(port)  # the lock is left open: it ends with the process
    return True


def _first_ephemeral() -> int:
    try:
        return max(int(_EPHEMERAL.read_text(encoding="ascii").split()[0]), 12000)
    except OSError:
        return 32768
