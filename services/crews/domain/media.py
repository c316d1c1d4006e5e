"""Photos and video of crews: sent piece by piece over a bad network, whole or not at all in the end.

A piece says where it begins. What is there already is not taken twice, what would leave a hole is refused
with the place to go on from; so however often the line breaks, the same bytes arrive.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.crews.errors import (
    MediaTooLarge,
    MediaUnreadable,
    TooManyMedia,
    UploadGap,
    UploadIncomplete,
    UploadTooLong,
)


class MediaKind(StrEnum):
    """What is sent."""

    PHOTO = "photo"
    VIDEO = "video"


class Purpose(StrEnum):
    """What a picture shows."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"
    DAMAGE = "damage"
    PAPER = "paper"


@dataclass(frozen=True)
class KindLimit:
    """How large one may be (bytes), how many of them one order may have."""

    largest: int
    most: int


@dataclass(frozen=True)
class MediaPolicy:
    """Limits of each kind, and how long an unfinished upload is kept since its last piece."""

    photo: KindLimit
    video: KindLimit
    unfinished_for: timedelta

    def of(self, kind: MediaKind) -> KindLimit:
        return self.photo if kind is MediaKind.PHOTO else self.video


@dataclass(frozen=True)
class Shot:
    """When and where it was taken, as the device says (WGS 84 degrees, metres), and what it shows."""

    taken_at: datetime
    purpose: Purpose
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    note: str | None = None


@dataclass(frozen=True)
class Finished:
    """What is kept in the end: of a photo our own JPEG, of a video what was sent."""

    at: datetime
    content_type: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class Media:
    """A photo or video of an order: ``size`` and ``sha256`` as announced, ``received`` bytes so far.

    ``id`` was given by the device.
    """

    id: UUID
    assignment_id: UUID
    kind: MediaKind
    size: int
    sha256: str
    shot: Shot
    by: str
    begun_at: datetime
    touched_at: datetime
    received: int = 0
    finished: Finished | None = None

    def announces_the_same(self, other: "Media") -> bool:
        mine, theirs = (
            (media.id, media.assignment_id, media.kind, media.size, media.sha256, media.shot)
            for media in (self, other)
        )
        return mine == theirs

    def fresh_part(self, start: int, piece: bytes) -> bytes:
        """What of a piece that begins at ``start`` is new; raises UploadGap or UploadTooLong."""
        if start > self.received:
            raise UploadGap(received=self.received)
        if start + len(piece) > self.size:
            raise UploadTooLong(received=self.received, size=self.size)
        return piece[self.received - start :]

    def grown(self, part: bytes, now: datetime) -> "Media":
        return replace(self, received=self.received + len(part), touched_at=now)

    def emptied(self, now: datetime) -> "Media":
        """Ready to be sent again from the start."""
        return replace(self, received=0, touched_at=now)

    def check_complete(self) -> None:
        if self.received < self.size:
            raise UploadIncomplete(received=self.received, size=self.size)


@dataclass(frozen=True)
class Picture:
    """A photo as we keep it: a JPEG of our own making with nothing in it but the picture.

    ``point`` is where its file said that it was taken: latitude and longitude.
    """

    jpeg: bytes
    width: int
    height: int
    point: tuple[float, float] | None = None


def check_welcome(new: Media, others: int, policy: MediaPolicy) -> None:
    """Raise MediaTooLarge or TooManyMedia unless one more of this kind may come beside ``others``."""
    limit = policy.of(new.kind)
    if new.size > limit.largest:
        raise MediaTooLarge(limit_mb=limit.largest // 2**20)
    if others >= limit.most:
        raise TooManyMedia(most=limit.most)


def video_type(head: bytes) -> str:
    """The content type that the first bytes of a video show; what it was called is not believed.

    Raises MediaUnreadable for anything but MP4, QuickTime, 3GPP and WebM.
    """
    if head[:4] == b"\x1a\x45\xdf\xa3" and b"webm" in head[:64]:
        return "video/webm"
    if head[4:8] != b"ftyp":
        raise MediaUnreadable
    brand = head[8:12]
    if brand == b"qt  ":
        return "video/quicktime"
    return "video/3gpp" if brand.startswith(b"3g") else "video/mp4"
