"""The two toy services on real servers, and notify with its provider."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts.servers import PostgreSQL, RabbitMQ
from tests.support import toy_tables
from tests.support.notify import notify, stand_in, story  # noqa: F401 - fixtures for all modules
from tests.support.processes import ServiceProcess

Toy = Callable[..., ServiceProcess]


@pytest.fixture
def toy(empty_database: Callable[[], str], amqp_uri: str, tmp_path: Path) -> Iterator[Toy]:
    """``toy("intake", VARIABLE="value")`` → a toy service, not yet started; ended after the test."""
    made: list[ServiceProcess] = []
    urls: dict[str, str] = {}

    def make(service: str, **environment: str) -> ServiceProcess:
        if service not in urls:
            urls[service] = empty_database()
            toy_tables.create(urls[service])
        process = ServiceProcess(
            ["tests.support.toy", service], service, tmp_path, urls[service], amqp_uri, environment
        )
        made.append(process)
        return process

    yield make
    for process in made:
        process.kill()


@pytest.fixture(scope="module")
def edge(
    postgres: PostgreSQL, rabbitmq: RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    """One running toy for all tests of a module that do it no harm."""
    postgres.start()
    rabbitmq.start()
    url = postgres.ensure_database("http_edge")
    toy_tables.create(url)
    home = tmp_path_factory.mktemp("edge")
    with ServiceProcess(["tests.support.toy", "intake"], "intake", home, url, rabbitmq.uri) as process:
        yield process
