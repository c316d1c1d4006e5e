"""Requests, contacts and messages in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.intake.domain.addresses import Address, Candidate
from services.intake.domain.houses import Precision
from services.intake.domain.lookup import Wanted
from services.intake.domain.messages import HeldMessage, Message
from services.intake.domain.requests import (
    Applicant,
    Channel,
    Contact,
    Details,
    Question,
    Request,
    Script,
    State,
)
from services.intake.errors import DraftChanged
from services.intake.store import tables
from services.intake.store.desk import packed, unpacked
from services.intake.store.search import newest
from shared.sealing import Sealer

_c, _r, _m, _k = tables.contacts.c, tables.requests.c, tables.messages.c, tables.calls.c
_SEALED = ("problem", "address_text")
_DROPPED = sa.and_(_r.state == State.DRAFT.value, _r.cancelled_at.is_not(None), ~_r.needs_operator)


class Contacts:
    """People by phone number. A row found here stays locked until the transaction ends, so the messages
    of one sender are handled one after another. Number and name are sealed; a digest finds the number."""

    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def by_phone(self, phone: str) -> Contact | None:
        return self._one(_c.phone_index == self._sealer.index(phone))

    def by_ref(self, ref: UUID) -> Contact | None:
        return self._one(_c.ref == ref)

    def add(self, contact: Contact, now: datetime) -> Contact:
        """The contact with this number: the given one, or the one that a concurrent message just added."""
        row = {**asdict(contact), **self._sealed(contact), "created_at": now, "updated_at": now}
        added = self._connection.execute(
            insert(tables.contacts).values(row).on_conflict_do_nothing(index_elements=[_c.phone_index])
        )
        return contact if added.rowcount else self.by_phone(contact.phone) or contact

    def save(self, contact: Contact, now: datetime) -> None:
        self._connection.execute(
            sa.update(tables.contacts)
            .where(_c.ref == contact.ref)
            .values(
                language=contact.language,
                sms_allowed=contact.sms_allowed,
                name=self._sealer.seal(contact.name),
                script=contact.script,
                consent_at=contact.consent_at,
                updated_at=now,
            )
        )

    def forget(self, ref: UUID, now: datetime) -> None:
        """Keep the reference alone; another message from the number is another person."""
        gone = {"phone": "", "phone_index": None, "name": "", "sms_allowed": False, "is_callable": False}
        self._connection.execute(
            sa.update(tables.contacts).where(_c.ref == ref).values(**gone, updated_at=now)
        )

    def idle(self, before: datetime, after: UUID, limit: int) -> list[UUID]:
        asked = sa.exists().where(
            (_r.sender_ref == _c.ref) | (_r.contact_ref == _c.ref), _r.updated_at >= before
        )
        wrote = sa.exists().where(_m.sender_ref == _c.ref, _m.received_at >= before)
        called = sa.exists().where(_k.contact_ref == _c.ref, _k.rang_at >= before)
        query = (
            sa.select(_c.ref)
            .where(_c.ref > after, _c.phone != "", _c.updated_at < before, ~asked, ~wrote, ~called)
            .order_by(_c.ref)
            .limit(limit)
        )
        return list(self._connection.scalars(query))

    def _one(self, condition: sa.ColumnElement[bool]) -> Contact | None:
        names = Contact.__dataclass_fields__
        columns = [tables.contacts.c[name] for name in names]
        row = self._connection.execute(sa.select(*columns).where(condition).with_for_update()).one_or_none()
        return self._opened(row._asdict()) if row is not None else None

    def _sealed(self, contact: Contact) -> dict[str, str]:
        return {
            "phone": self._sealer.seal(contact.phone),
            "phone_index": self._sealer.index(contact.phone),
            "name": self._sealer.seal(contact.name),
        }

    def _opened(self, row: dict[str, Any]) -> Contact:
        opened = {name: self._sealer.open(row[name]) for name in ("phone", "name")}
        return Contact(**{**row, **opened, "script": Script(row["script"])})


_MESSAGE = sa.select(_m.sid, _m.body, _m.reply, _m.received_at)
_HELD = _MESSAGE.add_columns(_m.held, _m.sender_ref, _m.request_id)


class Messages:
    """Messages as they came, each once, with the answer that was given; both sealed."""

    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def claim(self, sid: str, body: str, truncated: bool, now: datetime, media: Sequence[str] = ()) -> bool:
        """Keep a message; False if it came before. A concurrent twin waits here for the first to end."""
        row = {"sid": sid, "body": self._sealer.seal(body), "truncated": truncated, "received_at": now}
        row |= {"media": self._sealer.seal("\n".join(media)), "held": False}
        kept = self._connection.execute(
            insert(tables.messages).values(row).on_conflict_do_nothing(index_elements=[_m.sid])
        )
        return kept.rowcount == 1

    def reply_to(self, sid: str) -> str:
        """The answer given before, empty if there was none."""
        reply = self._connection.execute(sa.select(_m.reply).where(_m.sid == sid)).scalar_one()
        return self._sealer.open(reply or "")

    def answer(
        self, sid: str, reply: str, sender_ref: UUID, request_id: UUID | None, held: bool = False
    ) -> None:
        values = {"reply": self._sealer.seal(reply), "sender_ref": sender_ref, "request_id": request_id}
        values["held"] = held
        self._connection.execute(sa.update(tables.messages).where(_m.sid == sid).values(values))

    def of(self, request_id: UUID) -> Sequence[Message]:
        """The messages about a request in the order in which they came."""
        return self._read(_MESSAGE.where(_m.request_id == request_id).order_by(_m.received_at, _m.sid))

    def recent(self, sender_ref: UUID, since: datetime, limit: int) -> Sequence[Message]:
        """The newest messages of a person after ``since``, at most ``limit``, the oldest of them first."""
        theirs = _MESSAGE.where(_m.sender_ref == sender_ref, _m.received_at > since)
        return self._read(theirs.order_by(_m.received_at.desc(), _m.sid.desc()).limit(limit))[::-1]

    def held(self, limit: int) -> Sequence[HeldMessage]:
        """Those held back that are nobody's request, the oldest first."""
        waiting = _HELD.where(_m.held, _m.request_id.is_(None)).order_by(_m.received_at, _m.sid)
        return [self._held(row) for row in self._connection.execute(waiting.limit(limit))]

    def held_one(self, sid: str) -> HeldMessage | None:
        """One that is or was held back, locked; None: never, or already put aside."""
        row = self._connection.execute(_HELD.where(_m.sid == sid).with_for_update()).one_or_none()
        is_known = row is not None and (row.held or row.request_id is not None)
        return self._held(row) if row is not None and is_known else None

    def release(self, sid: str, request_id: UUID | None) -> None:
        """It waits no longer: it is about this request, or put aside."""
        values = {"held": False, "request_id": request_id}
        self._connection.execute(sa.update(tables.messages).where(_m.sid == sid).values(values))

    def _read(self, query: sa.Select[Any]) -> list[Message]:
        return [self._message(row) for row in self._connection.execute(query)]

    def _message(self, row: sa.Row[Any]) -> Message:
        opened = (self._sealer.open(row.body), self._sealer.open(row.reply or ""))
        return Message(row.sid, *opened, row.received_at)

    def _held(self, row: sa.Row[Any]) -> HeldMessage:
        return HeldMessage(self._message(row), row.sender_ref, row.request_id)

    def forget(self, sender_ref: UUID) -> None:
        """Keep that messages came, not what they said."""
        gone = sa.update(tables.messages).where(_m.sender_ref == sender_ref)
        self._connection.execute(gone.values(body="", reply="", media="", held=False))


