"""Secret links: making one for a request, and following one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.domain import riding
from services.intake.domain.judging import Judged, open_to_judge, work_ended_at
from services.intake.domain.links import digest_of, new_secret
from services.intake.domain.messages import Message
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
    additions: Sequence[Message] = ()
    outage: Outage | None = None
    may_differ: bool = False
    """Whether it rides on the outage and its applicant may say that theirs is another trouble."""
    judged: Judged | None = None

    @property
    def state(self) -> str:
        """How far it has come, in the word to tell residents; before the journal has spoken, ours."""
        if self.standing is not None:
            return self.standing.told_as
        return "joined" if self.may_differ else self.request.state.value

    @property
    def outage_told_as(self) -> str:
        """Which sentence tells of its outage, if any: a repeat of one request, a mass outage, a planned one.
        Whose request was the first is not told of repeats."""
        if self.outage is None or not self.outage.is_live:
            return ""
        if riding.form(self.outage) == "repeat":
            return "repeat" if self.may_differ else ""
        return self.outage.kind.value

    @property
    def is_over(self) -> bool:
        """Whether nobody will come any more."""
        return self.standing is not None and self.standing.is_work_over

    def open_to_judge(self, now: datetime) -> frozenset[bool]:
        """Which answers to «is it fixed?» may be given now."""
        is_own = self.request.number is not None
        return open_to_judge(work_ended_at(self.standing), self.judged, now) if is_own else frozenset()

    def has_said(self, fixed: bool) -> bool:
        """Whether that was the last answer."""
        return self.judged is not None and self.judged.fixed is fixed

    @property
    def may_be_cancelled(self) -> bool:
        return not self.is_over and self.request.cancelled_at is None


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
    """The same inside the caller's transaction; ``lock`` keeps others from changing the request meanwhile.

    The contact is locked before the request, as everywhere, so that two transactions never wait for each
    other.
    """
    request_id = uow.links.find(digest_of(secret))
    request = uow.requests.get(request_id) if request_id is not None else None
    if request is None:
        raise LinkUnknown
    contact = uow.contacts.by_ref(request.contact_ref) if request.contact_ref is not None else None
    if lock:
        request = uow.requests.get(request.id, lock=True) or request
    rider = uow.riders.get(request.id)
    return Seen(
        request,
        contact,
        uow.standings.get(request.id),
        uow.photos.of(request.id),
        [message for message in uow.messages.of(request.id) if message.is_addition],
        incidents.ride_of(uow, request.id),
        rider is not None and rider.is_member,
        uow.judgements.of([request.id]).get(request.id),
    )
