"""The tables of alerts. Numbers, places and lists (which hold numbers) are sealed."""

import sqlalchemy as sa

from services.notify.store.tables import metadata
from shared.resealing import SealedColumns

_TIME = sa.TIMESTAMP(timezone=True)

alert_lists = sa.Table(
    "alert_lists",
    metadata,
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("body", sa.Text, nullable=False, comment="sealed JSON: names, what starts it, steps"),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
    sa.Column("changed_at", _TIME, nullable=False),
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="one alert for one fact"),
    sa.Column("request_id", sa.Uuid, index=True),
    sa.Column("outage_id", sa.Uuid),
    sa.Column("signal_id", sa.Uuid, index=True),
    sa.Column("crew_id", sa.Uuid),
    sa.Column("building_id", sa.Text),
    sa.Column("body", sa.Text, nullable=False, comment="sealed JSON: facts, names and steps as it began"),
    sa.Column("list_version", sa.Integer, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("created_at", _TIME, nullable=False, index=True),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("due_at", _TIME),
    sa.Column("ended_at", _TIME),
    sa.Column("reason", sa.Text),
    sa.Index("alerts_due", "due_at", postgresql_where=sa.text("due_at IS NOT NULL")),
    sa.Index("alerts_of_house", "event", "building_id", "created_at"),
)

alert_attempts = sa.Table(
    "alert_attempts",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("alert_id", sa.Uuid, sa.ForeignKey("alerts.id"), nullable=False),
    sa.Column("place", sa.Integer, nullable=False, comment="order within the alert"),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("addressee", sa.Text, nullable=False),
    sa.Column("round", sa.Integer, nullable=False, comment="below 0: written down by a dispatcher"),
    sa.Column("means", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("planned_at", _TIME, nullable=False),
    sa.Column("due_at", _TIME, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("number", sa.Text, comment="sealed"),
    sa.Column("number_index", sa.Text, comment="keyed digest"),
    sa.Column("person_id", sa.Uuid),
    sa.Column("provider_sid", sa.Text, unique=True),
    sa.Column("unsure_since", _TIME),
    sa.Column("placed_at", _TIME),
    sa.Column("answered_at", _TIME),
    sa.Column("acknowledged_at", _TIME),
    sa.Column("ended_at", _TIME),
    sa.Column("received_by", sa.Text),
    sa.Column("error_code", sa.Text),
    sa.Column("note", sa.Text),
    sa.UniqueConstraint("alert_id", "step", "addressee", "round", name="alert_attempts_made_once"),
    sa.Index("alert_attempts_placing", "number_index", postgresql_where=sa.text("state = 'placing'")),
)

staff_phones = sa.Table(
    "staff_phones",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("phone", sa.Text, nullable=False, comment="sealed"),
    sa.Column("changed_by", sa.Text, nullable=False),
    sa.Column("changed_at", _TIME, nullable=False),
)

places = sa.Table(
    "places",
    metadata,
    sa.Column("request_id", sa.Uuid, primary_key=True),
    sa.Column("building_id", sa.Text),
    sa.Column("address", sa.Text, nullable=False, comment="sealed"),
)

SEALED_OF_ALERTS = (
    SealedColumns("alert_lists", "event", ("body",)),
    SealedColumns("alerts", "id", ("body",)),
    SealedColumns("alert_attempts", "id", ("number",), {"number_index": "number"}),
    SealedColumns("staff_phones", "person_id", ("phone",)),
    SealedColumns("places", "request_id", ("address",)),
)
