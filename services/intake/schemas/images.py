"""Photos of residents, made harmless."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

from services.intake.domain.photos import LARGEST_BYTES, MOST_PHOTOS, Picture
from services.intake.errors import PhotoTooLarge, PhotoUnreadable
from shared import pictures


def clean(content: bytes) -> Picture:
    """The picture in a file. Native code: not for the hub. Raises PhotoTooLarge or PhotoUnreadable."""
    try:
        found = pictures.clean(content, LARGEST_BYTES)
    except (pictures.TooLarge, pictures.TooManyPixels) as large:
        raise PhotoTooLarge from large
    except pictures.Unreadable as broken:
        raise PhotoUnreadable from broken
    digest = hashlib.sha256(content).hexdigest()
    return Picture(found.jpeg, found.width, found.height, digest, found.point)


def clean_all(files: Sequence[IO[bytes]]) -> list[Picture]:
    """The pictures among the first few files, read one after another; what cannot be opened is left out."""
    found = []
    for file in files[:MOST_PHOTOS]:
        with suppress(PhotoUnreadable, PhotoTooLarge):
            found.append(clean(file.read(LARGEST_BYTES + 1)))
    return found
