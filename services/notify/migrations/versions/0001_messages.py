"""The first shape: contacts, the copy of requests, outgoing messages, the tables of the bus."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.migrations import create_bus_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    create_bus_tables(op)
    create_people()
    create_messages()


def downgrade() -> None:
    raise NotImplementedError("the first shape has nothing before it")


def create_people() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("sms_allowed", sa.Boolean, nullable=False),
        sa.Column("at", _TIME, nullable=False),
    )
    op.create_table(
        "requests",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
    )


def create_messages() -> None:
    op.create_table(
        "messages",
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
        sa.Column("phone", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("body", sa.Text),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.Column("unsure_since", _TIME),
        sa.Column("provider_sid", sa.Text, unique=True),
        sa.Column("error_code", sa.Text),
        sa.Column("sent_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.UniqueConstraint("request_id", "template", "fact", name="messages_told_once"),
    )
    op.create_index(
        "messages_pending", "messages", ["due_at"], postgresql_where=sa.text("state IN ('queued', 'sending')")
    )
