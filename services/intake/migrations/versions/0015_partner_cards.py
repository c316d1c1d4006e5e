"""Partners, their cards, and what goes out to them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "partners",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False, comment="sealed"),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("their_key", sa.Text, nullable=False, comment="sealed"),
        sa.Column("retired_at", _TIME),
    )
    op.create_table(
        "partner_cards",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("partner_id", sa.Text, sa.ForeignKey("partners.id"), nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), nullable=False, index=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False, comment="sealed"),
        sa.Column("received_at", _TIME, nullable=False),
        sa.UniqueConstraint("partner_id", "external_id", "revision", name="card_revision"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("partner_id", sa.Text, sa.ForeignKey("partners.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), nullable=False, index=True),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False, comment="sealed"),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("progress", sa.Text, nullable=False),
        sa.Column("trouble", sa.Text, nullable=False),
        sa.Column("delivered_at", _TIME),
        sa.Column("acknowledged_at", _TIME),
        sa.Column("reference", sa.Text, nullable=False),
        sa.UniqueConstraint("partner_id", "kind", "request_id", "mark", name="delivered_once"),
    )
    op.create_index(
        "deliveries_due",
        "deliveries",
        ["partner_id", "due_at"],
        postgresql_where=sa.text("progress = 'waiting'"),
    )
    op.create_index(
        "deliveries_failed", "deliveries", ["created_at"], postgresql_where=sa.text("progress = 'failed'")
    )


def downgrade() -> None:
    for table in ("deliveries", "partner_cards", "partners"):
        op.drop_table(table)
