"""The call log: with whom dispatchers spoke about a request, and what came of it (D-1.3-U3, D4-3.1-U5)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Party(StrEnum):
    """Who was at the other end."""

    RESIDENT = "resident"
    CREW = "crew"
    ORGANISATION = "organisation"
    OTHER = "other"


class Direction(StrEnum):
    """Who called."""

    OUT = "out"
    IN = "in"


class Means(StrEnum):
    """What they spoke over."""

    PHONE = "phone"
    RADIO = "radio"
    MESSENGER = "messenger"


class Result(StrEnum):
    """Whether they spoke."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"


@dataclass(frozen=True)
class PhoneCall:
    """One call. ``name`` says who it was in words (post, call sign), ``at`` is when it was, aware UTC."""

    call_id: UUID
    request_id: UUID
    party: Party
    direction: Direction
    channel: Means
    result: Result
    name: str | None
    note: str | None
    by: str
    at: datetime
