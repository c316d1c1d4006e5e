"""One at a time: file locks that the kernel releases when their holder dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.errors import Failure


@contextmanager
def exclusive(path: Path, otherwise: Failure | None = None) -> Iterator[None]:
    """Hold the lock for the length of the block; wait for it, or raise ``otherwise`` if somebody holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (fcntl.LOCK_NB if otherwise else 0))
        except BlockingIOError:
            raise otherwise or RuntimeError from None
        yield
