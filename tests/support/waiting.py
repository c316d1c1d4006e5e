"""Waiting for something to become true, with a deadline and a reason: tests never just sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_PAUSE_S = 0.02


def eventually(probe: Callable[[], T], within_s: float = 15.0, what: str = "") -> T:
    """The first truthy result of ``probe``; fails with ``what`` and the last result at the deadline.

    An AssertionError or LookupError raised by the probe counts as "not yet".
    """
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
