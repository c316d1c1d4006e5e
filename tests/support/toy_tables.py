"""The tables of the toy services."""

import sqlalchemy as sa

from shared.db import bus_tables

metadata = sa.MetaData()
bus_tables(metadata)
effects = sa.Table(
    "effects",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("event_id", sa.Text, nullable=False),
)
attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)


def create(url: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    metadata.create_all(engine)
    engine.dispose()
