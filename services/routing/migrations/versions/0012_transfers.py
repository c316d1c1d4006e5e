"""Transfers: turn, who made them and why, escalation, refusal; cases: the side of the wall as it was said."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)
_TIMES = ("escalate_by", "refused_at")
_TEXTS = ("reason", "refused_because", "refused_channel", "refused_by", "refused_note")
_TURNS = """
UPDATE transfers SET turn = numbered.turn, escalate_by = acknowledge_by + (acknowledge_by - transferred_at)
FROM (SELECT transfer_id, row_number() OVER (PARTITION BY request_id ORDER BY transferred_at) AS turn
      FROM transfers) AS numbered
WHERE numbered.transfer_id = transfers.transfer_id
"""


def upgrade() -> None:
    op.add_column("cases", sa.Column("network", sa.Text))
    for name in _TIMES:
        op.add_column("transfers", sa.Column(name, _TIME))
    for name in _TEXTS:
        op.add_column("transfers", sa.Column(name, sa.Text))
    op.add_column("transfers", sa.Column("turn", sa.Integer, nullable=False, server_default="1"))
    op.add_column("transfers", sa.Column("by", sa.Text, nullable=False, server_default="system"))
    op.add_column("transfers", sa.Column("basis", JSONB))
    op.add_column("transfers", sa.Column("escalated", sa.SmallInteger, nullable=False, server_default="0"))
    op.execute(_TURNS)
    for name in ("turn", "by"):
        op.alter_column("transfers", name, server_default=None)
    op.drop_index("transfers_of_request", "transfers")
    op.drop_index("transfers_unacknowledged", "transfers")
    op.create_index("transfers_of_request", "transfers", ["request_id", "turn"], unique=True)
    unanswered = sa.text("acknowledged_at IS NULL AND refused_at IS NULL")
    op.create_index("transfers_unanswered", "transfers", ["acknowledge_by"], postgresql_where=unanswered)


def downgrade() -> None:
    op.drop_index("transfers_unanswered", "transfers")
    op.drop_index("transfers_of_request", "transfers")
    op.create_index("transfers_of_request", "transfers", ["request_id", "transferred_at"])
    open_ = sa.text("acknowledged_at IS NULL")
    op.create_index("transfers_unacknowledged", "transfers", ["acknowledge_by"], postgresql_where=open_)
    for name in (*_TEXTS, *_TIMES, "escalated", "basis", "by", "turn"):
        op.drop_column("transfers", name)
    op.drop_column("cases", "network")
