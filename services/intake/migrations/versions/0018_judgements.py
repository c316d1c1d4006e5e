"""What applicants said of finished work."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "judgements",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("fixed", sa.Boolean, nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("judgements")
