"""A request as received: a draft until address, problem and contact are there, then registered (rule 6.1)."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.intake.domain.addresses import Address, Candidate
from services.intake.domain.desk import Desk
from services.intake.domain.privacy import mask_phones
from services.intake.errors import AlreadyRegistered, Incomplete


class Script(StrEnum):
    """The letters that a person writes and reads on their phone."""

    CYRILLIC = "cyrillic"
    LATIN = "latin"


class Channel(StrEnum):
    SMS = "sms"
    PHONE = "phone"
    WEB = "web"
    WRITTEN = "written"
    PARTNER = "partner"


class Applicant(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"


class State(StrEnum):
    DRAFT = "draft"
    REGISTERED = "registered"


class Missing(StrEnum):
    """What a request may not be registered without (D-1.1-U3)."""

    ADDRESS = "address"
    PROBLEM = "problem"
    CONTACT = "contact"


class Question(StrEnum):
    """What a resident was last asked; the answer is read in its light."""

    ADDRESS = "address"
    HOUSE = "house"
    CHOICE = "choice"
    PROBLEM = "problem"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Details:
    """Where inside the building."""

    entrance: str | None = None
    floor: str | None = None
    flat: str | None = None

    def or_else(self, earlier: "Details") -> "Details":
        """These, and what was said earlier where these are silent."""
        return Details(
            self.entrance or earlier.entrance, self.floor or earlier.floor, self.flat or earlier.flat
        )


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person can be reached; ``ref`` is what other services know instead of the phone number."""

    ref: UUID
    phone: str
    language: str
    is_callable: bool
    sms_allowed: bool
    name: str = ""
    script: Script = Script.CYRILLIC
    consent_at: datetime | None = None
    """When they last said STOP or START themselves."""

    @property
    def is_erased(self) -> bool:
        return not self.phone


@dataclass(frozen=True, slots=True)
class Request:
    """One appeal. ``address_text`` keeps what was said about the place while it is not resolved.

    ``version`` counts what was stored of it, so that two who change it at once notice each other.
    ``sender_ref`` is who writes; ``contact_ref`` whom we can call back, which a sender without a real
    number is not.
    """

    id: UUID
    channel: Channel
    language: str
    received_at: datetime
    updated_at: datetime
    sender_ref: UUID | None = None
    contact_ref: UUID | None = None
    applicant: Applicant = Applicant.PERSON
    state: State = State.DRAFT
    number: int | None = None
    problem: str = ""
    address: Address | None = None
    address_text: str = ""
    details: Details = field(default_factory=Details)
    candidates: tuple[Candidate, ...] = ()
    question: Question | None = None
    times_asked: int = 0
    needs_operator: bool = False
    author: str | None = None
    registered_at: datetime | None = None
    desk: Desk = field(default_factory=Desk)
    version: int = field(default=1, compare=False)
    cancelled_at: datetime | None = None
    """When its applicant asked to call it off; what became of that, journal says."""

    @property
    def is_draft(self) -> bool:
        return self.state is State.DRAFT

    @property
    def is_dropped(self) -> bool:
        """A draft that its applicant does not want any more, and that no person must look at."""
        return self.is_draft and self.cancelled_at is not None and not self.needs_operator

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What still keeps this from being registered, in the order in which it is asked."""
        has = {
            Missing.ADDRESS: self.address is not None,
            Missing.PROBLEM: bool(self.problem.strip()),
            Missing.CONTACT: self.contact_ref is not None,
        }
        return tuple(part for part, there in has.items() if not there)

    @property
    def public_problem(self) -> str:
        """The problem as others may read it: in the resident's words, without phone numbers."""
        return mask_phones(self.problem)

    @property
    def full_address(self) -> Address | None:
        """The address with entrance, floor and flat, wherever in the conversation they were said."""
        if self.address is None:
            return None
        said = Details(self.address.entrance, self.address.floor, self.address.flat)
        details = self.details.or_else(said)
        return replace(self.address, entrance=details.entrance, floor=details.floor, flat=details.flat)

    def without_person(self) -> "Request":
        """What stays when the person is forgotten: the appeal, not who made it."""
        return replace(
            self,
            problem="" if self.is_draft else self.public_problem,
            address_text="",
            desk=self.desk.without_person(),
        )

    def copied(self, id_: UUID, author: str, now: datetime) -> "Request":
        """A draft with the same place, person and words, to be changed and registered as another request."""
        return Request(
            id=id_,
            channel=Channel.PHONE,
            language=self.language,
            received_at=now,
            updated_at=now,
            contact_ref=self.contact_ref,
            applicant=self.applicant,
            problem=self.problem,
            address=self.address,
            address_text=self.address_text,
            details=self.details,
            author=author,
            desk=self.desk.for_copy(self.id),
        )

    def registered(self, number: int, now: datetime) -> "Request":
        """The same request under its number; raises if anything mandatory is missing."""
        if not self.is_draft:
            raise AlreadyRegistered
        if self.missing:
            raise Incomplete(missing=", ".join(self.missing))
        return replace(
            self,
            state=State.REGISTERED,
            number=number,
            registered_at=now,
            updated_at=now,
            question=None,
            candidates=(),
            needs_operator=False,
        )
