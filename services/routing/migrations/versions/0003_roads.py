"""The road map and how the roads are."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "road_map",
        sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("crossings", sa.Integer, nullable=False),
        sa.Column("length_km", sa.Float, nullable=False),
        sa.Column("network", sa.LargeBinary, nullable=False, comment="numpy .npz"),
        sa.Column("imported_at", _TIME, nullable=False),
    )
    op.create_table(
        "road_conditions",
        sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True),
        sa.Column("factor", sa.Float, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("until", _TIME),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("road_conditions")
    op.drop_table("road_map")
