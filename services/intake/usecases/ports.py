"""What the use-cases need of the world, as protocols; ``store`` provides it, tests fake it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

from services.intake.domain.addresses import Address
from services.intake.domain.callbacks import Callback, CallbackState
from services.intake.domain.calls import Call, Figures
from services.intake.domain.cards import KeptCard
from services.intake.domain.deliveries import Delivery, Progress
from services.intake.domain.judging import Judged
from services.intake.domain.keys import ApiKey
from services.intake.domain.lookup import Wanted
from services.intake.domain.messages import HeldMessage, Message
from services.intake.domain.open311 import Report, Seen
from services.intake.domain.outages import Outage, OutageFilter
from services.intake.domain.partners import Partner
from services.intake.domain.photos import Photo
from services.intake.domain.privacy import Access
from services.intake.domain.registry import Point
from services.intake.domain.requests import Contact, Request
from services.intake.domain.riders import Rider
from services.intake.domain.standing import CrewReport, Standing


class AccessLog(Protocol):
    """Every reading of a number or a name."""

    def add(self, access: Access) -> None: ...
    def list(self, wanted: Any) -> Sequence[tuple[int, Access]]:
        """What a ``disclosure.AccessFilter`` asks for, newest first, each with its id."""

    def drop(self, before: datetime) -> int: ...


class Contacts(Protocol):
    def by_phone(self, phone: str) -> Contact | None: ...
    def by_ref(self, ref: UUID) -> Contact | None: ...
    def add(self, contact: Contact, now: datetime) -> Contact: ...
    def save(self, contact: Contact, now: datetime) -> None: ...
    def forget(self, ref: UUID, now: datetime) -> None:
        """Keep the reference alone."""

    def idle(self, before: datetime, after: UUID, limit: int) -> list[UUID]:
        """References after ``after``, in order, of people not heard of since ``before`` and not forgotten."""


class Messages(Protocol):
    def claim(
        self, sid: str, body: str, truncated: bool, now: datetime, media: Sequence[str] = ()
    ) -> bool: ...
    def reply_to(self, sid: str) -> str: ...
    def answer(
        self, sid: str, reply: str, sender_ref: UUID, request_id: UUID | None, held: bool = False
    ) -> None: ...
    def recent(self, sender_ref: UUID, since: datetime, limit: int) -> Sequence[Message]:
        """The newest messages of a person after ``since``, at most ``limit``, the oldest of them first."""

    def of(self, request_id: UUID) -> Sequence[Message]:
        """The messages about a request in the order in which they came."""

    def held(self, limit: int) -> Sequence[HeldMessage]:
        """Those held back that are nobody's request, the oldest first."""

    def held_one(self, sid: str) -> HeldMessage | None:
        """One that is or was held back, locked; None: never, or already put aside."""

    def release(self, sid: str, request_id: UUID | None) -> None:
        """It waits no longer: it is about this request, or put aside."""

    def forget(self, sender_ref: UUID) -> None:
        """Keep that messages came, not what they said."""


class Requests(Protocol):
    def get(self, request_id: UUID, lock: bool = False) -> Request | None: ...
    def latest_of(self, sender_ref: UUID, since: datetime) -> Request | None: ...
    def last_place_of(self, contact_ref: UUID) -> Address | None: ...
    def drafts(self, limit: int) -> Sequence[Request]: ...
    def search(self, wanted: Wanted) -> Sequence[Request]:
        """Requests that fit, the newest first."""

    def of_contact(self, contact_ref: UUID) -> Sequence[Request]:
        """Requests that a person made or is called back about, oldest first."""

    def next_number(self) -> int: ...
    def add(self, request: Request) -> None: ...
    def save(self, request: Request) -> None:
        """Store it as its next version; raises DraftChanged if another one is stored meanwhile."""


class Standings(Protocol):
    """What journal last said of each request."""

    def put(self, standing: Standing) -> None:
        """Keep it unless something newer is known."""

    def put_crew(self, report: CrewReport) -> None:
        """Keep what a crew reported unless something later is known."""

    def get(self, request_id: UUID) -> Standing | None:
        """Journal's word with the crew's report in it; None until the journal has spoken."""

    def of(self, request_ids: Sequence[UUID]) -> Mapping[UUID, Standing]:
        """Journal's word on several requests, without their crews' reports."""


