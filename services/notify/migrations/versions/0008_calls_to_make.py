"""Residents whom no message has reached and whom somebody must call."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "calls_to_make",
        sa.Column("id", sa.Uuid, primary_key=True, comment="of the message that was not delivered"),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("occurred_at", _TIME, nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("taken_by", sa.Text),
        sa.Column("taken_at", _TIME),
        sa.Column("result", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("ended_at", _TIME),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("ix_calls_to_make_request_id", "calls_to_make", ["request_id"])
    op.create_index(
        "calls_to_make_waiting",
        "calls_to_make",
        ["due_at"],
        postgresql_where=sa.text("state IN ('open', 'taken')"),
    )


def downgrade() -> None:
    op.drop_table("calls_to_make")
