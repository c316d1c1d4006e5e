"""The first shape: contacts, requests with their numbers, messages, the address registry, the bus tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import CreateSequence

from shared.migrations import create_bus_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    create_bus_tables(op)
    create_requests()
    create_registry()


def downgrade() -> None:
    raise NotImplementedError("the first shape has nothing before it")


def create_requests() -> None:
    op.execute(CreateSequence(sa.Sequence("request_numbers", start=1001)))
    op.create_table(
        "contacts",
        sa.Column("ref", sa.Uuid, primary_key=True),
        sa.Column("phone", sa.Text, nullable=False, unique=True),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("is_callable", sa.Boolean, nullable=False),
        sa.Column("sms_allowed", sa.Boolean, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
    )
    op.create_table(
        "requests",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, unique=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("sender_ref", sa.Uuid, sa.ForeignKey("contacts.ref")),
        sa.Column("contact_ref", sa.Uuid, sa.ForeignKey("contacts.ref")),
        sa.Column("applicant", sa.Text, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("address", JSONB),
        sa.Column("address_text", sa.Text, nullable=False),
        sa.Column("details", JSONB, nullable=False),
        sa.Column("candidates", JSONB, nullable=False),
        sa.Column("question", sa.Text),
        sa.Column("times_asked", sa.SmallInteger, nullable=False),
        sa.Column("needs_operator", sa.Boolean, nullable=False),
        sa.Column("author", sa.Text),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("registered_at", _TIME),
        sa.CheckConstraint(
            "state = 'draft' OR (number IS NOT NULL AND address IS NOT NULL AND problem <> ''"
            " AND contact_ref IS NOT NULL AND registered_at IS NOT NULL)",
            name="registered_is_complete",
        ),
    )
    op.create_index("requests_of_sender", "requests", ["sender_ref", sa.text("updated_at DESC")])
    op.create_index(
        "requests_drafts", "requests", ["updated_at"], postgresql_where=sa.text("state = 'draft'")
    )
    op.create_table(
        "messages",
        sa.Column("sid", sa.Text, primary_key=True),
        sa.Column("sender_ref", sa.Uuid, sa.ForeignKey("contacts.ref")),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id")),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("truncated", sa.Boolean, nullable=False),
        sa.Column("reply", sa.Text),
        sa.Column("received_at", _TIME, nullable=False),
    )


def create_registry() -> None:
    op.create_table(
        "cities",
        sa.Column("city", sa.Text, primary_key=True),
        sa.Column("version", sa.Uuid, nullable=False),
        sa.Column("summary", JSONB, nullable=False),
        sa.Column("imported_at", _TIME, nullable=False),
    )
    op.create_table(
        "districts",
        sa.Column("city", sa.Text, sa.ForeignKey("cities.city"), primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("names", JSONB, nullable=False),
        sa.Column("shape", sa.LargeBinary, nullable=False, comment="well-known binary, WGS84"),
    )
    op.create_table(
        "streets",
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
    op.create_table(
        "buildings",
        sa.Column("city", sa.Text, sa.ForeignKey("cities.city"), primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("street_id", sa.Text, sa.ForeignKey("streets.id"), nullable=False, index=True),
        sa.Column("house", sa.Text, nullable=False),
        sa.Column("lat", sa.Double, nullable=False),
        sa.Column("lon", sa.Double, nullable=False),
        sa.Column("district", sa.Text),
    )
