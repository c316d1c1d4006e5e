"""Who read whose number or name; requests and messages are found by the person they are of."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Text, nullable=False),
        sa.Column("contact_ref", sa.Uuid, nullable=False),
        sa.Column("request_id", sa.Uuid),
        sa.Column("through", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )
    op.create_index("access_log_of_contact", "access_log", ["contact_ref", "id"])
    op.create_index("requests_of_contact", "requests", ["contact_ref", sa.text("updated_at DESC")])
    op.create_index("messages_of_sender", "messages", ["sender_ref", "received_at"])


def downgrade() -> None:
    op.drop_index("messages_of_sender", "messages")
    op.drop_index("requests_of_contact", "requests")
    op.drop_table("access_log")
