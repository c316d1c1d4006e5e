"""What residents sent with a request: adding photos, listing them and messages, showing one."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from services.intake.domain.messages import Message
from services.intake.domain.photos import MOST_PHOTOS, Photo, Picture
from services.intake.errors import PhotoUnknown, RequestNotFound
from services.intake.usecases.links import seen
from services.intake.usecases.ports import UnitOfWork


def attach(uow: UnitOfWork, request_id: UUID, pictures: Sequence[Picture]) -> int:
    """Add pictures to a request inside the caller's transaction, up to the most it may have; how many of
    them it has now. One that is there already is not added again. The request must be locked."""
    known = {photo.digest for photo in uow.photos.of(request_id)}
    fresh = {picture.digest: picture for picture in pictures if picture.digest not in known}
    room = max(0, MOST_PHOTOS - len(known))
    for picture in list(fresh.values())[:room]:
        uow.photos.add(_photo(request_id, picture, uow), picture.jpeg)
    return len(pictures) - max(0, len(fresh) - room)


def list_photos(uow: UnitOfWork, request_id: UUID) -> Sequence[Photo]:
    """The photos of a request; raises RequestNotFound."""
    with uow:
        if uow.requests.get(request_id) is None:
            raise RequestNotFound
        return uow.photos.of(request_id)


def list_messages(uow: UnitOfWork, request_id: UUID) -> Sequence[Message]:
    """The messages about a request; raises RequestNotFound."""
    with uow:
        if uow.requests.get(request_id) is None:
            raise RequestNotFound
        return uow.messages.of(request_id)


def show_photo(uow: UnitOfWork, photo_id: UUID) -> bytes:
    """The JPEG of a photo; raises PhotoUnknown."""
    with uow:
        found = uow.photos.get(photo_id)
    if found is None:
        raise PhotoUnknown
    return found[1]


def show_linked_photo(uow: UnitOfWork, secret: str, photo_id: UUID) -> bytes:
    """The JPEG of a photo of the request that a link leads to; raises LinkUnknown, PhotoUnknown."""
    with uow:
        request = seen(uow, secret).request
        found = uow.photos.get(photo_id)
    if found is None or found[0].request_id != request.id:
        raise PhotoUnknown
    return found[1]


def _photo(request_id: UUID, picture: Picture, uow: UnitOfWork) -> Photo:
    return Photo(
        id=uuid4(),
        request_id=request_id,
        width=picture.width,
        height=picture.height,
        size=len(picture.jpeg),
        digest=picture.digest,
        added_at=uow.now,
        point=picture.point,
    )
