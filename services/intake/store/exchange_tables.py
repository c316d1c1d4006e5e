"""The tables of what is exchanged with other systems: keys, Open311 reports, partners' cards, deliveries."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from services.intake.store.tables import metadata, time_column

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("scopes", JSONB, nullable=False),
    sa.Column("per_minute", sa.Integer, nullable=False),
    time_column("created_at"),
    sa.Column("partner", sa.Text),
    sa.Column("contact_ref", sa.Uuid, sa.ForeignKey("contacts.ref")),
    time_column("revoked_at", required=False),
)

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), primary_key=True),
    sa.Column("service_code", sa.Text, nullable=False),
    sa.Column("key_id", sa.Uuid, sa.ForeignKey("api_keys.id"), nullable=False),
    sa.Column("repeat_key", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    time_column("received_at"),
    sa.Column("description", sa.Text, nullable=False, comment="sealed"),
    sa.Column("media_url", sa.Text, nullable=False, comment="sealed"),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Index("reports_repeated", "key_id", "repeat_key", sa.text("received_at DESC")),
    sa.Index("reports_by_time", sa.text("received_at DESC")),
)

partners = sa.Table(
    "partners",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False, comment="sealed"),
    time_column("created_at"),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("their_key", sa.Text, nullable=False, comment="sealed"),
    time_column("retired_at", required=False),
)

partner_cards = sa.Table(
    "partner_cards",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("partner_id", sa.Text, sa.ForeignKey("partners.id"), nullable=False),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), nullable=False, index=True),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False, comment="sealed"),
    time_column("received_at"),
    sa.UniqueConstraint("partner_id", "external_id", "revision", name="card_revision"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("partner_id", sa.Text, sa.ForeignKey("partners.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), nullable=False, index=True),
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False, comment="sealed"),
    time_column("created_at"),
    time_column("due_at"),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("progress", sa.Text, nullable=False),
    sa.Column("trouble", sa.Text, nullable=False),
    time_column("delivered_at", required=False),
    time_column("acknowledged_at", required=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.UniqueConstraint("partner_id", "kind", "request_id", "mark", name="delivered_once"),
    sa.Index("deliveries_due", "partner_id", "due_at", postgresql_where=sa.text("progress = 'waiting'")),
    sa.Index("deliveries_failed", "created_at", postgresql_where=sa.text("progress = 'failed'")),
)
