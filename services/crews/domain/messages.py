"""Messages between a crew and the dispatcher."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Message:
    """One message; ``from_crew`` says which way it went. ``recorded_at`` is when this service had it."""

    id: UUID
    crew_id: UUID
    assignment_id: UUID | None
    from_crew: bool
    by: str
    text: str
    at: datetime
    recorded_at: datetime
