"""Where phones are reached by Web Push, and what is to be sent to them."""

import sqlalchemy as sa
from alembic import op

revision = "0007_push"
down_revision = "0006_stream"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("crew_id", sa.Uuid, nullable=False, index=True),
        sa.Column("endpoint", sa.Text, nullable=False, unique=True),
        sa.Column("p256dh", sa.Text, nullable=False),
        sa.Column("auth", sa.Text, nullable=False),
        sa.Column("since", _TIME, nullable=False),
    )
    owner = sa.ForeignKey("push_subscriptions.id", ondelete="CASCADE")
    op.create_table(
        "pushes",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("subscription_id", sa.Uuid, owner, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Uuid, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", _TIME, nullable=False, index=True),
    )


def downgrade() -> None:
    op.drop_table("pushes")
    op.drop_table("push_subscriptions")
