"""The journal's clocks of a request, and how often it has lost its crew to a graver one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("clocks", JSONB, nullable=False, server_default="{}"))
    op.add_column("cases", sa.Column("preempted", sa.BigInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("cases", "preempted")
    op.drop_column("cases", "clocks")
