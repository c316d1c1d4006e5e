"""Opens what residents call photos. The content is decoded, never believed: only pixels come through.

Every bound here is a bound on memory or time: of pixels, of scans in a progressive JPEG, of formats tried.
"""

import hashlib
import math
import struct
import warnings
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from typing import IO, Any, Final

from PIL import Image, ImageOps

from services.intake.domain.photos import LARGEST_BYTES, MOST_PHOTOS, Picture
from services.intake.domain.registry import Point
from services.intake.errors import PhotoTooLarge, PhotoUnreadable

_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_LONGEST_SIDE = 1600
_QUALITY = 80
# Chosen so that opening one takes at most about 130 MB for a second, and that telephones' photos pass:
# a JPEG is decoded at a fraction of its size (not so a progressive one), the others are decoded whole.
_MOST_PIXELS = {"JPEG": 50_000_000, "MPO": 50_000_000, "PNG": 16_000_000, "WEBP": 8_000_000}
_MOST_PIXELS_PROGRESSIVE = 24_000_000
_MOST_SCANS = 100
_SCAN = b"\xff\xda"
_GPS = 0x8825
_LATITUDE, _LONGITUDE = (1, 2, "S"), (3, 4, "W")
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    ZeroDivisionError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
)
"""What Pillow's readers raise at files that are cut, forged or none of theirs."""

Image.MAX_IMAGE_PIXELS = _MOST_PIXELS["JPEG"]


def clean(content: bytes) -> Picture:
    """The picture in a file: upright, at most 1600 pixels a side, without any metadata.

    Native code that takes a tenth of a second: not for the hub. What the readers would
    say of damaged metadata is nobody's business. Raises PhotoTooLarge or PhotoUnreadable.
    """
    if len(content) > LARGEST_BYTES or content.count(_SCAN) > _MOST_SCANS:
        raise PhotoTooLarge
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(BytesIO(content), formats=_FORMATS) as image,
        ):
            _check_pixels(image)
            point = _point_of(image)
            return _picture(_small(image), content, point)
    except _BROKEN as broken:
        raise PhotoUnreadable from broken


def clean_all(files: Sequence[IO[bytes]]) -> list[Picture]:
    """The pictures among the first few files, read one after another; what cannot be opened is left out."""
    pictures = []
    for file in files[:MOST_PHOTOS]:
        with suppress(PhotoUnreadable, PhotoTooLarge):
            pictures.append(clean(file.read(LARGEST_BYTES + 1)))
    return pictures


def _check_pixels(image: Image.Image) -> None:
    most = _MOST_PIXELS_PROGRESSIVE if "progressive" in image.info else _MOST_PIXELS[str(image.format)]
    if image.width * image.height > most:
        raise PhotoTooLarge


def _small(image: Image.Image) -> Image.Image:
    """Decoded as small as will do, turned the right way up, on white where it was transparent."""
    image.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
    image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        seen = upright.convert("RGBA")
        paper = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(paper, seen).convert("RGB")
    return upright.convert("RGB")


def _picture(image: Image.Image, content: bytes, point: Point | None) -> Picture:
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    buffer = BytesIO()
    bare.save(buffer, "JPEG", quality=_QUALITY)
    return Picture(buffer.getvalue(), *bare.size, hashlib.sha256(content).hexdigest(), point)


def _point_of(image: Image.Image) -> Point | None:
    """Where the camera says it was; nothing that it says is a reason to refuse the picture."""
    try:
        gps = image.getexif().get_ifd(_GPS)
        lat, lon = (_degrees(gps, *part) for part in (_LATITUDE, _LONGITUDE))
    except _BROKEN:
        return None
    is_plausible = abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0, 0)
    return (round(lat, 6), round(lon, 6)) if is_plausible else None


def _degrees(gps: Any, reference: int, value: int, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in gps[value])
    angle = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(angle):
        raise ValueError(angle)
    return -angle if gps[reference] == negative else angle
