"""What the events of the other services say about the life of a request, in the journal's own words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """The sort of fact. The order of members settles facts of one and the same moment."""

    DRAFTED = "drafted"
    REGISTERED = "registered"
    JOINED = "joined"
    CLASSIFIED = "classified"
    OVERRIDDEN = "overridden"
    REFUSED = "refused"
    RESUMED = "resumed"
    UNROUTABLE = "unroutable"
    TRANSFERRED = "transferred"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    OFFERED = "offered"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    ARRIVED = "arrived"
    WORKING = "working"
    LOCALISED = "localised"
    COMPLETED = "completed"
    SPLIT = "split"
    RIDE_ENDED = "ride_ended"
    JUDGED = "judged"
    DEFERRED = "deferred"
    CANCELLED = "cancelled"
    CLOSED = "closed"


_RANK = {kind: rank for rank, kind in enumerate(Kind)}


@dataclass(frozen=True)
class Fact:
    """One event as far as the life of its request is concerned. ``at``: when it happened, aware UTC.

    ``late``: it was registered on paper at ``received_at`` and told us later.
    ``order_id`` is the crew's work order (assignment), ``answer_by`` the moment by which the receiver of a
    transfer or an order must have answered, ``until`` the moment to which work is put off. Fields that a
    kind does not have stay empty.
    """

    id: str
    kind: Kind
    at: datetime
    number: str | None = None
    received_at: datetime | None = None
    late: bool = False
    category: str | None = None
    priority: str | None = None
    system: str | None = None
    fault: str | None = None
    hazards: tuple[str, ...] = ()
    needs_person: bool = False
    channel: str | None = None
    by_dispatcher: bool = False
    transfer_id: str | None = None
    organisation_id: str | None = None
    order_id: str | None = None
    answer_by: datetime | None = None
    until: datetime | None = None
    reason: str | None = None
    result: str | None = None
    note: str | None = None
    fixed: bool | None = None
    outage_id: str | None = None


def in_order(fact: Fact) -> tuple[datetime, int, str]:
    """Sorting key: the order in which things happened, the same for any order of arrival."""
    return fact.at, _RANK[fact.kind], fact.id


@dataclass(frozen=True)
class Entry:
    """One line of the timeline, kept as it arrived. ``fact`` is None for a line that moves nothing.

    ``what`` names the text a person reads (msgid ``timeline.<what>``), ``occurred_at`` is when it happened
    by the clock of the service that says so, ``recorded_at`` when the journal heard of it; both aware UTC.
    """

    id: str
    request_id: str
    source: str
    type: str
    what: str
    occurred_at: datetime
    actor: str
    channel: str | None
    reason: str | None
    correlation_id: str
    causation_id: str | None
    fact: Fact | None
    data: dict[str, object]
    recorded_at: datetime | None = None


def as_happened(entry: Entry) -> tuple[datetime, int, str]:
    """Sorting key of a timeline: facts as the state took them, other lines of the same moment after them."""
    rank = len(_RANK) if entry.fact is None else _RANK[entry.fact.kind]
    return entry.occurred_at, rank, entry.id
