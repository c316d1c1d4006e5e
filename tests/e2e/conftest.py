"""One suite for all end-to-end tests that do not break it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from demo.play import Stage
from scripts.servers import PostgreSQL, RabbitMQ
from shared import migrations
from shared.config import SERVICES
from tests.support.suite import Suite


@pytest.fixture(scope="module")
def new_suite(
    postgres: PostgreSQL, rabbitmq: RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Suite]]:
    """``new_suite()`` → a suite with databases of its own, not yet started."""
    postgres.start()
    rabbitmq.start()
    made: list[Suite] = []

    def make() -> Suite:
        home: Path = tmp_path_factory.mktemp("suite")
        databases = {name: _database(postgres.admin_url, name) for name in SERVICES}
        suite = Suite(home, databases, rabbitmq.uri)
        made.append(suite)
        return suite

    yield make
    for suite in made:
        suite.stop()


@pytest.fixture(scope="module")
def suite(new_suite: Callable[[], Suite], clean_broker: str) -> Suite:
    return new_suite()


@pytest.fixture(scope="module")
def stage(suite: Suite) -> Stage:
    """The suite, up and seeded."""
    return suite.start()


def _database(admin_url: str, service: str) -> str:
    name = f"e2e_{service}_{uuid4().hex[:12]}"
    engine = sa.create_engine(admin_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    url = sa.make_url(admin_url).set(database=name).render_as_string(hide_password=False)
    migrations.upgrade(service, url)
    return url
