"""Messages as residents sent them, each with the answer that it was given."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

_ADDITION = "web:"


@dataclass(frozen=True, slots=True)
class Message:
    """One message about a request; ``reply`` is empty if nothing was answered."""

    sid: str
    body: str
    reply: str
    received_at: datetime

    @property
    def is_addition(self) -> bool:
        """Whether it was written on the page of the request."""
        return self.sid.startswith(_ADDITION)


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message that came while too many strangers wrote: kept, not answered, no request made of it."""

    message: Message
    sender_ref: UUID
    request_id: UUID | None = None
    """Set once a person took it up."""


def addition_sid(key: str) -> str:
    """The id of what is written on a page that was issued with ``key``."""
    return f"{_ADDITION}{key}"
