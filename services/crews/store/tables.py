"""The tables of ``crews``. Times are timestamptz, ids are uuid, lists that are never searched are arrays."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.db import bus_tables

metadata = sa.MetaData()
_TIME = sa.TIMESTAMP(timezone=True)
_TEXTS = ARRAY(sa.Text)

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
    sa.Column("specialisations", _TEXTS, nullable=False),
    sa.Column("members", ARRAY(sa.Uuid), nullable=False),
    sa.Column("leader", sa.ForeignKey("people.id")),
    sa.Column("equipment", _TEXTS, nullable=False),
    sa.Column("languages", _TEXTS, nullable=False),
    sa.Column("base_lat", sa.Double, nullable=False),
    sa.Column("base_lon", sa.Double, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
)

shifts = sa.Table(
    "shifts",
    metadata,
    sa.Column("crew_id", sa.ForeignKey("crews.id"), primary_key=True),
    sa.Column("on_shift", sa.Boolean, nullable=False),
    sa.Column("starts_at", _TIME, nullable=False),
    sa.Column("ends_at", _TIME),
)

positions = sa.Table(
    "positions",
    metadata,
    sa.Column("crew_id", sa.ForeignKey("crews.id"), primary_key=True),
    sa.Column("lat", sa.Double, nullable=False),
    sa.Column("lon", sa.Double, nullable=False),
    sa.Column("accuracy_m", sa.Double),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("told_lat", sa.Double, nullable=False),
    sa.Column("told_lon", sa.Double, nullable=False),
    sa.Column("told_accuracy_m", sa.Double),
    sa.Column("told_at", _TIME, nullable=False),
)

logins = sa.Table(
    "logins",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("organisation_id", sa.ForeignKey("organisations.id"), nullable=False),
    sa.Column("roles", _TEXTS, nullable=False),
    sa.Column("person_id", sa.ForeignKey("people.id")),
    sa.Column("crew_id", sa.ForeignKey("crews.id")),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
)

# No foreign key: attempts at logins that do not exist are counted all the same.
login_attempts = sa.Table(
    "login_attempts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("since", _TIME, nullable=False, index=True),
    sa.Column("rests_until", _TIME),
)

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
    sa.Column("offered_at", _TIME, nullable=False),
    sa.Column("respond_by", _TIME, nullable=False),
    sa.Column("eta_minutes", sa.Integer, nullable=False),
    sa.Column("distance_m", sa.Integer, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("priority", sa.Text, nullable=False),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("fault", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("hazards", _TEXTS, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("address", JSONB, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("stage_at", _TIME, nullable=False),
    sa.Column("reached", _TEXTS, nullable=False),
    sa.Column("change", sa.BigInteger, nullable=False),
    sa.Index("work_orders_of_crew", "crew_id", "change", unique=True),
)

# The last change number of each crew. Its row lock makes the numbers of one crew visible in their order,
# so a device that has seen number 7 never misses a 6 committed later.
order_changes = sa.Table(
    "order_changes",
    metadata,
    sa.Column("crew_id", sa.Uuid, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)

# No foreign key to work_orders: a withdrawal may arrive before the order it takes back.
steps = sa.Table(
    "steps",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("assignment_id", sa.Uuid, nullable=False, index=True),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("device_at", _TIME),
    sa.Column("reason", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("result", sa.Text),
    sa.Column("readings", JSONB, nullable=False),
    sa.Column("safety", JSONB),
)

bus_tables(metadata)
