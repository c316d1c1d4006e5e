"""The first shape: decisions, dispatchers' corrections, the bus."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.migrations import create_bus_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    create_bus_tables(op)
    op.create_table(
        "decisions",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("fault", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("hazards", JSONB, nullable=False),
        sa.Column("reasons", JSONB, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("needs_person", sa.Boolean, nullable=False),
        sa.Column("rules_version", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("decided_at", _TIME, nullable=False),
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("request_id", sa.Uuid, nullable=False, index=True),
        sa.Column("category_before", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("the first shape has nothing before it")
