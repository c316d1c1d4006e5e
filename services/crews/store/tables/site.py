"""What crews record on site."""

import sqlalchemy as sa

from services.crews.store.tables.base import TIME, metadata, sealed

# The ids come from the devices; ``number`` is the order in which records came.
records = sa.Table(
    "records",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(), nullable=False),
    sa.Column("assignment_id", sa.Uuid, nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", TIME, nullable=False),
    sa.Column("device_at", TIME, nullable=False),
    sealed("data"),
    sa.Column("replaces", sa.Uuid),
)

media = sa.Table(
    "media",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("assignment_id", sa.Uuid, nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False, comment="bytes, as announced"),
    sa.Column("sha256", sa.Text, nullable=False, comment="of what is sent"),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("begun_at", TIME, nullable=False),
    sa.Column("touched_at", TIME, nullable=False),
    sa.Column("received", sa.BigInteger, nullable=False),
    sa.Column("taken_at", TIME, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("lat", sa.Double),
    sa.Column("lon", sa.Double),
    sa.Column("accuracy_m", sa.Double),
    sealed("note", nullable=True),
    sa.Column("finished_at", TIME),
    sa.Column("finished_content_type", sa.Text),
    sa.Column("finished_size", sa.BigInteger),
    sa.Column("finished_sha256", sa.Text),
    sa.Column("finished_width", sa.Integer),
    sa.Column("finished_height", sa.Integer),
    sa.Index("media_unfinished", "touched_at", postgresql_where=sa.text("finished_at IS NULL")),
)

media_parts = sa.Table(
    "media_parts",
    metadata,
    sa.Column("media_id", sa.ForeignKey("media.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("start", sa.BigInteger, primary_key=True),
    sa.Column("stop", sa.BigInteger, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("assignment_id", sa.Uuid, nullable=False, index=True),
    sa.Column("request_id", sa.Uuid, nullable=False),
    sa.Column("organisation_id", sa.Uuid, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("drafted_by", sa.Text, nullable=False),
    sa.Column("drafted_at", TIME, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("corrects", sa.ForeignKey("documents.id"), index=True),
    sa.Column("year", sa.Integer),
    sa.Column("serial", sa.Integer),
    sa.Column("frozen_at", TIME),
    sa.UniqueConstraint("organisation_id", "year", "serial"),
)

document_versions = sa.Table(
    "document_versions",
    metadata,
    sa.Column("document_id", sa.ForeignKey("documents.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False, unique=True),
    sealed("content"),
    sa.Column("by", sa.Text, nullable=False),
)

signatures = sa.Table(
    "signatures",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("sequence", sa.BigInteger, sa.Identity(), nullable=False),
    sa.Column("document_id", sa.ForeignKey("documents.id"), nullable=False, index=True),
    sa.Column("party", sa.Text, nullable=False),
    sa.Column("means", sa.Text, nullable=False),
    sealed("name"),
    sa.Column("device_at", TIME, nullable=False),
    sa.Column("at", TIME, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sealed("strokes"),
    sealed("reason", nullable=True),
)

document_numbers = sa.Table(
    "document_numbers",
    metadata,
    sa.Column("organisation_id", sa.Uuid, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)
