"""Documents: versions, signatures, numbers without gaps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013_documents"
down_revision = "0012_media"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    create_documents()
    create_versions()
    create_signatures()
    op.create_table(
        "document_numbers",
        sa.Column("organisation_id", sa.Uuid, primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )


def create_documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("assignment_id", sa.Uuid, nullable=False, index=True),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("drafted_by", sa.Text, nullable=False),
        sa.Column("drafted_at", _TIME, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("corrects", sa.Uuid, sa.ForeignKey("documents.id"), index=True),
        sa.Column("year", sa.Integer),
        sa.Column("serial", sa.Integer),
        sa.Column("frozen_at", _TIME),
        sa.UniqueConstraint("organisation_id", "year", "serial"),
    )


def create_versions() -> None:
    op.create_table(
        "document_versions",
        sa.Column("document_id", sa.Uuid, sa.ForeignKey("documents.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )


def create_signatures() -> None:
    op.create_table(
        "signatures",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("sequence", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("document_id", sa.Uuid, sa.ForeignKey("documents.id"), nullable=False, index=True),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("means", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("device_at", _TIME, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("strokes", JSONB, nullable=False),
        sa.Column("reason", sa.Text),
    )


def downgrade() -> None:
    for table in ("document_numbers", "signatures", "document_versions", "documents"):
        op.drop_table(table)
