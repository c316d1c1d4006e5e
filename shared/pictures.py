"""Opens what people call photos. The content is decoded, never believed: only pixels come through.

Every bound here is a bound on memory or time: of pixels, of scans in a progressive JPEG, of formats tried.
"""

import math
import struct
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageOps

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
# What Pillow's readers raise at files that are cut, forged or none of theirs.
_BROKEN = (
    *(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, OverflowError, ZeroDivisionError),
    *(EOFError, struct.error, Image.DecompressionBombError),
)

Image.MAX_IMAGE_PIXELS = _MOST_PIXELS["JPEG"]


class TooLarge(Exception):
    """More bytes than are taken, or more scans than a camera makes."""


class Unreadable(Exception):
    """No picture of a known format."""


class TooManyPixels(Unreadable):
    """It would take too much memory to open."""


@dataclass(frozen=True)
class Picture:
    """A JPEG of our own making; ``point`` is where its file said it was taken: latitude and longitude."""

    jpeg: bytes
    width: int
    height: int
    point: tuple[float, float] | None


def clean(content: bytes, largest: int) -> Picture:
    """The picture in a file of at most ``largest`` bytes: upright, at most 1600 pixels a side, no metadata.

    Native code that takes a tenth of a second: not for the hub. What the readers would say of damaged
    metadata is nobody's business. Raises TooLarge or Unreadable.
    """
    if len(content) > largest or content.count(_SCAN) > _MOST_SCANS:
        raise TooLarge
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(BytesIO(content), formats=_FORMATS) as image,
        ):
            _check_pixels(image)
            point = _point_of(image)
            return _picture(_small(image), point)
    except _BROKEN as broken:
        raise Unreadable from broken


def _check_pixels(image: Image.Image) -> None:
    most = _MOST_PIXELS_PROGRESSIVE if "progressive" in image.info else _MOST_PIXELS[str(image.format)]
    if image.width * image.height > most:
        raise TooManyPixels


def _small(image: Image.Image) -> Image.Image:
    """Decoded as small as will do, turned the right way up, on white where it was transparent."""
    image.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
    image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        seen = upright.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
    return upright.convert("RGB")


def _picture(image: Image.Image, point: tuple[float, float] | None) -> Picture:
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    buffer = BytesIO()
    bare.save(buffer, "JPEG", quality=_QUALITY)
    return Picture(buffer.getvalue(), *bare.size, point)


def _point_of(image: Image.Image) -> tuple[float, float] | None:
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
