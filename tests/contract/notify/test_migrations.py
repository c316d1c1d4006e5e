"""The migrations and the tables in code are one shape."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.notify.store import metadata


@pytest.mark.servers
def test_migrating_gives_exactly_the_tables_of_the_code(service_database: Callable[[str], str]) -> None:
    engine = sa.create_engine(service_database("notify"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
