"""What the groups of tables share."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

metadata = sa.MetaData()
SEALED_MARK = "sealed"
TIME = sa.TIMESTAMP(timezone=True)
TEXTS = ARRAY(sa.Text)


def sealed(name: str, *, nullable: bool = False) -> sa.Column[str]:
    """A column of what people wrote, readable with a key only (ADR 0009)."""
    return sa.Column(name, sa.Text, nullable=nullable, comment=SEALED_MARK)


def sealed_columns(table: sa.Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.comment == SEALED_MARK)
