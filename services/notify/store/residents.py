"""Whom messages go to: contacts, the requests they made, and what is planned for these."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert, insert

from services.notify.domain.plans import Plan
from services.notify.store.bulk import insert_of, lists
from services.notify.store.tables import contacts, plans, requests, urgencies
from services.notify.usecases.ports import Contact, Request, Urgency
from shared.i18n import DEFAULT_LANGUAGE
from shared.sealing import Sealer

_CONTACT = ("id", "phone", "phone_index", "language", "script", "sms_allowed", "at")


def _put_contacts() -> Insert:
    row = insert_of(contacts, *_CONTACT)
    news = {name: row.excluded[name] for name in _CONTACT if name != "id"}
    return row.on_conflict_do_update(index_elements=["id"], set_=news, where=contacts.c.at <= row.excluded.at)


_PUT_CONTACTS = _put_contacts()


class Contacts:
    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def put(self, contact: Contact) -> None:
        self.put_all([contact])

    def put_all(self, known: Sequence[Contact]) -> None:
        rows = {contact.id: self._row(contact) for contact in known}
        if rows:
            self._connection.execute(_PUT_CONTACTS, lists(list(rows.values()), *_CONTACT))

    def _row(self, contact: Contact) -> dict[str, Any]:
        index = self._sealer.index(contact.phone) if contact.phone else None
        return {**vars(contact), "phone": self._sealer.seal(contact.phone), "phone_index": index}

    def forget(self, contact_id: UUID, at: datetime) -> None:
        self.put(Contact(contact_id, "", DEFAULT_LANGUAGE, sms_allowed=False, at=at))


class Requests:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, request: Request) -> None:
        row = insert(requests).values(id=request.id, number=request.number, contact_id=request.contact_id)
        news = {"number": row.excluded.number, "contact_id": row.excluded.contact_id}
        self._connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=news))


class Urgencies:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, urgency: Urgency) -> None:
        row = insert(urgencies).values(**vars(urgency))
        new, old = row.excluded, urgencies.c
        weightier = new.by_person & ~old.by_person
        newer = (new.by_person == old.by_person) & (new.at >= old.at)
        news = {name: new[name] for name in ("category", "at", "by_person")}
        self._connection.execute(
            row.on_conflict_do_update(index_elements=["request_id"], set_=news, where=weightier | newer)
        )


class Plans:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, plan: Plan) -> None:
        row = insert(plans).values(**vars(plan))
        news = {name: row.excluded[name] for name in ("sequence", "clock", "due_at")}
        self._connection.execute(
            row.on_conflict_do_update(
                index_elements=["request_id"], set_=news, where=plans.c.sequence < row.excluded.sequence
            )
        )

    def get(self, request_id: UUID) -> Plan | None:
        row = self._connection.execute(sa.select(plans).where(plans.c.request_id == request_id)).one_or_none()
        return Plan(**row._mapping) if row is not None else None
