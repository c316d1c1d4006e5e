"""The first shape: staff and crews, logins, work orders with their steps, the tables of the bus."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.migrations import create_bus_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)
_TEXTS = ARRAY(sa.Text)


def upgrade() -> None:
    create_bus_tables(op)
    create_people()
    create_access()
    create_orders()


def downgrade() -> None:
    raise NotImplementedError("the first shape has nothing before it")


def create_people() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organisation_id", sa.Uuid, sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("grade", sa.SmallInteger, sa.CheckConstraint("grade BETWEEN 2 AND 6")),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    op.create_table(
        "crews",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organisation_id", sa.Uuid, sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("specialisations", _TEXTS, nullable=False),
        sa.Column("members", ARRAY(sa.Uuid), nullable=False),
        sa.Column("leader", sa.Uuid, sa.ForeignKey("people.id")),
        sa.Column("equipment", _TEXTS, nullable=False),
        sa.Column("languages", _TEXTS, nullable=False),
        sa.Column("base_lat", sa.Double, nullable=False),
        sa.Column("base_lon", sa.Double, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    op.create_table(
        "shifts",
        sa.Column("crew_id", sa.Uuid, sa.ForeignKey("crews.id"), primary_key=True),
        sa.Column("on_shift", sa.Boolean, nullable=False),
        sa.Column("starts_at", _TIME, nullable=False),
        sa.Column("ends_at", _TIME),
    )
    op.create_table(
        "positions",
        sa.Column("crew_id", sa.Uuid, sa.ForeignKey("crews.id"), primary_key=True),
        sa.Column("lat", sa.Double, nullable=False),
        sa.Column("lon", sa.Double, nullable=False),
        sa.Column("accuracy_m", sa.Double),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("told_lat", sa.Double, nullable=False),
        sa.Column("told_lon", sa.Double, nullable=False),
        sa.Column("told_accuracy_m", sa.Double),
        sa.Column("told_at", _TIME, nullable=False),
    )


def create_access() -> None:
    op.create_table(
        "logins",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("organisation_id", sa.Uuid, sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("roles", _TEXTS, nullable=False),
        sa.Column("person_id", sa.Uuid, sa.ForeignKey("people.id")),
        sa.Column("crew_id", sa.Uuid, sa.ForeignKey("crews.id")),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
    )
    op.create_table(
        "login_attempts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("since", _TIME, nullable=False, index=True),
        sa.Column("rests_until", _TIME),
    )


def create_orders() -> None:
    op.create_table(
        "work_orders",
        sa.Column("assignment_id", sa.Uuid, primary_key=True),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("crew_id", sa.Uuid, nullable=False),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("offered_at", _TIME, nullable=False),
        sa.Column("respond_by", _TIME, nullable=False),
        sa.Column("eta_minutes", sa.Integer, nullable=False),
        sa.Column("distance_m", sa.Integer, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("fault", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("hazards", _TEXTS, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("address", JSONB, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("stage_at", _TIME, nullable=False),
        sa.Column("reached", _TEXTS, nullable=False),
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.Index("work_orders_of_crew", "crew_id", "change", unique=True),
    )
    op.create_table(
        "order_changes",
        sa.Column("crew_id", sa.Uuid, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "steps",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("assignment_id", sa.Uuid, nullable=False, index=True),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("device_at", _TIME),
        sa.Column("reason", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("result", sa.Text),
        sa.Column("readings", JSONB, nullable=False),
        sa.Column("safety", JSONB),
    )
