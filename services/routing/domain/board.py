"""The dispatcher's board: what is shown of a request, how the list is asked for, where a page ends."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.routing.domain.assignment import Assignment, Move
from services.routing.domain.calls import PhoneCall
from services.routing.domain.case import Case, Override
from services.routing.domain.deliveries import Undelivered
from services.routing.domain.transfer import Transfer
from services.routing.domain.untold import Untold
from services.routing.domain.words import Category
from services.routing.errors import BadCursor

MOST_PER_PAGE = 200


class Order(StrEnum):
    """How the list is sorted: latest first, oldest first, or emergencies first and among them the latest."""

    NEWEST = "newest"
    OLDEST = "oldest"
    URGENT = "urgent"


@dataclass(frozen=True)
class Place:
    """Where a page ended. ``rank`` is the urgency's, None for a request not classified yet (sorted last)."""

    rank: int
    registered_at: datetime
    request_id: UUID

    @classmethod
    def of(cls, case: Case) -> "Place":
        """The place of a registered request."""
        if case.registered_at is None:
            raise ValueError("an unregistered request has no place on the board")
        return cls(rank_of(case.category), case.registered_at, case.request_id)

    def cursor(self) -> str:
        """Opaque text for the caller."""
        parts = [self.rank, self.registered_at.isoformat(), str(self.request_id)]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """The place in a cursor; raises :class:`BadCursor`."""
        try:
            rank, registered_at, request_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
            place = cls(int(rank), datetime.fromisoformat(registered_at), UUID(request_id))
        except (ValueError, TypeError, AttributeError, binascii.Error) as unreadable:
            raise BadCursor from unreadable
        if place.registered_at.tzinfo is None:
            raise BadCursor
        return place


@dataclass(frozen=True)
class Wanted:
    """Filters of the list; None means any. ``text`` begins a number, or is in the words or the address."""

    state: str | None = None
    status: str | None = None
    category: str | None = None
    organisation_id: UUID | None = None
    crew_id: UUID | None = None
    number: str | None = None
    outage_id: UUID | None = None
    system: str | None = None
    district: str | None = None
    text: str | None = None
    is_overdue: bool | None = None
    is_open: bool | None = None
    order: Order = Order.NEWEST
    limit: int = 50
    after: Place | None = None


@dataclass(frozen=True)
class Supplements:
    """What the applicant added after the request was taken: how often, when last, how many photos."""

    count: int = 0
    last_at: datetime | None = None
    photos: int = 0


@dataclass(frozen=True)
class Entry:
    """One request on the board: the case, who answers for it, who goes, what was added to it, what partners
    could not be told of it, and which alerts did not reach everybody."""

    case: Case
    transfer: Transfer | None = None
    assignment: Assignment | None = None
    crew_name: str | None = None
    supplements: Supplements = Supplements()
    undelivered: Sequence[Undelivered] = ()
    untold: Sequence[Untold] = ()


@dataclass(frozen=True)
class Attempt:
    """One assignment of a request with the steps it went through."""

    assignment: Assignment
    crew_name: str | None
    moves: Sequence[Move]


@dataclass(frozen=True)
class Dossier:
    """All that routing knows of one request."""

    entry: Entry
    attempts: Sequence[Attempt]
    overrides: Sequence[Override]
    calls: Sequence[PhoneCall] = ()
    transfers: Sequence[Transfer] = ()


@dataclass(frozen=True)
class CrewFilter:
    """Which crews to list; None means any."""

    organisation_id: UUID | None = None
    on_shift: bool | None = None
    inactive: bool = False


def rank_of(category: Category | None) -> int:
    """Place in the order of urgency; what nobody has classified comes last."""
    return len(Category) if category is None else category.rank
