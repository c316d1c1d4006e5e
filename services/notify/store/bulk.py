"""Many rows by one statement: each column travels as one list. The driver's own way sends row by row."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert


def news_of(table: sa.Table, *names: str) -> sa.TableValuedAlias:
    """The rows that :func:`lists` puts into the parameters, with these columns of ``table``."""
    columns = [table.c[name] for name in names]
    given = [_list(f"new_{one.name}", one) for one in columns]
    rows = sa.func.unnest(*given).table_valued(*(sa.column(one.name, one.type) for one in columns))
    return rows.render_derived(name="news")


def _list(name: str, column: sa.Column[Any]) -> sa.Cast[Any]:
    as_list = ARRAY(column.type)
    return sa.cast(sa.bindparam(name, type_=as_list), as_list)


def insert_of(table: sa.Table, *names: str) -> Insert:
    """Adds the rows that :func:`lists` puts into the parameters."""
    news = news_of(table, *names)
    return insert(table).from_select(list(names), sa.select(*(news.c[name] for name in names)))


def lists(rows: Sequence[Mapping[str, Any]], *names: str) -> dict[str, list[Any]]:
    """Parameters of a statement about many rows."""
    return {f"new_{name}": [row[name] for row in rows] for name in names}


def is_among(column: sa.Column[Any], values: Sequence[Any]) -> sa.ColumnElement[bool]:
    """As ``IN``, with thousands of values as one parameter."""
    return column == sa.func.any(sa.cast(sa.literal(list(values), ARRAY(column.type)), ARRAY(column.type)))
