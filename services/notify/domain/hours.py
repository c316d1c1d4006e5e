"""When residents are left in peace, and what is no news any more; pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

MAY_WAIT = frozenset({"planned", "consultation"})
"""Urgencies of requests whose news may wait for the morning; what triage has not judged yet may not."""

ANSWERS = frozenset(
    {"registered", "consultation", "consultation_billing", "joined", "joined_planned", "split"}
)
"""What a resident waits for who has just spoken to us: it is told at any hour."""


@dataclass(frozen=True)
class QuietHours:
    """From ``starts`` until ``ends`` by the city's clock, over midnight or not; both the same: never."""

    starts: time = time(0)
    ends: time = time(0)
    zone: tzinfo = UTC

    def until(self, now: datetime) -> datetime | None:
        """When the quiet that reigns at ``now`` ends, aware UTC; None: nobody needs to wait."""
        local = now.astimezone(self.zone)
        if not self._holds(local.time()):
            return None
        day = local.date() + timedelta(days=int(local.time() >= self.ends))
        # Where clocks are put back, the same hour comes twice: the end that still lies ahead is meant.
        ends = (datetime.combine(day, self.ends, self.zone).replace(fold=fold) for fold in (0, 1))
        return next((moment.astimezone(UTC) for moment in ends if moment.astimezone(UTC) > now), None)

    def _holds(self, at: time) -> bool:
        if self.starts <= self.ends:
            return self.starts <= at < self.ends
        return at >= self.starts or at < self.ends


NEVER_QUIET = QuietHours()


def may_wait(template: str, category: str | None, *, urgent: bool) -> bool:
    """Whether a message may wait for the morning: neither advice, nor an answer, nor news of an emergency."""
    return not urgent and template not in ANSWERS and category in MAY_WAIT


def is_old_news(
    occurred_at: datetime, heard_at: datetime, limit: timedelta, category: str | None, *, is_last: bool
) -> bool:
    """Whether a fact came so late that it must not be told: a replay, a crew long without network.

    How an emergency stands now is told all the same: ``is_last``, nothing later of it is known.
    """
    return heard_at - occurred_at > limit and not (is_last and category == "emergency")
