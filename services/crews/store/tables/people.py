"""Organisations, people, crews; their shifts and positions."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

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
    sa.Column("works_since", sa.Date),
    sa.Column("permits", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
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

equipment = sa.Table(
    "equipment",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organisation_id", sa.ForeignKey("organisations.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("number", sa.Text),
    sa.Column("crew_id", sa.ForeignKey("crews.id")),
    sa.Column("check_due", sa.Date),
    sa.Column("active", sa.Boolean, nullable=False),
)

absences = sa.Table(
    "absences",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("person_id", sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("starts_at", TIME, nullable=False),
    sa.Column("ends_at", TIME),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("note", sa.Text),
)

# What other services were told of each crew last: time alone changes a crew (a check runs out), and the
# timer that sees it runs in every replica.
told_crews = sa.Table(
    "told_crews",
    metadata,
    sa.Column("crew_id", sa.ForeignKey("crews.id"), primary_key=True),
    sa.Column("body", JSONB, nullable=False),
)

on_call_lists = sa.Table(
    "on_call_lists",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organisation_id", sa.ForeignKey("organisations.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("purposes", TEXTS, nullable=False),
    sa.Column("steps", JSONB, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
)
