"""When something happened, told by a device whose clock may be wrong and whose network was away."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class DeviceTime:
    """When it was done and when it was sent, both by the device's own clock.

    Only the difference of the two is believed: it says how long ago something was done however wrong the
    clock is. Without ``sent_at`` what arrives is taken as done now.
    """

    done_at: datetime | None = None
    sent_at: datetime | None = None
    longest_ago: timedelta = timedelta(hours=24)

    def skew(self, now: datetime) -> timedelta | None:
        """How far the device's clock runs ahead of ours, the time on the way included; None: unknown."""
        return None if self.sent_at is None else self.sent_at - now

    def happened(self, now: datetime, not_before: datetime | None = None) -> datetime:
        """When it happened by our clock: never in the future, before ``not_before``, or longer ago than
        ``longest_ago``."""
        if self.done_at is None or self.sent_at is None:
            return now
        earliest = now - self.longest_ago
        guess = now - (self.sent_at - self.done_at)
        return min(now, max(guess, earliest, not_before or earliest))
