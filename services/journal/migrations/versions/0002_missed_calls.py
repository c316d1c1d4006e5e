"""An index for the audit of calls that nobody returned."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    missed = sa.text("type = 'call.missed'")
    op.create_index("entries_missed_calls", "entries", ["occurred_at"], postgresql_where=missed)


def downgrade() -> None:
    op.drop_index("entries_missed_calls", "entries")
