"""Competence by network, house manager and contract dates."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("competences", sa.Column("network", sa.Text))
    op.add_column("competences", sa.Column("houses_of", sa.Text))
    op.add_column("competences", sa.Column("valid_from", sa.Date))
    op.add_column("competences", sa.Column("valid_until", sa.Date))


def downgrade() -> None:
    for name in ("valid_until", "valid_from", "houses_of", "network"):
        op.drop_column("competences", name)
