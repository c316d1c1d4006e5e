"""Logins and attempts at them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from services.crews.store.tables.base import TEXTS, TIME, metadata

logins = sa.Table(
    "logins",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("organisation_id", sa.ForeignKey("organisations.id"), nullable=False),
    sa.Column("roles", TEXTS, nullable=False),
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
    sa.Column("since", TIME, nullable=False, index=True),
    sa.Column("rests_until", TIME),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("login", sa.ForeignKey("logins.name"), nullable=False, index=True),
    sa.Column("organisation_id", sa.Uuid, nullable=False),
    sa.Column("crew_id", sa.Uuid, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("started_at", TIME, nullable=False),
    sa.Column("started_by", sa.Text, nullable=False),
    sa.Column("expires_at", TIME, nullable=False),
    sa.Column("last_used_at", TIME, nullable=False),
    sa.Column("used", sa.Integer, nullable=False),
    sa.Column("latest", sa.Integer, nullable=False),
    sa.Column("ended_at", TIME, index=True),
    sa.Column("ended_by", sa.Text),
    sa.Column("end_reason", sa.Text),
)

# Digests only: what the database holds opens nothing.
refresh_tokens = sa.Table(
    "refresh_tokens",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("session_id", sa.ForeignKey("sessions.id"), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("issued_at", TIME, nullable=False),
)

# One live code per crew: the key says so.
pairing_codes = sa.Table(
    "pairing_codes",
    metadata,
    sa.Column("crew_id", sa.ForeignKey("crews.id"), primary_key=True),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("login", sa.Text, nullable=False),
    sa.Column("issued_by", sa.Text, nullable=False),
    sa.Column("issued_at", TIME, nullable=False),
    sa.Column("expires_at", TIME, nullable=False),
)

access_acts = sa.Table(
    "access_acts",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("at", TIME, nullable=False, index=True),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("by", sa.Text),
    sa.Column("login", sa.Text),
    sa.Column("session_id", sa.Uuid),
    sa.Column("address", sa.Text),
    sa.Column("details", JSONB, nullable=False),
    sa.Index("access_acts_of_login", "login", "id"),
)
