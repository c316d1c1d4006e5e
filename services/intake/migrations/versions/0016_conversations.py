"""What a conversation needs: consent and letters of a person, photos, messages held back, stages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    _add("contacts", sa.Column("script", sa.Text, nullable=False), "cyrillic")
    op.add_column("contacts", sa.Column("consent_at", _TIME))
    op.add_column("requests", sa.Column("cancelled_at", _TIME))
    sealed = "sealed; an address of the provider in each line"
    _add("messages", sa.Column("media", sa.Text, nullable=False, comment=sealed), "")
    held = "over a limit: no answer, waits for a person"
    _add("messages", sa.Column("held", sa.Boolean, nullable=False, comment=held), "false")
    op.create_index("messages_held", "messages", ["received_at"], postgresql_where=sa.text("held"))
    op.add_column("standings", sa.Column("category", sa.Text))
    _add("standings", sa.Column("hazards", JSONB, nullable=False), "[]")
    _add("standings", sa.Column("deadlines", JSONB, nullable=False), "[]")
    op.create_table(
        "crew_reports",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("arrives_at", _TIME),
    )


def downgrade() -> None:
    op.drop_table("crew_reports")
    for table, columns in (
        ("standings", ("deadlines", "hazards", "category")),
        ("messages", ("held", "media")),
        ("requests", ("cancelled_at",)),
        ("contacts", ("consent_at", "script")),
    ):
        for column in columns:
            op.drop_column(table, column)


def _add(table: str, column: sa.Column[object], present: str) -> None:
    """A mandatory column; rows that are there already get ``present``."""
    column.server_default = sa.DefaultClause(present)
    op.add_column(table, column)
    op.alter_column(table, column.name, server_default=None)
