"""Experience and permits of people, equipment with checks due, absences; what was told of each crew."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008_fitness"
down_revision = "0007_push"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("people", sa.Column("works_since", sa.Date))
    no_permits = sa.text("'[]'::jsonb")
    op.add_column("people", sa.Column("permits", JSONB, nullable=False, server_default=no_permits))
    create_equipment()
    create_absences()
    op.create_table(
        "told_crews",
        sa.Column("crew_id", sa.Uuid, sa.ForeignKey("crews.id"), primary_key=True),
        sa.Column("body", JSONB, nullable=False),
    )


def downgrade() -> None:
    for table in ("told_crews", "absences", "equipment"):
        op.drop_table(table)
    op.drop_column("people", "permits")
    op.drop_column("people", "works_since")


def create_equipment() -> None:
    op.create_table(
        "equipment",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organisation_id", sa.Uuid, sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("crew_id", sa.Uuid, sa.ForeignKey("crews.id")),
        sa.Column("check_due", sa.Date),
        sa.Column("active", sa.Boolean, nullable=False),
    )


def create_absences() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("starts_at", _TIME, nullable=False),
        sa.Column("ends_at", _TIME),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
    )
