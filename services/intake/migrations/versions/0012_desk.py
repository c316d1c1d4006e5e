"""The operator's own part of a request, its version, its number in the paper journal; lists and searches."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("requests", sa.Column("desk", sa.Text, nullable=False, server_default="", comment="sealed"))
    op.alter_column("requests", "desk", server_default=None)
    op.add_column("requests", sa.Column("paper_number", sa.Text))
    op.add_column("requests", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    op.alter_column("requests", "version", server_default=None)
    op.create_index("requests_newest", "requests", [sa.text("received_at DESC"), "id"])
    op.create_index(
        "requests_at_building",
        "requests",
        [sa.text("(address ->> 'building_id')"), sa.text("received_at DESC")],
    )
    op.create_index(
        "requests_on_paper",
        "requests",
        ["paper_number"],
        postgresql_where=sa.text("paper_number IS NOT NULL"),
    )
    op.alter_column("access_log", "contact_ref", nullable=True)


def downgrade() -> None:
    op.alter_column("access_log", "contact_ref", nullable=False)
    for index in ("requests_on_paper", "requests_at_building", "requests_newest"):
        op.drop_index(index, "requests")
    for column in ("version", "paper_number", "desk"):
        op.drop_column("requests", column)
