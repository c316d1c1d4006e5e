"""What residents call photos: only pixels come through, within bounds of memory and time."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.intake.domain.photos import LARGEST_BYTES, MOST_PHOTOS
from services.intake.errors import PhotoTooLarge, PhotoUnreadable
from services.intake.schemas.images import clean, clean_all
from tests.support.chance import examples
from tests.unit.intake import photos


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def colour(image: Image.Image, x: float, y: float) -> str:
    pixel = image.getpixel((int(x * image.width), int(y * image.height)))
    assert isinstance(pixel, tuple)
    return "red" if pixel[0] > pixel[2] else "blue"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_comes_out_as_a_jpeg_without_metadata(kind: str) -> None:
    picture = clean(photos.jpeg(kind=kind, point=photos.ABAY_12))
    image = opened(picture.jpeg)
    assert (image.format, image.size, (picture.width, picture.height)) == ("JPEG", (400, 300), (400, 300))
    assert dict(image.getexif()) == {}
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"secret of the camera" not in picture.jpeg
    assert (colour(image, 0.2, 0.5), colour(image, 0.8, 0.5)) == ("red", "blue")
    assert picture.point == photos.ABAY_12


@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [(3, (400, 300), (0.8, 0.5)), (6, (300, 400), (0.5, 0.2)), (8, (300, 400), (0.5, 0.8))],
)
def test_a_photo_taken_sideways_stands_upright(
    orientation: int, size: tuple[int, int], red_at: tuple[float, float]
) -> None:
    image = opened(clean(photos.jpeg(orientation=orientation)).jpeg)
    assert (image.size, colour(image, *red_at)) == (size, "red")


@pytest.mark.parametrize(("size", "small"), [((4000, 3000), (1600, 1200)), ((1000, 5000), (320, 1600))])
def test_a_large_photo_becomes_smaller(size: tuple[int, int], small: tuple[int, int]) -> None:
    assert opened(clean(photos.jpeg(size)).jpeg).size == small


def test_what_was_transparent_becomes_white() -> None:
    buffer = BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(buffer, "PNG")
    assert opened(clean(buffer.getvalue()).jpeg).getpixel((5, 5)) == (255, 255, 255)


def test_the_same_file_has_the_same_digest_and_another_has_not() -> None:
    one, again, other = (
        clean(content).digest for content in (photos.jpeg(), photos.jpeg(), photos.jpeg((9, 9)))
    )
    assert one == again != other


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a photo",
        photos.SVG,
        photos.HTML,
        b"GIF89a" + b"\0" * 50,
        photos.jpeg()[:400],
        photos.jpeg()[:-300],
    ],
    ids=["empty", "text", "svg", "html", "gif", "head only", "cut"],
)
def test_what_is_no_photo_is_refused(content: bytes) -> None:
    with pytest.raises(PhotoUnreadable):
        clean(content)


def test_what_is_hidden_behind_a_photo_does_not_come_through() -> None:
    picture = clean(photos.POLYGLOT)
    assert b"script" not in picture.jpeg


@pytest.mark.parametrize(
    "content",
    [
        b"\0" * (LARGEST_BYTES + 1),
        photos.png_of_size(5000, 3201),
        photos.jpeg((6000, 4001), progressive=True),
        photos.jpeg((4000, 2001), kind="WEBP", quality=1),
        photos.jpeg() + b"\xff\xda" * 200,
    ],
    ids=["bytes", "png", "progressive", "webp", "scans"],
)
def test_what_would_take_too_much_memory_or_time_is_not_opened(content: bytes) -> None:
    with pytest.raises(PhotoTooLarge):
        clean(content)


@pytest.mark.parametrize("content", [photos.BOMB, photos.png_of_size(8_000, 8_000)], ids=["giant", "large"])
def test_a_bomb_is_not_opened(content: bytes) -> None:
    with pytest.raises((PhotoTooLarge, PhotoUnreadable)):
        clean(content)


@pytest.mark.parametrize(
    "point", [(0.0, 0.0), (95.0, 10.0), (10.0, 190.0), (float("inf"), 1.0), (float("nan"), 1.0)]
)
def test_a_position_that_cannot_be_is_no_position(point: tuple[float, float]) -> None:
    finite = all(abs(part) < 1000 for part in point)
    content = photos.jpeg(point=point) if finite else photos.jpeg()
    assert clean(content).point is None


def test_the_southern_and_western_halves_are_told_apart() -> None:
    assert clean(photos.jpeg(point=(-33.5, -70.6))).point == (-33.5, -70.6)


def test_of_many_files_the_good_ones_are_kept() -> None:
    files = [photos.SVG, photos.jpeg(), photos.BOMB, photos.jpeg((20, 20)), b""]
    assert [picture.width for picture in clean_all([BytesIO(content) for content in files])] == [400, 20]
    many = [BytesIO(photos.jpeg((side, side))) for side in range(10, 10 + 2 * MOST_PHOTOS)]
    assert len(clean_all(many)) == MOST_PHOTOS


GOOD_PHOTO = photos.jpeg((60, 40), point=photos.ABAY_12)


@examples(300)
@given(st.data())
def test_no_damaged_photo_breaks_anything(data: st.DataObject) -> None:
    damaged = bytearray(GOOD_PHOTO)
    for _ in range(data.draw(st.integers(1, 12))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        picture = clean(bytes(damaged))
    except (PhotoUnreadable, PhotoTooLarge):
        return
    assert opened(picture.jpeg).size == (picture.width, picture.height)
