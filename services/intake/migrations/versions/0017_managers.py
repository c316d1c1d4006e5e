"""Buildings: who looks after them."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("buildings", sa.Column("manager", sa.Text))


def downgrade() -> None:
    op.drop_column("buildings", "manager")
