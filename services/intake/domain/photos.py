"""Photos that residents send: made harmless, bounded, belonging to one request."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.domain.registry import Point

MOST_PHOTOS = 5
"""Of one request."""
LARGEST_BYTES = 8 * 1024 * 1024
"""Of one photo as it is sent."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as we keep it: a JPEG of our own making with nothing in it but the picture.

    ``point`` is where it was taken, if its file said so; ``digest`` tells what was sent from everything else.
    """

    jpeg: bytes
    width: int
    height: int
    digest: str
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of one request."""

    id: UUID
    request_id: UUID
    width: int
    height: int
    size: int
    digest: str
    added_at: datetime
    point: Point | None = None
