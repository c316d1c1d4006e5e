"""The letters that residents write and read."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contacts", sa.Column("script", sa.Text, nullable=False, server_default="cyrillic"))
    op.alter_column("contacts", "script", server_default=None)


def downgrade() -> None:
    op.drop_column("contacts", "script")
