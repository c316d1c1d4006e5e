"""Duty rosters with their history, and the shifts that were published."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0009_rosters"
down_revision = "0008_fitness"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    create_rosters()
    create_duty()


def downgrade() -> None:
    for table in ("duty_shifts", "roster_acts", "rosters"):
        op.drop_table(table)


def create_rosters() -> None:
    op.create_table(
        "rosters",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organisation_id", sa.Uuid, sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False, index=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("published_version", sa.Integer),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("shifts", JSONB, nullable=False),
        sa.Column("agreed", JSONB, nullable=False),
    )
    op.create_table(
        "roster_acts",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("roster_id", sa.Uuid, sa.ForeignKey("rosters.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("changes", JSONB, nullable=False),
    )


def create_duty() -> None:
    op.create_table(
        "duty_shifts",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("roster_id", sa.Uuid, sa.ForeignKey("rosters.id"), nullable=False, index=True),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("crew_id", sa.Uuid),
        sa.Column("people", ARRAY(sa.Uuid), nullable=False),
        sa.Column("leader", sa.Uuid),
        sa.Column("post", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("starts_at", _TIME, nullable=False),
        sa.Column("ends_at", _TIME, nullable=False, index=True),
        sa.Column("begun_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("confirmed_at", _TIME),
        sa.Column("confirmed_by", sa.Text),
        sa.Index("duty_shifts_due", "starts_at", postgresql_where=sa.text("ended_at IS NULL")),
    )
