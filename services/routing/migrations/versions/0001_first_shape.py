"""The first shape: cases, transfers, assignments, copies of crews and organisations, zones, the bus."""

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
_LIVE = sa.text(
    "state IN ('accepted', 'arrived', 'departed', 'localised', 'offered', 'suspended', 'working')"
)


def upgrade() -> None:
    create_bus_tables(op)
    create_cases()
    create_transfers()
    create_assignments()
    create_copies()
    create_reference()


def downgrade() -> None:
    raise NotImplementedError("the first shape has nothing before it")


def create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("state", sa.Text),
        sa.Column("state_sequence", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("number", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("text", sa.Text),
        sa.Column("address", JSONB),
        sa.Column("registered_at", _TIME),
        sa.Column("category", sa.Text),
        sa.Column("rank", sa.SmallInteger),
        sa.Column("proposed_category", sa.Text),
        sa.Column("priority", sa.Text),
        sa.Column("system", sa.Text),
        sa.Column("fault", sa.Text),
        sa.Column("place", sa.Text),
        sa.Column("hazards", _TEXTS, nullable=False, server_default="{}"),
        sa.Column("confidence", sa.Float),
        sa.Column("needs_person", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("decided_at", _TIME),
        sa.Column("overridden", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("organisation_id", sa.Uuid),
        sa.Column("routed_as", sa.Text),
        sa.Column("attempts", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("unroutable", sa.Text),
        sa.Column("unroutable_detail", sa.Text),
        sa.Column("unroutable_at", _TIME),
        sa.Column("deadline_clock", sa.Text),
        sa.Column("deadline_level", sa.Text),
        sa.Column("deadline_due_at", _TIME),
        sa.Column("deadline_at", _TIME),
    )
    waiting = sa.text("status = 'waiting'")
    op.create_index(
        "cases_waiting", "cases", ["organisation_id", "rank", "registered_at"], postgresql_where=waiting
    )
    op.create_index("cases_newest", "cases", ["registered_at", "request_id"])
    op.create_index("cases_urgent", "cases", ["rank", "registered_at", "request_id"])
    op.create_index("cases_number", "cases", ["number"])
    op.create_table(
        "urgency_overrides",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("cases.request_id"), nullable=False, index=True),
        sa.Column("proposed_category", sa.Text),
        sa.Column("category_before", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("priority", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
    )


def create_transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("transfer_id", sa.Uuid, primary_key=True),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("cases.request_id"), nullable=False),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("transferred_at", _TIME, nullable=False),
        sa.Column("acknowledge_by", _TIME, nullable=False),
        sa.Column("acknowledged_at", _TIME),
        sa.Column("acknowledged_channel", sa.Text),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("acknowledged_unit", sa.Text),
        sa.CheckConstraint("length(btrim(unit)) > 0", name="transfers_have_a_unit"),
        sa.CheckConstraint("channel IN ('system', 'phone', 'radio')", name="transfers_have_a_channel"),
    )
    op.create_index("transfers_of_request", "transfers", ["request_id", "transferred_at"])
    open_ = sa.text("acknowledged_at IS NULL")
    op.create_index("transfers_unacknowledged", "transfers", ["acknowledge_by"], postgresql_where=open_)


def create_assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("assignment_id", sa.Uuid, primary_key=True),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("cases.request_id"), nullable=False, index=True),
        sa.Column("crew_id", sa.Uuid, nullable=False),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("offered_at", _TIME, nullable=False),
        sa.Column("respond_by", _TIME, nullable=False),
        sa.Column("eta_minutes", sa.Integer, nullable=False),
        sa.Column("distance_m", sa.Integer, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("changed_at", _TIME),
        sa.Column("report_sequence", sa.BigInteger, nullable=False, server_default="0"),
    )
    for name, column in (("request", "request_id"), ("crew", "crew_id")):
        op.create_index(
            f"one_live_assignment_per_{name}", "assignments", [column], unique=True, postgresql_where=_LIVE
        )
    offered = sa.text("state = 'offered'")
    op.create_index("assignments_unanswered", "assignments", ["respond_by"], postgresql_where=offered)
    op.create_table(
        "assignment_moves",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("assignment_id", sa.Uuid, sa.ForeignKey("assignments.assignment_id"), nullable=False),
        sa.Column("from_state", sa.Text, nullable=False),
        sa.Column("to_state", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("applied", sa.Boolean, nullable=False),
    )
    op.create_index("moves_of_assignment", "assignment_moves", ["assignment_id", "id"])


def create_copies() -> None:
    op.create_table(
        "organisations",
        sa.Column("organisation_id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_table(
        "crews",
        sa.Column("crew_id", sa.Uuid, primary_key=True),
        sa.Column("organisation_id", sa.Uuid, index=True),
        sa.Column("name", sa.Text),
        sa.Column("specialisations", _TEXTS, nullable=False, server_default="{}"),
        sa.Column("grades", ARRAY(sa.SmallInteger), nullable=False, server_default="{}"),
        sa.Column("leader_grade", sa.SmallInteger),
        sa.Column("equipment", _TEXTS, nullable=False, server_default="{}"),
        sa.Column("languages", _TEXTS, nullable=False, server_default="{}"),
        sa.Column("base_lat", sa.Float),
        sa.Column("base_lon", sa.Float),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("profile_sequence", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("on_shift", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("shift_starts_at", _TIME),
        sa.Column("shift_ends_at", _TIME),
        sa.Column("shift_sequence", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("lat", sa.Float),
        sa.Column("lon", sa.Float),
        sa.Column("position_at", _TIME),
    )


def create_reference() -> None:
    op.create_table(
        "zones",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("geometry", JSONB, nullable=False),
    )
    op.create_table(
        "competences",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, sa.ForeignKey("zones.name")),
        sa.Column("hours", sa.Text, nullable=False),
    )
    op.create_table(
        "reference",
        sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_table(
        "audits",
        sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True),
        sa.Column("ran_at", _TIME, nullable=False),
        sa.Column("findings", JSONB, nullable=False),
    )
