"""What residents and fitters wrote is sealed, and the address with the door code; its point is not."""

import sqlalchemy as sa
from alembic import op

from shared.resealing import SealedColumns, seal_what_is_plain

revision = "0015_sealed_words"
down_revision = "0014_sealed"
branch_labels = None
depends_on = None

_SEALED = (
    SealedColumns("work_orders", "assignment_id", ("text", "address", "reason")),
    SealedColumns("steps", "id", ("reason", "note")),
    SealedColumns("notes", "id", ("entered",)),
    SealedColumns("records", "id", ("data",)),
    SealedColumns("media", "id", ("note",)),
    SealedColumns("signals", "id", ("note", "answer")),
    SealedColumns("messages", "id", ("text",)),
)
_JSON = (("work_orders", "address"), ("notes", "entered"), ("records", "data"))


def upgrade() -> None:
    _keep_the_point()
    for table, column in _JSON:
        op.alter_column(table, column, type_=sa.Text, postgresql_using=f"{column}::text")
    for place in _SEALED:
        for column in place.columns:
            op.alter_column(place.table, column, comment="sealed")
    seal_what_is_plain(op.get_bind(), _SEALED)


def downgrade() -> None:
    raise NotImplementedError("what is sealed stays sealed")


def _keep_the_point() -> None:
    """Where crews are expected, for seeing that they have arrived."""
    for name in ("lat", "lon"):
        op.add_column("work_orders", sa.Column(name, sa.Double))
    op.execute("UPDATE work_orders SET lat = (address->>'lat')::float, lon = (address->>'lon')::float")
