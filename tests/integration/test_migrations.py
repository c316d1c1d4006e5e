"""What the migrations build is what the stores expect, in every service."""

import importlib
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from shared import migrations
from shared.config import SERVICES

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("service", SERVICES)
def test_migrated_database_equals_the_tables_of_the_store(
    service: str, service_database: Callable[[str], str]
) -> None:
    metadata = importlib.import_module(f"services.{service}.store").metadata
    engine = sa.create_engine(service_database(service), poolclass=sa.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


@pytest.mark.parametrize("service", SERVICES)
def test_migrating_twice_changes_nothing(service: str, service_database: Callable[[str], str]) -> None:
    url = service_database(service)
    migrations.upgrade(service, url)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_heads() == tuple(migrations.heads(service))
    engine.dispose()
