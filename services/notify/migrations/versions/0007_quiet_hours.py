"""What may wait for the morning: urgencies of requests, messages held, announcements of emergencies."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "urgencies",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by_person", sa.Boolean, nullable=False),
    )
    op.add_column("messages", sa.Column("held_until", _TIME))
    op.add_column(
        "announcements", sa.Column("emergency", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.alter_column("announcements", "emergency", server_default=None)


def downgrade() -> None:
    op.drop_column("announcements", "emergency")
    op.drop_column("messages", "held_until")
    op.drop_table("urgencies")
