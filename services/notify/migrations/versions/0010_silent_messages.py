"""Sent messages without a receipt are found by when they were sent."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    where = sa.text("state = 'sent'")
    op.create_index("messages_silent", "messages", ["sent_at"], postgresql_where=where)


def downgrade() -> None:
    op.drop_index("messages_silent", "messages")
