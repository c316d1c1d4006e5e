"""How this dispatch service deals with people who write: its clock time, its patience with floods."""

from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo


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
