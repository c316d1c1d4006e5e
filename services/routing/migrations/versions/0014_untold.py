"""Alerts that did not reach everybody: for the board, told to screens with the request."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.changes import watch

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "untold",
        sa.Column("alert_id", sa.Uuid, primary_key=True),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("title", JSONB, nullable=False),
        sa.Column("people", JSONB, nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column(
            "someone",
            sa.Boolean,
            sa.Computed("jsonb_array_length(people) > 0", persisted=True),
            nullable=False,
        ),
    )
    someone = sa.text("someone")
    op.create_index("untold_of_request", "untold", ["request_id"], postgresql_where=someone)
    op.execute(watch("untold", "request", "request_id"))


def downgrade() -> None:
    op.drop_table("untold")
