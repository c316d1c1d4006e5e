"""Telephone calls, what was answered in them, and the call-back queue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)
_OPEN = sa.text("state IN ('waiting', 'claimed')")


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("sid", sa.Text, primary_key=True),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("contact_ref", sa.Uuid, sa.ForeignKey("contacts.ref")),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), index=True),
        sa.Column("rang_at", _TIME, nullable=False),
        sa.Column("heard_at", _TIME, nullable=False),
        sa.Column("answered_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("outcome", sa.Text, comment="follows from the facts; empty while the call goes on"),
        sa.Column("alarm", sa.Text),
        sa.Column("consent", sa.Text, nullable=False),
        sa.Column("wish", sa.Text),
        sa.Column("operator", sa.Text),
        sa.Column("recording", JSONB),
        sa.Column("transcription", sa.Text, nullable=False, comment="sealed"),
        sa.Column("turn", sa.Integer, nullable=False),
    )
    op.create_index("calls_by_time", "calls", [sa.text("rang_at DESC")])
    going_on = sa.text("answered_at IS NULL AND ended_at IS NULL")
    op.create_index("calls_going_on", "calls", ["heard_at"], postgresql_where=going_on)
    op.create_table(
        "call_replies",
        sa.Column("id", sa.Text, primary_key=True, comment="call, step and turn"),
        sa.Column("sid", sa.Text, sa.ForeignKey("calls.sid", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("reply", sa.Text, nullable=False, comment="sealed"),
    )
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("call_sid", sa.Text, sa.ForeignKey("calls.sid"), nullable=False, index=True),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), nullable=False, index=True),
        sa.Column("contact_ref", sa.Uuid, sa.ForeignKey("contacts.ref")),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("alarm", sa.Text),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("rang_at", _TIME, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("norm", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("claimed_by", sa.Text),
        sa.Column("claimed_at", _TIME),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", _TIME),
        sa.Column("settled_at", _TIME),
    )
    op.create_index(
        "callbacks_open_of_contact", "callbacks", ["contact_ref"], unique=True, postgresql_where=_OPEN
    )
    op.create_index("callbacks_open", "callbacks", ["due_at"], postgresql_where=_OPEN)


def downgrade() -> None:
    for table in ("callbacks", "call_replies", "calls"):
        op.drop_table(table)
