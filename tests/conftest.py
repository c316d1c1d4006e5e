"""Servers for tests: a private PostgreSQL and RabbitMQ under ``var/``, started once when first needed."""

import fcntl
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from kombu import Connection

from scripts.servers import PostgreSQL, RabbitMQ
from shared import migrations, topology
from shared.config import SERVICES

VAR = Path(__file__).resolve().parent.parent / "var"


@pytest.fixture(scope="session")
def server_root() -> Iterator[Path]:
    """A directory for the servers of this run alone; runs side by side take ``test-0``, ``test-1`` and on."""
    for slot in itertools.count():
        root = VAR / f"test-{slot}"
        root.mkdir(parents=True, exist_ok=True)
        with (root / "slot.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield root
            return


@pytest.fixture(scope="session")
def postgres(server_root: Path) -> Iterator[PostgreSQL]:
    server = PostgreSQL(server_root)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def rabbitmq(server_root: Path) -> Iterator[RabbitMQ]:
    server = RabbitMQ(server_root)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def service_database(empty_database: Callable[[], str]) -> Callable[[str], str]:
    """``service_database("routing")`` → URL of a fresh, migrated database of that service."""

    def create(service: str) -> str:
        url = empty_database()
        migrations.upgrade(service, url)
        return url

    return create


@pytest.fixture
def empty_database(postgres: PostgreSQL) -> Iterator[Callable[[], str]]:
    """``empty_database()`` → URL of a new database with nothing in it; dropped after the test."""
    postgres.start()  # a fault test may have left it stopped; a running one is left alone
    created: list[str] = []

    def create() -> str:
        name = f"test_{uuid4().hex}"
        _execute(postgres.admin_url, f'CREATE DATABASE "{name}"')
        created.append(name)
        return sa.make_url(postgres.admin_url).set(database=name).render_as_string(hide_password=False)

    yield create
    postgres.start()
    for name in created:
        _execute(postgres.admin_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


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


def _execute(admin_url: str, statement: str) -> None:
    engine = sa.create_engine(admin_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")  # no test resolves names; keeps the import quick
