"""The feed of changes of each crew; notes; when a step was recorded beside when it happened."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003_feed"
down_revision = "0002_sessions"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("crew_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.Index("feed_of_crew", "crew_id", "change", unique=True),
    )
    op.execute(
        "INSERT INTO feed (crew_id, kind, id, change)"
        " SELECT crew_id, 'order', assignment_id, change FROM work_orders"
    )
    op.create_table(
        "notes",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("crew_id", sa.Uuid, nullable=False, index=True),
        sa.Column("assignment_id", sa.Uuid, index=True),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.Column("device_at", _TIME),
        sa.Column("entered", JSONB, nullable=False),
        sa.Column("refused", sa.Text),
    )
    op.add_column("steps", sa.Column("recorded_at", _TIME))


def downgrade() -> None:
    op.drop_column("steps", "recorded_at")
    op.drop_table("notes")
    op.drop_table("feed")
