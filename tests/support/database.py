"""Counting rows at both ends."""

from typing import Any

import sqlalchemy as sa


def scalar(url: str, sql: str, **parameters: Any) -> Any:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            return connection.execute(sa.text(sql), parameters).scalar_one()
    finally:
        engine.dispose()


def count(url: str, table: str, where: str = "true") -> int:
    return int(scalar(url, f"SELECT count(*) FROM {table} WHERE {where}"))
