"""The request that a person had joined last is found by the person."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("riders_contact", "riders", ["contact_ref"], postgresql_where=sa.text("part = 'member'"))


def downgrade() -> None:
    op.drop_index("riders_contact", "riders")
