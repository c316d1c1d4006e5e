"""When an applicant asked to call off what only a person may."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("cancellation_asked_at", sa.TIMESTAMP(timezone=True)))


def downgrade() -> None:
    op.drop_column("cases", "cancellation_asked_at")
