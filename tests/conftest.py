"""Servers for tests: a private PostgreSQL and RabbitMQ under ``var/``, started once when first needed."""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from kombu import Connection

from scripts import ports
from scripts.errors import Exit, Failure
from scripts.locks import exclusive
from scripts.servers import PostgreSQL, RabbitMQ
from shared import topology
from shared.config import SERVICES
from tests.support import chance, database

ports.go_direct(os.environ)
chance.choose()
chance.fall_alike("import")

# Tests kill processes, never the machine, and what the kernel holds outlives a process. Waiting for the disk
# was most of the suite's time: dropping one database took two seconds.
_HASTE = """
ALTER SYSTEM SET fsync = off;
ALTER SYSTEM SET full_page_writes = off;
SELECT pg_reload_conf();
"""

VAR = Path(__file__).resolve().parent.parent / "var"


@pytest.fixture(autouse=True)
def _chance(request: pytest.FixtureRequest) -> None:
    """A test has the same ids and keys in every run, in whatever company."""
    chance.fall_alike(request.node.nodeid)


@pytest.fixture(scope="session")
def server_root() -> Iterator[Path]:
    """A directory for the servers of this run alone; runs side by side take ``test-0``, ``test-1`` and on."""
    for slot in itertools.count():
        root = VAR / f"test-{slot}"
        with suppress(Failure), exclusive(root / "slot.lock", otherwise=Failure(Exit.SERVER, "taken")):
            yield root
            return


@pytest.fixture(scope="session")
def postgres(server_root: Path) -> Iterator[PostgreSQL]:
    server = PostgreSQL(server_root)
    server.start()
    server.sql(_HASTE)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def rabbitmq(server_root: Path) -> Iterator[RabbitMQ]:
    server = RabbitMQ(server_root)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def service_database(new_database: Callable[[Callable[[str], str]], str]) -> Callable[[str], str]:
    """``service_database("routing")`` → URL of a fresh, migrated database of that service."""
    return lambda service: new_database(lambda admin_url: database.migrated(admin_url, service))


@pytest.fixture
def empty_database(new_database: Callable[[Callable[[str], str]], str]) -> Callable[[], str]:
    """``empty_database()`` → URL of a new database with nothing in it."""
    return lambda: new_database(database.create)


@pytest.fixture
def new_database(postgres: PostgreSQL) -> Iterator[Callable[[Callable[[str], str]], str]]:
    """Makes databases in the way given, and drops them after the test."""
    postgres.start()  # a fault test may have left it stopped; a running one is left alone
    created: list[str] = []

    def create(make: Callable[[str], str]) -> str:
        created.append(make(postgres.admin_url))
        return created[-1]

    yield create
    postgres.start()
    for url in created:
        database.drop(postgres.admin_url, url)


@pytest.fixture
def amqp_uri(rabbitmq: RabbitMQ) -> str:
    """A running broker with every queue declared and empty."""
    return _emptied(rabbitmq)


@pytest.fixture(scope="module")
def clean_broker(rabbitmq: RabbitMQ) -> str:
    """The same, once for a module."""
    return _emptied(rabbitmq)


def _emptied(rabbitmq: RabbitMQ) -> str:
    rabbitmq.start()
    with Connection(rabbitmq.uri) as connection:
        channel = connection.default_channel
        topology.declare(channel)
        for name in _queue_names():
            channel.queue_purge(name)
    return rabbitmq.uri


def _queue_names() -> list[str]:
    return [
        *(subscription.queue_name for subscription in topology.subscriptions()),
        *(topology.dead_letter_queue_name(service) for service in SERVICES),
        *(topology.delay_exchange_name(attempt + 1) for attempt in range(len(topology.RETRY_DELAYS_MS))),
    ]


os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")  # no test resolves names; keeps the import quick
