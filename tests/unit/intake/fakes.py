"""The store of intake in memory, with the promises of the one in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from services.intake.domain.city import CityImport
from services.intake.domain.keys import ApiKey
from services.intake.domain.registry import Registry
from services.intake.domain.requests import Contact, Request
from services.intake.domain.standing import Standing
from shared.clock import Clock
from tests.support.fakes import FakeTransaction


class FakeContacts:
    def __init__(self) -> None:
        self.rows: dict[str, Contact] = {}

    def by_phone(self, phone: str) -> Contact | None:
        return self.rows.get(phone)

    def by_ref(self, ref: UUID) -> Contact | None:
        return next((contact for contact in self.rows.values() if contact.ref == ref), None)

    def add(self, contact: Contact, now: datetime) -> Contact:
        return self.rows.setdefault(contact.phone, contact)

    def save(self, contact: Contact, now: datetime) -> None:
        kept = self.rows[contact.phone]
        self.rows[contact.phone] = replace(
            kept, language=contact.language, sms_allowed=contact.sms_allowed, name=contact.name
        )


class FakeMessages:
    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}

    def claim(self, sid: str, body: str, truncated: bool, now: datetime) -> bool:
        if sid in self.rows:
            return False
        self.rows[sid] = {"body": body, "truncated": truncated, "reply": None}
        return True

    def reply_to(self, sid: str) -> str:
        return self.rows[sid]["reply"] or ""

    def answer(self, sid: str, reply: str, sender_ref: UUID, request_id: UUID | None) -> None:
        self.rows[sid] |= {"reply": reply, "sender_ref": sender_ref, "request_id": request_id}


class FakeRequests:
    def __init__(self) -> None:
        self.rows: dict[UUID, Request] = {}
        self._last_number = 1000

    def get(self, request_id: UUID, lock: bool = False) -> Request | None:
        return self.rows.get(request_id)

    def latest_of(self, sender_ref: UUID, since: datetime) -> Request | None:
        mine = [r for r in self.rows.values() if r.sender_ref == sender_ref and r.updated_at > since]
        return max(mine, key=lambda request: (request.is_draft, request.updated_at), default=None)

    def drafts(self, limit: int) -> Sequence[Request]:
        drafts = [request for request in self.rows.values() if request.is_draft]
        return sorted(drafts, key=lambda r: (not r.needs_operator, r.received_at))[:limit]

    def next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def add(self, request: Request) -> None:
        assert request.id not in self.rows
        self.rows[request.id] = request

    def save(self, request: Request) -> None:
        assert request.id in self.rows
        self.rows[request.id] = request


class FakeRegistries:
    def __init__(self) -> None:
        self.cities: dict[str, CityImport] = {}
        self._imports = 0

    def version(self) -> str:
        return str(self._imports) if self._imports else ""

    def load(self) -> Registry:
        kept = [self.cities[city].registry for city in sorted(self.cities)]
        return Registry(
            sorted((s for r in kept for s in r.streets), key=lambda street: street.id),
            sorted((b for r in kept for b in r.buildings), key=lambda building: building.id),
            sorted((d for r in kept for d in r.districts), key=lambda district: district.id),
            self.version(),
        )

    def replace(self, imported: CityImport, now: datetime) -> int:
        self._imports += 1
        self.cities[imported.city] = imported
        return self._imports


class FakeStandings:
    def __init__(self) -> None:
        self.rows: dict[UUID, Standing] = {}

    def put(self, standing: Standing) -> None:
        known = self.rows.get(standing.request_id)
        if known is None or known.sequence < standing.sequence:
            self.rows[standing.request_id] = standing

    def get(self, request_id: UUID) -> Standing | None:
        return self.rows.get(request_id)


class FakeKeys:
    def __init__(self) -> None:
        self.rows: dict[UUID, ApiKey] = {}

    def add(self, key: ApiKey) -> None:
        self.rows[key.id] = key

    def revoke(self, id_: UUID, now: datetime) -> bool:
        key = self.rows.get(id_)
        if key is not None:
            self.rows[id_] = replace(key, revoked_at=key.revoked_at or now)
        return key is not None

    def by_digest(self, digest: str) -> ApiKey | None:
        return next((key for key in self.rows.values() if key.digest == digest), None)

    def every(self) -> Sequence[ApiKey]:
        return sorted(self.rows.values(), key=lambda key: (-key.created_at.timestamp(), key.id))


class FakeLinks:
    def __init__(self) -> None:
        self.rows: dict[str, UUID] = {}

    def claim(self, digest: str, request_id: UUID, now: datetime) -> UUID:
        return self.rows.setdefault(digest, request_id)

    def find(self, digest: str) -> UUID | None:
        return self.rows.get(digest)

    def forget(self, request_id: UUID) -> None:
        for digest in [digest for digest, known in self.rows.items() if known == request_id]:
            del self.rows[digest]


class FakeUnitOfWork(FakeTransaction):
    """What was written before a rollback is gone, as in the real one."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.contacts = FakeContacts()
        self.messages = FakeMessages()
        self.requests = FakeRequests()
        self.registries = FakeRegistries()
        self.standings = FakeStandings()
        self.keys = FakeKeys()
        self.links = FakeLinks()
        self._tables: tuple[dict[Any, Any], ...] = ()
        self._before: tuple[dict[Any, Any], ...] = ()

    def __enter__(self) -> Self:
        super().__enter__()
        self._tables = (
            self.contacts.rows,
            self.messages.rows,
            self.requests.rows,
            self.registries.cities,
            self.standings.rows,
            self.keys.rows,
            self.links.rows,
            self.idempotency._kept,
        )
        self._keep()
        return self

    def __exit__(self, *error: Any) -> None:
        for table, before in zip(self._tables, self._before, strict=True):
            table.clear()
            table.update(before)
        super().__exit__(*error)

    def commit(self) -> None:
        super().commit()
        self._keep()

    def _keep(self) -> None:
        self._before = tuple(dict(table) for table in self._tables)
