"""Outages, who rides on them and what is still to be told of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert

from services.notify.domain.bulletins import OPEN, Bulletin, Issue
from services.notify.domain.outages import Notice, Outage, Ride
from services.notify.domain.telling import Telling
from services.notify.store.tables import bulletins, contacts, messages, notices, outages, requests, rides


class Rides:
    """Which request rides on which outage."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, ride: Ride) -> bool:
        row = insert(rides).values(vars(ride))
        news = {name: row.excluded[name] for name in vars(ride) if name != "request_id"}
        newer = rides.c.sequence < row.excluded.sequence
        told = row.on_conflict_do_update(index_elements=["request_id"], set_=news, where=newer)
        return self._connection.execute(told.returning(rides.c.request_id)).first() is not None

    def get(self, request_id: UUID) -> Ride | None:
        row = self._connection.execute(sa.select(rides).where(rides.c.request_id == request_id)).one_or_none()
        return Ride(**row._mapping) if row is not None else None

    def next_contacts(self, outage_id: UUID, after: UUID | None, limit: int) -> Sequence[tuple[UUID, UUID]]:
        contact = requests.c.contact_id
        query = (
            sa.select(contact, requests.c.id)
            .join(rides, rides.c.request_id == requests.c.id)
            .where(rides.c.outage_id == outage_id, rides.c.active)
            .ext(distinct_on(contact))
            .order_by(contact, requests.c.id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(contact > after)
        return [(row[0], row[1]) for row in self._connection.execute(query)]

    def is_first_to_hear(self, request_id: UUID, template: str, fact: str) -> bool:
        owner = sa.select(requests.c.contact_id).where(requests.c.id == request_id).scalar_subquery()
        self._connection.execute(sa.select(contacts.c.id).where(contacts.c.id == owner).with_for_update())
        told = (
            sa.select(messages.c.id)
            .join(requests, requests.c.id == messages.c.request_id)
            .where(requests.c.contact_id == owner, messages.c.template == template, messages.c.fact == fact)
        )
        return self._connection.execute(told.limit(1)).first() is None


class Outages:
    """Outages and what is still to be told of them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def lock(self, outage_id: UUID) -> Outage | None:
        """What is known of it; whoever asks for the same one waits, also for one not known yet."""
        self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(str(outage_id)))))
        row = self._connection.execute(sa.select(outages).where(outages.c.id == outage_id)).one_or_none()
        return Outage(**row._mapping) if row is not None else None

    def put(self, outage: Outage) -> None:
        row = insert(outages).values({**vars(outage), "tell": dict(outage.tell)})
        news = {name: row.excluded[name] for name in vars(outage) if name != "id"}
        self._connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=news))

    def announce(self, notice: Notice) -> None:
        told = notice.telling
        self._connection.execute(
            notices.insert().values(
                outage_id=notice.outage_id,
                template=told.template,
                fact=told.fact,
                occurred_at=told.occurred_at,
                params=dict(told.params),
                told=False,
            )
        )

    def claim_notice(self) -> Notice | None:
        query = sa.select(notices).where(~notices.c.told).order_by(notices.c.id).limit(1)
        row = self._connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
        if row is None:
            return None
        telling = Telling(row.template, row.fact, row.occurred_at, row.params)
        return Notice(row.id, row.outage_id, telling, row.after_contact)

    def advance(self, notice: Notice, after_contact: UUID | None) -> None:
        values = {"after_contact": after_contact, "told": after_contact is None}
        self._connection.execute(notices.update().where(notices.c.id == notice.id).values(values))


class Bulletins:
    """Outages as the public may know them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, bulletin: Bulletin) -> None:
        known = self.get(bulletin.outage_id)
        before = known.issue if known is not None and known.is_public else None
        values = {name: value for name, value in vars(bulletin).items() if name != "before"}
        values |= {name: list(values[name]) for name in ("symptoms", "houses")} | {
            "tell": dict(bulletin.tell)
        }
        values |= {"before_version": before and before.version, "before_at": before and before.at}
        row = insert(bulletins).values(values)
        news = {name: row.excluded[name] for name in values if name != "outage_id"}
        self._connection.execute(row.on_conflict_do_update(index_elements=["outage_id"], set_=news))

    def get(self, outage_id: UUID) -> Bulletin | None:
        query = sa.select(bulletins).where(bulletins.c.outage_id == outage_id)
        row = self._connection.execute(query).one_or_none()
        return _bulletin(row) if row is not None else None

    def active(self, limit: int) -> Sequence[Bulletin]:
        query = sa.select(bulletins).where(bulletins.c.state == OPEN).order_by(bulletins.c.changed_at.desc())
        return [_bulletin(row) for row in self._connection.execute(query.limit(limit))]


def _bulletin(row: sa.Row[Any]) -> Bulletin:
    values = dict(row._mapping)
    version, at = values.pop("before_version"), values.pop("before_at")
    return Bulletin(**values, before=Issue(version, at) if version is not None else None)
