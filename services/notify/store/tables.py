"""The tables of ``notify``. Times are timestamptz; numbers and texts of people are sealed."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from shared.db import bus_tables
from shared.resealing import SealedColumns

metadata = sa.MetaData()
bus_tables(metadata)
_TIME = sa.TIMESTAMP(timezone=True)

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("phone", sa.Text, nullable=False, comment="sealed"),
    sa.Column("phone_index", sa.Text, comment="keyed digest: several contacts may share a number"),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("sms_allowed", sa.Boolean, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("script", sa.Text, nullable=False),
)

requests = sa.Table(
    "requests",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("contact_id", sa.Uuid, nullable=False),
)

urgencies = sa.Table(
    "urgencies",
    metadata,
    sa.Column("request_id", sa.Uuid, primary_key=True),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("by_person", sa.Boolean, nullable=False),
)

plans = sa.Table(
    "plans",
    metadata,
    sa.Column("request_id", sa.Uuid, primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("clock", sa.Text, nullable=False),
    sa.Column("due_at", _TIME, nullable=False),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("request_id", sa.Uuid),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("fact", sa.Text, nullable=False),
    sa.Column("params", JSONB, nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("occurred_at", _TIME, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due_at", _TIME, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("phone", sa.Text, comment="sealed"),
    sa.Column("language", sa.Text),
    sa.Column("body", sa.Text, comment="sealed"),
    sa.Column("parts", sa.Integer, nullable=False),
    sa.Column("unsure_since", _TIME),
    sa.Column("provider_sid", sa.Text, unique=True),
    sa.Column("error_code", sa.Text),
    sa.Column("sent_at", _TIME),
    sa.Column("ended_at", _TIME),
    sa.Column("announcement_id", sa.Uuid),
    sa.Column("contact_id", sa.Uuid),
    sa.Column("held_until", _TIME),
    sa.CheckConstraint(
        "(request_id IS NULL) = (announcement_id IS NOT NULL AND contact_id IS NOT NULL)",
        name="messages_about_one_thing",
    ),
    sa.UniqueConstraint("request_id", "template", "fact", name="messages_told_once"),
    sa.Index("messages_announced_once", "announcement_id", "contact_id", unique=True),
    sa.Index("messages_pending", "due_at", postgresql_where=sa.text("state IN ('queued', 'sending')")),
    sa.Index("messages_silent", "sent_at", postgresql_where=sa.text("state = 'sent'")),
)

calls_to_make = sa.Table(
    "calls_to_make",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True, comment="of the message that was not delivered"),
    sa.Column("request_id", sa.Uuid, nullable=False, index=True),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("occurred_at", _TIME, nullable=False),
    sa.Column("since", _TIME, nullable=False),
    sa.Column("due_at", _TIME, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("taken_by", sa.Text),
    sa.Column("taken_at", _TIME),
    sa.Column("result", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("ended_at", _TIME),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("calls_to_make_waiting", "due_at", postgresql_where=sa.text("state IN ('open', 'taken')")),
)

rides = sa.Table(
    "rides",
    metadata,
    sa.Column("request_id", sa.Uuid, primary_key=True),
    sa.Column("outage_id", sa.Uuid, nullable=False, index=True),
    sa.Column("outage_number", sa.Text, nullable=False),
    sa.Column("symptom", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("planned", sa.Boolean, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("ends_by", _TIME),
)

outages = sa.Table(
    "outages",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("symptom", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("ends_by", _TIME),
    sa.Column("tell", JSONB, nullable=False),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("outage_id", sa.Uuid, nullable=False),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("fact", sa.Text, nullable=False),
    sa.Column("occurred_at", _TIME, nullable=False),
    sa.Column("params", JSONB, nullable=False),
    sa.Column("after_contact", sa.Uuid),
    sa.Column("told", sa.Boolean, nullable=False),
    sa.Index("notices_untold", "id", postgresql_where=sa.text("NOT told")),
)

bulletins = sa.Table(
    "bulletins",
    metadata,
    sa.Column("outage_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("symptoms", JSONB, nullable=False),
    sa.Column("houses", JSONB, nullable=False),
    sa.Column("dangerous", sa.Boolean, nullable=False),
    sa.Column("tell", JSONB, nullable=False),
    sa.Column("started_at", _TIME, nullable=False),
    sa.Column("ends_by", _TIME),
    sa.Column("ended_at", _TIME),
    sa.Column("changed_at", _TIME, nullable=False),
    sa.Column("before_version", sa.BigInteger),
    sa.Column("before_at", _TIME),
    sa.Index("bulletins_of_state", "state", "changed_at"),
)

homes = sa.Table(
    "homes",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("contact_id", sa.Uuid, nullable=False),
    sa.Column("building_id", sa.Text, nullable=False),
    sa.Column("entrance", sa.Text),
    sa.Column("lat", sa.Double),
    sa.Column("lon", sa.Double),
    sa.UniqueConstraint("contact_id", "building_id", name="homes_one_of_a_house"),
    sa.Index("homes_of_building", "building_id"),
    sa.Index("homes_on_the_ground", "lat", "lon"),
)

announcements = sa.Table(
    "announcements",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("texts", JSONB, nullable=False),
    sa.Column("buildings", JSONB, nullable=False),
    sa.Column("polygon", JSONB),
    sa.Column("rate", sa.Float, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("recipients", sa.Integer, nullable=False),
    sa.Column("told", sa.Integer, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("starts_itself", sa.Boolean, nullable=False),
    sa.Column("cursor", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("stirred_at", _TIME),
    sa.Column("changed_at", _TIME),
    sa.Column("emergency", sa.Boolean, nullable=False),
    sa.Index("announcements_of_stage", "stage", "stirred_at"),
)

announcement_recipients = sa.Table(
    "announcement_recipients",
    metadata,
    sa.Column("announcement_id", sa.Uuid, sa.ForeignKey("announcements.id"), primary_key=True),
    sa.Column("number", sa.Text, primary_key=True, comment="digest: each number is told once"),
    sa.Column("contact_id", sa.Uuid, nullable=False),
)

SEALED = (SealedColumns("contacts", "id", ("phone",)), SealedColumns("messages", "id", ("phone", "body")))
"""Every sealed text of this service, for the rotation of keys."""
