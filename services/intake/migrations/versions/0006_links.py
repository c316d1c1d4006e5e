"""Secret links to requests."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "links",
        sa.Column("digest", sa.Text, primary_key=True, comment="of the secret; the secret itself is nowhere"),
        sa.Column(
            "request_id",
            sa.Uuid,
            sa.ForeignKey("requests.id", deferrable=True, initially="DEFERRED"),
            nullable=False,
            index=True,
        ),
        sa.Column("made_at", sa.TIMESTAMP(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("links")
