"""What documents say, and who signed how, is sealed; rows that are there already become so."""

import json
import os

import sqlalchemy as sa
from alembic import op

from shared.resealing import SealedColumns, seal_what_is_plain
from shared.sealing import Sealer

revision = "0014_sealed"
down_revision = "0013_documents"
branch_labels = None
depends_on = None

_SEALED = (
    SealedColumns("document_versions", "id", ("content",)),
    SealedColumns("signatures", "id", ("name", "strokes", "reason")),
)


def upgrade() -> None:
    op.add_column("document_versions", sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False))
    op.create_unique_constraint("document_versions_id_key", "document_versions", ["id"])
    for table, column in (("document_versions", "content"), ("signatures", "strokes")):
        op.alter_column(table, column, type_=sa.Text, postgresql_using=f"{column}::text")
    for place in _SEALED:
        for column in place.columns:
            op.alter_column(place.table, column, comment="sealed")
    seal_what_is_plain(op.get_bind(), _SEALED)
    seal_kept_answers(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("what is sealed stays sealed")


def seal_kept_answers(connection: sa.Connection) -> None:
    """Answers that are kept for a repeat of their command, found by a keyed digest from now on."""
    answers = connection.execute(_ANSWERS).mappings().all()
    sealer = Sealer.from_environment(os.environ) if answers else Sealer()
    for row in answers:
        body = json.dumps(sealer.seal(row["body"])) if row["body"] is not None else None
        changed = {"body": body, "fingerprint": sealer.index(row["fingerprint"])}
        connection.execute(_SEAL_ANSWER, {"key": row["key"], "actor_id": row["actor_id"], **changed})


_ANSWERS = sa.text("SELECT key, actor_id, fingerprint, CAST(body AS text) AS body FROM idempotency")
_SEAL_ANSWER = sa.text(
    "UPDATE idempotency SET body = CAST(:body AS jsonb), fingerprint = :fingerprint"
    " WHERE key = :key AND actor_id = :actor_id"
)
