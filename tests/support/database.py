"""Databases of tests and measurements: made, dropped, counted at both ends."""

from functools import cache
from time import time_ns
from typing import Any

import sqlalchemy as sa

from shared import migrations
from shared.config import SERVICES


def create(admin_url: str) -> str:
    """The URL of a new, empty database."""
    name = _new_name()
    _execute(admin_url, f'CREATE DATABASE "{name}"')
    return _url(admin_url, name)


def migrated(admin_url: str, service: str) -> str:
    """The URL of a new database with the tables of a service: a copy of one that was migrated once."""
    name = _new_name()
    template = _template(admin_url, service)
    _execute(admin_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    return _url(admin_url, name)


def _new_name() -> str:
    """Also unlike those that a run left behind which was killed."""
    return f"test_{time_ns()}"


@cache
def _template(admin_url: str, service: str) -> str:
    name = f"template_{service}"
    _execute(admin_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # of an earlier run
    _execute(admin_url, f'CREATE DATABASE "{name}"')
    migrations.upgrade(service, _url(admin_url, name))
    return name


def drop(admin_url: str, url: str) -> None:
    _execute(admin_url, f'DROP DATABASE IF EXISTS "{sa.make_url(url).database}" WITH (FORCE)')


def one_for_each_service(admin_url: str) -> dict[str, str]:
    """New, migrated databases for a whole suite."""
    return {service: migrated(admin_url, service) for service in SERVICES}


def scalar(url: str, sql: str, **parameters: Any) -> Any:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            return connection.execute(sa.text(sql), parameters).scalar_one()
    finally:
        engine.dispose()


def count(url: str, table: str, where: str = "true") -> int:
    return int(scalar(url, f"SELECT count(*) FROM {table} WHERE {where}"))


def everything(url: str, *tables: str) -> str:
    """The rows of these tables (of all, if none is named) as text, the way a dump would hold them."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            names = tables or sa.inspect(connection).get_table_names()
            rows = (
                connection.execute(sa.text(f'SELECT t::text FROM "{name}" t')).scalars() for name in names
            )
            return "\n".join(text for found in rows for text in found)
    finally:
        engine.dispose()


def _url(admin_url: str, name: str) -> str:
    return sa.make_url(admin_url).set(database=name).render_as_string(hide_password=False)


def _execute(admin_url: str, statement: str) -> None:
    engine = sa.create_engine(admin_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()
