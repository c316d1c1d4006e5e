"""A crew's queue: the requests that are its next ones after the present work."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Turn:
    """One request's place in the queue of one crew, as planned at ``planned_at``; with this crew ``since``.

    A dispatcher may have pinned it: no plan moves it to another crew, and nobody else is sent.
    """

    request_id: UUID
    organisation_id: UUID
    crew_id: UUID
    place: int
    since: datetime
    planned_at: datetime
    arrives_at: datetime | None = None
    pinned_by: str | None = None
    pinned_at: datetime | None = None

    @property
    def pinned(self) -> bool:
        return self.pinned_by is not None
