"""Progress of long steps: what runs now, and how long it took."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_HEARTBEAT_S = 15.0


def say(text: str) -> None:
    print(text, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show ``title`` while the block runs and its duration afterwards; a long one shows that it lives."""
    started = time.monotonic()
    print(f"  {title} ...", end="" if sys.stdout.isatty() else "\n", flush=True)
    done = threading.Event()
    threading.Thread(target=_heartbeat, args=(done, title, started), daemon=True).start()
    try:
        yield
    except BaseException:
        done.set()
        print(flush=True)
        raise
    done.set()
    _report(title, time.monotonic() - started)


def _heartbeat(done: threading.Event, title: str, started: float) -> None:
    terminal = sys.stdout.isatty()
    while not done.wait(1.0 if terminal else _HEARTBEAT_S):
        seconds = time.monotonic() - started
        if terminal:
            print(f"\r  {title} ... {seconds:.0f} s", end="", flush=True)
        else:
            print(f"  ... {seconds:.0f} s", flush=True)


def _report(title: str, seconds: float) -> None:
    back = "\r" if sys.stdout.isatty() else ""
    print(f"{back}  {title}: {seconds:.1f} s    ", flush=True)
