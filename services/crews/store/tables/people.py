"""Organisations, people, crews; their shifts and positions."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.crews.store.tables.base import TEXTS, TIME, metadata

organisations = sa.Table(
    "organisations",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organisation_id", sa.ForeignKey("organisations.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("grade", sa.SmallInteger, sa.CheckConstraint("grade BETWEEN 2 AND 6")),
    sa.Column("active", sa.Boolean, nullable=False),
)

crews = sa.Table(
    "crews",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organisation_id", sa.ForeignKey("organisations.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("specialisations", TEXTS, nullable=False),
    sa.Column("members", ARRAY(sa.Uuid), nullable=False),
    sa.Column("leader", sa.ForeignKey("people.id")),
    sa.Column("equipment", TEXTS, nullable=False),
    sa.Column("languages", TEXTS, nullable=False),
    sa.Column("base_lat", sa.Double, nullable=False),
    sa.Column("base_lon", sa.Double, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
)

shifts = sa.Table(
    "shifts",
    metadata,
    sa.Column("crew_id", sa.ForeignKey("crews.id"), primary_key=True),
    sa.Column("on_shift", sa.Boolean, nullable=False),
    sa.Column("starts_at", TIME, nullable=False),
    sa.Column("ends_at", TIME),
)

positions = sa.Table(
    "positions",
    metadata,
    sa.Column("crew_id", sa.ForeignKey("crews.id"), primary_key=True),
    sa.Column("lat", sa.Double, nullable=False),
    sa.Column("lon", sa.Double, nullable=False),
    sa.Column("accuracy_m", sa.Double),
    sa.Column("at", TIME, nullable=False),
    sa.Column("told_lat", sa.Double, nullable=False),
    sa.Column("told_lon", sa.Double, nullable=False),
    sa.Column("told_accuracy_m", sa.Double),
    sa.Column("told_at", TIME, nullable=False),
)
