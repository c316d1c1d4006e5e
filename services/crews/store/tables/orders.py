"""Work orders and the steps they went through."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from services.crews.store.tables.base import TEXTS, TIME, metadata, sealed

# No foreign keys to crews: an order that routing made is kept whatever this service knows of its crew.
work_orders = sa.Table(
    "work_orders",
    metadata,
    sa.Column("assignment_id", sa.Uuid, primary_key=True),
    sa.Column("request_id", sa.Uuid, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("crew_id", sa.Uuid, nullable=False),
    sa.Column("organisation_id", sa.Uuid, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("offered_at", TIME, nullable=False),
    sa.Column("respond_by", TIME, nullable=False),
    sa.Column("eta_minutes", sa.Integer, nullable=False),
    sa.Column("distance_m", sa.Integer, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("priority", sa.Text, nullable=False),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("fault", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("hazards", TEXTS, nullable=False),
    sealed("text"),
    sa.Column("language", sa.Text, nullable=False),
    sealed("address"),
    sa.Column("lat", sa.Double),
    sa.Column("lon", sa.Double),
    sa.Column("by", sa.Text, nullable=False),
    sealed("reason", nullable=True),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("stage_at", TIME, nullable=False),
    sa.Column("reached", TEXTS, nullable=False),
    sa.Column("change", sa.BigInteger, nullable=False),
    sa.Column("arrival_seen_at", TIME),
    sa.Index("work_orders_of_crew", "crew_id", "change", unique=True),
    sa.Index("work_orders_on_the_way", "crew_id", postgresql_where=sa.text("stage = 'departed'")),
)

# No foreign key to work_orders: a withdrawal may arrive before the order it takes back.
steps = sa.Table(
    "steps",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("assignment_id", sa.Uuid, nullable=False, index=True),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", TIME, nullable=False),
    sa.Column("recorded_at", TIME),
    sa.Column("device_at", TIME),
    sealed("reason", nullable=True),
    sealed("note", nullable=True),
    sa.Column("result", sa.Text),
    sa.Column("readings", JSONB, nullable=False),
    sa.Column("safety", JSONB),
)
