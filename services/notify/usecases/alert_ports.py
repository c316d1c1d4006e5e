"""What alerts need from outside: their rows, a telephone, who is on call, words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.notify.domain.alert_attempts import Attempt
from services.notify.domain.alert_lists import AlertList
from services.notify.domain.alerts import Alert

Shipped = Mapping[str, AlertList]
"""The lists of ``data/alerts.yml`` by event; one that was edited stands in the database instead."""


@dataclass(frozen=True)
class Place:
    """Where a request is, as a person would say it."""

    request_id: UUID
    building_id: str | None
    address: str


@dataclass(frozen=True)
class StaffPhone:
    """The number of somebody on the staff, for those whom on-call lists name."""

    person_id: UUID
    phone: str
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True)
class Ring:
    """One call to be made: what is said, as (language, text); the attempt comes back in callbacks."""

    attempt_id: UUID
    event: str
    number: str
    texts: Sequence[tuple[str, str]]


class Caller(Protocol):
    """Whoever makes telephone calls. Never called with a transaction open."""

    def call(self, ring: Ring) -> str:
        """The provider's id of the call. Raises ProviderBusy, MessageRejected or OutcomeUnknown."""

    def find(self, ring: Ring, since: datetime) -> Sequence[str]:
        """Ids of our calls to this number since then, oldest first; raises ProviderBusy."""

    def hang_up(self, sid: str) -> None:
        """Let it ring no more. What has been answered or is over stays as it is; again is the same as once.
        Raises ProviderBusy."""


class OnCall(Protocol):
    """The on-call lists of crews."""

    def people(self, purpose: str) -> Sequence[UUID]:
        """Who is on call now, in order; raises shared.errors.Unavailable when nobody answers in time."""


class Alerts(Protocol):
    """Alerts with their attempts. Those returned for a change are locked until the transaction ends."""

    def add(self, alert: Alert) -> bool:
        """False if there is one for the same fact already."""

    def get(self, alert_id: UUID) -> Alert | None: ...

    def lock(self, alert_id: UUID) -> Alert | None: ...

    def lock_by_attempt(self, attempt_id: UUID) -> Alert | None: ...

    def lock_by_signal(self, signal_id: UUID) -> Sequence[Alert]: ...

    def claim_due(self, now: datetime) -> Alert | None:
        """The one that has waited longest for a look; those that others hold are passed by."""

    def covering(self, alert: Alert, building_id: str, since: datetime) -> UUID | None:
        """Another alert of the same event and building that is running, or was begun since then.

        Two that begin at once wait for each other.
        """

    def may_ring(self, number: str, attempt: Attempt) -> bool:
        """Whether no other attempt is being placed to this number right now; asked one after the other."""

    def known_sids(self, sids: Sequence[str]) -> set[str]: ...

    def save(self, alert: Alert) -> None: ...

    def recent(self, request_id: UUID | None, live_only: bool, limit: int) -> Sequence[Alert]:
        """The newest first."""


class AlertLists(Protocol):
    """Lists that somebody has edited."""

    def all(self) -> Mapping[str, AlertList]: ...

    def lock(self, event: str) -> AlertList | None: ...

    def put(self, wanted: AlertList) -> None: ...


class StaffPhones(Protocol):
    def put(self, phone: StaffPhone) -> None: ...

    def forget(self, person_id: UUID) -> None: ...

    def all(self) -> Sequence[StaffPhone]: ...

    def of(self, people: Sequence[UUID]) -> Mapping[UUID, str]: ...


class Places(Protocol):
    def put(self, place: Place) -> None: ...

    def get(self, request_id: UUID) -> tuple[Place, str] | None:
        """The place of a request and the number people call it by."""


# The words for one attempt in a language: what is said by voice, or written with a link to acknowledge by.
Wording = Callable[[Alert, Attempt, str], str]