class Requests:
    """Requests and drafts. What the resident wrote is sealed."""

    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def get(self, request_id: UUID, lock: bool = False) -> Request | None:
        """A request by id; ``lock`` keeps others from changing it until the transaction ends."""
        query = sa.select(tables.requests).where(_r.id == request_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return self._request(row) if row is not None else None

    def many(self, request_ids: Sequence[UUID]) -> dict[UUID, Request]:
        """Requests by id, those that are there."""
        query = sa.select(tables.requests).where(_r.id.in_(request_ids))
        return {row.id: self._request(row) for row in self._connection.execute(query)}

    def latest_of(self, sender_ref: UUID, since: datetime) -> Request | None:
        """The sender's open draft, else the request last written about, if after ``since``; locked."""
        query = (
            sa.select(tables.requests)
            .where(_r.sender_ref == sender_ref, _r.updated_at > since, ~_DROPPED)
            .order_by((_r.state == State.DRAFT.value).desc(), _r.updated_at.desc())
            .limit(1)
            .with_for_update()
        )
        row = self._connection.execute(query).one_or_none()
        return self._request(row) if row is not None else None

    def last_place_of(self, contact_ref: UUID) -> Address | None:
        """Where the person's last registered request was."""
        query = (
            sa.select(_r.address)
            .where(_r.contact_ref == contact_ref, _r.state == State.REGISTERED.value)
            .order_by(_r.registered_at.desc())
            .limit(1)
        )
        stored = self._connection.execute(query).scalar_one_or_none()
        return _address(stored) if stored is not None else None

    def drafts(self, limit: int) -> Sequence[Request]:
        """Drafts, those that need an operator first, then the ones that wait longest."""
        query = (
            sa.select(tables.requests)
            .where(_r.state == State.DRAFT.value, ~_DROPPED)
            .order_by(_r.needs_operator.desc(), _r.received_at)
            .limit(limit)
        )
        return [self._request(row) for row in self._connection.execute(query)]

    def search(self, wanted: Wanted) -> Sequence[Request]:
        """Requests that fit, the newest first."""
        return [self._request(row) for row in self._connection.execute(newest(wanted))]

    def of_contact(self, contact_ref: UUID) -> Sequence[Request]:
        """Requests that a person made or is called back about, oldest first; locked."""
        theirs = (_r.sender_ref == contact_ref) | (_r.contact_ref == contact_ref)
        query = sa.select(tables.requests).where(theirs).order_by(_r.received_at).with_for_update()
        return [self._request(row) for row in self._connection.execute(query)]

    def next_number(self) -> int:
        """A number nobody else gets. A rolled back transaction leaves a gap: unique, not dense."""
        return int(self._connection.execute(sa.select(tables.request_numbers.next_value())).scalar_one())

    def add(self, request: Request) -> None:
        self._connection.execute(sa.insert(tables.requests).values(self._row(request)))

    def save(self, request: Request) -> None:
        """Store it as its next version; raises DraftChanged if another one is stored meanwhile."""
        values = {**self._row(request), "version": request.version + 1}
        known = (_r.id == request.id) & (_r.version == request.version)
        saved = self._connection.execute(sa.update(tables.requests).where(known).values(values))
        if saved.rowcount == 0:
            raise DraftChanged(version=request.version)

    def _row(self, request: Request) -> dict[str, Any]:
        row = {name: getattr(request, name) for name in Request.__dataclass_fields__}
        row |= {name: self._sealer.seal(getattr(request, name)) for name in _SEALED}
        row["address"] = asdict(request.address) if request.address is not None else None
        row["details"] = asdict(request.details)
        row["desk"] = self._sealer.seal(packed(request.desk))
        row["paper_number"] = request.desk.paper_number or None
        row["candidates"] = [asdict(candidate) for candidate in request.candidates]
        return row

    def _request(self, row: sa.Row[Any]) -> Request:
        values = dict(row._mapping)
        del values["paper_number"]
        values |= {name: self._sealer.open(values[name]) for name in _SEALED}
        values |= {
            "state": State(row.state),
            "channel": Channel(row.channel),
            "applicant": Applicant(row.applicant),
            "question": Question(row.question) if row.question is not None else None,
            "address": _address(row.address) if row.address is not None else None,
            "details": Details(**row.details),
            "desk": unpacked(self._sealer.open(row.desk)),
            "candidates": tuple(_candidate(candidate) for candidate in row.candidates),
        }
        return Request(**values)


def _address(stored: dict[str, Any]) -> Address:
    return Address(**{**stored, "precision": Precision(stored["precision"])})


def _candidate(stored: dict[str, Any]) -> Candidate:
    address, reasons, span = (stored.pop(name) for name in ("address", "reasons", "span"))
    return Candidate(address=_address(address), reasons=tuple(reasons), span=tuple(span), **stored)
