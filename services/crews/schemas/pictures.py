"""Photos of crews, made harmless."""

from services.crews.domain.media import Picture
from services.crews.errors import MediaTooLarge, MediaUnreadable
from shared import pictures


def clean(content: bytes, largest: int) -> Picture:
    """The picture in a file of at most ``largest`` bytes. Native code: not for the hub.

    Raises MediaTooLarge or MediaUnreadable.
    """
    try:
        found = pictures.clean(content, largest)
    except pictures.TooLarge as large:
        raise MediaTooLarge(limit_mb=largest // 2**20) from large
    except pictures.Unreadable as broken:
        raise MediaUnreadable from broken
    return Picture(found.jpeg, found.width, found.height, found.point)
