"""What Open311 adds to requests."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), primary_key=True),
        sa.Column("service_code", sa.Text, nullable=False),
        sa.Column("key_id", sa.Uuid, sa.ForeignKey("api_keys.id"), nullable=False),
        sa.Column("repeat_key", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("received_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("description", sa.Text, nullable=False, comment="sealed"),
        sa.Column("media_url", sa.Text, nullable=False, comment="sealed"),
        sa.Column("account_id", sa.Text, nullable=False),
    )
    op.create_index("reports_repeated", "reports", ["key_id", "repeat_key", sa.text("received_at DESC")])
    op.create_index("reports_by_time", "reports", [sa.text("received_at DESC")])


def downgrade() -> None:
    op.drop_table("reports")
