"""One transaction: a service's rows, the inbox mark of the event that caused it and the events it causes.

They commit together or not at all (transactional outbox and inbox, design §4). Nothing outside the database
happens in here; the relay publishes after the commit.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from shared import logs
from shared.clock import Clock
from shared.encoding import compact, plain
from shared.envelope import Event
from shared.errors import AvariykaError
from shared.idempotency import Idempotency
from shared.sealing import Sealer

Result = TypeVar("Result")
DATABASE_AWAY = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)


class AlreadyHandled(AvariykaError):
    """This handler has had this event before; its effect is in the database, so the message is done with."""

    code = "already_handled"


@dataclass(frozen=True)
class TransactionContext:
    """What every transaction of one process shares."""

    engine: sa.Engine
    clock: Clock
    source: str
    wake_relay: Callable[[], None]
    sealer: Sealer = field(default_factory=Sealer)
    committed: Callable[[], None] = lambda: None
    """Called after each commit, whatever was in it."""


def make_engine(url: str, pool_size: int, trusted_for_s: float = 1.0) -> sa.Engine:
    """An engine whose pool survives a restart of the server: connections that rested are probed before use.

    One that worked within the last ``trusted_for_s`` seconds is taken as it is, which under load saves a
    round trip on every transaction.
    """
    engine = sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=10,
        isolation_level="READ COMMITTED",
        hide_parameters=True,  # an error in the log must not show phone numbers and addresses
        connect_args={"connect_timeout": 5, "application_name": "avariyka"},
    )
    sa.event.listen(engine, "checkin", _rest)
    sa.event.listen(engine, "checkout", partial(_probe, engine.dialect, trusted_for_s))
    return engine


def _rest(_connection: Any, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


def _probe(dialect: sa.Dialect, trusted_for_s: float, connection: Any, record: Any, _proxy: Any) -> None:
    """Makes the pool replace its connections if this one has died while it rested."""
    if time.monotonic() - record.info.get("rests_since", math.inf) < trusted_for_s:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as died:
        raise sa.exc.InvalidatePoolError from died


def once_more(work: Callable[[], Result]) -> Result:
    """``work``, tried again at once if its connection turned out to be dead; for work that may be repeated.

    A provider's webhook that fails is a lost call: it is not made again.
    """
    try:
        return work()
    except DATABASE_AWAY:
        return work()


def bus_tables(metadata: sa.MetaData) -> None:
    """Add the tables of the bus to a service's own metadata."""
    now = sa.text("now()")
    sa.Table(
        "outbox",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("body", JSONB, nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=now),
        sa.Column("published_at", sa.TIMESTAMP(timezone=True)),
        sa.Index("outbox_unsent", "id", postgresql_where=sa.text("published_at IS NULL")),
    )
    sa.Table(
        "inbox",
        metadata,
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("handler", sa.Text, primary_key=True),
        sa.Column("handled_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=now),
    )
    sa.Table(
        "aggregate_sequence",
        metadata,
        sa.Column("aggregate", sa.Text, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    sa.Table(
        "idempotency",
        metadata,
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("actor_id", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("body", JSONB),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=now),
    )


_CLAIM_INBOX = sa.text(
    "INSERT INTO inbox (event_id, handler) VALUES (:event_id, :handler) ON CONFLICT DO NOTHING"
)
_WRITE_OUTBOX = sa.text(
    """
    WITH numbered AS (
        INSERT INTO aggregate_sequence (aggregate, last) VALUES (:aggregate, 1)
        ON CONFLICT (aggregate) DO UPDATE SET last = aggregate_sequence.last + 1
        RETURNING last
    )
    INSERT INTO outbox (type, body)
    SELECT :type, CAST(:body AS jsonb) || jsonb_build_object('sequence', numbered.last) FROM numbered
    """
)


class Transaction:
    """Base of every service's unit of work: ``with uow: ...; uow.commit()``, rolled back otherwise.

    With a ``cause`` (the event being handled) entering claims the inbox row first and raises
    :class:`AlreadyHandled` for a redelivery; a concurrent duplicate waits here until the first one ends.
    """

    connection: sa.Connection
    idempotency: Idempotency
    now: datetime

    def __init__(self, context: TransactionContext, cause: Event | None = None, handler: str = "") -> None:
        self._context = context
        self._cause = cause
        self._handler = handler
        self._events: list[Event] = []
        self.clock = context.clock
        self.sealer = context.sealer

    def __enter__(self) -> Self:
        self.now = self.clock.now()
        self.connection = self._context.engine.connect()
        self.idempotency = Idempotency(self.connection, self.sealer)
        self._events.clear()
        try:
            self._claim_inbox()
        except BaseException:
            self.connection.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def emit(self, type: str, subject: str, data: Mapping[str, Any]) -> None:  # noqa: A002 - CloudEvents' word
        """Announce a fact about ``subject``; it leaves through the outbox if and when this commits."""
        self._events.append(
            Event(
                id=str(uuid4()),
                source=self._context.source,
                type=type,
                subject=subject,
                time=self.now,
                data=plain(data),
                sequence=0,
                correlation_id=self._correlation_id(),
                causation_id=self._cause.id if self._cause else None,
            )
        )

    def commit(self) -> None:
        """Write the announced events beside the rows, commit, then wake the relay."""
        # Aggregates in one order everywhere: two transactions never wait for each other's numbers.
        for event in sorted(self._events, key=lambda event: event.subject):
            parameters = {"aggregate": event.subject, "type": event.type, "body": compact(event.to_json())}
            self.connection.execute(_WRITE_OUTBOX, parameters)
        self.connection.commit()
        if self._events:
            self._events.clear()
            self._context.wake_relay()
        self._context.committed()

    def _claim_inbox(self) -> None:
        if self._cause is None:
            return
        claim = {"event_id": self._cause.id, "handler": self._handler}
        if self.connection.execute(_CLAIM_INBOX, claim).rowcount == 0:
            raise AlreadyHandled

    def _correlation_id(self) -> str:
        if self._cause is not None:
            return self._cause.correlation_id
        return logs.correlation.get() or str(uuid4())


def purge(engine: sa.Engine, now: datetime, keep: timedelta) -> int:
    """Forget bus records older than ``keep`` (unsent events are never forgotten); returns rows removed."""
    statements = (
        "DELETE FROM outbox WHERE published_at < :before",
        "DELETE FROM inbox WHERE handled_at < :before",
        "DELETE FROM idempotency WHERE created_at < :before",
    )
    with engine.begin() as connection:
        return sum(connection.execute(sa.text(sql), {"before": now - keep}).rowcount for sql in statements)
