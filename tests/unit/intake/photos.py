"""Photos for tests: good ones, and files that only say that they are photos."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

ABAY_12 = (43.2402, 76.945)


def jpeg(
    size: tuple[int, int] = (400, 300),
    *,
    orientation: int = 1,
    point: tuple[float, float] | None = None,
    comment: str = "secret of the camera",
    kind: str = "JPEG",
    **options: Any,
) -> bytes:
    """A picture whose left half is red and right half blue, with metadata."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = comment
    if point is not None:
        exif.get_ifd(0x8825).update(gps_of(point))
    buffer = BytesIO()
    image.save(buffer, kind, exif=exif, **options)
    return buffer.getvalue()


def gps_of(point: tuple[float, float]) -> dict[int, Any]:
    lat, lon = point
    return {
        1: "S" if lat < 0 else "N",
        2: (abs(lat), 0.0, 0.0),
        3: "W" if lon < 0 else "E",
        4: (abs(lon), 0.0, 0.0),
    }


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that says it is this large and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    parts = [(b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
POLYGLOT = jpeg() + HTML
"""A whole photo with a page behind it."""
BOMB = png_of_size(60_000, 60_000)
"""Under a kilobyte that would become ten gigabytes."""
