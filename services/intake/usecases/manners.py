"""How this dispatch service deals with people who write: its clock time, its patience with floods."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from services.intake.domain.throttle import Throttle


def _unchanged(text: str, language: str) -> str:  # noqa: ARG001 - as any writer
    return text


@dataclass(frozen=True)
class Manners:
    """Settings of the conversation. Over a limit a message is kept and waits for a person; danger
    always passes.

    ``messages_most`` of one sender within ``window``; ``strangers_most`` senders never heard of before within
    ``window``, of whom more are heard only if their first message says everything.
    """

    zone: tzinfo = UTC
    window: timedelta = timedelta(minutes=10)
    messages_most: int = 15
    strangers_most: int = 6000
    latin: Callable[[str, str], str] = _unchanged
    """Writes an answer (text, language) in Latin letters for who writes so."""
    _strangers: Throttle = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_strangers", Throttle(self.strangers_most, self.window))

    def admits_stranger(self, now: datetime) -> bool:
        """Whether one more sender whom we do not know may be talked to now; counted in this process."""
        return self._strangers.allows("strangers", now)
