"""What screens must hear of: outages, lost deliveries, silence on site and of the journal, work put off."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.changes import watch

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)
_ADDED = (
    ("cases", "resumed_at"),
    ("assignments", "heard_at"),
    ("assignments", "silent_at"),
    ("audits", "silent_at"),
)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def upgrade() -> None:
    for table, column in _ADDED:
        op.add_column(table, sa.Column(column, _TIME))
    op.create_table(
        "outages",
        sa.Column("outage_id", sa.Uuid, primary_key=True),
        *_texts("number", "kind", "state", "level", "cause", "course"),
        sa.Column("symptoms", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("hazards", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("houses", JSONB, nullable=False),
        sa.Column("lead_request_id", sa.Uuid),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("ends_by", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
    )
    is_open = sa.text("state IN ('suspected', 'open')")
    op.create_index("outages_open", "outages", ["started_at"], postgresql_where=is_open)
    op.create_table(
        "undelivered",
        sa.Column("delivery_id", sa.Uuid, primary_key=True),
        sa.Column("request_id", sa.Uuid, nullable=False),
        *_texts("partner", "kind", "trouble"),
        sa.Column("attempts", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("failed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False, server_default="0"),
    )
    failed = sa.text("failed")
    op.create_index("undelivered_of_request", "undelivered", ["request_id"], postgresql_where=failed)
    op.execute(watch("outages", "outage", "outage_id"))
    op.execute(watch("undelivered", "request", "request_id"))


def downgrade() -> None:
    op.drop_table("undelivered")
    op.drop_table("outages")
    for table, column in _ADDED:
        op.drop_column(table, column)