class Judgements(Protocol):
    """What applicants said of finished work."""

    def put(self, judged: Judged) -> None:
        """The last word counts."""

    def of(self, request_ids: Sequence[UUID]) -> Mapping[UUID, Judged]: ...


class Links(Protocol):
    """Secret links to requests, known by their digests."""

    def claim(self, digest: str, request_id: UUID, now: datetime) -> UUID:
        """The request that this link leads to: the given one, if it led to none before."""

    def find(self, digest: str) -> UUID | None: ...

    def forget(self, request_id: UUID) -> None:
        """No link leads to this request any more."""


class Outages(Protocol):
    """Mass incidents; see ``store.outages``. What may be changed comes locked."""

    def serialise(self, families: Iterable[str]) -> None:
        """Whoever decides about one of these families decides alone until the transaction ends."""

    def next_number(self) -> int: ...
    def add(self, outage: Outage) -> None: ...
    def save(self, outage: Outage) -> Outage: ...
    def touch(self, outage_id: UUID, now: datetime) -> None: ...
    def get(self, outage_id: UUID, lock: bool = False) -> Outage | None: ...
    def at_house(self, house: str) -> Sequence[Outage]: ...
    def near(self, point: Point, metres: float, symptoms: Collection[str]) -> Sequence[Outage]: ...
    def on_feed(self, service: str, feed: str, symptoms: Collection[str]) -> Sequence[Outage]: ...
    def feeds(self, service: str, houses: Collection[str]) -> Mapping[str, str]: ...
    def listed(self, wanted: OutageFilter) -> Sequence[Outage]: ...


class Riders(Protocol):
    """Requests as outages see them. Lists are of open requests, the earliest first."""

    def add(self, rider: Rider) -> None: ...
    def save(self, rider: Rider) -> None: ...
    def get(self, request_id: UUID, lock: bool = False) -> Rider | None: ...
    def at_house(self, house: str, symptoms: Collection[str], since: datetime) -> Sequence[Rider]: ...
    def near(
        self, point: Point, metres: float, symptoms: Collection[str], since: datetime
    ) -> Sequence[Rider]: ...
    def on_feed(
        self, service: str, feed: str, symptoms: Collection[str], since: datetime
    ) -> Sequence[Rider]: ...
    def riding(self, outage_id: UUID, limit: int | None = None) -> Sequence[Rider]: ...
    def members(self, outage_id: UUID, after: int, limit: int) -> Sequence[Rider]: ...
    def count(self, outage_ids: Collection[UUID]) -> Mapping[UUID, int]: ...
    def stranded(self, limit: int) -> Sequence[Rider]: ...
    def latest_member(self, contact_ref: UUID) -> Rider | None: ...


class Photos(Protocol):
    """Photos of requests."""

    def add(self, photo: Photo, jpeg: bytes) -> bool:
        """Keep a photo; False if this request has it already."""

    def of(self, request_id: UUID) -> Sequence[Photo]:
        """The photos of a request in the order in which they came."""

    def get(self, photo_id: UUID) -> tuple[Photo, bytes] | None:
        """A photo with its picture."""

    def forget(self, request_id: UUID) -> None:
        """The request has no photos any more."""


class Sealer(Protocol):
    """Makes text unreadable for whoever has no key; see ``shared.sealing``."""

    def seal(self, text: str) -> str: ...


class Keys(Protocol):
    """API keys of other systems, by their digests."""

    def add(self, key: ApiKey) -> None: ...
    def revoke(self, id_: UUID, now: datetime) -> bool: ...
    def by_digest(self, digest: str) -> ApiKey | None: ...
    def every(self) -> Sequence[ApiKey]: ...


class Reports(Protocol):
    """What Open311 adds to requests."""

    def twin(self, key_id: UUID, repeat_key: str, since: datetime) -> Report | None:
        """The same report if it came before; a concurrent twin waits until this transaction ends."""

    def add(self, report: Report) -> None: ...
    def get(self, request_id: UUID) -> Report | None: ...
    def forget(self, request_id: UUID) -> None:
        """Drop what the applicant wrote."""

    def registered(self, numbers: Sequence[int]) -> Sequence[Seen]: ...
    def search(
        self,
        service_codes: Sequence[str],
        start: datetime,
        end: datetime,
        statuses: frozenset[str],
        limit: int,
    ) -> Sequence[Seen]: ...


