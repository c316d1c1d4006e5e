"""The database of ``notify``: contacts, a small copy of requests, outgoing messages."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, distinct_on, insert

from services.notify.domain.messages import LEFT, PENDING, Message, Recipient, State
from services.notify.domain.outages import Notice, Outage, Ride
from services.notify.domain.plans import Plan
from services.notify.domain.telling import Telling
from services.notify.usecases import Backlog, Contact, Due, Request
from shared.db import Transaction, bus_tables
from shared.i18n import DEFAULT_LANGUAGE
from shared.resealing import SealedColumns
from shared.sealing import Sealer

metadata = sa.MetaData()
bus_tables(metadata)
_TIME = sa.TIMESTAMP(timezone=True)

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("phone", sa.Text, nullable=False, comment="sealed"),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("sms_allowed", sa.Boolean, nullable=False),
    sa.Column("at", _TIME, nullable=False),
)

requests = sa.Table(
    "requests",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("contact_id", sa.Uuid, nullable=False),
)

plans = sa.Table(
    "plans",
    metadata,
    sa.Column("request_id", sa.Uuid, primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("clock", sa.Text, nullable=False),
    sa.Column("due_at", _TIME, nullable=False),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("request_id", sa.Uuid, nullable=False),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("fact", sa.Text, nullable=False),
    sa.Column("params", JSONB, nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("occurred_at", _TIME, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due_at", _TIME, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("phone", sa.Text, comment="sealed"),
    sa.Column("language", sa.Text),
    sa.Column("body", sa.Text, comment="sealed"),
    sa.Column("parts", sa.Integer, nullable=False),
    sa.Column("unsure_since", _TIME),
    sa.Column("provider_sid", sa.Text, unique=True),
    sa.Column("error_code", sa.Text),
    sa.Column("sent_at", _TIME),
    sa.Column("ended_at", _TIME),
    sa.UniqueConstraint("request_id", "template", "fact", name="messages_told_once"),
    sa.Index("messages_pending", "due_at", postgresql_where=sa.text("state IN ('queued', 'sending')")),
)

SEALED = (SealedColumns("contacts", "id", ("phone",)), SealedColumns("messages", "id", ("phone", "body")))
"""Every sealed text of this service, for the rotation of keys."""

rides = sa.Table(
    "rides",
    metadata,
    sa.Column("request_id", sa.Uuid, primary_key=True),
    sa.Column("outage_id", sa.Uuid, nullable=False, index=True),
    sa.Column("outage_number", sa.Text, nullable=False),
    sa.Column("symptom", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("planned", sa.Boolean, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("ends_by", _TIME),
)

outages = sa.Table(
    "outages",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("symptom", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("ends_by", _TIME),
    sa.Column("tell", JSONB, nullable=False),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("outage_id", sa.Uuid, nullable=False),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("fact", sa.Text, nullable=False),
    sa.Column("occurred_at", _TIME, nullable=False),
    sa.Column("params", JSONB, nullable=False),
    sa.Column("after_contact", sa.Uuid),
    sa.Column("told", sa.Boolean, nullable=False),
    sa.Index("notices_untold", "id", postgresql_where=sa.text("NOT told")),
)

_earlier = messages.alias("earlier")
_later = messages.alias("later")
_COLUMNS = tuple(column.name for column in messages.columns)
_SEALED = ("phone", "body")


class UnitOfWork(Transaction):
    """One transaction of this service."""

    contacts: "Contacts"
    requests: "Requests"
    plans: "Plans"
    messages: "Messages"
    rides: "Rides"
    outages: "Outages"

    def __enter__(self) -> Self:
        super().__enter__()
        self.contacts = Contacts(self.connection, self.sealer)
        self.requests = Requests(self.connection)
        self.plans = Plans(self.connection)
        self.messages = Messages(self.connection, self.sealer)
        self.rides = Rides(self.connection)
        self.outages = Outages(self.connection)
        return self


class Contacts:
    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def put(self, contact: Contact) -> None:
        fresh = insert(contacts).values(
            id=contact.id,
            phone=self._sealer.seal(contact.phone),
            language=contact.language,
            sms_allowed=contact.sms_allowed,
            at=contact.at,
        )
        news = {name: fresh.excluded[name] for name in ("phone", "language", "sms_allowed", "at")}
        self._connection.execute(
            fresh.on_conflict_do_update(
                index_elements=["id"], set_=news, where=contacts.c.at <= fresh.excluded.at
            )
        )

    def forget(self, contact_id: UUID, at: datetime) -> None:
        self.put(Contact(contact_id, "", DEFAULT_LANGUAGE, sms_allowed=False, at=at))


class Requests:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, request: Request) -> None:
        row = insert(requests).values(id=request.id, number=request.number, contact_id=request.contact_id)
        news = {"number": row.excluded.number, "contact_id": row.excluded.contact_id}
        self._connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=news))


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


class Messages:
    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def add(self, message: Message) -> bool:
        row = insert(messages).values(self._columns(message))
        added = row.on_conflict_do_nothing(constraint="messages_told_once").returning(messages.c.id)
        return self._connection.execute(added).first() is not None

    def due(self, now: datetime, limit: int, hopeless_before: datetime) -> Sequence[Due]:
        known = contacts.c.id.is_not(None)
        query = (
            sa.select(
                messages,
                requests.c.number,
                contacts.c.phone.label("to_phone"),
                contacts.c.language.label("to_language"),
                contacts.c.sms_allowed,
                _overtaken().label("overtaken"),
            )
            .outerjoin(requests, requests.c.id == messages.c.request_id)
            .outerjoin(contacts, contacts.c.id == requests.c.contact_id)
            .where(messages.c.state.in_(PENDING), messages.c.due_at <= now)
            .where(known | (messages.c.created_at < hopeless_before))
            .where(messages.c.urgent | ~_waits_for_another())
            .order_by(messages.c.urgent.desc(), messages.c.due_at)
            .limit(limit)
            .with_for_update(of=messages, skip_locked=True)
        )
        return [self._due(row) for row in self._connection.execute(query)]

    def get(self, message_id: UUID) -> Message | None:
        return self._one(messages.c.id == message_id)

    def by_sid(self, sid: str) -> Message | None:
        return self._one(messages.c.provider_sid == sid)

    def known_sids(self, sids: Iterable[str]) -> set[str]:
        query = sa.select(messages.c.provider_sid).where(messages.c.provider_sid.in_(list(sids)))
        return {str(sid) for sid in self._connection.scalars(query)}

    def has_any(self, request_id: UUID, templates: Iterable[str]) -> bool:
        found = sa.exists().where(
            messages.c.request_id == request_id, messages.c.template.in_(list(templates))
        )
        return bool(self._connection.scalar(sa.select(found)))

    def save(self, message: Message) -> None:
        self._connection.execute(
            messages.update().where(messages.c.id == message.id).values(self._columns(message))
        )

    def of_request(self, request_id: UUID) -> Sequence[Message]:
        query = (
            sa.select(messages)
            .where(messages.c.request_id == request_id)
            .order_by(messages.c.created_at, messages.c.occurred_at)
        )
        return [self._message(row) for row in self._connection.execute(query)]

    def is_sending_to(self, contact_id: UUID) -> bool:
        found = sa.exists().where(_to(contact_id), messages.c.state == State.SENDING.value)
        return bool(self._connection.scalar(sa.select(found)))

    def forget(self, contact_id: UUID) -> None:
        self._connection.execute(messages.update().where(_to(contact_id)).values(phone=None, body=None))

    def backlog(self) -> Backlog:
        query = sa.select(sa.func.count(), sa.func.min(messages.c.created_at)).where(
            messages.c.state.in_(PENDING)
        )
        count, oldest = self._connection.execute(query).one()
        return Backlog(count, oldest)

    def _one(self, where: sa.ColumnElement[bool]) -> Message | None:
        row = self._connection.execute(sa.select(messages).where(where).with_for_update()).one_or_none()
        return self._message(row) if row else None

    def _due(self, row: sa.Row[Any]) -> Due:
        message = self._message(row)
        if row.to_phone is None:
            return Due(message, None, row.overtaken)
        phone = self._sealer.open(row.to_phone)
        return Due(message, Recipient(phone, row.to_language, row.sms_allowed, row.number), row.overtaken)

    def _columns(self, message: Message) -> dict[str, Any]:
        values = {name: getattr(message, name) for name in _COLUMNS}
        sealed = {name: self._sealer.seal(values[name]) for name in _SEALED if values[name] is not None}
        return {**values, **sealed, "params": dict(message.params)}

    def _message(self, row: sa.Row[Any]) -> Message:
        values = {name: getattr(row, name) for name in _COLUMNS}
        opened = {name: self._sealer.open(values[name]) for name in _SEALED if values[name] is not None}
        return Message(**{**values, **opened, "state": State(values["state"])})


def _to(contact_id: UUID) -> sa.ColumnElement[bool]:
    theirs = sa.select(requests.c.id).where(requests.c.contact_id == contact_id)
    return messages.c.request_id.in_(theirs)


def _waits_for_another() -> sa.ColumnElement[bool]:
    """Status messages of one request leave in the order of their facts, one after the other."""
    return sa.exists().where(
        _earlier.c.request_id == messages.c.request_id,
        _earlier.c.id != messages.c.id,
        ~_earlier.c.urgent,
        _earlier.c.state.in_(PENDING),
        sa.tuple_(_earlier.c.occurred_at, _earlier.c.id) < sa.tuple_(messages.c.occurred_at, messages.c.id),
    )


def _overtaken() -> sa.ColumnElement[bool]:
    return ~messages.c.urgent & sa.exists().where(
        _later.c.request_id == messages.c.request_id,
        ~_later.c.urgent,
        _later.c.state.in_(LEFT),
        _later.c.occurred_at > messages.c.occurred_at,
    )


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
