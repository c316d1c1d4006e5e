"""Where phones are reached by Web Push, and what is to be sent to them."""

import sqlalchemy as sa

from services.crews.store.tables.base import TIME, metadata

push_subscriptions = sa.Table(
    "push_subscriptions",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("crew_id", sa.Uuid, nullable=False, index=True),
    sa.Column("endpoint", sa.Text, nullable=False, unique=True),
    sa.Column("p256dh", sa.Text, nullable=False),
    sa.Column("auth", sa.Text, nullable=False),
    sa.Column("since", TIME, nullable=False),
)

pushes = sa.Table(
    "pushes",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("subscription_id", sa.ForeignKey("push_subscriptions.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Uuid, nullable=False),
    sa.Column("expires_at", TIME, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", TIME, nullable=False, index=True),
)
