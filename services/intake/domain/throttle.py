"""Bounds how often one caller may do something; remembers only as many callers as it is told to."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta


class Throttle:
    """``most`` times within ``window`` for each caller, over a sliding window.

    What was not allowed is not counted: whoever waits is let in again. When there are more callers than
    ``remembered``, those that were longest silent are forgotten.
    """

    def __init__(self, most: int, window: timedelta, remembered: int = 10_000) -> None:
        self._most = most
        self._window = window
        self._remembered = remembered
        self._times: OrderedDict[str, deque[datetime]] = OrderedDict()

    def allows(self, caller: str, now: datetime) -> bool:
        """Whether the caller may do it now; counts it if so."""
        times = self._times.setdefault(caller, deque())
        self._times.move_to_end(caller)
        while times and times[0] <= now - self._window:
            times.popleft()
        if len(times) >= self._most:
            return False
        times.append(now)
        if len(self._times) > self._remembered:
            self._times.popitem(last=False)
        return True
