"""Showing a number or a name: masked, unless the reader may see it and says why; then it is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.domain import privacy
from services.intake.domain.privacy import Access, Purpose, Secret
from services.intake.domain.requests import Contact, Request
from services.intake.errors import NotForYourRole, RequestNotFound
from services.intake.usecases.ports import UnitOfWork


@dataclass(frozen=True)
class Reader:
    """Who looks, with which roles, and for what reason; without a reason everything is masked."""

    actor_id: str
    roles: frozenset[str]
    why: Purpose | None = None


@dataclass(frozen=True)
class Shown:
    """A person as a reader sees them."""

    contact_ref: UUID | None
    phone: str
    name: str
    masked: bool
    second_phone: str = ""


@dataclass(frozen=True)
class Person:
    """A person as we know them; of one whose number was only typed so far there is no contact yet."""

    contact_ref: UUID | None
    phone: str
    name: str
    second_phone: str = ""

    @classmethod
    def of(cls, request: Request, contact: Contact | None) -> "Person":
        """Whom to call about a request."""
        desk = request.desk
        if contact is None:
            return cls(None, desk.phone or desk.phone_text, desk.name, desk.second_phone)
        return cls(contact.ref, contact.phone, contact.name or desk.name, desk.second_phone)


@dataclass(frozen=True)
class AccessFilter:
    """Which readings an administrator asks for; ``before`` is the id of the last one seen."""

    contact_ref: UUID | None = None
    actor_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 100


def disclose(
    uow: UnitOfWork, person: Contact | Person, reader: Reader, through: str, request_id: UUID | None = None
) -> Shown:
    """The person as this reader may see them. Every plain number or name is one row of the access log,
    in the caller's transaction: what is not written down is not shown. Raises NotForYourRole."""
    if isinstance(person, Contact):
        person = Person(person.ref, person.phone, person.name)
    seen = privacy.visible(reader.roles)
    if reader.why is None:
        return _shown(person, frozenset())
    if not seen:
        raise NotForYourRole
    uow.access_log.add(Access(uow.now, reader.actor_id, person.contact_ref, through, reader.why, request_id))
    return _shown(person, seen)


def show_request(uow: UnitOfWork, request_id: UUID, reader: Reader) -> tuple[Request, Shown]:
    """A request with the person to call, as this reader may see them; raises RequestNotFound."""
    with uow:
        request = uow.requests.get(request_id)
        if request is None:
            raise RequestNotFound
        contact = uow.contacts.by_ref(request.contact_ref) if request.contact_ref else None
        shown = disclose(uow, Person.of(request, contact), reader, "request_card", request_id)
        uow.commit()
    return request, shown


def list_access(uow: UnitOfWork, wanted: AccessFilter) -> Sequence[tuple[int, Access]]:
    """Who read what, newest first, each with its id."""
    with uow:
        return uow.access_log.list(wanted)


def _shown(person: Person, seen: frozenset[Secret]) -> Shown:
    number = _plain if Secret.NUMBER in seen else privacy.mask_number
    name = _plain if Secret.NAME in seen else privacy.mask_name
    return Shown(
        person.contact_ref,
        number(person.phone),
        name(person.name),
        masked=seen != frozenset(Secret),
        second_phone=number(person.second_phone),
    )


def _plain(text: str) -> str:
    return text
