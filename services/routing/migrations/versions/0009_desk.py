"""Deferred requests, the call log, what applicants added."""

import sqlalchemy as sa
from alembic import op

from shared.changes import watch

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("cases", sa.Column("deferred_until", _TIME))
    op.add_column("cases", sa.Column("deferral_reason", sa.Text))
    waits = sa.text("deferred_until IS NOT NULL")
    op.create_index("cases_deferred", "cases", ["deferred_until"], postgresql_where=waits)
    op.create_table(
        "calls",
        sa.Column("call_id", sa.Uuid, primary_key=True),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("cases.request_id"), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("party", "direction", "channel", "result")),
        sa.Column("name", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
    )
    op.create_index("calls_of_request", "calls", ["request_id", "at"])
    op.create_index("calls_newest", "calls", ["at", "call_id"])
    op.create_table(
        "supplements",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("photos", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("last_at", _TIME, nullable=False),
    )
    for table in ("calls", "supplements"):
        op.execute(watch(table, "request", "request_id"))


def downgrade() -> None:
    op.drop_table("supplements")
    op.drop_table("calls")
    op.drop_index("cases_deferred", "cases")
    op.drop_column("cases", "deferral_reason")
    op.drop_column("cases", "deferred_until")
