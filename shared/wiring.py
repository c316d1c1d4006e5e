"""The composition root that every service's ``Wiring`` builds on: engine, relay, loops, clock, texts."""

import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from amqp.exceptions import AMQPError
from kombu import Connection
from kombu.exceptions import OperationalError
from nameko.extensions import DependencyProvider
from prometheus_client import Counter, Gauge

from shared import __version__, logs
from shared.clock import Clock, SystemClock
from shared.config import ROOT, Settings
from shared.db import DATABASE_AWAY, Transaction, TransactionContext, make_engine, purge
from shared.envelope import Event
from shared.i18n import Catalog
from shared.logs import get_logger
from shared.publisher import Publisher
from shared.relay import Relay
from shared.sealing import Sealer

_KEEP_BUS_RECORDS = timedelta(days=14)
_ERRORS_WHEN_DOWN = (*DATABASE_AWAY, OSError)

_loop_failures = Counter("loop_failures_total", "Runs of a background loop that failed", ["loop"])
_outbox_pending = Gauge("outbox_pending", "Events committed but not yet on the bus")
_outbox_age = Gauge("outbox_oldest_age_seconds", "Age of the oldest unsent event")
_log = get_logger(__name__)


class Loop:
    """Work repeated in the background of every replica: every ``every`` seconds, or sooner when woken."""

    def __init__(self, name: str, every: float, run: Callable[[], Any]) -> None:
        self.name = name
        self._every = every
        self._run = run
        self._work = threading.Event()
        self._stopping = False

    def wake(self) -> None:
        self._work.set()

    def stop(self) -> None:
        self._stopping = True
        self._work.set()

    def run_for_ever(self) -> None:
        while not self._stopping:
            self.run_once()
            self._work.wait(self._every)
            self._work.clear()

    def run_once(self) -> None:
        try:
            self._run()
        except _ERRORS_WHEN_DOWN as down:
            _log.warning("loop_waits", loop=self.name, reason=type(down).__name__)
        except Exception as failure:
            _loop_failures.labels(self.name).inc()
            _log.error("loop_failed", loop=self.name, exc_info=failure)


class BaseWiring(DependencyProvider):
    """One per process. A service's ``Wiring`` names its unit of work and adds clients and loops."""

    unit_of_work: ClassVar[type[Transaction]] = Transaction
    confidential: ClassVar[bool] = False
    """Whether this service keeps what must be sealed; it then does not start without keys."""

    settings: Settings
    clock: Clock
    engine: sa.Engine
    relay: Relay
    sealer: Sealer
    catalog: Catalog

    @classmethod
    def sealer_of(cls, settings: Settings) -> Sealer:
        """The keys of this service; raises Misconfigured if it needs some and has none."""
        return Sealer.from_environment(settings.environment) if cls.confidential else Sealer()

    def assemble(self) -> None:
        """Build what the service needs beside its database; runs once, before the first message."""

    def loops(self) -> Iterable[Loop]:
        """Background work; every replica runs it, so each run claims its rows with locks."""
        return ()

    def vitals(self) -> dict[str, Any]:
        """Further facts for ``/ready``."""
        return {}

    def uow(self, cause: Event | None = None, handler: str = "") -> Any:
        """A new transaction; give the event being handled and the handler's name to run once in effect."""
        return self.unit_of_work(self._context, cause, handler)

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether this process can do its work, and the facts. A silent broker does not make it unready:
        requests are still taken, and flow on when the broker is back."""
        facts: dict[str, Any] = {"version": __version__, "broker": "ok" if self._broker_answers() else "down"}
        try:
            backlog = self.relay.backlog(self.clock.now())
        except _ERRORS_WHEN_DOWN:
            return False, {**facts, "status": "unready", "database": "down"}
        outbox = {"pending": backlog.pending, "oldest_age_s": round(backlog.oldest_age_s, 1)}
        _outbox_pending.set(backlog.pending)
        _outbox_age.set(backlog.oldest_age_s)
        status = "ready" if facts["broker"] == "ok" else "degraded"
        return True, {**facts, "status": status, "database": "ok", "outbox": outbox, **self.vitals()}

    # What nameko calls: once per process, then around every worker.

    def setup(self) -> None:
        self.settings = self.container.config["settings"]
        self.clock = SystemClock()
        self.sealer = self.sealer_of(self.settings)
        self.catalog = Catalog(ROOT / "services" / self.settings.service / "locale")
        pool_size = int(self.settings.get("database_connections", self.settings.workers + 4))
        self.engine = make_engine(self.settings.database_url, pool_size)
        self._publisher = Publisher(self.settings.amqp_uri)
        self.relay = Relay(self.engine, self._publisher, self.settings.service)
        self._context = TransactionContext(
            self.engine, self.clock, self.settings.service, self.relay.wake, self.sealer
        )
        self.assemble()
        self._loops = [*self.loops(), Loop("purge_bus_records", 3600.0, self._purge)]

    def start(self) -> None:
        self.container.spawn_managed_thread(self.relay.run, identifier="relay")
        for loop in self._loops:
            self.container.spawn_managed_thread(loop.run_for_ever, identifier=loop.name)

    def stop(self) -> None:
        self.relay.stop()
        for loop in self._loops:
            loop.stop()
        self._publisher.close()
        self.engine.dispose()

    def worker_setup(self, worker_ctx: Any) -> None:
        logs.correlation.set(worker_ctx.data.get("correlation_id"))

    def get_dependency(self, worker_ctx: Any) -> "BaseWiring":  # noqa: ARG002 - nameko's signature
        return self

    def _purge(self) -> None:
        purge(self.engine, self.clock.now(), _KEEP_BUS_RECORDS)

    def _broker_answers(self) -> bool:
        return broker_answers(self.settings.amqp_uri)


def broker_answers(amqp_uri: str, timeout_s: float = 1.0) -> bool:
    """Whether the broker accepts a connection now."""
    try:
        with Connection(amqp_uri, connect_timeout=timeout_s) as connection:
            connection.connect()
    except (OSError, AMQPError, OperationalError):
        return False
    return True