class Calls(Protocol):
    """Telephone calls, and what was answered to each question of theirs."""

    def get(self, sid: str, lock: bool = False) -> Call | None: ...
    def start(self, call: Call) -> Call:
        """The call of this id, locked: the given one, or the one a concurrent webhook just began."""

    def save(self, call: Call) -> None: ...
    def reply_to(self, sid: str, step: str, turn: int) -> str | None: ...
    def keep_reply(self, sid: str, step: str, turn: int, reply: str) -> None: ...
    def silent(self, since: datetime, limit: int) -> Sequence[Call]:
        """Calls neither answered nor ended of which nothing was heard since, locked for us."""

    def listed(self, wanted: Any) -> Sequence[Call]: ...
    def figures(self, since: datetime, now: datetime, norm: timedelta) -> Figures:
        """``norm``: within how long a call should be answered."""

    def forget(self, contact_ref: UUID) -> None:
        """Drop what the person said."""


class Callbacks(Protocol):
    """The call-back queue; at most one open place for each person."""

    def get(self, id_: UUID, lock: bool = False) -> Callback | None: ...
    def open_of(self, contact_ref: UUID) -> Callback | None: ...
    def listed(
        self, states: frozenset[CallbackState], now: datetime, limit: int
    ) -> Sequence[tuple[Callback, Call]]: ...
    def add(self, callback: Callback) -> None: ...
    def save(self, callback: Callback) -> None: ...


class Partners(Protocol):
    """Who exchanges cards with us."""

    def get(self, id_: str) -> Partner | None: ...
    def put(self, partner: Partner) -> None: ...
    def every(self) -> Sequence[Partner]: ...


class Cards(Protocol):
    """Partners' cards, every revision."""

    def revisions(self, partner_id: str, external_id: str, lock: bool = False) -> Sequence[KeptCard]:
        """The oldest first; with ``lock`` others who take this very card wait."""

    def of_request(self, request_id: UUID) -> Sequence[KeptCard]: ...
    def add(self, card: KeptCard) -> None: ...
    def forget(self, request_id: UUID) -> None: ...


class Deliveries(Protocol):
    """What goes out to partners."""

    def add(self, delivery: Delivery) -> bool:
        """False if the same was added before."""

    def save(self, delivery: Delivery) -> None: ...
    def get(self, id_: UUID, lock: bool = False) -> Delivery | None: ...
    def of_request(self, request_id: UUID) -> Sequence[Delivery]: ...
    def by_progress(self, progress: Progress, limit: int) -> Sequence[Delivery]: ...
    def partners_due(self, now: datetime) -> Sequence[str]: ...
    def take(self, partner_id: str, now: datetime) -> Delivery | None:
        """The oldest that is due, leased to the caller; what another process holds is passed."""

    def counts(self) -> dict[str, int]: ...
    def forget(self, request_id: UUID) -> None: ...


class UnitOfWork(Protocol):
    """One transaction; see ``shared.db.Transaction``."""

    @property
    def requests(self) -> Requests: ...
    @property
    def contacts(self) -> Contacts: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def standings(self) -> Standings: ...
    @property
    def judgements(self) -> Judgements: ...
    @property
    def keys(self) -> Keys: ...
    @property
    def links(self) -> Links: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def partners(self) -> Partners: ...
    @property
    def cards(self) -> Cards: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def outages(self) -> Outages: ...
    @property
    def riders(self) -> Riders: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def callbacks(self) -> Callbacks: ...
    @property
    def photos(self) -> Photos: ...
    @property
    def idempotency(self) -> Any: ...
    @property
    def sealer(self) -> Sealer: ...
    @property
    def access_log(self) -> AccessLog: ...
    @property
    def now(self) -> datetime: ...
    def emit(self, type: str, subject: str, data: dict[str, Any]) -> None: ...  # noqa: A002
    def commit(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True)
class Phone:
    """A sender as the provider names it: a number in E.164, a short code or a name that cannot be called."""

    text: str
    is_callable: bool


ReadPhone = Callable[[str], Phone | None]
"""Finds a phone number that can be called inside a text."""
