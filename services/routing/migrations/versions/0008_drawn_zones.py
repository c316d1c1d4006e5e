"""Zones: what they are drawn for, how often they changed, where they came from."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("zones", sa.Column("kind", sa.Text, nullable=False, server_default="service"))
    op.add_column("zones", sa.Column("version", sa.BigInteger, nullable=False, server_default="1"))
    op.add_column("zones", sa.Column("source", sa.Text))


def downgrade() -> None:
    for name in ("source", "version", "kind"):
        op.drop_column("zones", name)
