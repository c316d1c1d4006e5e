"""Buildings: further addresses, on the crossing street or in a residential complex."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "buildings",
        sa.Column(
            "also",
            JSONB,
            nullable=False,
            server_default="[]",
            comment="[[street, house], ...]: its addresses on other streets and in residential complexes",
        ),
    )


def downgrade() -> None:
    op.drop_column("buildings", "also")
