"""Photos and video of crews: begun, received piece by piece, finished, shown."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from services.crews.domain.audit import Act
from services.crews.domain.media import (
    Finished,
    Media,
    MediaKind,
    MediaPolicy,
    Picture,
    check_welcome,
    video_type,
)
from services.crews.errors import MediaDiffers, MediaNotFound, UploadDamaged
from services.crews.usecases.disclosure import Reader, note_reading
from services.crews.usecases.ports import Transactions, UnitOfWork
from services.crews.usecases.records import order_for

Clean = Callable[[bytes], Picture]
"""Makes a photo harmless; raises MediaUnreadable or MediaTooLarge."""
_HEAD = 64


def begin_upload(uow: UnitOfWork, crew_id: UUID, new: Media, policy: MediaPolicy) -> Media:
    """Announce a photo or video; announced again, the same one with what was received of it.

    Raises AssignmentNotFound, MediaDiffers, MediaTooLarge, TooManyMedia.
    """
    with uow:
        order_for(uow, new.assignment_id, crew_id)
        uow.orders.lock(new.assignment_id)
        known = uow.media.get(new.id)
        if known is not None:
            return _same(known, new)
        others = [media for media in uow.media.of(new.assignment_id) if media.kind is new.kind]
        check_welcome(new, len(others), policy)
        uow.media.put(new)
        uow.commit()
    return new


def receive_piece(uow: UnitOfWork, crew_id: UUID, media_id: UUID, start: int, piece: bytes) -> Media:
    """Take a piece that begins at byte ``start``; what is there already is not taken twice.

    Raises MediaNotFound, UploadGap, UploadTooLong.
    """
    with uow:
        media = _own(uow, crew_id, media_id)
        if media.finished is not None:
            return media
        part = media.fresh_part(start, piece)
        if not part:
            return media
        grown = media.grown(part, uow.now)
        uow.media.add_part(media_id, media.received, part)
        uow.media.put(grown)
        uow.commit()
    return grown


def finish_upload(transactions: Transactions, crew_id: UUID, media_id: UUID, clean: Clean) -> Media:
    """Check the bytes and keep them for good; finished again, the same answer.

    What arrived damaged is emptied, to be sent again. Raises MediaNotFound, UploadIncomplete, UploadDamaged,
    MediaUnreadable, MediaTooLarge. Photos are opened between two transactions: that takes a while.
    """
    with transactions() as uow:
        media = _own(uow, crew_id, media_id)
        if media.finished is not None:
            return media
        media.check_complete()
        digest, head = _digest(uow.media.parts(media_id, 0, media.size))
        if digest != media.sha256:
            _empty(uow, media)
            raise UploadDamaged
        if media.kind is MediaKind.VIDEO:
            return _keep_video(uow, media, head)
        content = b"".join(uow.media.parts(media_id, 0, media.size))
    return _keep_photo(transactions(), media, clean(content))


def list_media(uow: UnitOfWork, crew_id: UUID | None, assignment_id: UUID) -> Sequence[Media]:
    """The photos and video of an order, those still on their way too."""
    with uow:
        order_for(uow, assignment_id, crew_id)
        return uow.media.of(assignment_id)


def show_media(uow: UnitOfWork, crew_id: UUID | None, media_id: UUID) -> Media:
    """One photo or video; ``crew_id`` None: for those who may read all orders."""
    with uow:
        media = uow.media.get(media_id)
        if media is None or not _may_read(uow, media, crew_id):
            raise MediaNotFound
        return media


def open_media(uow: UnitOfWork, reader: Reader, media_id: UUID, *, goes_on: bool = False) -> Media:
    """One that is to be read now, or further (``goes_on``); the reading is written down once.

    Raises MediaNotFound, also for one that has not arrived yet.
    """
    with uow:
        media = uow.media.get(media_id)
        if media is None or media.finished is None or not _may_read(uow, media, reader.crew_id):
            raise MediaNotFound
        note_reading(uow, reader, Act.MEDIA_READ, media.assignment_id, media_id, goes_on=goes_on)
        uow.commit()
    return media


def read_media(transactions: Transactions, media: Media, start: int, stop: int) -> Iterator[bytes]:
    """The bytes of a finished one from ``start`` up to ``stop``, piece by piece, never all at once."""
    while start < stop:
        with transactions() as uow:
            part = next(uow.media.parts(media.id, start, stop), b"")
        if not part:
            return
        yield part
        start += len(part)


def forget_unfinished(uow: UnitOfWork, older_than: timedelta) -> int:
    """Drop uploads that nobody went on with; how many."""
    with uow:
        dropped = uow.media.forget_unfinished(uow.now - older_than)
        uow.commit()
    return dropped


def _same(known: Media, new: Media) -> Media:
    if not known.announces_the_same(new):
        raise MediaDiffers(id=new.id)
    return known


def _own(uow: UnitOfWork, crew_id: UUID, media_id: UUID) -> Media:
    media = uow.media.lock(media_id)
    if media is None or not _may_read(uow, media, crew_id):
        raise MediaNotFound
    return media


def _may_read(uow: UnitOfWork, media: Media, crew_id: UUID | None) -> bool:
    order = uow.orders.get(media.assignment_id)
    return order is not None and crew_id in (None, order.card.crew_id)


def _digest(parts: Iterator[bytes]) -> tuple[str, bytes]:
    digest, head = hashlib.sha256(), b""
    for part in parts:
        digest.update(part)
        head += part[: _HEAD - len(head)]
    return digest.hexdigest(), head


def _empty(uow: UnitOfWork, media: Media) -> None:
    uow.media.drop_parts(media.id)
    uow.media.put(media.emptied(uow.now))
    uow.commit()


def _keep_video(uow: UnitOfWork, media: Media, head: bytes) -> Media:
    kept = replace(media, finished=Finished(uow.now, video_type(head), media.size, media.sha256))
    uow.media.put(kept)
    uow.commit()
    return kept


def _keep_photo(uow: UnitOfWork, media: Media, picture: Picture) -> Media:
    """In place of what was sent; unless another request has done it meanwhile."""
    with uow:
        now = uow.media.lock(media.id)
        if now is None or now.finished is not None or now.received != media.size:
            return _finished(now)
        digest, size = hashlib.sha256(picture.jpeg).hexdigest(), len(picture.jpeg)
        shape = (picture.width, picture.height)
        kept = replace(
            now,
            shot=_placed(now, picture).shot,
            finished=Finished(uow.now, "image/jpeg", size, digest, *shape),
        )
        uow.media.drop_parts(media.id)
        uow.media.add_part(media.id, 0, picture.jpeg)
        uow.media.put(kept)
        uow.commit()
    return kept


def _finished(media: Media | None) -> Media:
    if media is None or media.finished is None:
        raise MediaNotFound
    return media


def _placed(media: Media, picture: Picture) -> Media:
    """Where the photo's own file says it was taken, if the device did not say."""
    if media.shot.lat is not None or picture.point is None:
        return media
    lat, lon = picture.point
    return replace(media, shot=replace(media.shot, lat=lat, lon=lon))
