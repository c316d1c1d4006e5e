"""What a crew's device must learn: a feed of changes, numbered for each crew on its own."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Topic(StrEnum):
    """What a change is about."""

    ORDER = "order"
    MESSAGE = "message"
    SIGNAL = "signal"
    SHIFT = "shift"
    RECORD = "record"
    DOCUMENT = "document"


@dataclass(frozen=True)
class Change:
    """The latest change of one thing: its number among all changes of its crew."""

    number: int
    topic: Topic
    id: UUID
