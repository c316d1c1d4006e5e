"""The tables of ``intake``."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.db import bus_tables
from shared.resealing import SealedColumns

metadata = sa.MetaData()
bus_tables(metadata)


def time_column(name: str, required: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=not required)


request_numbers = sa.Sequence("request_numbers", start=1001, metadata=metadata)

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("ref", sa.Uuid, primary_key=True),
    sa.Column("phone", sa.Text, nullable=False, comment="sealed"),
    sa.Column("phone_index", sa.Text, unique=True, comment="a digest: finds the number"),
    sa.Column("name", sa.Text, nullable=False, comment="sealed"),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("is_callable", sa.Boolean, nullable=False),
    sa.Column("sms_allowed", sa.Boolean, nullable=False),
    sa.Column("script", sa.Text, nullable=False),
    time_column("consent_at", required=False),
    time_column("created_at"),
    time_column("updated_at"),
)

requests = sa.Table(
    "requests",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, unique=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("sender_ref", sa.Uuid, sa.ForeignKey("contacts.ref")),
    sa.Column("contact_ref", sa.Uuid, sa.ForeignKey("contacts.ref")),
    sa.Column("applicant", sa.Text, nullable=False),
    sa.Column("problem", sa.Text, nullable=False, comment="sealed"),
    sa.Column("address", JSONB(none_as_null=True)),
    sa.Column("address_text", sa.Text, nullable=False, comment="sealed"),
    sa.Column("details", JSONB, nullable=False),
    sa.Column("candidates", JSONB, nullable=False),
    sa.Column("question", sa.Text),
    sa.Column("times_asked", sa.SmallInteger, nullable=False),
    sa.Column("needs_operator", sa.Boolean, nullable=False),
    sa.Column("author", sa.Text),
    time_column("received_at"),
    time_column("updated_at"),
    time_column("registered_at", required=False),
    sa.Column("desk", sa.Text, nullable=False, comment="sealed"),
    sa.Column("paper_number", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
    time_column("cancelled_at", required=False),
    sa.CheckConstraint(
        "state = 'draft' OR (number IS NOT NULL AND address IS NOT NULL AND problem <> ''"
        " AND contact_ref IS NOT NULL AND registered_at IS NOT NULL)",
        name="registered_is_complete",
    ),
    sa.Index("requests_of_contact", "contact_ref", sa.text("updated_at DESC")),
    sa.Index("requests_of_sender", "sender_ref", sa.text("updated_at DESC")),
    sa.Index("requests_newest", sa.text("received_at DESC"), "id"),
    sa.Index("requests_at_building", sa.text("(address ->> 'building_id')"), sa.text("received_at DESC")),
    sa.Index("requests_on_paper", "paper_number", postgresql_where=sa.text("paper_number IS NOT NULL")),
    sa.Index("requests_drafts", "updated_at", postgresql_where=sa.text("state = 'draft'")),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("sid", sa.Text, primary_key=True),
    sa.Column("sender_ref", sa.Uuid, sa.ForeignKey("contacts.ref")),
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), index=True),
    sa.Column("body", sa.Text, nullable=False, comment="sealed"),
    sa.Column("truncated", sa.Boolean, nullable=False),
    sa.Column("reply", sa.Text, comment="sealed"),
    sa.Column("media", sa.Text, nullable=False, comment="sealed; an address of the provider in each line"),
    sa.Column("held", sa.Boolean, nullable=False, comment="over a limit: no answer, waits for a person"),
    time_column("received_at"),
    sa.Index("messages_of_sender", "sender_ref", "received_at"),
    sa.Index("messages_held", "received_at", postgresql_where=sa.text("held")),
)

SEALED = (
    SealedColumns("contacts", "ref", ("phone", "name"), {"phone_index": "phone"}),
    SealedColumns("requests", "id", ("problem", "address_text", "desk")),
    SealedColumns("messages", "sid", ("body", "reply", "media")),
    SealedColumns("calls", "sid", ("transcription",)),
    SealedColumns("call_replies", "id", ("reply",)),
    SealedColumns("partners", "id", ("secret", "their_key")),
    SealedColumns("partner_cards", "id", ("content",)),
    SealedColumns("deliveries", "id", ("body",)),
    SealedColumns("reports", "request_id", ("description", "media_url")),
)
"""Every sealed text of this service, for the rotation of keys."""

links = sa.Table(
    "links",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True, comment="of the secret; the secret itself is nowhere"),
    # Deferred: a link is claimed before the request that its form becomes.
    sa.Column(
        "request_id",
        sa.Uuid,
        sa.ForeignKey("requests.id", deferrable=True, initially="DEFERRED"),
        nullable=False,
        index=True,
    ),
    time_column("made_at"),
)

calls = sa.Table(
    "calls",
    metadata,
    sa.Column("sid", sa.Text, primary_key=True),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("contact_ref", sa.Uuid, sa.ForeignKey("contacts.ref")),
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), index=True),
    time_column("rang_at"),
    time_column("heard_at"),
    time_column("answered_at", required=False),
    time_column("ended_at", required=False),
    sa.Column("outcome", sa.Text, comment="follows from the facts; empty while the call goes on"),
    sa.Column("alarm", sa.Text),
    sa.Column("consent", sa.Text, nullable=False),
    sa.Column("wish", sa.Text),
    sa.Column("operator", sa.Text),
    sa.Column("recording", JSONB(none_as_null=True)),
    sa.Column("transcription", sa.Text, nullable=False, comment="sealed"),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Index("calls_by_time", sa.text("rang_at DESC")),
    sa.Index(
        "calls_going_on", "heard_at", postgresql_where=sa.text("answered_at IS NULL AND ended_at IS NULL")
    ),
)

call_replies = sa.Table(
    "call_replies",
    metadata,
    sa.Column("id", sa.Text, primary_key=True, comment="call, step and turn"),
    sa.Column("sid", sa.Text, sa.ForeignKey("calls.sid", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("reply", sa.Text, nullable=False, comment="sealed"),
)

callbacks = sa.Table(
    "callbacks",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("call_sid", sa.Text, sa.ForeignKey("calls.sid"), nullable=False, index=True),
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), nullable=False, index=True),
    sa.Column("contact_ref", sa.Uuid, sa.ForeignKey("contacts.ref")),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("alarm", sa.Text),
    sa.Column("calls", sa.Integer, nullable=False),
    time_column("rang_at"),
    time_column("created_at"),
    time_column("due_at"),
    sa.Column("norm", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("claimed_by", sa.Text),
    time_column("claimed_at", required=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    time_column("not_before", required=False),
    time_column("settled_at", required=False),
    sa.Index(
        "callbacks_open_of_contact",
        "contact_ref",
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'claimed')"),
    ),
    sa.Index("callbacks_open", "due_at", postgresql_where=sa.text("state IN ('waiting', 'claimed')")),
)

photos = sa.Table(
    "photos",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("size", sa.Integer, nullable=False, comment="bytes"),
    sa.Column("digest", sa.Text, nullable=False, comment="of what was sent"),
    time_column("added_at"),
    sa.Column("lat", sa.Double),
    sa.Column("lon", sa.Double),
    sa.Column("jpeg", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("request_id", "digest"),
)

standings = sa.Table(
    "standings",
    metadata,
    # No foreign key: journal's news may come before the request itself is seen here, after a restore.
    sa.Column("request_id", sa.Uuid, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    time_column("at"),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("result", sa.Text),
    sa.Column("overdue", sa.Boolean, nullable=False),
    sa.Column("category", sa.Text),
    sa.Column("hazards", JSONB, nullable=False),
    sa.Column("deadlines", JSONB, nullable=False),
)

judgements = sa.Table(
    "judgements",
    metadata,
    sa.Column("request_id", sa.Uuid, primary_key=True),
    sa.Column("fixed", sa.Boolean, nullable=False),
    time_column("at"),
)

access_log = sa.Table(
    "access_log",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    time_column("at"),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("contact_ref", sa.Uuid),
    sa.Column("request_id", sa.Uuid),
    sa.Column("through", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Index("access_log_of_contact", "contact_ref", "id"),
)

crew_reports = sa.Table(
    "crew_reports",
    metadata,
    sa.Column("request_id", sa.Uuid, primary_key=True),
    sa.Column("stage", sa.Text, nullable=False),
    time_column("at"),
    time_column("arrives_at", required=False),
)

cities = sa.Table(
    "cities",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("version", sa.Uuid, nullable=False),
    sa.Column("summary", JSONB, nullable=False),
    time_column("imported_at"),
)

districts = sa.Table(
    "districts",
    metadata,
    sa.Column("city", sa.Text, sa.ForeignKey("cities.city"), primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("names", JSONB, nullable=False),
    sa.Column("shape", sa.LargeBinary, nullable=False, comment="well-known binary, WGS84"),
)

streets = sa.Table(
    "streets",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("city", sa.Text, sa.ForeignKey("cities.city"), nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("names", JSONB, nullable=False, comment="[[text, role], ...]"),
    sa.Column("points", JSONB, nullable=False, comment="[[lat, lon], ...] in degrees, WGS84"),
    sa.Column("length_m", sa.Double, nullable=False),
    sa.Column("localities", JSONB, nullable=False),
    sa.Column("district", sa.Text),
)

buildings = sa.Table(
    "buildings",
    metadata,
    sa.Column("city", sa.Text, sa.ForeignKey("cities.city"), primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("street_id", sa.Text, sa.ForeignKey("streets.id"), nullable=False, index=True),
    sa.Column("house", sa.Text, nullable=False),
    sa.Column("lat", sa.Double, nullable=False),
    sa.Column("lon", sa.Double, nullable=False),
    sa.Column("district", sa.Text),
    sa.Column(
        "also",
        JSONB,
        nullable=False,
        server_default="[]",
        comment="[[street, house], ...]: its addresses on other streets and in residential complexes",
    ),
    sa.Column("manager", sa.Text),
)

outage_numbers = sa.Sequence("outage_numbers", start=1, metadata=metadata)

outages = sa.Table(
    "outages",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("symptoms", ARRAY(sa.Text), nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("lead_request_id", sa.Uuid, sa.ForeignKey("requests.id")),
    sa.Column("hazards", ARRAY(sa.Text), nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("course", sa.Text, nullable=False),
    sa.Column("tell", JSONB, nullable=False, comment="what residents are told, by language"),
    time_column("started_at"),
    time_column("ends_by", required=False),
    time_column("ended_at", required=False),
    sa.Column("organisation", sa.Text),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    time_column("last_joined_at", required=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    time_column("created_at"),
    time_column("updated_at"),
    sa.Index("outages_live", "state", "number", postgresql_where=sa.text("state IN ('suspected', 'open')")),
    sa.Index(
        "outages_one_per_lead",
        "lead_request_id",
        unique=True,
        postgresql_where=sa.text("state IN ('suspected', 'open')"),
    ),
)

outage_houses = sa.Table(
    "outage_houses",
    metadata,
    sa.Column("outage_id", sa.Uuid, sa.ForeignKey("outages.id"), primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("label_kk", sa.Text, nullable=False),
    sa.Column("lat", sa.Double, nullable=False),
    sa.Column("lon", sa.Double, nullable=False),
    sa.Column("entrances", ARRAY(sa.Text), nullable=False),
    sa.Column("flats", ARRAY(sa.Text), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Index("outage_houses_key", "key"),
    sa.Index("outage_houses_place", "lat", "lon"),
)

riders = sa.Table(
    "riders",
    metadata,
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("contact_ref", sa.Uuid),
    sa.Column("symptom", sa.Text, nullable=False, comment="the first of symptoms, empty for none"),
    sa.Column("symptoms", ARRAY(sa.Text), nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("hazards", ARRAY(sa.Text), nullable=False),
    sa.Column("only_ours", sa.Boolean, nullable=False),
    sa.Column("house", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("label_kk", sa.Text, nullable=False),
    sa.Column("entrance", sa.Text),
    sa.Column("flat", sa.Text),
    sa.Column("lat", sa.Double, nullable=False),
    sa.Column("lon", sa.Double, nullable=False),
    time_column("at"),
    sa.Column("outage_id", sa.Uuid, sa.ForeignKey("outages.id")),
    sa.Column("part", sa.Text),
    time_column("joined_at", required=False),
    time_column("left_at", required=False),
    sa.Column("left_because", sa.Text),
    time_column("ended_at", required=False),
    sa.Index("riders_house", "house", "symptom", "at"),
    sa.Index("riders_place", "symptom", "lat", "at"),
    sa.Index("riders_contact", "contact_ref", postgresql_where=sa.text("part = 'member'")),
    sa.Index("riders_riding", "outage_id", "number", postgresql_where=sa.text("ended_at IS NULL")),
)

feeds = sa.Table(
    "feeds",
    metadata,
    sa.Column("service", sa.Text, primary_key=True),
    sa.Column("house", sa.Text, primary_key=True),
    sa.Column("feed", sa.Text, nullable=False, comment="main, transformer, heat point …: one cause hits all"),
)
