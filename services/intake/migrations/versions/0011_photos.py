"""Photos of requests."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photos",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("size", sa.Integer, nullable=False, comment="bytes"),
        sa.Column("digest", sa.Text, nullable=False, comment="of what was sent"),
        sa.Column("added_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("lat", sa.Double),
        sa.Column("lon", sa.Double),
        sa.Column("jpeg", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("request_id", "digest"),
    )
    op.execute("ALTER TABLE photos ALTER COLUMN jpeg SET STORAGE EXTERNAL")  # compressed already


def downgrade() -> None:
    op.drop_table("photos")
