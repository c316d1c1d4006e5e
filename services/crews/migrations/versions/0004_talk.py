"""Signals of crews, and messages between them and the dispatcher."""

import sqlalchemy as sa
from alembic import op

revision = "0004_talk"
down_revision = "0003_feed"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    create_signals()
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("crew_id", sa.Uuid, nullable=False),
        sa.Column("assignment_id", sa.Uuid),
        sa.Column("from_crew", sa.Boolean, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.Index("messages_of_crew", "crew_id", "recorded_at"),
    )


def downgrade() -> None:
    op.drop_table("messages")
    op.drop_table("signals")


def create_signals() -> None:
    op.create_table(
        "signals",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("crew_id", sa.Uuid, nullable=False, index=True),
        sa.Column("assignment_id", sa.Uuid),
        sa.Column("request_id", sa.Uuid),
        sa.Column("service", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("lat", sa.Double),
        sa.Column("lon", sa.Double),
        sa.Column("accuracy_m", sa.Double),
        sa.Column("position_at", _TIME),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("level_at", _TIME),
        sa.Column("repeats", sa.Integer, nullable=False),
        sa.Column("acknowledged_at", _TIME),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("answer", sa.Text),
        sa.Index(
            "signals_open_sos",
            "crew_id",
            unique=True,
            postgresql_where=sa.text("kind = 'sos' AND acknowledged_at IS NULL"),
        ),
    )
