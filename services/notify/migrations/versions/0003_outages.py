"""Outages, who rides on them and what is to be told of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "rides",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("outage_id", sa.Uuid, nullable=False),
        sa.Column("outage_number", sa.Text, nullable=False),
        sa.Column("symptom", sa.Text, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("planned", sa.Boolean, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("ends_by", _TIME),
    )
    op.create_table(
        "outages",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("symptom", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("ends_by", _TIME),
        sa.Column("tell", JSONB, nullable=False),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("outage_id", sa.Uuid, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("fact", sa.Text, nullable=False),
        sa.Column("occurred_at", _TIME, nullable=False),
        sa.Column("params", JSONB, nullable=False),
        sa.Column("after_contact", sa.Uuid),
        sa.Column("told", sa.Boolean, nullable=False),
    )
    op.create_index("ix_rides_outage_id", "rides", ["outage_id"])
    op.create_index("notices_untold", "notices", ["id"], postgresql_where=sa.text("NOT told"))


def downgrade() -> None:
    for table in ("notices", "outages", "rides"):
        op.drop_table(table)
