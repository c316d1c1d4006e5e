"""Waiting for something to become true, with a deadline and a reason: tests never just sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

AT_ONCE_S = (
    10.0  # "at once" for a test: what waits for somebody who is away takes longer; bench/ measures speed
)
_PAUSE_S = 0.02
_SLOW_MACHINE = 4  # deadlines are written for a quiet machine; waiting longer costs nothing while all is well


def eventually(probe: Callable[[], T], within_s: float = 15.0, what: str = "") -> T:
    """The first truthy result of ``probe``; fails with ``what`` and the last result when four times
    ``within_s`` are over.

    An AssertionError or LookupError raised by the probe counts as "not yet".
    """
    within_s *= _SLOW_MACHINE
    deadline = time.monotonic() + within_s
    while True:
        outcome = _try(probe)
        if not isinstance(outcome, Exception) and outcome:
            return outcome
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {what or probe}; last: {outcome!r}")
        time.sleep(_PAUSE_S)


def _try(probe: Callable[[], T]) -> T | Exception:
    try:
        return probe()
    except (AssertionError, LookupError) as not_yet:
        return not_yet
