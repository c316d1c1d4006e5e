"""Requests that ride on an outage."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("outage_id", sa.Uuid))
    op.add_column("cases", sa.Column("outage_number", sa.Text))
    op.add_column("cases", sa.Column("lead_request_id", sa.Uuid))
    op.add_column("cases", sa.Column("ride_sequence", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("cases", sa.Column("own_hazards", ARRAY(sa.Text), nullable=False, server_default="{}"))


def downgrade() -> None:
    for name in ("own_hazards", "ride_sequence", "lead_request_id", "outage_number", "outage_id"):
        op.drop_column("cases", name)
