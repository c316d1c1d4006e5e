"""Sessions with refresh tokens, pairing codes of phones, what happened to access."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002_sessions"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    create_sessions()
    create_codes()
    create_acts()


def downgrade() -> None:
    for table in ("access_acts", "pairing_codes", "refresh_tokens", "sessions"):
        op.drop_table(table)


def create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("login", sa.Text, sa.ForeignKey("logins.name"), nullable=False, index=True),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("crew_id", sa.Uuid, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("started_by", sa.Text, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("last_used_at", _TIME, nullable=False),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("latest", sa.Integer, nullable=False),
        sa.Column("ended_at", _TIME, index=True),
        sa.Column("ended_by", sa.Text),
        sa.Column("end_reason", sa.Text),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("session_id", sa.Uuid, sa.ForeignKey("sessions.id"), nullable=False, index=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("issued_at", _TIME, nullable=False),
    )


def create_codes() -> None:
    op.create_table(
        "pairing_codes",
        sa.Column("crew_id", sa.Uuid, sa.ForeignKey("crews.id"), primary_key=True),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("issued_by", sa.Text, nullable=False),
        sa.Column("issued_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
    )


def create_acts() -> None:
    op.create_table(
        "access_acts",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("at", _TIME, nullable=False, index=True),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("by", sa.Text),
        sa.Column("login", sa.Text),
        sa.Column("session_id", sa.Uuid),
        sa.Column("address", sa.Text),
        sa.Column("details", JSONB, nullable=False),
        sa.Index("access_acts_of_login", "login", "id"),
    )
