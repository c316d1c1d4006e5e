"""Rosters, their history, and the shifts that count."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.crews.store.tables.base import TIME, metadata

# A roster is read and written whole; its shifts and agreements are in the body.
rosters = sa.Table(
    "rosters",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organisation_id", sa.ForeignKey("organisations.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date, nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("published_version", sa.Integer),
    sa.Column("changed_by", sa.Text, nullable=False),
    sa.Column("changed_at", TIME, nullable=False),
    sa.Column("shifts", JSONB, nullable=False),
    sa.Column("agreed", JSONB, nullable=False),
)

roster_acts = sa.Table(
    "roster_acts",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("roster_id", sa.ForeignKey("rosters.id"), nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", TIME, nullable=False),
    sa.Column("changes", JSONB, nullable=False),
)

# The shifts of published rosters, and what became of them. Timers of every replica claim what is due here.
duty_shifts = sa.Table(
    "duty_shifts",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("roster_id", sa.ForeignKey("rosters.id"), nullable=False, index=True),
    sa.Column("organisation_id", sa.Uuid, nullable=False),
    sa.Column("crew_id", sa.Uuid),
    sa.Column("people", ARRAY(sa.Uuid), nullable=False),
    sa.Column("leader", sa.Uuid),
    sa.Column("post", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("starts_at", TIME, nullable=False),
    sa.Column("ends_at", TIME, nullable=False, index=True),
    sa.Column("begun_at", TIME),
    sa.Column("ended_at", TIME),
    sa.Column("confirmed_at", TIME),
    sa.Column("confirmed_by", sa.Text),
    sa.Index("duty_shifts_due", "starts_at", postgresql_where=sa.text("ended_at IS NULL")),
)
