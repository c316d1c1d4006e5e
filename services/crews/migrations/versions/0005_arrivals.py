"""When the positions of a crew say that it has arrived; its orders on the way, found quickly."""

import sqlalchemy as sa
from alembic import op

revision = "0005_arrivals"
down_revision = "0004_talk"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("work_orders", sa.Column("arrival_seen_at", sa.TIMESTAMP(timezone=True)))
    on_the_way = sa.text("stage = 'departed'")
    op.create_index("work_orders_on_the_way", "work_orders", ["crew_id"], postgresql_where=on_the_way)


def downgrade() -> None:
    op.drop_index("work_orders_on_the_way")
    op.drop_column("work_orders", "arrival_seen_at")
