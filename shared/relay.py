"""The outbox relay: takes committed events to the bus at least once, marks them when the broker has them.

Several relays may run (one in each replica): ``FOR UPDATE SKIP LOCKED`` shares the rows between them. A crash
after the publish and before the mark publishes again; the readers' inboxes absorb it.
"""

import threading
import time
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from prometheus_client import Counter

from shared.envelope import CONTENT_TYPE
from shared.errors import AvariykaError
from shared.logs import get_logger
from shared.publisher import Outgoing, Publisher
from shared.topology import event_exchange

_CLAIM = sa.text(
    "SELECT id, type, body ->> 'id' AS event_id, CAST(body AS text) AS body FROM outbox"
    " WHERE published_at IS NULL ORDER BY id LIMIT :batch FOR UPDATE SKIP LOCKED"
)
_MARK = sa.text("UPDATE outbox SET published_at = now() WHERE id = ANY(:ids)")
_BACKLOG = sa.text("SELECT count(*), min(created_at) FROM outbox WHERE published_at IS NULL")

_published = Counter("outbox_published_total", "Events that the broker confirmed")
_failures = Counter("outbox_publish_failures_total", "Batches that the broker did not confirm")
_log = get_logger(__name__)


class Unroutable(AvariykaError):
    """The broker took an event but no queue waits for it; it stays in the outbox."""

    code = "event_unroutable"


@dataclass(frozen=True)
class Backlog:
    """Events which are committed but not yet on the bus."""

    pending: int
    oldest_age_s: float


class Relay:
    """Drains the outbox of one service."""

    def __init__(self, engine: sa.Engine, publisher: Publisher, source: str, batch: int = 200) -> None:
        self._engine = engine
        self._publisher = publisher
        self._exchange = event_exchange(source).name
        self._batch = batch
        self._work = threading.Event()
        self._stopping = False

    def wake(self) -> None:
        """Called after a commit; cheap, never blocks."""
        self._work.set()

    def stop(self) -> None:
        self._stopping = True
        self._work.set()

    def run(self, idle_s: float = 1.0, slowest_retry_s: float = 5.0) -> None:
        """Drain for ever: when woken, and every ``idle_s`` for rows that another process left behind."""
        pause = 0.1
        while not self._stopping:
            try:
                while self.drain() == self._batch:
                    pass
                pause = 0.1
                self._work.wait(idle_s)
                self._work.clear()
            except Exception as failure:
                _failures.inc()
                _log.warning("outbox_relay_waits", reason=str(failure), retry_in_s=pause)
                time.sleep(pause)
                pause = min(pause * 2, slowest_retry_s)

    def drain(self) -> int:
        """Publish one batch; returns its size. Raises when the broker or the database does not answer."""
        with self._engine.begin() as connection:
            rows = connection.execute(_CLAIM, {"batch": self._batch}).all()
            if not rows:
                return 0
            taken = self._publisher.publish([self._outgoing(row) for row in rows])
            sent = [row.id for row in rows if row.event_id in taken]
            connection.execute(_MARK, {"ids": sent})
        _published.inc(len(sent))
        if len(sent) < len(rows):
            raise Unroutable(f"{len(rows) - len(sent)} events have no queue or were refused")
        return len(rows)

    def backlog(self, now: datetime) -> Backlog:
        with self._engine.connect() as connection:
            pending, oldest = connection.execute(_BACKLOG).one()
        return Backlog(pending, (now - oldest).total_seconds() if oldest else 0.0)

    def _outgoing(self, row: sa.Row[tuple[int, str, str, str]]) -> Outgoing:
        return Outgoing(row.event_id, self._exchange, row.type, row.body, CONTENT_TYPE)
