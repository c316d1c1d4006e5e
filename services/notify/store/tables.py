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
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("sms_allowed", sa.Boolean, nullable=False),
    sa.Column("at", _TIME, nullable=False),
)

requests = sa.Table(
    "requests",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("contact_id", sa.Uuid, nullable=False),
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
    sa.Column("request_id", sa.Uuid, nullable=False),
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
    sa.UniqueConstraint("request_id", "template", "fact", name="messages_told_once"),
    sa.Index("messages_pending", "due_at", postgresql_where=sa.text("state IN ('queued', 'sending')")),
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

SEALED = (SealedColumns("contacts", "id", ("phone",)), SealedColumns("messages", "id", ("phone", "body")))
"""Every sealed text of this service, for the rotation of keys."""
