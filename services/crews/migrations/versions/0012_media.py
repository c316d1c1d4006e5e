"""Photos and video of crews."""

import sqlalchemy as sa
from alembic import op

revision = "0012_media"
down_revision = "0011_records"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "media",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("assignment_id", sa.Uuid, nullable=False, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False, comment="bytes, as announced"),
        sa.Column("sha256", sa.Text, nullable=False, comment="of what is sent"),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("begun_at", _TIME, nullable=False),
        sa.Column("touched_at", _TIME, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("taken_at", _TIME, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("lat", sa.Double),
        sa.Column("lon", sa.Double),
        sa.Column("accuracy_m", sa.Double),
        sa.Column("note", sa.Text),
        sa.Column("finished_at", _TIME),
        sa.Column("finished_content_type", sa.Text),
        sa.Column("finished_size", sa.BigInteger),
        sa.Column("finished_sha256", sa.Text),
        sa.Column("finished_width", sa.Integer),
        sa.Column("finished_height", sa.Integer),
    )
    unfinished = sa.text("finished_at IS NULL")
    op.create_index("media_unfinished", "media", ["touched_at"], postgresql_where=unfinished)
    create_parts()


def create_parts() -> None:
    op.create_table(
        "media_parts",
        sa.Column("media_id", sa.Uuid, sa.ForeignKey("media.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("start", sa.BigInteger, primary_key=True),
        sa.Column("stop", sa.BigInteger, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.execute("ALTER TABLE media_parts ALTER COLUMN content SET STORAGE EXTERNAL")  # compressed already


def downgrade() -> None:
    op.drop_table("media_parts")
    op.drop_table("media")
