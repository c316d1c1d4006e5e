"""The first shape: timelines, requests with their official state, deadlines, the self-audit, the bus."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.migrations import create_bus_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    create_bus_tables(op)
    create_entries()
    create_requests()
    create_clocks()
    create_audit()


def downgrade() -> None:
    raise NotImplementedError("the first shape has nothing before it")


def create_entries() -> None:
    op.create_table(
        "entries",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("occurred_at", _TIME, nullable=False),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("channel", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("correlation_id", sa.Text, nullable=False),
        sa.Column("causation_id", sa.Text),
        sa.Column("fact", JSONB),
        sa.Column("data", JSONB, nullable=False),
    )
    op.create_index("entries_of_request", "entries", ["request_id", "occurred_at"])


def create_requests() -> None:
    op.create_table(
        "requests",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("row", sa.BigInteger, sa.Identity(), nullable=False, unique=True),
        sa.Column("number", sa.Text),
        sa.Column("state", sa.Text),
        sa.Column("state_at", _TIME),
        sa.Column("category", sa.Text),
        sa.Column("priority", sa.Text),
        sa.Column("system", sa.Text),
        sa.Column("fault", sa.Text),
        sa.Column("organisation_id", sa.Text),
        sa.Column("registered_at", _TIME),
        sa.Column("acknowledge_by", _TIME),
        sa.Column("unroutable_at", _TIME),
        sa.Column("result", sa.Text),
        sa.Column("delay_reason", sa.Text),
        sa.Column("returns", sa.Integer, nullable=False, server_default="0"),
        sa.Column("unapplied", sa.Integer, nullable=False, server_default="0"),
        sa.Column("unapplied_since", _TIME),
        sa.Column("updated_at", _TIME, nullable=False),
    )
    op.create_index("requests_by_state", "requests", ["state", "row"])
    odd = sa.text("unapplied_since IS NOT NULL")
    op.create_index("requests_unapplied", "requests", ["id"], postgresql_where=odd)


def create_clocks() -> None:
    op.create_table(
        "clocks",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("norm", sa.Text, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("approaching_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("stopped_at", _TIME),
        sa.Column("approached_at", _TIME),
        sa.Column("missed_at", _TIME),
    )
    running = sa.text("stopped_at IS NULL AND missed_at IS NULL")
    op.create_index("clocks_running", "clocks", ["approaching_at"], postgresql_where=running)


def create_audit() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("cleared_at", _TIME),
    )
    still_open = sa.text("cleared_at IS NULL")
    columns = ["code", "subject"]
    op.create_index("findings_open", "findings", columns, unique=True, postgresql_where=still_open)
    op.create_table(
        "audit_runs",
        sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
        sa.Column("ran_at", _TIME, nullable=False),
    )
