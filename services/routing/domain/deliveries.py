"""What could not be told to a partner service (112, 104, a city's housing system)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Undelivered:
    """A card or news of one that intake has given up on after its last attempt, until somebody has it tried
    again: then ``failed`` is False. ``sequence`` numbers what intake says of the delivery."""

    delivery_id: UUID
    request_id: UUID
    partner: str
    kind: str
    trouble: str
    attempts: int
    failed: bool
    at: datetime
    sequence: int
