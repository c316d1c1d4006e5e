"""Signals and messages."""

import sqlalchemy as sa

from services.crews.store.tables.base import TIME, metadata, sealed

signals = sa.Table(
    "signals",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("crew_id", sa.Uuid, nullable=False, index=True),
    sa.Column("assignment_id", sa.Uuid),
    sa.Column("request_id", sa.Uuid),
    sa.Column("service", sa.Text),
    sealed("note", nullable=True),
    sa.Column("lat", sa.Double),
    sa.Column("lon", sa.Double),
    sa.Column("accuracy_m", sa.Double),
    sa.Column("position_at", TIME),
    sa.Column("at", TIME, nullable=False),
    sa.Column("recorded_at", TIME, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("level_at", TIME),
    sa.Column("repeats", sa.Integer, nullable=False),
    sa.Column("acknowledged_at", TIME),
    sa.Column("acknowledged_by", sa.Text),
    sealed("answer", nullable=True),
    sa.Index(
        "signals_open_sos",
        "crew_id",
        unique=True,
        postgresql_where=sa.text("kind = 'sos' AND acknowledged_at IS NULL"),
    ),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("crew_id", sa.Uuid, nullable=False),
    sa.Column("assignment_id", sa.Uuid),
    sa.Column("from_crew", sa.Boolean, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sealed("text"),
    sa.Column("at", TIME, nullable=False),
    sa.Column("recorded_at", TIME, nullable=False),
    sa.Index("messages_of_crew", "crew_id", "recorded_at"),
)
