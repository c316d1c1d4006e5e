"""The tables of the journal: ``entries`` is the truth, ``requests`` and ``clocks`` follow from it."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from shared.db import bus_tables

metadata = sa.MetaData()
_TIME = sa.TIMESTAMP(timezone=True)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("request_id", sa.Uuid(as_uuid=False), nullable=False),
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
    sa.Column("fact", JSONB(none_as_null=True)),
    sa.Column("data", JSONB, nullable=False),
    sa.Index("entries_of_request", "request_id", "occurred_at"),
    sa.Index("entries_missed_calls", "occurred_at", postgresql_where=sa.text("type = 'call.missed'")),
)

requests = sa.Table(
    "requests",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
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
    sa.Index("requests_by_state", "state", "row"),
    sa.Index("requests_unapplied", "id", postgresql_where=sa.text("unapplied_since IS NOT NULL")),
)

clocks = sa.Table(
    "clocks",
    metadata,
    sa.Column("request_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("norm", sa.Text, nullable=False),
    sa.Column("started_at", _TIME, nullable=False),
    sa.Column("approaching_at", _TIME, nullable=False),
    sa.Column("due_at", _TIME, nullable=False),
    sa.Column("stopped_at", _TIME),
    sa.Column("approached_at", _TIME),
    sa.Column("missed_at", _TIME),
    # A clock waits here for its next alarm: first the approach, then the miss, then nothing.
    sa.Index(
        "clocks_running",
        "approaching_at",
        postgresql_where=sa.text("stopped_at IS NULL AND missed_at IS NULL"),
    ),
)

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("since", _TIME, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("opened_at", _TIME, nullable=False),
    sa.Column("cleared_at", _TIME),
    sa.Index("findings_open", "code", "subject", unique=True, postgresql_where=sa.text("cleared_at IS NULL")),
)

audit_runs = sa.Table(
    "audit_runs",
    metadata,
    sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    sa.Column("ran_at", _TIME, nullable=False),
)

bus_tables(metadata)
