"""Changes that dispatchers' screens follow, noted by triggers."""

from alembic import op

from shared.changes import watch
from shared.migrations import create_change_tables, drop_change_tables

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_change_tables(op)
    for table, kind, column in (
        ("cases", "request", "request_id"),
        ("transfers", "request", "request_id"),
        ("assignments", "request", "request_id"),
        ("assignments", "crew", "crew_id"),
        ("crews", "crew", "crew_id"),
        ("organisations", "organisation", "organisation_id"),
        ("audits", "audit", "one"),
        ("road_conditions", "roads", "one"),
        ("road_map", "roads", "one"),
        ("reference", "zones", "one"),
    ):
        op.execute(watch(table, kind, column))


def downgrade() -> None:
    drop_change_tables(op)
