"""Alembic for every service: the same three-line ``env.py``, the same bus tables, the URL from outside."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from shared.changes import NOTE_CHANGE, change_tables
from shared.config import ROOT
from shared.db import bus_tables


def alembic_config(service: str, database_url: str = "") -> Config:
    config = Config()
    config.set_main_option("script_location", str(_directory(service)))
    config.attributes["database_url"] = database_url
    return config


def upgrade(service: str, database_url: str) -> None:
    """Bring the database of ``service`` to its newest shape."""
    command.upgrade(alembic_config(service, database_url), "head")


def heads(service: str) -> list[str]:
    """The newest revisions of a service; more than one means that two branches must be merged."""
    return list(ScriptDirectory.from_config(alembic_config(service)).get_heads())


def run(context: Any, metadata: sa.MetaData) -> None:
    """The body of a service's ``migrations/env.py``."""
    engine = sa.create_engine(context.config.attributes["database_url"], poolclass=sa.NullPool)
    with engine.connect() as connection:
        # Two replicas starting at once must not migrate at once.
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(416)"))
        context.configure(connection=connection, target_metadata=metadata)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


def create_bus_tables(op: Any) -> None:
    """The bus tables as of revision 0001 of every service."""
    metadata = sa.MetaData()
    bus_tables(metadata)
    metadata.create_all(op.get_bind())


def create_change_tables(op: Any) -> None:
    """The tables of live changes and the trigger's function; then ``op.execute(watch(...))`` each table."""
    metadata = sa.MetaData()
    change_tables(metadata)
    metadata.create_all(op.get_bind())
    op.execute("INSERT INTO changes_numbered (one, numbered) VALUES (true, 0)")
    op.execute(NOTE_CHANGE)


def drop_change_tables(op: Any) -> None:
    """Undo ``create_change_tables`` and every ``watch``."""
    op.execute("DROP FUNCTION note_change() CASCADE")
    op.drop_table("changes")
    op.drop_table("changes_numbered")


def _directory(service: str) -> Path:
    return ROOT / "services" / service / "migrations"
