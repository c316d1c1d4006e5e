"""Growing feeds that crews' devices follow, noted by a trigger."""

from alembic import op

from shared.changes import watch
from shared.migrations import create_change_tables, drop_change_tables

revision = "0006_stream"
down_revision = "0005_arrivals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_change_tables(op)
    op.execute(watch("order_changes", "feed", "crew_id"))


def downgrade() -> None:
    drop_change_tables(op)
