"""Photos and video of crews: however often the line breaks, the same bytes arrive, once."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.crews.domain.audit import Act
from services.crews.domain.media import KindLimit, Media, MediaKind, MediaPolicy, Picture, video_type
from services.crews.errors import (
    AssignmentNotFound,
    MediaDiffers,
    MediaNotFound,
    MediaTooLarge,
    MediaUnreadable,
    TooManyMedia,
    UploadDamaged,
    UploadGap,
    UploadIncomplete,
    UploadTooLong,
)
from services.crews.schemas.media import offset
from services.crews.schemas.pictures import clean
from services.crews.usecases.disclosure import Reader
from services.crews.usecases.media import (
    begin_upload,
    finish_upload,
    forget_unfinished,
    list_media,
    open_media,
    read_media,
    receive_piece,
    show_media,
)
from services.crews.usecases.orders import receive_order
from shared.clock import FixedClock
from shared.errors import Invalid
from tests.unit.crews.examples import ASSIGNMENT, CREW, NOON, VIDEO, media, order
from tests.unit.crews.fakes import FakeUnitOfWork

POLICY = MediaPolicy(KindLimit(5_000_000, 2), KindLimit(10_000, 2), timedelta(days=7))
LARGEST = 16 * 2**20


def photo_file(size: tuple[int, int] = (40, 30), kind: str = "JPEG", **saved: Any) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, "red").save(buffer, kind, **saved)
    return buffer.getvalue()


def never(_content: bytes) -> Picture:
    raise AssertionError("a video is not opened")


def cleaned(content: bytes) -> Picture:
    return clean(content, LARGEST)


@pytest.fixture
def uow() -> FakeUnitOfWork:
    uow = FakeUnitOfWork()
    receive_order(uow, order().card)
    return uow


def begun(uow: FakeUnitOfWork, content: bytes = VIDEO, **changes: Any) -> Media:
    return begin_upload(uow, CREW, media(content, **changes), POLICY)


def sent(uow: FakeUnitOfWork, coming: Media, content: bytes) -> Media:
    receive_piece(uow, CREW, coming.id, 0, content)
    return finish_upload(lambda: uow, CREW, coming.id, cleaned)


def content_of(uow: FakeUnitOfWork, kept: Media) -> bytes:
    assert kept.finished is not None
    return b"".join(read_media(lambda: uow, kept, 0, kept.finished.size))


pieces = st.lists(st.tuples(st.integers(0, 1100), st.integers(0, 500), st.booleans()), max_size=30)


@given(pieces, st.integers(1, 700))
def test_cut_and_resumed_anywhere_the_same_bytes_arrive(
    tries: list[tuple[int, int, bool]], stride: int
) -> None:
    uow = FakeUnitOfWork()
    receive_order(uow, order().card)
    coming = begun(uow)
    for start, length, lost in tries:
        _try(uow, coming.id, start, VIDEO[start : start + length], lost)
    while (got := show_media(uow, CREW, coming.id).received) < len(VIDEO):
        receive_piece(uow, CREW, coming.id, got, VIDEO[got : got + stride])
    kept = finish_upload(lambda: uow, CREW, coming.id, never)
    assert content_of(uow, kept) == VIDEO
    assert finish_upload(lambda: uow, CREW, coming.id, never) == kept


def _try(uow: FakeUnitOfWork, media_id: UUID, start: int, piece: bytes, lost: bool) -> None:
    """One piece, sent twice where its answer was lost; a hole is answered with where to go on."""
    before = show_media(uow, CREW, media_id).received
    if start > before:
        with pytest.raises(UploadGap) as gap:
            receive_piece(uow, CREW, media_id, start, piece)
        assert gap.value.details == {"received": before}
        return
    for _ in range(1 + lost):
        after = receive_piece(uow, CREW, media_id, start, piece)
        assert after.received == max(before, start + len(piece))


def test_announced_again_it_is_the_same_with_what_has_come(uow: FakeUnitOfWork) -> None:
    coming = begun(uow)
    receive_piece(uow, CREW, coming.id, 0, VIDEO[:10])
    again = begin_upload(uow, CREW, replace(coming, begun_at=NOON + timedelta(hours=1)), POLICY)
    assert (again.id, again.received) == (coming.id, 10)
    with pytest.raises(MediaDiffers):
        begin_upload(uow, CREW, replace(coming, size=7), POLICY)


def test_limits_are_by_kind_and_order(uow: FakeUnitOfWork) -> None:
    with pytest.raises(MediaTooLarge) as large:
        begun(uow, size=10_001)
    assert large.value.details == {"limit_mb": 0}
    for _ in range(2):
        begun(uow)
    with pytest.raises(TooManyMedia):
        begun(uow)
    begun(uow, kind=MediaKind.PHOTO)


def test_more_than_was_announced_is_refused_and_too_little_is_not_finished(uow: FakeUnitOfWork) -> None:
    coming = begun(uow)
    with pytest.raises(UploadTooLong):
        receive_piece(uow, CREW, coming.id, 0, VIDEO + b"x")
    receive_piece(uow, CREW, coming.id, 0, VIDEO[:-1])
    with pytest.raises(UploadIncomplete) as early:
        finish_upload(lambda: uow, CREW, coming.id, never)
    assert early.value.details == {"received": len(VIDEO) - 1, "size": len(VIDEO)}


def test_what_arrived_damaged_is_sent_again_from_the_start(uow: FakeUnitOfWork) -> None:
    coming = begun(uow)
    with pytest.raises(UploadDamaged):
        sent(uow, coming, VIDEO[:-1] + b"?")
    assert show_media(uow, CREW, coming.id).received == 0
    assert content_of(uow, sent(uow, coming, VIDEO)) == VIDEO


def test_a_photo_is_kept_as_our_own_jpeg_with_its_place_as_a_field(uow: FakeUnitOfWork) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of somebody"
    exif.get_ifd(0x8825).update({1: "N", 2: (43, 14, 24.0), 3: "E", 4: (76, 54, 36.0)})
    original = photo_file((3000, 1500), exif=exif)
    shot = replace(media().shot, lat=None, lon=None, accuracy_m=None)
    kept = sent(uow, begun(uow, original, kind=MediaKind.PHOTO, shot=shot), original)
    assert kept.finished is not None
    assert (kept.finished.content_type, kept.finished.width, kept.finished.height) == (
        "image/jpeg",
        1600,
        800,
    )
    jpeg = content_of(uow, kept)
    assert b"Camera" in original
    assert b"Camera" not in jpeg
    assert not Image.open(BytesIO(jpeg)).getexif()
    assert kept.finished.sha256 == hashlib.sha256(jpeg).hexdigest()
    assert (kept.shot.lat, kept.shot.lon, kept.shot.taken_at) == (43.24, 76.91, NOON)


def test_what_the_device_says_of_the_place_wins(uow: FakeUnitOfWork) -> None:
    original = photo_file()
    kept = sent(uow, begun(uow, original, kind=MediaKind.PHOTO), original)
    assert (kept.shot.lat, kept.shot.lon) == (43.24, 76.91)


@pytest.mark.parametrize("kind", list(MediaKind))
@pytest.mark.parametrize("content", [b"<svg/>", b"GIF89a....", b"\xff\xd8\xff\xe0junk", b"MZ" * 50])
def test_what_is_no_photo_and_no_video_is_refused(
    uow: FakeUnitOfWork, kind: MediaKind, content: bytes
) -> None:
    with pytest.raises(MediaUnreadable):
        sent(uow, begun(uow, content, kind=kind), content)
    assert [found.finished for found in list_media(uow, CREW, ASSIGNMENT)] == [None]


@given(st.binary(max_size=400))
def test_whatever_bytes_come_a_photo_is_a_photo_or_refused(content: bytes) -> None:
    for file in (content, photo_file()[:60] + content):
        _clean_or_refuse(file)


def _clean_or_refuse(file: bytes) -> None:
    try:
        assert clean(file, LARGEST).jpeg[:2] == b"\xff\xd8"
    except (MediaUnreadable, MediaTooLarge):
        return


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_photos_of_every_phone_are_opened(kind: str) -> None:
    picture = clean(photo_file(kind=kind), LARGEST)
    assert (picture.width, picture.height, picture.point) == (40, 30, None)


def test_a_picture_that_would_take_all_memory_is_refused() -> None:
    with pytest.raises(MediaUnreadable):
        clean(photo_file((4100, 4000), "PNG"), LARGEST)
    with pytest.raises(MediaTooLarge):
        clean(photo_file(), 10)


@pytest.mark.parametrize(
    ("head", "type_"),
    [
        (b"....ftypisom", "video/mp4"),
        (b"....ftypqt  ", "video/quicktime"),
        (b"....ftyp3gp5", "video/3gpp"),
        (b"\x1a\x45\xdf\xa3....webm", "video/webm"),
    ],
)
def test_a_video_is_what_its_first_bytes_say(head: bytes, type_: str) -> None:
    assert video_type(head) == type_


def test_another_crews_photos_do_not_exist_for_this_one(uow: FakeUnitOfWork) -> None:
    coming = begun(uow)
    calls: list[Callable[[], Any]] = [
        lambda: receive_piece(uow, uuid4(), coming.id, 0, b""),
        lambda: finish_upload(lambda: uow, uuid4(), coming.id, never),
        lambda: show_media(uow, uuid4(), coming.id),
        lambda: show_media(uow, None, uuid4()),
    ]
    for call in calls:
        with pytest.raises(MediaNotFound):
            call()
    with pytest.raises(AssignmentNotFound):
        begin_upload(uow, uuid4(), media(), POLICY)
    assert show_media(uow, None, coming.id) == coming


@pytest.mark.rule("6.11")
def test_a_video_read_in_pieces_is_one_reading_for_an_hour(uow: FakeUnitOfWork) -> None:
    kept = sent(uow, begun(uow), VIDEO)
    for reader in ("crew-7", "master-1"):
        open_media(uow, Reader(reader, None), kept.id, goes_on=True)
        open_media(uow, Reader(reader, None), kept.id, goes_on=True)
    assert [act.by for act in uow.tables.acts] == ["crew-7", "master-1"]
    open_media(uow, Reader("crew-7", None), kept.id)
    uow.clock = FixedClock(NOON + timedelta(hours=1, seconds=1))
    open_media(uow, Reader("crew-7", None), kept.id, goes_on=True)
    assert [act.by for act in uow.tables.acts[2:]] == ["crew-7", "crew-7"]


@pytest.mark.rule("6.11")
def test_who_read_a_picture_is_written_down(uow: FakeUnitOfWork) -> None:
    coming = begun(uow)
    with pytest.raises(MediaNotFound):
        open_media(uow, Reader("master-1", None), coming.id)
    kept = sent(uow, coming, VIDEO)
    with pytest.raises(MediaNotFound):
        open_media(uow, Reader("crew-9", uuid4()), kept.id)
    assert open_media(uow, Reader("master-1", None, "10.0.0.7"), kept.id) == kept
    [act] = uow.tables.acts
    assert (act.act, act.by, act.address, act.details["id"]) == (
        Act.MEDIA_READ,
        "master-1",
        "10.0.0.7",
        str(kept.id),
    )


def test_unfinished_uploads_are_forgotten_in_time_and_finished_ones_never(uow: FakeUnitOfWork) -> None:
    week_old = NOON - timedelta(days=8)
    begun(uow, touched_at=week_old)
    kept = sent(uow, begun(uow), VIDEO)
    assert forget_unfinished(uow, POLICY.unfinished_for) == 1
    assert list(list_media(uow, None, ASSIGNMENT)) == [kept]


@pytest.mark.parametrize("header", [None, "", "-1", "1.5", "x", "٣", "9" * 16])
def test_a_piece_must_say_where_it_begins(header: str | None) -> None:
    with pytest.raises(Invalid):
        offset(header)
