"""One suite for all end-to-end tests that do not break it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.play import Stage
from scripts.servers import PostgreSQL, RabbitMQ
from tests.support import database
from tests.support.notify import notify, stand_in, story  # noqa: F401 - fixtures for all modules
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
        suite = Suite(home, database.one_for_each_service(postgres.admin_url), rabbitmq.uri)
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
