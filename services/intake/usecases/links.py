"""Secret links: making one for a request, and following one."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.intake.domain.links import digest_of, new_secret
from services.intake.domain.outages import Outage
from services.intake.domain.photos import Photo
from services.intake.domain.requests import Contact, Request
from services.intake.domain.standing import Standing
from services.intake.errors import LinkUnknown
from services.intake.usecases import incidents
from services.intake.usecases.ports import UnitOfWork


@dataclass(frozen=True)
class Seen:
    """What the holder of a link sees of a request."""

    request: Request
    contact: Contact | None = None
    standing: Standing | None = None
    photos: Sequence[Photo] = ()
    outage: Outage | None = None
    """The outage that the request belongs to."""


def make_link(uow: UnitOfWork, request_id: UUID) -> str:
    """The secret of a new link to a request, inside the caller's transaction; earlier links go on working."""
    secret = new_secret()
    uow.links.claim(digest_of(secret), request_id, uow.now)
    return secret


def follow(uow: UnitOfWork, secret: str) -> Seen:
    """The request a link leads to; raises LinkUnknown."""
    with uow:
        return seen(uow, secret)


def seen(uow: UnitOfWork, secret: str, lock: bool = False) -> Seen:
    """The same inside the caller's transaction; ``lock`` keeps others from changing the request meanwhile."""
    request_id = uow.links.find(digest_of(secret))
    request = uow.requests.get(request_id, lock=lock) if request_id is not None else None
    if request is None:
        raise LinkUnknown
    contact = uow.contacts.by_ref(request.contact_ref) if request.contact_ref is not None else None
    outage = incidents.ride_of(uow, request.id)
    return Seen(request, contact, uow.standings.get(request.id), uow.photos.of(request.id), outage)
