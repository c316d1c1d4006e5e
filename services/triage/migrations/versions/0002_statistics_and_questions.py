"""Decisions also keep the norm, the questions, the likeliest faults and the model's version."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decisions", sa.Column("norm", sa.Text, nullable=True))
    op.add_column("decisions", sa.Column("model_version", sa.Text, nullable=True))
    for name in ("questions", "alternatives"):
        op.add_column("decisions", sa.Column(name, JSONB, nullable=False, server_default="[]"))
        op.alter_column("decisions", name, server_default=None)


def downgrade() -> None:
    for name in ("norm", "model_version", "questions", "alternatives"):
        op.drop_column("decisions", name)
