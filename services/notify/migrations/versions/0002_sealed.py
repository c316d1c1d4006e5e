"""Numbers and texts are sealed; rows that are there already become so."""

from alembic import op

from shared.resealing import SealedColumns, seal_what_is_plain

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SEALED = (SealedColumns("contacts", "id", ("phone",)), SealedColumns("messages", "id", ("phone", "body")))


def upgrade() -> None:
    seal_what_is_plain(op.get_bind(), _SEALED)
    for place in _SEALED:
        for column in place.columns:
            op.alter_column(place.table, column, comment="sealed")


def downgrade() -> None:
    raise NotImplementedError("what is sealed stays sealed")
