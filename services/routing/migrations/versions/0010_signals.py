"""Signals of crews, and messages between crews and dispatchers."""

import sqlalchemy as sa
from alembic import op

from shared.changes import watch

revision = "0010_signals"
down_revision = "0009"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "crew_signals",
        sa.Column("signal_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("crew_id", sa.Uuid, nullable=False),
        sa.Column("request_id", sa.Uuid),
        sa.Column("assignment_id", sa.Uuid),
        sa.Column("service", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("lat", sa.Float),
        sa.Column("lon", sa.Float),
        sa.Column("position_at", _TIME),
        sa.Column("level", sa.BigInteger, nullable=False),
        sa.Column("repeats", sa.BigInteger, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("acknowledged_at", _TIME),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("answer", sa.Text),
        sa.Index("crew_signals_open", "at", postgresql_where=sa.text("acknowledged_at IS NULL")),
    )
    op.create_table(
        "crew_messages",
        sa.Column("message_id", sa.Uuid, primary_key=True),
        sa.Column("crew_id", sa.Uuid, nullable=False),
        sa.Column("request_id", sa.Uuid),
        sa.Column("assignment_id", sa.Uuid),
        sa.Column("from_crew", sa.Boolean, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Index("crew_messages_of_crew", "crew_id", "at"),
    )
    op.execute(watch("crew_signals", "signal", "signal_id"))
    op.execute(watch("crew_messages", "message", "crew_id"))


def downgrade() -> None:
    op.drop_table("crew_messages")
    op.drop_table("crew_signals")
