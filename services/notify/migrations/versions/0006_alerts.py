"""Alert lists, alerts with their attempts, numbers of the staff, places of requests."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "alert_lists",
        sa.Column("event", sa.Text, primary_key=True),
        sa.Column("body", sa.Text, nullable=False, comment="sealed JSON: names, what starts it, steps"),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False, unique=True, comment="one alert for one fact"),
        sa.Column("request_id", sa.Uuid),
        sa.Column("outage_id", sa.Uuid),
        sa.Column("signal_id", sa.Uuid),
        sa.Column("crew_id", sa.Uuid),
        sa.Column("building_id", sa.Text),
        sa.Column("body", sa.Text, nullable=False, comment="sealed JSON: facts, names and steps as it began"),
        sa.Column("list_version", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("due_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("reason", sa.Text),
    )
    op.create_table(
        "alert_attempts",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("alert_id", sa.Uuid, sa.ForeignKey("alerts.id"), nullable=False),
        sa.Column("place", sa.Integer, nullable=False, comment="order within the alert"),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("addressee", sa.Text, nullable=False),
        sa.Column("round", sa.Integer, nullable=False, comment="below 0: written down by a dispatcher"),
        sa.Column("means", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("planned_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("number", sa.Text, comment="sealed"),
        sa.Column("number_index", sa.Text, comment="keyed digest"),
        sa.Column("person_id", sa.Uuid),
        sa.Column("provider_sid", sa.Text, unique=True),
        sa.Column("unsure_since", _TIME),
        sa.Column("placed_at", _TIME),
        sa.Column("answered_at", _TIME),
        sa.Column("acknowledged_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("received_by", sa.Text),
        sa.Column("error_code", sa.Text),
        sa.Column("note", sa.Text),
        sa.UniqueConstraint("alert_id", "step", "addressee", "round", name="alert_attempts_made_once"),
    )
    op.create_table(
        "staff_phones",
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("phone", sa.Text, nullable=False, comment="sealed"),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
    )
    op.create_table(
        "places",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("building_id", sa.Text),
        sa.Column("address", sa.Text, nullable=False, comment="sealed"),
    )
    op.create_index("ix_alerts_request_id", "alerts", ["request_id"])
    op.create_index("ix_alerts_signal_id", "alerts", ["signal_id"])
    op.create_index("ix_alerts_created_at", "alerts", ["created_at"])
    op.create_index("alerts_due", "alerts", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL"))
    op.create_index("alerts_of_house", "alerts", ["event", "building_id", "created_at"])
    op.create_index(
        "alert_attempts_placing",
        "alert_attempts",
        ["number_index"],
        postgresql_where=sa.text("state = 'placing'"),
    )


def downgrade() -> None:
    for table in ("places", "staff_phones", "alert_attempts", "alerts", "alert_lists"):
        op.drop_table(table)
